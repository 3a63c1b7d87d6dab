"""What a command imports before it runs: no more than it needs, so that nobody waits for the rest."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import typer.main

from cli.commands import ENTRIES, Entry
from cli.main import app
from tests.cli.command_line import Slm

_FOR_FEW = {"alembic", "fastapi", "prefect", "pyhanko", "scipy.special", "weasyprint"}
_SLOW = _FOR_FEW | {"numpy", "rich", "sqlalchemy"}
_PROGRAM = """
import atexit, json, sys
told = sys.argv.pop(1)
atexit.register(lambda: open(told, "w").write(json.dumps(sorted(sys.modules))))
from cli.main import run
run()
"""


def imported_by(folder: Path, *arguments: str) -> set[str]:
    """Run `slm` as a process of its own and return which of the slow modules it has imported at its end."""
    told = folder / "modules.json"
    subprocess.run(
        [sys.executable, "-c", _PROGRAM, told, *arguments],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"SLM_VAR": str(folder)},
        capture_output=True,
        timeout=60,
        check=False,
    )
    return _SLOW & set(json.loads(told.read_text()))


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["agremeents"]], ids=" ".join)
def test_to_be_told_what_there_is_nothing_is_waited_for(arguments: list[str], tmp_path: Path) -> None:
    assert imported_by(tmp_path, *arguments) == set()


@pytest.mark.parametrize("arguments", [["agreements"], ["show", "SLA-Granite"]], ids=" ".join)
def test_a_list_waits_for_the_database_only(arguments: list[str], database: Path) -> None:
    imported = imported_by(database.parent, *arguments)
    assert "sqlalchemy" in imported
    assert not imported & _FOR_FEW


@pytest.mark.parametrize(("name", "entry"), ENTRIES.items(), ids=ENTRIES)
def test_the_list_of_commands_says_what_each_says_of_itself(name: str, entry: Entry) -> None:
    command = typer.main.get_group(app).commands[name]
    assert command.name == name
    assert (command.help or "").strip().splitlines()[0] == entry.help


def test_the_version_is_that_of_the_installed_product(slm: Slm) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]
    assert slm.does("--version") == f"slm {project['version']}\n"
