"""The text part of a letter: no line so long that a mail program breaks it where it likes."""

import re
from textwrap import wrap

WIDTH = 78
"""Characters a line, as RFC 5322 (2.1.1) advises."""

_INDENT = re.compile(r"\s*(?:- )?")


def laid_out(rendered: str) -> str:
    """Return a rendered text with its long lines broken, and never more than one empty line in a row.

    What a line cannot hold begins the next one where that goes on with the same sentence, in lower case;
    entries of a list are continued with their own indent. An address, or any other long word, stays whole.
    """
    lines: list[str] = []
    over = ""
    for line in rendered.splitlines():
        if over and line[:1].islower():
            line, over = f"{over} {line}", ""
        if over:
            lines.append(over)
        *full, over = _broken(line)
        lines += full
        if not full:  # nothing ran over: the line stands as it was written
            lines.append(over)
            over = ""
    return re.sub(r"\n{3,}", "\n\n", "\n".join([*lines, over])).strip() + "\n"


def _broken(line: str) -> list[str]:
    if len(line) <= WIDTH:
        return [line]
    indent = " " * len(_INDENT.match(line)[0])  # type: ignore[index]
    return wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
