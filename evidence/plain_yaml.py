"""YAML files from elsewhere, read within bounds of time and memory."""

from pathlib import Path
from typing import Any

import yaml

from config.errors import BadInputError

_MOST_BYTES = 1_000_000
_MOST_DEPTH = 100
_BEGINS = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_ENDS = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)


def plain_documents(path: Path) -> list[Any]:
    """Read the documents of a YAML file.

    Raises:
        BadInputError: if it is no YAML, too long, nested too deeply, or has aliases (which grow).
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadInputError(f"{path}: over {_MOST_BYTES:,} bytes are too many for a YAML document")
        text = path.read_text("utf-8-sig")
        _require_plain(text, path)
        return list(yaml.safe_load_all(text))
    except OSError as error:
        raise BadInputError(f"{path}: {error.strerror or error}") from None
    except (yaml.YAMLError, ValueError, AttributeError, LookupError) as error:  # also tags that belie a value
        line = " ".join(str(error).split())[:200]
        raise BadInputError(f"{path}: no YAML: {line}") from None


def _require_plain(text: str, path: Path) -> None:
    """Refuse what a few bytes can make large or slow, as soon as it is met."""
    depth = 0
    for token in yaml.scan(text):
        if isinstance(token, yaml.AliasToken):
            raise BadInputError(f"{path}: YAML aliases are not read")
        depth += isinstance(token, _BEGINS) - isinstance(token, _ENDS)
        if depth > _MOST_DEPTH:
            raise BadInputError(f"{path}: line {token.start_mark.line + 1}: nested too deeply")
