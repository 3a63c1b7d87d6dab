"""A reader of iCalendar files (RFC 5545), as far as events with their dates need it.

The `icalendar` library reads everything that the standard knows, but expands no recurrence; holidays need a
tenth of it, and clear words about the line that is wrong. Recurrences are left to `dateutil`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_LINE = re.compile(r'([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:]*))*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=("[^"]*"|[^";:]*)')
_ESCAPED = re.compile(r"\\([\\;,nN])")


class IcsError(ValueError):
    """A file is no iCalendar file, or a line of it cannot be understood; the message names the line."""


@dataclass(frozen=True)
class Property:
    """One property of an event.

    Attributes:
        line: the line of the file on which it begins, counted from 1.
        name: in capitals, such as DTSTART.
        parameters: by name in capitals, such as TZID.
        value: as it stands in the file.
    """

    line: int
    name: str
    parameters: dict[str, str]
    value: str

    def text(self) -> str:
        """The value without the backslashes of a text."""
        return _ESCAPED.sub(lambda match: "\n" if match[1] in "nN" else match[1], self.value).strip()


@dataclass(frozen=True)
class Event:
    """One VEVENT.

    Attributes:
        line: the line of the file on which it begins, counted from 1.
        properties: by name, in the order of the file.
    """

    line: int
    properties: dict[str, list[Property]] = field(default_factory=dict)

    def all(self, name: str) -> list[Property]:
        """Every property of a name."""
        return self.properties.get(name, [])

    def first(self, name: str) -> Property | None:
        """The first property of a name, if there is one."""
        return next(iter(self.all(name)), None)


def read_events(text: str) -> list[Event]:
    """The events of an iCalendar file, in its order; alarms and other parts are passed over.

    Raises:
        IcsError: it is no iCalendar file, or one that breaks off.
    """
    events: list[Event] = []
    inside: list[str] = []
    for read in _properties(text):
        if not inside and (read.name, read.value.upper()) != ("BEGIN", "VCALENDAR"):
            raise IcsError(f"line {read.line}: this is no iCalendar file: BEGIN:VCALENDAR is wanted here.")
        if read.name == "BEGIN":
            inside.append(read.value.upper())
            if inside == ["VCALENDAR", "VEVENT"]:
                events.append(Event(read.line))
        elif read.name == "END":
            if inside.pop() != read.value.upper():
                raise IcsError(f"line {read.line}: END:{read.value} ends what was not begun.")
        elif inside == ["VCALENDAR", "VEVENT"]:
            events[-1].properties.setdefault(read.name, []).append(read)
    if inside:
        raise IcsError(f"the file breaks off: END:{inside[-1]} is missing.")
    return events


def _properties(text: str) -> Iterator[Property]:
    number = 0
    for number, line in _unfolded(text):
        match = _LINE.fullmatch(line)
        if match is None:
            raise IcsError(f"line {number}: '{line[:40]}' is no line of an iCalendar file.")
        parameters = {name.upper(): value.strip('"') for name, value in _PARAMETER.findall(match[2])}
        yield Property(number, match[1].upper(), parameters, match[3].strip())
    if not number:
        raise IcsError("the file is empty.")


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; one that begins with a blank continues the one before."""
    begun: tuple[int, list[str]] | None = None
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text.removeprefix("\ufeff")), start=1):
        if line[:1] in (" ", "\t") and begun is not None:
            begun[1].append(line[1:])
            continue
        if begun is not None:
            yield begun[0], "".join(begun[1])
        begun = (number, [line]) if line.strip() else None
    if begun is not None:
        yield begun[0], "".join(begun[1])
