"""The parts of the README that are drawn from the code, so that they cannot drift from it.

`python -m cli.readme` rewrites them (`make docs`); a test compares.
"""

import re
import sys
from pathlib import Path
from typing import Any

import typer.main

from config.settings import Settings
from flows.serve import SCHEDULES
from models.agreements import Stage
from states.move import Trigger
from states.transition_table import TRANSITIONS

README = Path(__file__).resolve().parent.parent / "README.md"


def cycle_diagram() -> str:
    """Return the cycle as a Mermaid state diagram; `end`, which leads out of every stage, is left out."""
    lines = ["```mermaid", "stateDiagram-v2", "    direction LR", f"    [*] --> {Stage.REQUIREMENTS}"]
    triggers: dict[tuple[Stage, Stage], list[str]] = {}
    for row in TRANSITIONS:
        if row.trigger != Trigger.END:
            triggers.setdefault((row.source, row.target), []).append(row.trigger.value)
    lines += [
        f"    {source} --> {target}: {', '.join(dict.fromkeys(names))}"
        for (source, target), names in triggers.items()
    ]
    return "\n".join([*lines, "```"])


def transition_rows() -> str:
    """Return the transition table, the ways to several stages joined in one row."""
    rows: dict[tuple[Trigger, str, str], tuple[list[str], list[str]]] = {}
    for row in TRANSITIONS:
        sources, targets = rows.setdefault((row.trigger, row.gate_words, row.effect_words), ([], []))
        sources.append(row.source.value)
        targets.append(row.target.value)
    return _markdown(
        ("trigger", "from", "to", "gate: it opens when", "then"),
        [
            (f"`{trigger}`", _joined(sources), _joined(targets), gate, effect)
            for (trigger, gate, effect), (sources, targets) in rows.items()
        ],
    )


def _joined(stages: list[str]) -> str:
    names = list(dict.fromkeys(stages))
    return "any" if len(names) > 5 else " or ".join(names)


def schedule_rows() -> str:
    """Return what is swept, how often, and why so often."""
    return _markdown(
        ("flow", "every", "because"),
        [
            (f"`{row.flow.fn.__module__}`", f"{round(row.every.total_seconds() / 60)} min", row.reason)
            for row in SCHEDULES
        ],
    )


def setting_rows() -> str:
    """Return every setting with its default."""
    return _markdown(
        ("variable", "default", "meaning"),
        [
            (f"`SLM_{name.upper()}`", _default(field.default), field.description or "")
            for name, field in Settings.model_fields.items()
        ],
    )


def _default(value: object) -> str:
    return "" if value in ("", None) else f"`{value}`"


def command_rows() -> str:
    """Return every command with its first line of help."""
    from cli.main import app

    group = typer.main.get_command(app)
    return _markdown(("command", "what it does"), _commands(group, "slm"))


def _commands(command: Any, path: str) -> list[tuple[str, ...]]:
    children = getattr(command, "commands", None)
    if children is None:
        return [(f"`{path}`", (command.help or "").strip().splitlines()[0])]
    own = [(f"`{path}`", command.help.strip().splitlines()[0])] if command.invoke_without_command else []
    return own + [row for name, child in children.items() for row in _commands(child, f"{path} {name}")]


def _markdown(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, tuple("---" for _ in header), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines)


def with_current_parts(text: str) -> str:
    """Return the README's text with every part between its marks drawn anew."""
    parts = {
        "cycle": cycle_diagram,
        "transitions": transition_rows,
        "flows": schedule_rows,
        "settings": setting_rows,
        "commands": command_rows,
    }
    for name, draw in parts.items():
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        text = marked.sub(lambda match, draw=draw: match[1] + draw() + "\n" + match[2], text)  # type: ignore[misc]
    return text


if __name__ == "__main__":
    README.write_text(with_current_parts(README.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"{README.name} is current\n")
