"""A JSON document read record by record, however long it is."""

import json
import re
from collections.abc import Iterator
from typing import Any

from config.errors import BadInputError
from evidence.tables import MOST_RECORD_CHARACTERS

_PIECE = 65_536
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder()


class JsonRecords:
    """A JSON document of which no more is held than the record that is being read."""

    def __init__(self, pieces: Iterator[str], name: str) -> None:
        self._pieces, self._name = pieces, name
        self._buffer, self._at, self._line = "", 0, 1
        self._begun = True  # nothing of the list or object has been read yet

    def records(self, key: str) -> Iterator[tuple[int, Any]]:
        """Give each record of the list with the line it begins on."""
        first = self._peek()
        if first == "{":
            self._enter(key)
        elif first != "[" or key:
            raise self._error(f"no list '{key}'" if key else "no list of records")
        self._skip(1)
        while self._continues("]", "the list of records"):
            line = self._line
            yield line, self._value()
        if first == "{":
            self._leave()
        if self._peek():
            raise self._error("something follows the end of the JSON document")

    def _enter(self, key: str) -> None:
        """Go to the list that stands under a key of the outermost object."""
        self._skip(1)
        self._begun = True
        while self._continues("}", "the JSON object"):
            if self._key() == key and self._peek() == "[":
                self._begun = True
                return
            self._value()
        raise self._error(f"no list '{key}'" if key else "an object, and the mapping names no list in it")

    def _leave(self) -> None:
        """Go from the end of that list to the end of the object."""
        while self._continues("}", "the JSON object"):
            self._key()
            self._value()

    def _continues(self, end: str, what: str) -> bool:
        """Whether another part of a list or an object follows, and not its end; goes past what is between."""
        first, begun = self._peek(), self._begun
        self._begun = False
        if first == end:
            self._skip(1)
        elif first == "," and not begun:
            self._skip(1)
            first = self._peek()
            if first == end:
                raise self._error(f"nothing follows a comma in {what}")
        elif first and not begun:
            raise self._error(f"a comma is missing in {what}, or its end")
        if not first:
            raise self._error(f"{what} does not end")
        return first != end

    def _key(self) -> Any:
        name = self._value() if self._peek() == '"' else None
        if name is None or self._peek() != ":":
            raise self._error("not JSON")
        self._skip(1)
        return name

    def _peek(self) -> str:
        while True:
            match = _SPACE.match(self._buffer, self._at)
            self._skip((match.end() if match else self._at) - self._at)
            if self._at < len(self._buffer):
                return self._buffer[self._at]
            if not self._more():
                return ""

    def _value(self) -> Any:
        self._peek()  # past the space before it
        wanted = _PIECE
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._at)
                if end < len(self._buffer) or isinstance(value, dict | list | str):  # a number may go on
                    self._skip(end - self._at)
                    return value
            except RecursionError:
                raise self._error("nested too deeply") from None
            except ValueError:
                pass  # perhaps only not all of it is here yet
            if len(self._buffer) - self._at > MOST_RECORD_CHARACTERS:
                raise self._error(f"a record of over {MOST_RECORD_CHARACTERS:,} characters, or not JSON")
            wanted *= 2
            if not self._more(wanted):
                raise self._error("not JSON, or cut off")

    def _skip(self, characters: int) -> None:
        self._line += self._buffer.count("\n", self._at, self._at + characters)
        self._at += characters

    def _more(self, wanted: int = 1) -> bool:
        """Take more of the text, at least as much as wanted if there is; what has been read is let go."""
        parts, length = [self._buffer[self._at :]], 0
        while length < wanted and (piece := next(self._pieces, None)) is not None:
            parts.append(piece)
            length += len(piece)
        self._buffer, self._at = "".join(parts), 0
        return length > 0

    def _error(self, what: str) -> BadInputError:
        return BadInputError(f"{self._name}: line {self._line}: {what}")
