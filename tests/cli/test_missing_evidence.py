"""A mistyped source, or a customer by another name, is told as soon as the agreement is written."""

from pathlib import Path

from tests.cli.command_line import Slm
from tests.scenes.granite_works import REFERENCE, write_agreement


def test_what_cannot_be_measured_yet_is_noted(slm: Slm, database: Path, tmp_path: Path) -> None:
    agreement = write_agreement(tmp_path / "granite.yaml", settled=True)
    told = slm.tells("apply", agreement)
    source, (note,) = slm.tells("export", REFERENCE)["evidence_source"], told["notes"]
    assert note == f"no ticket of the source '{source}' is known yet: import some, or correct evidence_source"
    assert f"note: {note}" in slm.does("show", REFERENCE)

    lines = '{"id": "T1", "customer": "Somebody", "state": "new", "at": "2026-03-02T09:00:00Z"}\n'
    feed = tmp_path / "feed.jsonl"
    feed.write_text(lines)
    slm.does("import", feed, "--mapping", "feed", "--source", source)
    (note,) = slm.tells("show", REFERENCE)["notes"]
    assert note.startswith(f"no ticket of the source '{source}' is of 'Granite Works': import it")

    feed.write_text(lines.replace("Somebody", "Granite Works").replace("T1", "T2"))
    slm.does("import", feed, "--mapping", "feed", "--source", source)
    assert slm.tells("show", REFERENCE)["notes"] == []
    assert "note" not in slm.does("apply", agreement)
