"""A database, settings or a policy that cannot be used: said in one line, by every command that needs it."""

import sqlite3
from pathlib import Path

import pytest

from config.settings import Settings, settings
from tests.cli.command_line import Slm
from tests.scenes.granite_works import REFERENCE, write_agreement

_NEED_DATABASE = [
    ("agreements",),
    ("show", REFERENCE),
    ("export", REFERENCE),
    ("advance", REFERENCE, "offer"),
    ("advance", REFERENCE, "offer", "--dry-run"),
    ("approvals", "--json"),
    ("targets", "adopt", REFERENCE, "P2"),
    ("audit", "verify", "--json"),
    ("tick", "--json"),
]


@pytest.mark.parametrize("typed", _NEED_DATABASE, ids=" ".join)
def test_no_tables_yet(slm: Slm, typed: tuple[str, ...]) -> None:
    said = slm.refuses(*typed)
    file = settings().var / "slmcycle.db"
    assert said.startswith(f"the database sqlite:///{file} has no tables yet: run `slm db upgrade`, or ")
    assert not file.exists(), "who only looks leaves nothing behind"


@pytest.mark.parametrize("typed", [*_NEED_DATABASE, ("db", "upgrade")], ids=" ".join)
def test_a_database_that_cannot_be_reached(
    slm: Slm, monkeypatch: pytest.MonkeyPatch, typed: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SLM_DATABASE_URL", "postgresql://slm:hidden@127.0.0.1:1/x")
    said = slm.refuses(*typed)
    assert said.startswith("database postgresql") and "127.0.0.1:1/x" in said
    assert "refused" in said and "hidden" not in said


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://127.0.0.1/x", "SLM_DATABASE_URL: mysql is not supported; use sqlite or postgresql"),
        ("an old ledger", "SLM_DATABASE_URL is not a database URL, such as sqlite:///slm.db"),
    ],
)
def test_a_database_url_that_cannot_be_used(
    slm: Slm, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    monkeypatch.setenv("SLM_DATABASE_URL", url)
    assert slm.refuses("agreements") == said
    assert slm.refuses("db", "upgrade") == said


def test_a_database_in_a_folder_that_cannot_be(slm: Slm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLM_DATABASE_URL", "sqlite:////proc/nowhere/x.db")
    said = slm.refuses("db", "upgrade")
    assert said == "SLM_DATABASE_URL: /proc/nowhere cannot be written to (No such file or directory)"
    assert "sqlite:////proc/nowhere/x.db has no tables yet" in slm.refuses("agreements")


def test_a_file_that_is_no_database(slm: Slm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear Sir or Madam, " * 100, "utf-8")
    monkeypatch.setenv("SLM_DATABASE_URL", f"sqlite:///{letter}")
    assert "file is not a database" in slm.refuses("agreements")
    assert "file is not a database" in slm.refuses("db", "upgrade")


def test_tables_of_another_version(slm: Slm, database: Path) -> None:
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0000'")
    said = slm.refuses("agreements")
    assert said.startswith(f"the database sqlite:///{database} is at revision 0000, not ")
    assert "run `slm db upgrade`" in said


def test_a_var_that_is_a_file(slm: Slm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("SLM_VAR", str(tmp_path / "file"))
    said = f"SLM_VAR: {tmp_path / 'file'} cannot be written to "
    assert slm.refuses("agreements").startswith(said)
    assert slm.refuses("db", "upgrade").startswith(said)


@pytest.mark.parametrize("value", ["http", "0", "70000"])
@pytest.mark.parametrize("typed", [("agreements",), ("tick", "--json"), ("up",)], ids=" ".join)
def test_a_port_that_is_none(
    slm: Slm, monkeypatch: pytest.MonkeyPatch, value: str, typed: tuple[str, ...]
) -> None:
    monkeypatch.setenv("SLM_PORT", value)
    assert slm.refuses(*typed).startswith("SLM_PORT: Input should be ")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "No such file or directory"),
        ("[trial", "this is no TOML: Expected "),
        ("trial = " + "[" * 20_000, "this is no TOML: it is nested too deeply"),
        ("[trial]\ndays = 0", "trial.days: Input should be greater than or equal to 1"),
        ("[trail]\ndays = 21", "trail: Extra inputs are not permitted"),
        ("trial = 3", "trial: "),
        (
            "[requirements]\nstated_hours = {2 = 0}",
            "requirements.stated_hours.2: Input ",
        ),
        ("[requirements]\nstated_hours = {2 = nan}", "requirements.stated_hours.2: Input "),
    ],
)
def test_a_policy_that_is_none(
    slm: Slm, database: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str | None, said: str
) -> None:
    file = tmp_path / "policy.toml"
    if content is not None:
        file.write_text(content, "utf-8")
    monkeypatch.setenv("SLM_POLICY_FILE", str(file))
    refused = slm.refuses("apply", write_agreement(tmp_path / "granite.yaml"))
    assert refused.startswith(f"policy file {file}: {said}")
    monkeypatch.delenv("SLM_POLICY_FILE")
    assert slm.tells("agreements") == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[calendar]\nzone = 'Mars'", "policy: calendar.zone: 'Mars' is not a known IANA time zone"),
        ("[calendar]\nwindows = {mon = ['8-9']}", "policy: calendar.windows: '8-9' is not a window"),
        (
            "[stopwatch]\npause_states = ['asleep']",
            "policy: stopwatch.pause_states: there is no state 'asleep'; there are: ",
        ),
    ],
)
def test_a_policy_whose_terms_cannot_be(
    slm: Slm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(content, "utf-8")
    monkeypatch.setenv("SLM_POLICY_FILE", str(file))
    assert slm.refuses("calendar", "show").startswith(said)


def test_settings_that_are_no_text(slm: Slm, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_bytes(b"SLM_VAR=\xff")
    monkeypatch.setitem(Settings.model_config, "env_file", str(file))
    assert slm.refuses("agreements") == ".env: this is no text in UTF-8"


def test_a_database_url_with_a_port_that_is_none(slm: Slm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLM_DATABASE_URL", "postgresql://slm@host:port/slm")
    assert slm.refuses("agreements") == "SLM_DATABASE_URL is not a database URL, such as sqlite:///slm.db"


def test_a_changed_event_is_found(slm: Slm, database: Path, tmp_path: Path) -> None:
    slm.does("apply", write_agreement(tmp_path / "granite.yaml"), "--by", "Service manager")
    assert slm.does("audit", "verify").endswith("every chain is whole\n")
    with sqlite3.connect(database) as connection:
        for (trigger,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            connection.execute(f'DROP TRIGGER "{trigger}"')
        connection.execute("UPDATE audit_events SET actor = 'Nobody' WHERE sequence = 1")
    ran = slm("audit", "verify")
    assert (ran.code, ran.out) == (1, "")
    assert REFERENCE in ran.err
    told = slm("audit", "verify", "--json")
    assert told.code == 1 and told.err == "" and '"faults": [\n' in told.out
