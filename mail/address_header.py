"""The header that names one person: whatever the name holds, the address behind it is the only one.

The standard library leaves out the quotes of a long name as it breaks the line, and a name that holds a comma
and an "@" is then read as more receivers.
"""

import re
from email.header import Header
from email.headerregistry import BaseHeader, UniqueSingleAddressHeader
from email.message import Message
from email.policy import Policy

LONGEST_NAME = 200
_HARMLESS = re.compile(r"[A-Za-z0-9&'_-]+(?: [A-Za-z0-9&'_-]+)*")
_WIDTH = 76


class OneAddressHeader(UniqueSingleAddressHeader, BaseHeader):  # type: ignore[misc]  # as the registry does
    """A header such as "To": a name of no more than plain words as it is, any other encoded (RFC 2047)."""

    def fold(self, *, policy: "Policy[Message[str, str]]") -> str:
        """Return the header in lines, the address whole and in the last one."""
        (address,) = self.addresses
        name = _shortened(address.display_name)
        if name and not (_HARMLESS.fullmatch(name) and len(name) + len(self.name) + 2 <= _WIDTH):
            header = Header(name, "utf-8", maxlinelen=_WIDTH, header_name=self.name)
            name = header.encode(splitchars="", linesep=policy.linesep)
        behind = f"<{address.addr_spec}>" if name else address.addr_spec
        line = f"{self.name}: {name}"
        last = line.rpartition(policy.linesep)[2]
        between = policy.linesep if len(last) + 1 + len(behind) > _WIDTH + 1 and name else ""
        return f"{line}{between}{' ' if name else ''}{behind}{policy.linesep}"


def _shortened(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
