"""The commands of `slm`: what each is called, where it is written, and its line in `slm --help`.

A command's module is imported when that command is asked for. All of them together take seconds to import:
FastAPI for the pages, SciPy for the arithmetic. Nobody who lists agreements shall wait for either.
"""

import gc
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class Entry:
    """Where a command is found.

    Attributes:
        module: of this room.
        attribute: of the module: a function is a command, a `typer.Typer` a group of commands.
        help: the first line of the command's own help.
    """

    module: str
    attribute: str
    help: str


ENTRIES = {
    "up": Entry(
        "up", "up", "Start the pages, the local mailbox, Prefect and the sweeps; Ctrl-C stops all of it."
    ),
    "replay": Entry(
        "replaying",
        "replay_log",
        "Drive one agreement for each customer through the cycle, over a history of tickets.",
    ),
    "sample": Entry(
        "sampling",
        "sample",
        "Generate a sample: a provider, three customers, six services, tickets and satisfaction.",
    ),
    "import": Entry(
        "importing",
        "import_file",
        "Import tickets with all their states, or measured values; the same file twice changes nothing.",
    ),
    "tick": Entry(
        "ticking",
        "tick",
        "Run each sweep once: trials, approvals, surveys, reviews, revisions, mail, inbox. "
        "Exit 1 on trouble.",
    ),
    "agreements": Entry("agreements", "list_agreements", "List the agreements with their stages."),
    "show": Entry("agreements", "show", "Show an agreement's life, and what blocks each way on."),
    "apply": Entry(
        "agreements", "apply", "Write the agreement that a document describes, or replace its draft."
    ),
    "export": Entry("agreements", "export", "Print an agreement as the document that `slm apply` takes."),
    "advance": Entry(
        "agreements",
        "advance_agreement",
        "Move an agreement through its cycle; a blocked move says everything that blocks it.",
    ),
    "explain": Entry(
        "explaining",
        "explain_ticket",
        "Account for every second of a ticket: running, paused or outside hours, and why.",
    ),
    "assess": Entry(
        "assessing",
        "assess",
        "List frozen assessments; with --check derive each again from the evidence. "
        "Exit code 1 if one differs.",
    ),
    "document": Entry(
        "signed_documents",
        "document",
        "Write a signed agreement as a sealed PDF, with the record of how it was signed.",
    ),
    "verify": Entry(
        "signed_documents",
        "verify",
        "Say whether a sealed agreement is intact, by which certificate, "
        "of what, and what that does not prove.",
    ),
    "verdict": Entry(
        "calculators",
        "verdict",
        "Say what so many hits prove about an objective: met, not met or not enough evidence.",
    ),
    "counter-offer": Entry(
        "calculators",
        "counter_offer",
        "Say which threshold the durations of tickets support at an objective.",
    ),
    "baseline": Entry(
        "baseline",
        "make_baseline",
        "Freeze what the evidence says about the present service: demand, lines, steps, targets, proposals.",
    ),
    "approvals": Entry(
        "approvals", "app", "Who is asked to sign, and what they answered; without a command: the list."
    ),
    "proposals": Entry(
        "proposals", "app", "What is put to the customer before it is done; without a command: the list."
    ),
    "exclusions": Entry("exclusions", "app", "Time that does not count, once the customer has approved."),
    "inbox": Entry("inbox", "app", "Answers by mail: what arrived, and what is held."),
    "letters": Entry(
        "letters",
        "app",
        "List the letters to people, the newest first: waiting, sent, answered, bounced, failed.",
    ),
    "requirements": Entry(
        "requirements", "app", "Service level requirements: stated, challenged, settled, printed."
    ),
    "trial": Entry("trial", "app", "Trial runs: planned, watched, concluded."),
    "targets": Entry("targets", "app", "Service level targets of a draft."),
    "people": Entry("people", "app", "People, and who stands in for whom."),
    "calendar": Entry("calendars", "app", "Calendars: working hours and holidays."),
    "audit": Entry("audit", "app", "The audit trail."),
    "db": Entry("db", "app", "The database."),
}


class Commands(TyperGroup):
    """The group of all commands, which knows their names and lines without importing them."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands: Any = _WhenAsked()

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Write the lines of `slm --help`."""
        lines = {name: TyperCommand(name, help=entry.help) for name, entry in ENTRIES.items()}
        TyperGroup(commands=dict(lines)).format_commands(ctx, formatter)


class _WhenAsked(Mapping[str, Any]):
    """Each command by its name, imported when it is looked up."""

    def __getitem__(self, name: str) -> Any:
        entry = ENTRIES[name]
        found = getattr(_module(f"cli.{entry.module}"), entry.attribute)
        alone = typer.Typer(rich_markup_mode=None)
        if isinstance(found, typer.Typer):
            alone.add_typer(found, name=name)
        else:
            alone.command(name)(found)
        return typer.main.get_group(alone).commands[name]

    def __iter__(self) -> Iterator[str]:
        return iter(ENTRIES)

    def __len__(self) -> int:
        return len(ENTRIES)


def _module(name: str) -> ModuleType:
    """Import a module at once: nothing of it is garbage, and to look for some takes an eighth of the time."""
    if name in sys.modules:
        return sys.modules[name]
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        gc.enable()
