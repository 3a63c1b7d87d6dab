"""`slm targets decompose` and `check`: targets divided among steps, and whether their support adds up."""

from typing import Annotated, Any

import typer
from rich.markup import escape

from cli.terminal import AsJson, By, database, out, print_json, table
from config.clock import now
from config.errors import BadInputError
from levels.in_words import share_in_words
from models.database import reading, transaction
from states.carriers import TO_BE_NAMED, carrier_of
from states.drafting import find_agreement
from states.drafts import draft_of, offered_version, version_in_force
from states.process_targets import Proposal, adopt, propose
from states.promises import promise_of
from states.step_times import WEEKS
from states.support_check import SupportGap, support_gaps
from templates.render import day, duration

Reference = Annotated[str, typer.Argument(help="The agreement's reference.")]


def decompose(
    reference: Reference,
    target: Annotated[str, typer.Argument(help="The target's id within the agreement.")],
    step: Annotated[
        list[str] | None,
        typer.Option(help="A line of the evidence, in the order of the work; by default all that are found."),
    ] = None,
    weeks: Annotated[int, typer.Option(help="How many weeks of tickets to look at.", min=1)] = WEEKS,
    write: Annotated[bool, typer.Option("--adopt", help="Write the steps into the draft.")] = False,
    carried_by: Annotated[
        list[str] | None,
        typer.Option(help="STEP=TEAM, or STEP=REFERENCE/TARGET of an OLA or underpinning contract."),
    ] = None,
    by: By = "command line",
    as_json: AsJson = False,
) -> None:
    """Divide a target's threshold among the steps of the work, as the time of past tickets allows.

    Example: slm targets decompose SLA-City-Hospital P2 --adopt --carried-by "back office=OLA-Operations/P2"
    """
    carriers = dict(_carrier(text) for text in carried_by or [])
    if carriers and not write:
        raise BadInputError("--carried-by names who carries what is written: give --adopt with it")
    with database() as engine:
        # the writer's turn is kept short: nobody waits while the evidence is looked at
        with reading(engine) as session:
            proposal = propose(session, find_agreement(session, reference), target, step, now(), weeks)
        told = _told(reference, proposal)
        if write:
            with transaction(engine) as session:
                rows = adopt(session, find_agreement(session, reference), proposal, carriers, by, now())
                for row, wrote in zip(told["steps"], rows, strict=True):
                    row["carried_by"] = carrier_of(wrote)
            told["adopted"] = True
    if as_json:
        print_json(told)
    else:
        _tell(told)


def check(reference: Reference, as_json: AsJson = False) -> None:
    """Compare what is promised with what carries it, for a year. Exit code 1 if a gap blocks the offer.

    The draft is looked at, else the version that is offered or in force.

    Example: slm targets check SLA-City-Hospital
    """
    with database() as engine, reading(engine) as session:
        agreement = find_agreement(session, reference)
        version = draft_of(agreement) or offered_version(agreement) or version_in_force(agreement)
        version = version or agreement.versions[-1]
        gaps = support_gaps(session, agreement, version, now())
        divided = sorted({row.target_key for row in version.process_targets})
        told: dict[str, Any] = {
            "reference": reference,
            "version": version.number,
            "divided": divided,
            "whole": [row.key for row in version.targets if row.key not in divided],
            "gaps": [_gap_told(gap) for gap in gaps],
        }
    if as_json:
        print_json(told)
    else:
        _tell_gaps(told)
    if any(gap["blocks"] for gap in told["gaps"]):
        raise typer.Exit(1)


def _carrier(text: str) -> tuple[str, str]:
    step, sign, carrier = (part.strip() for part in text.partition("="))
    if not (step and sign and carrier):
        raise BadInputError(f"{text!r}: write who carries a step like 'back office=OLA-1/P2'")
    return step, carrier


def _told(reference: str, proposal: Proposal) -> dict[str, Any]:
    allocation = proposal.allocation
    return {
        "reference": reference,
        "target": proposal.target.key,
        "promise": promise_of(proposal.target),
        "since": proposal.since.isoformat(),
        "until": proposal.until.isoformat(),
        "tickets": allocation.tickets,
        "steps": [
            {
                "step": name,
                "budget_s": each.budget_s,
                "objective": proposal.objective,
                "tickets": each.tickets,
                "share": each.share,
                "within": each.within,
                "quantile_s": each.quantile_s,
                "carried_by": "",
            }
            for name, each in zip(proposal.steps, allocation.steps, strict=True)
        ],
        "joint_share": allocation.joint_share,
        "sum_of_quantiles_s": allocation.sum_of_quantiles_s,
        "met": allocation.met,
        "sentence": allocation.sentence,
        "assumption": proposal.assumption,
        "adopted": False,
    }


def _tell(told: dict[str, Any]) -> None:
    out.print(f"[bold]{escape(told['reference'])}[/bold] {escape(told['target'])}: {escape(told['promise'])}")
    out.print(f"{told['tickets']} tickets opened {day(told['since'])} to {day(told['until'])}")
    right = ("budget", "promised", "tickets", "kept it", "own quantile")
    made = table("", "step", *right, "carried by", right=right)
    for row in told["steps"]:
        made.add_row(
            escape(row["step"]),
            duration(row["budget_s"]),
            share_in_words(row["objective"]),
            f"{row['tickets']} ({share_in_words(row['share'])})",
            share_in_words(row["within"]),
            duration(-(-row["quantile_s"] // 60) * 60),
            escape(row["carried_by"]),
        )
    out.print(made)
    out.print(told["sentence"], markup=False, soft_wrap=True)
    out.print(
        f"The steps' own quantiles would add up to {duration(told['sum_of_quantiles_s'])}; "
        f"{told['assumption']}.",
        markup=False,
        soft_wrap=True,
    )
    if any(row["carried_by"] == TO_BE_NAMED for row in told["steps"]):
        out.print("Name who carries each step before the version is offered.")


def _gap_told(gap: SupportGap) -> dict[str, Any]:
    return {
        "target": gap.target_key,
        "kind": gap.gap.kind.value,
        "step": gap.gap.step,
        "blocks": gap.blocks,
        "sentence": gap.gap.sentence,
    }


def _tell_gaps(told: dict[str, Any]) -> None:
    where = f"{told['reference']}, version {told['version']}"
    if not told["divided"]:
        out.print(f"{where}: no target is broken down into steps", markup=False)
        return
    for gap in sorted(told["gaps"], key=lambda gap: not gap["blocks"]):
        word = "gap" if gap["blocks"] else "note"
        out.print(f"{word}: {gap['target']}: {gap['sentence']}", markup=False, soft_wrap=True)
    if not any(gap["blocks"] for gap in told["gaps"]):
        out.print(f"{where}: what carries {', '.join(told['divided'])} adds up", markup=False)
    if told["whole"]:
        out.print(f"not broken down: {', '.join(told['whole'])}", markup=False)
