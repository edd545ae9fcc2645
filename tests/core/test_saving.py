"""A backup holds what there is now, also where a file was written anew with as many bytes."""

from __future__ import annotations

from urbandata.settings import Settings
from urbandata.storage import saving


def test_what_people_wrote_anew_is_backed_up_anew(tmp_path):
    settings = Settings.from_env({"URBANDATA_DATA_DIR": str(tmp_path / "data")})
    edition = settings.data_dir / "editions" / "2026-1" / "edition.json"
    raw = settings.data_dir / "raw" / "a" / "b.json"
    for path, text in ((edition, '{"state": "approved"}'), (raw, "[1]")):
        path.parent.mkdir(parents=True)
        path.write_text(text, encoding="utf-8")
    kept = tmp_path / "kept"
    saving.back_up(settings, kept)
    edition.write_text('{"state": "rejected"}', encoding="utf-8")
    saving.back_up(settings, kept)
    edition.unlink()
    raw.unlink()
    saving.restore(settings, kept)
    assert edition.read_text(encoding="utf-8") == '{"state": "rejected"}'
    assert raw.read_text(encoding="utf-8") == "[1]"
