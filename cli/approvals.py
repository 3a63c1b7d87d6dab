"""`slm approvals`: who is asked to sign, or about what else, and what a manager can do about it."""

from typing import Annotated, Any

import typer
from rich.markup import escape
from sqlmodel import Session, col, select

from cli.listing import Listing
from cli.terminal import AsJson, By, database, out, print_json, table
from config.clock import now
from models.agreements import Agreement
from models.approvals import ApprovalRequest, RequestState
from models.database import reading, transaction
from models.versions import AgreementVersion
from states.approval_acts import ask_anew, find_numbered, remind_now, void_now
from states.approval_requests import about
from states.drafting import find_agreement
from states.questions import answer_question

app = typer.Typer(
    cls=Listing,
    help="Who is asked to sign, and what they answered; without a command: the list.",
)
Number = Annotated[int, typer.Argument(help="The request's number, as `slm approvals` lists it.")]
Reference = Annotated[str, typer.Argument(help="Only those of the agreement of this reference.")]
Every = Annotated[bool, typer.Option("--all", help="Also the ones that are answered or void.")]


@app.callback(invoke_without_command=True)
def approvals(context: typer.Context, every: Every = False, as_json: AsJson = False) -> None:
    """Who is asked to sign, and what they answered; without a command: the list.

    Example: slm approvals --all --json
    """
    if context.invoked_subcommand is None:
        list_approvals("", every, as_json)


@app.command("list")
def list_approvals(reference: Reference = "", every: Every = False, as_json: AsJson = False) -> None:
    """List the approval requests that wait for an answer.

    `slm approvals REFERENCE` lists those of one agreement alike.

    Example: slm approvals list SLA-Granite-Works --all --json
    """
    wanted = select(ApprovalRequest).order_by(col(ApprovalRequest.id))
    if not every:
        wanted = wanted.where(ApprovalRequest.state == RequestState.OPEN)
    with database() as engine, reading(engine) as session:
        if reference:
            wanted = wanted.where(ApprovalRequest.agreement_id == find_agreement(session, reference).id)
        rows = [_told(session, request) for request in session.exec(wanted).all()]
    if as_json:
        print_json(rows)
        return
    if not rows:
        out.print("Nobody is being asked to sign.")
        return
    columns = ("no.", "agreement", "about", "person", "state", "due", "reminders")
    listed = table("", *columns, right=("no.", "reminders"))
    for row in rows:
        waiting = sum(asked["answer"] is None for asked in row["questions"])
        listed.add_row(
            str(row["number"]),
            escape(str(row["agreement"])),
            str(row["about"]),
            escape(row["person"] + (f", for {row['in_place_of']}" if row["in_place_of"] else "")),
            str(row["answer"] or row["state"]) + (", asks a question" if waiting else ""),
            str(row["due"])[:10],
            str(row["reminders"]),
        )
    out.print(listed)


@app.command()
def remind(number: Number, by: By = "command line", as_json: AsJson = False) -> None:
    """Send a reminder now; it counts among those that policy allows.

    Example: slm approvals remind 9
    """
    with database() as engine, transaction(engine) as session:
        request = find_numbered(session, number)
        remind_now(session, request, by, now())
        told = _told(session, request)
    _print(told, f"{told['person']} gets reminder {told['reminders']}", as_json)


@app.command()
def void(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; the person is told.")],
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Withdraw a request; what it was about still lacks the approval, until somebody is asked anew.

    Example: slm approvals void 9 --reason "the wrong person was asked"
    """
    with database() as engine, transaction(engine) as session:
        request = find_numbered(session, number)
        void_now(session, request, reason, by, now())
        told = _told(session, request)
    _print(told, f"the request to {told['person']} is withdrawn", as_json)


@app.command()
def reask(
    number: Number,
    email: Annotated[str, typer.Option(help="The person's right address, after a bounce.")] = "",
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Ask the same person with a new link and a new date, at another address where one is given.

    Example: slm approvals reask 9 --email owner@city-hospital.example
    """
    with database() as engine, transaction(engine) as session:
        new = ask_anew(session, find_numbered(session, number), by, now(), email)
        told = _told(session, new) | {"email": new.person.email}
    _print(told, f"request {told['number']}: {told['person']} is asked anew at {told['email']}", as_json)


@app.command()
def answer(
    number: Number,
    text: Annotated[str, typer.Argument(help="The answer; whoever asked gets it by letter.")],
    question: Annotated[
        int | None, typer.Option(help="The question's number; by default the oldest one.")
    ] = None,
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Answer a question that was asked before deciding; the request stays open.

    Example: slm approvals answer 9 "Sundays do not count"
    """
    with database() as engine, transaction(engine) as session:
        request = find_numbered(session, number)
        answer_question(session, request, question, text, by, now())
        session.flush()
        session.refresh(request, ["questions"])
        told = _told(session, request)
    _print(told, f"{told['person']} gets the answer by letter", as_json)


def _print(told: dict[str, Any], line: str, as_json: bool) -> None:
    if as_json:
        print_json(told)
    else:
        out.print(line, markup=False, soft_wrap=True)


def _told(session: Session, request: ApprovalRequest) -> dict[str, Any]:
    absent = request.in_place_of
    return {
        "number": request.id,
        "agreement": session.get_one(Agreement, request.agreement_id).reference,
        "version": session.get_one(AgreementVersion, request.version_id).number,
        "about": about(session, request),
        "exclusion": request.exclusion_id,
        "proposal": request.proposal_id,
        "person": request.person.name,
        "in_place_of": absent.name if absent else None,
        "group": request.signatory.group,
        "assurance": request.assurance.value,
        "state": request.state.value,
        "answer": request.decision.answer.value if request.decision else None,
        "asked": request.asked_at.isoformat(),
        "due": request.due_at.isoformat(),
        "reminders": request.reminders,
        "questions": [
            {
                "number": row.id,
                "text": row.text,
                "answer": row.answer if row.answered_at else None,
                "answered_by": row.answered_by or None,
            }
            for row in request.questions
        ],
    }
