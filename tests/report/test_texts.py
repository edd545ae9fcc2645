"""Editors' texts: two at once, a crash while saving, files changed by hand. Nothing is lost."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from urbandata.errors import UrbandataError
from urbandata.report.texts import BY_HAND, ConflictError, Texts
from urbandata.settings import Settings

ROOT = Path(__file__).parents[2]


@pytest.fixture
def texts(settings_of_test) -> Texts:
    return Texts(settings_of_test)


@pytest.fixture
def settings_of_test(tmp_path) -> Settings:
    return Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path)})


def test_versions_say_who_and_on_what(texts):
    first = texts.save("hf1", "Erster Stand", "Anna", 0)
    second = texts.save("hf1", "Zweiter Stand\r\nmit Umlaut ä", "Bert", first.number)
    assert [v.author for v in texts.history("hf1")] == ["Anna", "Bert"]
    assert (second.number, second.base) == (2, 1)
    assert texts.current("hf1") == second
    assert (texts.folder / "hf1.md").read_text("utf-8") == "Zweiter Stand\nmit Umlaut ä\n"
    assert texts.all() == {"hf1": "Zweiter Stand\nmit Umlaut ä\n"}


def test_the_same_text_again_is_no_version(texts):
    texts.save("hf1", "x", "Anna", 0)
    texts.save("hf1", "x\n", "Bert", 1)
    assert len(texts.history("hf1")) == 1


def test_two_editors_at_once_lose_nothing(texts):
    base = texts.save("measure-traffic", "Anfang", "Anna", 0)
    texts.save("measure-traffic", "Von Anna", "Anna", base.number)
    with pytest.raises(ConflictError, match="changed by Anna") as caught:
        texts.save("measure-traffic", "Von Bert", "Bert", base.number)
    assert caught.value.theirs.text == "Von Anna\n"
    assert caught.value.mine.text == "Von Bert\n"
    assert texts.current("measure-traffic").text == "Von Anna\n"
    assert [(v.kind, v.text) for v in texts.history("measure-traffic")][-1] == (
        "conflict", "Von Bert\n",
    )  # fmt: skip
    merged = texts.save("measure-traffic", "Von Anna und Bert", "Bert", 2)
    assert texts.current("measure-traffic") == merged


WRITER = """
import sys
from urbandata.report.texts import ConflictError, Texts
from urbandata.settings import Settings
texts = Texts(Settings.from_env({"URBANDATA_DATA_DIR": sys.argv[1]}))
for n in range(int(sys.argv[3])):
    newest = texts.current("summary")
    try:
        texts.save("summary", f"{sys.argv[2]} {n}", sys.argv[2], newest.number if newest else 0)
    except ConflictError:
        continue
"""


def test_many_processes_at_once(settings_of_test):
    """Everything anybody typed is in the history, once, with a number of its own."""
    authors = ["Anna", "Bert", "Cem"]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, settings_of_test.data_dir, author, "15"])
        for author in authors
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    past = Texts(settings_of_test).history("summary")
    assert sorted(v.text.strip() for v in past) == sorted(
        f"{a} {n}" for a in authors for n in range(15)
    )
    assert [v.number for v in past] == list(range(1, 46))
    currents = [v for v in past if v.kind == "save"]
    assert all(b.base == a.number for a, b in itertools.pairwise(currents))


KILLS = {  # where the process dies, and which text then stands
    "before the history": "alt\n",
    "in the middle of a line": "alt\n",
    "history written, file not": "neu\n",
    "file written": "neu\n",
}
VICTIM = """
import json, os, signal, sys
sys.path.insert(0, sys.argv[1])
from urbandata.report import texts as module
from urbandata.settings import Settings
point = sys.argv[3]
def die(*_args, **_more): os.kill(os.getpid(), signal.SIGKILL)
if point == "before the history":
    module.json.dumps = die
elif point == "in the middle of a line":
    class Torn:
        def dumps(self, *a, **k):
            path = store.folder / "history" / "summary.jsonl"
            with path.open("ab") as file:
                file.write(b'{"subject": "summary", "number": 2, "text": "ne'); file.flush()
            die()
        loads = staticmethod(json.loads)
    module.json = Torn()
