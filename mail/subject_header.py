"""The subject's header: what is written is what a mail program shows, whatever its length.

The standard library encodes single words and breaks the line between them: a blank is then there twice, or
not at all, and an encoded word may be cut in half.
"""

from email.header import Header
from email.headerregistry import BaseHeader, UniqueUnstructuredHeader
from email.message import Message
from email.policy import Policy

_WIDTH = 76


class SubjectHeader(UniqueUnstructuredHeader, BaseHeader):  # type: ignore[misc]  # as the registry does
    """A subject of plain signs as it is where it fits into the line, any other encoded whole (RFC 2047)."""

    def fold(self, *, policy: "Policy[Message[str, str]]") -> str:
        """Return the header in lines."""
        subject = str(self)
        if not subject.isascii() or "=?" in subject or len(self.name) + 2 + len(subject) > _WIDTH:
            header = Header(subject, "utf-8", maxlinelen=_WIDTH, header_name=self.name)
            subject = header.encode(splitchars="", linesep=policy.linesep)
        return f"{self.name}: {subject}{policy.linesep}"
