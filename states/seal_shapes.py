"""What a sealed file must say at least to be a signed agreement, whoever sealed it, whatever else it says."""

import json
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from config.errors import SlmError

Line = Annotated[str, Field(min_length=1, max_length=10_000)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=1, lt=2**31)]  # what both databases can be asked for


class SealedText(BaseModel):
    """The text of a version, as far as it is told of without a database."""

    agreement: Line
    version: Count
    title: Line


class ChainHead(BaseModel):
    """Where the audit chain stood at the signing."""

    length: Count
    hash: Sha256


class SealedRecord(BaseModel):
    """The signing record, as far as it is told of without a database."""

    sha256: Sha256
    signed_at: AwareDatetime
    simulated: bool
    chain: ChainHead


class WrongShapeError(SlmError):
    """A text is no JSON, or does not say what it must; the message says what."""


def read_shaped(text: str, shape: type[SealedText | SealedRecord]) -> dict[str, Any]:
    """Return what a JSON text says, if it says what it must; whatever else it says is left in.

    Raises:
        WrongShapeError: otherwise.
    """
    try:
        shape.model_validate_json(text, strict=True)
        read: dict[str, Any] = json.loads(text)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "the whole"
        raise WrongShapeError(f"{where} is not what it must be") from None
    except (ValueError, RecursionError):
        raise WrongShapeError("it is no JSON that can be read") from None
    return read
