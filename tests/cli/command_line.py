"""The `slm` command as a person at a terminal meets it: what is typed, what is printed, how it ends."""

import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest

from cli.main import run
from config.policy import policy
from config.settings import settings


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass
class Slm:
    """Runs the real entry point in this process; settings and policy are read anew, as a new process does."""

    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]

    def __call__(self, *arguments: object) -> Ran:
        settings.cache_clear()
        policy.cache_clear()
        self.monkeypatch.setattr(sys, "argv", ["slm", *map(str, arguments)])
        self.capsys.readouterr()
        code: Any = 0
        try:
            run()
        except SystemExit as ended:
            code = ended.code or 0
        printed = self.capsys.readouterr()
        assert isinstance(code, int)
        return Ran(code, printed.out, printed.err)

    def does(self, *arguments: object) -> str:
        """Run a command that must succeed, and return what it prints."""
        ran = self(*arguments)
        assert ran.code == 0, ran.err
        return ran.out

    def tells(self, *arguments: object) -> Any:
        """Run a command that must succeed with `--json`, and return what it tells."""
        return self(*arguments, "--json").json

    def refuses(self, *arguments: object) -> str:
        """Run a command that must be refused: one line on standard error, nothing else; return the line."""
        ran = self(*arguments)
        assert ran.code == 1, (ran.code, ran.out, ran.err)
        assert ran.out == ""
        assert ran.err.startswith("slm: ") and ran.err.count("\n") == 1 and ran.err.endswith("\n"), ran.err
        return ran.err.removeprefix("slm: ").rstrip("\n")