elif point == "history written, file not":
    module.write_atomically = die
else:
    real = module.write_atomically
    module.write_atomically = lambda *a: (real(*a), die())
store = module.Texts(Settings.from_env({"URBANDATA_DATA_DIR": sys.argv[2]}))
store.save("summary", "neu", "Bert", 1)
"""


@pytest.mark.parametrize("point", list(KILLS))
def test_killed_while_saving_is_the_old_text_or_the_new_one(settings_of_test, point):
    texts = Texts(settings_of_test)
    texts.save("summary", "alt", "Anna", 0)
    run = subprocess.run(
        [sys.executable, "-c", VICTIM, str(ROOT / "plugins"),
         str(settings_of_test.data_dir), point],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == -signal.SIGKILL, run.stderr
    wanted = KILLS[point]
    assert texts.current("summary").text == wanted
    assert (texts.folder / "summary.md").read_text("utf-8") == wanted
    newest = texts.current("summary").number
    texts.save("summary", "danach", "Cem", newest)
    assert texts.current("summary").text == "danach\n"
    assert {"alt\n", "danach\n"} <= {v.text for v in texts.history("summary")}
    assert not list(texts.folder.rglob("*.tmp"))


def test_what_was_typed_survives_without_saving(texts):
    texts.autosave("hf2", "halb fertig", "Anna", 0)
    assert texts.draft("hf2", "Anna").text == "halb fertig\n"
    assert texts.draft("hf2", "Bert") is None
    assert texts.current("hf2") is None
    assert texts.all() == {}
    texts.discard("hf2", "Anna")
    assert texts.draft("hf2", "Anna") is None


def test_a_file_changed_by_hand_becomes_a_version(texts):
    texts.save("hf1", "aus der App", "Anna", 0)
    (texts.folder / "hf1.md").write_text("im Editor geändert\n", encoding="utf-8")
    assert texts.current("hf1").text == "im Editor geändert\n"
    assert [(v.author, v.kind) for v in texts.history("hf1")] == [
        ("Anna", "save"), (BY_HAND, "file"),
    ]  # fmt: skip


def test_export_and_import_as_plain_files(texts, tmp_path):
    texts.save("hf1", "Eins", "Anna", 0)
    texts.save("kpi-M5.5a", "Zwei", "Anna", 0)
    assert sorted(p.name for p in texts.export(tmp_path / "out")) == ["hf1.md", "kpi-M5.5a.md"]
    other = Texts(Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path / "other")}))
    taken = other.take_in(tmp_path / "out", "Import")
    assert other.all() == texts.all()
    assert {v.kind for v in taken} == {"import"}
    assert other.take_in(tmp_path / "out", "Import") == taken  # the same again changes nothing


def test_a_file_that_cannot_be_taken_is_named(texts, tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "hf1.md").write_bytes(b"\xff\xfe\xfa")
    with pytest.raises(UrbandataError, match=r"hf1\.md: not UTF-8"):
        texts.take_in(tmp_path / "in", "x")


@pytest.mark.parametrize("subject", ["", "../x", "a/b", ".lock", "x" * 100])
def test_subjects_cannot_leave_the_folder(texts, subject):
    with pytest.raises(UrbandataError, match="no subject"):
        texts.save(subject, "x", "Anna", 0)


@hypothesis_settings(max_examples=60, deadline=None,
                     suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(text=st.text(max_size=400))
def test_any_text_comes_back(texts, text):
    newest = texts.current("any")
    saved = texts.save("any", text, "Anna", newest.number if newest else 0)
    assert texts.current("any").text == saved.text
    assert saved.text.strip("\n") == text.replace("\r\n", "\n").replace("\r", "\n").strip("\n")
    json.dumps(saved.text)


def test_nothing_is_left_running_or_locked(texts):
    texts.save("hf1", "x", "Anna", 0)
    assert os.access(texts.folder / ".lock", os.W_OK)
