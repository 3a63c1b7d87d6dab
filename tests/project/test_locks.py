"""The locks pin everything with hashes, for any index, and hold what pyproject.toml asks for."""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
LOCKS = {
    "requirements.lock": [*PROJECT["dependencies"], *EXTRAS["install"]],
    "requirements-dev.lock": [*PROJECT["dependencies"], *EXTRAS["install"], *EXTRAS["dev"]],
}


def entries(lock: str) -> list[str]:
    """Return the lock's entries, each with its continued lines."""
    text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]


def pinned(lock: str) -> dict[str, set[str]]:
    """Return the locked versions of each distribution, by its canonical name."""
    versions: dict[str, set[str]] = {}
    for entry in entries(lock):
        requirement = Requirement(entry.split("--hash")[0])
        (pin,) = requirement.specifier
        assert pin.operator == "==", entry
        versions.setdefault(canonicalize_name(requirement.name), set()).add(pin.version)
    return versions


@pytest.mark.parametrize("lock", LOCKS)
def test_every_entry_is_pinned_with_hashes(lock: str) -> None:
    assert entries(lock)
    for entry in entries(lock):
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", entry), entry


@pytest.mark.parametrize("lock", LOCKS)
def test_no_index_is_named(lock: str) -> None:
    text = (ROOT / lock).read_text("utf-8")
    assert not re.search(r"://|--(extra-)?index-url|--find-links| @ ", text)


@pytest.mark.parametrize("lock", LOCKS)
def test_what_the_project_asks_for_is_locked_within_its_bounds(lock: str) -> None:
    versions = pinned(lock)
    for requirement in map(Requirement, LOCKS[lock]):
        locked = versions.get(canonicalize_name(requirement.name), set())
        assert locked, f"{requirement} is not in {lock}: run `make lock`"
        assert all(requirement.specifier.contains(version) for version in locked), (str(requirement), locked)


def test_what_is_tested_is_what_runs() -> None:
    run, test = pinned("requirements.lock"), pinned("requirements-dev.lock")
    assert run.items() <= test.items()
