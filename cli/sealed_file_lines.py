"""What `slm verify` tells of an intact file, as plain data and in lines, none of which can look like others.

Whoever sealed the file chose its words and those of the certificate, and may be anybody.
"""

from typing import Any

from config.plain_text import plain_line
from states.seal_certificates import whose
from states.seal_comparison import Comparison
from states.seal_verification import SealedAgreement
from states.time_stamps import TimeStamp

_LONGEST = 200
_NOT_PROVEN = (
    "It proves that the file is what the holder of this certificate sealed, and nothing more. It is no "
    "qualified electronic signature of the people named in it, and its instants are those of the sealing "
    "installation's clock."
)
_STAMP_NOT_PROVEN = (
    "The time stamp proves that the seal existed at its instant, if its authority is to be trusted, which is "
    "not checked: compare the SHA-256 of its certificate. It says nothing of when people answered."
)


def plain_data(
    found: SealedAgreement, held: Comparison | None, unasked: str, *, demanded: bool
) -> dict[str, Any]:
    """Return what an intact file says, each text of it on one line, without control characters.

    Args:
        found: what the file says.
        held: how it stands to the database; None where that was not asked.
        unasked: why not.
        demanded: its certificate is the one whose fingerprint was asked for.
    """
    owner = whose(found.fingerprint)
    if not owner and held and held.certificate_used:
        owner = "one that this installation sealed with"
    if not owner and demanded:
        owner = "the one that was asked for"
    return {
        "intact": True,
        "agreement": _line(found.contents["agreement"]),
        "version": found.contents["version"],
        "title": _line(found.contents["title"]),
        "sha256": found.sha256,
        "file_sha256": found.file_sha256,
        "sealed_at": found.sealed_at.isoformat(),
        "certificate": {
            "subject": _line(found.subject),
            "issuer": _line(found.issuer),
            "sha256": found.fingerprint,
            "whose": owner or None,
        },
        "signed_at": _line(found.record["signed_at"]),
        "simulated": found.record["simulated"],
        "chain": {name: found.record["chain"][name] for name in ("length", "hash")},
        "database": {
            "asked": held is not None,
            "why_not": unasked,
            "text_known": held.known if held else None,
            "same_file": held.same_file if held else None,
            "same_chain": held.same_chain if held else None,
        },
        "time_stamp": _stamp(found.time_stamp) if found.time_stamp else None,
        "not_proven": f"{_NOT_PROVEN} {_STAMP_NOT_PROVEN}" if found.time_stamp else _NOT_PROVEN,
    }


def lines(told: dict[str, Any]) -> list[str]:
    """Return the same in lines, what the file itself says each in a line of its own."""
    certificate, stamp, chain = told["certificate"], told["time_stamp"], told["chain"]
    known = "" if certificate["whose"] else ", but it is not known here who sealed it"
    said = [
        f"intact: every byte is as it was sealed{known}",
        f"agreement: {told['agreement']}",
        f"version: {told['version']}",
        f"title: {told['title']}",
    ]
    if told["simulated"]:
        said.append("simulated: of a replay, signed by nobody")
    said += [
        f"signed: {told['signed_at']}",
        f"sealed: {told['sealed_at']}",
        f"SHA-256 of the text: {told['sha256']}",
        *_certificate_lines("the seal's certificate", certificate),
        f"the certificate is {certificate['whose']}"
        if certificate["whose"]
        else "the certificate is not known here: compare its SHA-256 with the one its owner made known",
    ]
    if stamp:
        said += [f"time stamp: {stamp['at']}", *_certificate_lines("the time stamp's certificate", stamp)]
    else:
        said.append("no time stamp: only the sealing installation says when it was sealed")
    return [
        *said,
        f"audit chain at the signing: {chain['length']} events, the last {chain['hash']}",
        f"this installation: {_database_line(told['database'])}",
        told["not_proven"],
    ]


def _line(text: str) -> str:
    line = plain_line(text)
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _stamp(stamp: TimeStamp) -> dict[str, str]:
    named = {"subject": _line(stamp.subject), "issuer": _line(stamp.issuer), "sha256": stamp.fingerprint}
    return {"at": stamp.at.isoformat()} | named


def _certificate_lines(what: str, certificate: dict[str, Any]) -> list[str]:
    issuer, subject = certificate["issuer"], certificate["subject"]
    return [
        f"{what}: {subject}",
        f"{what} is vouched for by {'nobody else' if issuer == subject else 'what calls itself ' + issuer}",
        f"SHA-256 of {what}: {certificate['sha256']}",
    ]


def _database_line(held: dict[str, Any]) -> str:
    if not held["asked"]:
        return f"not asked, {held['why_not']}"
    if not held["text_known"]:
        return "has no version with this text"
    same = "holds this very file" if held["same_file"] else "has this text and record, its file not made yet"
    return f"{same}, and its audit chain has this head"
