"""The door for texts that people write, as JSON or TOML; `config.yaml_texts` has YAML's.

Whatever is wrong with one is said in one line.
"""

import json
import tomllib
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from config.errors import BadInputError

_MOST_BYTES = 4_000_000
_TOO_DEEP = "it is nested too deeply"


def read_text(path: Path, name: str = "") -> str:
    """Return the text of a file, without a byte order mark; `name` says in errors what is read.

    Raises:
        BadInputError: if it cannot be read, is too large to be written by people, or is no text in UTF-8.
    """
    where = f"{name} {path}".strip()
    try:
        with path.open("rb") as file:
            return read_stream(file, where)
    except OSError as error:
        raise BadInputError(f"{where}: {error.strerror}") from None
    except ValueError as error:
        raise BadInputError(f"{where!r}: {error}") from None


def read_stream(stream: BinaryIO, where: str) -> str:
    """Return the text of an open file, as `read_text` does; `where` names it in errors.

    Raises:
        BadInputError: if it is too large to be written by people, or is no text in UTF-8.
    """
    content = stream.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise BadInputError(f"{where}: over {_MOST_BYTES:,} bytes are not read")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInputError(f"{where}: this is no text in UTF-8") from None


def read_json(text: str, where: str) -> Any:
    """Return what a JSON text says; `where` names it in errors.

    Raises:
        BadInputError: if it is no JSON; Infinity and NaN are none.
    """
    try:
        content = json.loads(text, parse_constant=_no_number)
        json.dumps(content, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise BadInputError(f"{where}: a text holds half of a pair of surrogates") from None
    except RecursionError:
        raise BadInputError(f"{where}: this is no JSON: {_TOO_DEEP}") from None
    except ValueError as error:
        raise BadInputError(f"{where}: this is no JSON: {error}") from None
    return content


def read_toml(text: str, where: str) -> dict[str, Any]:
    """Return what a TOML text says; `where` names it in errors.

    Raises:
        BadInputError: if it is no TOML.
    """
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise BadInputError(f"{where}: this is no TOML: {_TOO_DEEP}") from None
    except ValueError as error:
        raise BadInputError(f"{where}: this is no TOML: {error}") from None


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
