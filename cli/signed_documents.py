"""`slm document` and `slm verify`: a signed agreement as a sealed PDF, and whether such a file is intact."""

from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.exc import SQLAlchemyError

from cli.sealed_file_lines import lines, plain_data
from cli.terminal import AsJson, database, out, print_json
from config.clock import now
from config.errors import SlmError
from config.settings import settings
from models.database import reading
from states import signed_documents
from states.drafting import find_agreement
from states.seal_comparison import Comparison, compare
from states.seal_verification import NotIntactError, SealedAgreement, open_sealed


def document(
    reference: Annotated[str, typer.Argument(help="The agreement's reference.")],
    version: Annotated[int | None, typer.Option(help="By default the newest that was signed.")] = None,
    pdf: Annotated[
        Path | None, typer.Option(help="File to write; by default REFERENCE-version-N.pdf.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a signed agreement as a sealed PDF, with the record of how it was signed.

    It is printed and sealed when it is first asked for, and the same file ever after.

    Example: slm document SLA-City-Hospital --pdf signed.pdf
    """
    with database() as engine:
        with reading(engine) as session:
            signed = signed_documents.signed_version(find_agreement(session, reference), version)
            name = signed_documents.file_name(signed)
        kept = signed_documents.ensure(engine, signed.id, now())
    told = {
        "agreement": reference,
        "version": signed.number,
        "sha256": signed.sha256,
        "sealed_at": kept.made_at.isoformat(),
        "certificate": kept.fingerprint,
        "file": str(pdf or name),
        "file_sha256": kept.sha256,
    }
    (pdf or Path(name)).write_bytes(kept.pdf)
    if as_json:
        print_json(told)
        return
    _tell(f"{reference}, version {told['version']}: written to {told['file']}")
    _tell(f"sealed {told['sealed_at']} with the certificate whose SHA-256 is {told['certificate']}")


def verify(
    file: Annotated[Path, typer.Argument(help="The PDF.")],
    fingerprint: Annotated[
        str | None,
        typer.Option(help="SHA-256 of the certificate that it must be sealed with, as its owner made known."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say whether a sealed agreement is intact, by which certificate, of what, and what that does not prove.

    Needs no database; where there is one, the file is held against it too. Exit code 1 if it is not intact,
    or if nobody here knows the certificate: give its fingerprint, as its owner made it known.

    Example: slm verify signed.pdf
    """
    try:
        found = open_sealed(file.read_bytes())
        _require(fingerprint, found)
        held, unasked = _held(found)
        if held and held.contradictions:
            raise NotIntactError(f"intact, but not of this installation: {held.contradictions[0]}")
    except NotIntactError as error:
        if not as_json:
            raise NotIntactError(f"{file}: {error}") from None
        print_json({"intact": False, "problem": str(error)})
        raise typer.Exit(1) from None
    told = plain_data(found, held, unasked, demanded=fingerprint is not None)
    if as_json:
        print_json(told)
    else:
        for line in lines(told):
            _tell(line)
    if told["certificate"]["whose"] is None:
        raise typer.Exit(1)


def _require(fingerprint: str | None, found: SealedAgreement) -> None:
    if fingerprint is None:
        return
    wanted = "".join(fingerprint.split()).replace(":", "").lower()
    if wanted != found.fingerprint:
        raise NotIntactError(f"sealed with another certificate: its SHA-256 is {found.fingerprint}")


def _held(found: SealedAgreement) -> tuple[Comparison | None, str]:
    """How the file stands to the database, or why that was not asked."""
    if not settings().database_url and not (settings().var / "slmcycle.db").is_file():
        return None, "there is no database here"
    try:
        with database() as engine, reading(engine) as session:
            return compare(session, found), ""
    except (SlmError, SQLAlchemyError) as error:
        return None, " ".join(str(error).split())


def _tell(line: str) -> None:
    out.print(line, markup=False, soft_wrap=True)
