"""`slm approvals`: who was asked to sign, and what they answered."""

from typing import Annotated

import typer
from rich.markup import escape
from sqlmodel import col, select

from cli.terminal import AsJson, database, out, print_json, table
from models.agreements import Agreement
from models.approvals import ApprovalRequest, RequestState
from models.database import reading
from models.versions import AgreementVersion


def list_approvals(
    every: Annotated[bool, typer.Option("--all", help="Also the ones that are answered or void.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the approval requests that wait for an answer.

    Example: slm approvals --all --json
    """
    wanted = select(ApprovalRequest).order_by(col(ApprovalRequest.id))
    if not every:
        wanted = wanted.where(ApprovalRequest.state == RequestState.OPEN)
    with database() as engine, reading(engine) as session:
        rows = [
            {
                "agreement": session.get_one(Agreement, request.agreement_id).reference,
                "version": session.get_one(AgreementVersion, request.version_id).number,
                "person": request.person.name,
                "state": request.state.value,
                "answer": request.decision.answer.value if request.decision else None,
                "asked": request.asked_at.isoformat(),
                "due": request.due_at.isoformat(),
                "reminders": request.reminders,
            }
            for request in session.exec(wanted).all()
        ]
    if as_json:
        print_json(rows)
        return
    if not rows:
        out.print("Nobody is being asked to sign.")
        return
    listed = table(
        "", "agreement", "version", "person", "state", "due", "reminders", right=("version", "reminders")
    )
    for row in rows:
        listed.add_row(
            escape(str(row["agreement"])),
            str(row["version"]),
            escape(str(row["person"])),
            str(row["answer"] or row["state"]),
            str(row["due"])[:10],
            str(row["reminders"]),
        )
    out.print(listed)
