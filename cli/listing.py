"""A group of commands that lists by itself: `slm approvals`, `slm approvals SLA-Granite --all`."""

from typing import Any

from typer.core import TyperGroup


class Listing(TyperGroup):
    """A word that names no command is the reference of the agreement whose rows are listed.

    The group's callback takes `every` (`--all`) and `as_json` (`--json`), as its command `list` does.
    """

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command, which is `list` where a reference stands in its place."""
        if args[0] not in self.commands:
            told = (("every", "--all"), ("as_json", "--json"))
            args = ["list", *(option for name, option in told if ctx.params[name]), *args]
        return super().resolve_command(ctx, args)
