"""The rooms import downwards only, exactly as the design's table says, and shadow nobody's package."""

import importlib.metadata
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))

MAY_IMPORT = {
    "cli": {"web", "flows", "states", "mail", "evidence", "templates", "models", "levels", "config"},
    "web": {"states", "mail", "evidence", "templates", "models", "levels", "config"},
    "flows": {"states", "mail", "evidence", "templates", "models", "levels", "config"},
    "states": {"mail", "evidence", "templates", "models", "levels", "config"},
    "mail": {"templates", "models", "config"},
    "evidence": {"levels", "models", "config"},
    "templates": {"models", "config"},
    "models": {"config"},
    "levels": set(),
    "config": set(),
}


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    program = Path(sys.executable).with_name("lint-imports")
    command: list[str | Path] = [program, "--config", ROOT / "pyproject.toml", "--no-cache", "--no-logo"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def write_rooms(folder: Path, pairs: list[tuple[str, str]]) -> None:
    """Write empty rooms into `folder` in which, for each pair, a module of the first imports the second."""
    for room in MAY_IMPORT:
        (folder / room).mkdir()
        (folder / room / "__init__.py").touch()
    for importer, imported in pairs:
        (folder / importer / f"uses_{imported}.py").write_text(f"import {imported}\n")


def test_every_room_is_checked_and_shipped() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert rooms == set(MAY_IMPORT)
    assert set(PROJECT["tool"]["importlinter"]["root_packages"]) == rooms
    assert set(PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]) == rooms


def test_imports_go_down_the_rooms() -> None:
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout + result.stderr


def test_every_import_of_the_table_is_allowed(tmp_path: Path) -> None:
    write_rooms(tmp_path, [(importer, room) for importer, allowed in MAY_IMPORT.items() for room in allowed])
    result = lint_imports(tmp_path)
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("importer", [room for room in MAY_IMPORT if room != "cli"])
def test_every_other_import_is_refused(importer: str, tmp_path: Path) -> None:
    others = sorted(set(MAY_IMPORT) - MAY_IMPORT[importer] - {importer})
    write_rooms(tmp_path, [(importer, other) for other in others])
    result = lint_imports(tmp_path)
    assert result.returncode == 1
    for other in others:
        assert f"{importer}.uses_{other} -> {other} (l.1)" in result.stdout


def test_no_installed_distribution_shadows_a_room() -> None:
    distributions = importlib.metadata.packages_distributions()
    shadows = {room: set(distributions.get(room, ())) - {"slmcycle"} for room in (*MAY_IMPORT, "tests")}
    assert not any(shadows.values()), shadows
