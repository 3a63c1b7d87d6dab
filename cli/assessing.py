"""`slm assess`: the frozen figures of closed periods."""

from typing import Annotated, Any

import typer
from sqlmodel import Session, col, select

from cli.terminal import AsJson, database, err, out, print_json
from models.agreements import Agreement
from models.assessments import Assessment
from models.database import reading
from states.assessment_check import assessments_of, check
from states.drafting import find_agreement


def assess(
    reference: Annotated[str | None, typer.Argument(help="One agreement; by default all.")] = None,
    compare: Annotated[bool, typer.Option("--check", help="Derive each figure again and compare.")] = False,
    as_json: AsJson = False,
) -> None:
    """List frozen assessments; with --check derive each again from the evidence. Exit code 1 if one differs.

    Example: slm assess SLA-City-Hospital --check
    """
    with database() as engine, reading(engine) as session:
        rows = [
            _told(session, agreement, assessment, compare)
            for agreement in _agreements(session, reference)
            for assessment in assessments_of(session, agreement)
        ]
    differing = [row for row in rows if row.get("differences")]
    if as_json:
        print_json(rows)
    else:
        for row in rows:
            (err if row.get("differences") else out).print(_line(row), markup=False, soft_wrap=True)
        compared = f", {len(rows) - len(differing)} identical" if compare else ""
        out.print(f"{len(rows)} assessments{compared}")
    if differing:
        raise typer.Exit(1)


def _agreements(session: Session, reference: str | None) -> list[Agreement]:
    if reference:
        return [find_agreement(session, reference)]
    return list(session.exec(select(Agreement).order_by(col(Agreement.reference))))


def _told(session: Session, agreement: Agreement, row: Assessment, compare: bool) -> dict[str, Any]:
    told: dict[str, Any] = {
        "agreement": agreement.reference,
        "target": row.target_key,
        "from": row.starts_at.isoformat(),
        "to": row.ends_at.isoformat(),
        "as_of": row.as_of.isoformat(),
        "known": row.known,
        "hits": row.hits,
        "undecided": row.undecided,
        "verdict": row.verdict,
        "inputs_sha256": row.inputs_sha256,
        "software": row.software_version,
    }
    if compare:
        differences = check(session, agreement, row).differences
        told["differences"] = {name: list(pair) for name, pair in differences.items()}
    return told


def _line(row: dict[str, Any]) -> str:
    line = f"{row['agreement']} {row['from'][:10]} to {row['to'][:10]} {row['target']}: "
    line += f"{row['hits']} of {row['known']}, {row['verdict']}"
    if "differences" not in row:
        return line
    found = ", ".join(f"{name} {was} -> {now}" for name, (was, now) in row["differences"].items())
    return f"{line}: differs: {found}" if found else f"{line}: identical"
