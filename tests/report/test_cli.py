"""One command from a published build to all formats."""

from __future__ import annotations

from click.testing import CliRunner

from urbandata.cli import main


def test_report_writes_all_formats(own, tmp_path, monkeypatch):
    monkeypatch.setenv("URBANDATA_DATA_DIR", str(own.data_dir))
    out = tmp_path / "out"
    run = CliRunner().invoke(main, ["report", "--out", str(out), "--lang", "de", "--lang", "en"])
    assert run.exit_code == 0, run.output
    assert sorted(p.name for p in out.iterdir()) == sorted(
        f"fortschreibung_{lang}.{kind}"
        for lang in ("de", "en") for kind in ("docx", "pdf", "html", "xlsx")
    )  # fmt: skip
    assert not (own.data_dir / "editions").exists()


def test_before_the_first_build_it_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("URBANDATA_DATA_DIR", str(tmp_path))
    run = CliRunner().invoke(main, ["report", "--out", str(tmp_path / "out")])
    assert run.exit_code == 1
    assert "no build is published yet" in run.output
    assert not (tmp_path / "out").exists()


def test_texts_go_out_and_in(own, tmp_path, monkeypatch):
    monkeypatch.setenv("URBANDATA_DATA_DIR", str(own.data_dir))
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "hf1.md").write_text("Aus einer Datei\n", encoding="utf-8")
    took = CliRunner().invoke(main, ["texts", "import", str(tmp_path / "in"), "--author", "TU"])
    assert took.output.strip() == "hf1: version 1"
    gave = CliRunner().invoke(main, ["texts", "export", str(tmp_path / "out")])
    assert gave.exit_code == 0
    assert (tmp_path / "out" / "hf1.md").read_text(encoding="utf-8") == "Aus einer Datei\n"
    missing = CliRunner().invoke(main, ["texts", "import", str(tmp_path / "nowhere")])
    assert missing.exit_code == 1
