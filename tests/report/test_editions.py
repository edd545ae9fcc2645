"""The way of an edition: draft, frozen, approved or rejected; builds may come and go meanwhile."""

from __future__ import annotations

import hashlib

import pytest

from tests.report import build
from urbandata.errors import ConfigError, UrbandataError
from urbandata.report import editions, model, output, periods
from urbandata.report.texts import Texts


def no2(settings, edition) -> float:
    document = editions.document(settings, edition, "de")
    return next(n.value for n in document.numbers if n.kpi_code == "M5.5a")


def test_approved_becomes_a_release_with_checksums(own):
    made = editions.create(own, "Anna")
    assert (made.id, made.state) == ("2026-11-20-1", "draft")
    assert set(editions.files(own, made.id)) == {
        f"fortschreibung_de.{k}" for k in ("docx", "pdf", "html", "xlsx")
    }
    editions.submit(own, made.id, "Anna")
    done = editions.approve(own, made.id, "Amtsleitung", "gut")
    assert (done.state, done.decided_by) == ("approved", "Amtsleitung")
    release = editions.folder(own, made.id) / "release"
    for line in (release / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        path = release / name
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
        assert not path.stat().st_mode & 0o222, "a released file can be written"
    assert [e["what"] for e in editions.events(own, made.id)] == [
        "created",
        "submitted",
        "approved",
    ]


def test_an_edition_names_the_state_of_the_lake_until_it_is_rejected(own):
    made = editions.create(own, "Anna")
    assert editions.get(own, made.id).snapshot == build.SNAPSHOT
    assert editions.snapshots(own) == {build.SNAPSHOT}
    editions.submit(own, made.id, "Anna")
    editions.reject(own, made.id, "Amtsleitung")
    assert editions.snapshots(own) == set()


def test_a_build_published_in_between_changes_nothing_frozen(own):
    texts = Texts(own)
    texts.save("summary", "Vor dem Bau", "Anna", 0)
    made = editions.create(own, "Anna")
    build.publish(own.serving_dir, build.NEXT_BUILD, add=5.0)
    assert texts.current("summary").text == "Vor dem Bau\n"
    assert no2(own, made.id) == 24.64
    fresh = editions.refresh(own, made.id, "Anna")
    assert fresh.build_id == build.NEXT_BUILD
    assert no2(own, made.id) == 29.64
    editions.submit(own, made.id, "Anna")
    before = (editions.folder(own, made.id) / "document_de.json").read_bytes()
    texts.save("summary", "Nach dem Einfrieren", "Bert", 1)
    build.publish(own.serving_dir, "b20261122T120000", add=9.0)
    for path in own.serving_dir.glob("*.duckdb"):
        path.unlink()  # serving forgets old builds
    editions.approve(own, made.id, "Amtsleitung")
    assert (editions.folder(own, made.id) / "document_de.json").read_bytes() == before
    released = editions.files(own, made.id)["fortschreibung_de.html"].read_text()
    assert "Vor dem Bau" in released
    assert "Nach dem Einfrieren" not in released
    assert (editions.folder(own, made.id) / f"{build.NEXT_BUILD}.duckdb").exists()


def test_a_release_can_be_drawn_again_to_the_byte(own, tmp_path):
    made = editions.create(own, "Anna")
    editions.submit(own, made.id, "Anna")
    editions.approve(own, made.id, "Amtsleitung")
    frozen = editions.document(own, made.id, "de")
    done = editions.get(own, made.id)
    from datetime import datetime

    from urbandata.report import compose

    at = datetime.fromisoformat(done.decided_at)
    standing = compose.Standing(made.id, "approved", at, done.decided_by)
    for path in output.write(compose.with_standing(frozen, standing), tmp_path / "again"):
        assert path.read_bytes() == editions.files(own, made.id)[path.name].read_bytes(), path.name


def test_rejected_keeps_comment_and_files_and_is_no_release(own):
    made = editions.create(own, "Anna")
    editions.submit(own, made.id, "Anna")
    editions.reject(own, made.id, "Amtsleitung", "Bitte Kapitel 3 ergänzen")
    found = editions.get(own, made.id)
    assert (found.state, found.comment) == ("rejected", "Bitte Kapitel 3 ergänzen")
    assert editions.files(own, made.id)
    with pytest.raises(UrbandataError, match="is rejected; it cannot be approved"):
        editions.approve(own, made.id, "Amtsleitung")
    assert editions.latest_release(own, "demo", "de") is None


@pytest.mark.parametrize(("step", "problem"), [
    (editions.approve, "is draft; it cannot be approved"),
    (editions.reject, "is draft; it cannot be rejected"),
])  # fmt: skip
def test_nothing_is_released_unseen(own, step, problem):
    made = editions.create(own, "Anna")
    with pytest.raises(UrbandataError, match=problem):
        step(own, made.id, "x")
    assert not (editions.folder(own, made.id) / "release").exists()


def test_a_frozen_edition_cannot_be_refreshed_or_altered(own):
    made = editions.create(own, "Anna")
    editions.submit(own, made.id, "Anna")
    with pytest.raises(UrbandataError, match="cannot be refreshed"):
        editions.refresh(own, made.id, "Anna")
    path = editions.folder(own, made.id) / "document_de.json"
    path.write_bytes(path.read_bytes().replace(b"24.64", b"14.64"))
    with pytest.raises(UrbandataError, match="altered after it was submitted"):
        editions.approve(own, made.id, "Amtsleitung")
    assert editions.get(own, made.id).state == "submitted"


def test_each_step_may_be_asked_twice(own):
    made = editions.create(own, "Anna")
    for step in (editions.submit, editions.approve):
        step(own, made.id, "x")
        step(own, made.id, "x")
    assert [e["what"] for e in editions.events(own, made.id)] == [
        "created",
        "submitted",
        "approved",
    ]


def test_a_release_cut_off_is_made_again(own):
    made = editions.create(own, "Anna")
    editions.submit(own, made.id, "Anna")
    half = editions.folder(own, made.id) / "release"
    half.mkdir()
    (half / "fortschreibung_de.docx").write_bytes(b"half")
    editions.approve(own, made.id, "Amtsleitung")
    assert len(list(half.iterdir())) == 5
    assert (half / "fortschreibung_de.docx").read_bytes() != b"half"


def test_what_changed_since_the_last_edition_is_marked_and_listed(own):
    Texts(own).save("hf1", "Alt", "Anna", 0)
    first = editions.create(own, "Anna")
    editions.submit(own, first.id, "Anna")
    editions.approve(own, first.id, "Amtsleitung")
    build.publish(own.serving_dir, build.NEXT_BUILD, add=5.0)
    Texts(own).save("hf1", "Neu", "Anna", 1)
    second = editions.create(own, "Anna")
    assert second.previous == first.id
    html = editions.files(own, second.id)["fortschreibung_de.html"].read_text()
    assert "1</data> Zahlen haben sich geändert" in html
    assert "revidiert" in html
    assert "vorher" in html
    assert "unverändert" in html
    assert "Geänderte Texte: Handlungsfeld 1" in html
    document = editions.document(own, second.id, "de")
    (table,) = [b for b in model.blocks(document) if getattr(b, "id", "") == "table-changes"]
    assert len(table.rows) == 1


def released(settings, langs) -> editions.Edition:
    made = editions.create(settings, "Anna", langs=langs)
    editions.submit(settings, made.id, "Anna")
    return editions.approve(settings, made.id, "Amtsleitung")


def changes_of(settings, edition, lang) -> str:
    document = editions.document(settings, edition, lang)
    (section,) = [s for s in document.sections if s.id == "changes"]
    return str(section.blocks)


def test_each_language_is_compared_with_its_own_texts(own):
    Texts(own, "de").save("hf1", "Gleich geblieben", "Anna", 0)
    Texts(own, "en").save("hf1", "Stayed the same", "Anna", 0)
    Texts(own, "en").save("hf2", "Before", "Anna", 0)
    released(own, ["de", "en"])
    Texts(own, "en").save("hf2", "After", "Anna", 1)
    second = editions.create(own, "Anna", langs=["de", "en"])
    assert "Texte" not in changes_of(own, second.id, "de")
    assert "Changed texts: Action field 2." in changes_of(own, second.id, "en")


def test_texts_of_a_language_the_last_edition_did_not_have_are_not_compared(own):
    first = released(own, ["de"])
    Texts(own, "en").save("hf1", "New", "Anna", 0)
    second = editions.create(own, "Anna", langs=["en"])
    shown = changes_of(own, second.id, "en")
    assert f"No number has changed since edition {first.id}" in shown
    assert "texts" not in shown


def test_editions_are_numbered_and_do_not_meet(own):
    names = {editions.create(own, "Anna", period="2025").id for _ in range(2)}
    assert names == {"2025-1", "2025-2"}
    assert [e.id for e in editions.every(own)] == ["2025-2", "2025-1"]


@pytest.mark.parametrize("bad", ["2025-13", "25", "2025-Q5", "gestern", "2025-00"])
def test_nonsense_periods_are_named(own, bad):
    with pytest.raises(ConfigError, match="write 2025, 2025-H1"):
        editions.create(own, "Anna", period=bad)


def test_unknown_builds_languages_and_editions_are_named(own):
    with pytest.raises(UrbandataError, match="build 'b1' is not published; there are: b2026"):
        editions.create(own, "Anna", build="b1")
    with pytest.raises(UrbandataError, match="language 'fr'"):
        editions.create(own, "Anna", langs=["fr"])
    with pytest.raises(UrbandataError, match="no edition 'x'; there are: none"):
        editions.get(own, "x")
    with pytest.raises(UrbandataError, match="no data of origin 'real'"):
        editions.create(own, "Anna", origin="real")


@pytest.mark.parametrize(("text", "end"), [
    ("2025", (2026, 1, 1)), ("2025-H1", (2025, 7, 1)), ("2025-H2", (2026, 1, 1)),
    ("2025-Q3", (2025, 10, 1)), ("2025-12", (2026, 1, 1)), ("2025-02", (2025, 3, 1)),
])  # fmt: skip
def test_periods_end_where_they_should(text, end):
    from datetime import date

    assert periods.parse(text).end == date(*end)


def test_the_build_is_kept_without_a_second_copy(own):
    made = editions.create(own, "Anna")
    editions.submit(own, made.id, "Anna")
    kept = editions.folder(own, made.id) / f"{build.BUILD}.duckdb"
    assert kept.samefile(own.serving_dir / kept.name)
