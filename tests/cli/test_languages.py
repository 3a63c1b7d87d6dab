"""People's languages: in an agreement's file, and by `slm people language`."""

from pathlib import Path

import pytest
import yaml

from templates.languages.catalogs import languages
from tests.cli.command_line import Slm
from tests.scenes.granite_works import OWNER, REFERENCE, write_agreement


def _applied(slm: Slm, file: Path, **owner: str) -> None:
    """Apply the agreement with something more said about the customer's owner."""
    told = yaml.safe_load(write_agreement(file).read_text())
    for person in told["customer"]["people"]:
        if person["name"] == OWNER:
            person.update(owner)
    file.write_text(yaml.safe_dump(told))
    slm.does("apply", file)


def _languages(slm: Slm) -> dict[str, str]:
    return {row["name"]: row["language"] for row in slm.tells("people", "list")}


@pytest.mark.usefixtures("database")
def test_a_language_is_given_in_the_file_and_comes_back_in_the_export(slm: Slm, tmp_path: Path) -> None:
    file = tmp_path / "granite.yaml"
    _applied(slm, file, language="de")
    languages = _languages(slm)
    assert languages.pop(OWNER) == "de" and set(languages.values()) == {"en"}
    exported = yaml.safe_load(slm.does("export", REFERENCE))
    assert {row["name"]: row["language"] for row in exported["customer"]["people"]}[OWNER] == "de"


@pytest.mark.usefixtures("database")
def test_a_language_is_chosen_at_the_terminal_and_a_file_without_one_leaves_it(
    slm: Slm, tmp_path: Path
) -> None:
    file = tmp_path / "granite.yaml"
    _applied(slm, file)
    email = next(row["email"] for row in slm.tells("people", "list") if row["name"] == OWNER)
    assert slm.does("people", "language", email, "FR") == f"{email}: letters and pages in fr from now on\n"
    assert slm.tells("people", "language", email, "de") == {"email": email, "former": "fr", "language": "de"}
    _applied(slm, file)
    assert _languages(slm)[OWNER] == "de"
    _applied(slm, file, language="en")
    assert _languages(slm)[OWNER] == "en"


@pytest.mark.usefixtures("database")
def test_a_language_that_there_is_not_is_refused_in_one_line(slm: Slm, tmp_path: Path) -> None:
    file = tmp_path / "granite.yaml"
    _applied(slm, file)
    refusal = f"'nl' is not a language of letters and pages: {', '.join(languages())}"
    assert slm.refuses("people", "language", "owner@granite.example", "nl") == refusal
    file.write_text(file.read_text().replace(f"name: {OWNER}", f"name: {OWNER}\n    language: nl", 1))
    refused = slm.refuses("apply", file)
    assert refused.endswith(f".language: {refusal}") and "people" in refused
