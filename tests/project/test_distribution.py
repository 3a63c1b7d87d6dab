"""The wheel holds the rooms with everything in them, and works where it is installed."""

import json
import os
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

pytestmark = pytest.mark.campaign

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ROOMS = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]


def run(*command: str | Path, cwd: Path) -> str:
    """Run a command that knows nothing of this checkout, and return what it prints."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    result = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with what is installed here."""
    folder = tmp_path_factory.mktemp("dist")
    build = ("-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT)
    run(sys.executable, *build, cwd=folder)
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the wheel into an environment of its own, beside the dependencies of this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, symlinks=True)
    python = folder / "bin" / "python"
    install = ("install", "--quiet", "--no-index", "--no-deps", "--disable-pip-version-check", wheel)
    run(sys.executable, "-m", "pip", "--python", python, *install, cwd=folder)
    # a path named in a .pth file does not bring its own .pth files: this checkout stays out of sight
    packages = run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder).strip()
    Path(packages, "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def test_the_wheel_holds_every_file_of_the_rooms(wheel: Path) -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout, so nothing says which files belong to the product")
    listing = ("ls-files", "--cached", "--others", "--exclude-standard", "-z", "--", *ROOMS)
    listed = run("git", "-c", f"safe.directory={ROOT}", *listing, cwd=ROOT).split("\0")
    tree = {name for name in listed if name and (ROOT / name).is_file()}
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert {name.split("/")[0] for name in tree} == set(ROOMS)
    assert held == tree


def test_slm_runs_where_it_is_installed(installed: Path, tmp_path: Path) -> None:
    assert "Usage: slm" in run(installed / "bin" / "slm", "--help", cwd=tmp_path)


def test_its_defaults_and_migrations_come_with_it(installed: Path, tmp_path: Path) -> None:
    program = """
import importlib.metadata, json
import config.policy, models.database
engine = models.database.open_engine("sqlite:///slm.db")
print(json.dumps({
    "files": [config.policy.__file__, models.database.__file__],
    "zone": config.policy.load_policy().calendar.zone,
    "revision": models.database.upgrade(engine),
    "version": importlib.metadata.version("slmcycle"),
}))
"""
    told = json.loads(run(installed / "bin" / "python", "-I", "-c", program, cwd=tmp_path))
    assert all(Path(file).is_relative_to(installed) for file in told["files"])
    assert told["zone"]
    assert told["revision"]
    assert told["version"] == PROJECT["project"]["version"]
