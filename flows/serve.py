"""What is deployed and when: `python -m flows.serve` runs sweeps on their schedules until it is stopped."""

import asyncio
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer
from prefect import Flow, get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.runner import Runner
from prefect.schedules import Interval
from prefect.types.entrypoint import EntrypointType

from config.errors import BadInputError
from config.prefect_bootstrap import move_home
from config.settings import settings
from flows.approvals import approval_sweep
from flows.inbox import inbox_sweep
from flows.mail import mail_sweep
from flows.reviews import review_sweep
from flows.revisions import revision_sweep
from flows.surveys import survey_sweep
from flows.trials import trial_sweep

# offsets count from here; any instant in the past would do
ANCHOR = datetime(2026, 1, 1, tzinfo=UTC)
# a run is a process of some 95 MB: two leave a small machine room for the pages
MOST_AT_ONCE = 2


@dataclass(frozen=True)
class ScheduledSweep:
    """A flow and when it runs.

    Attributes:
        every: from one run to the next.
        offset: of the runs from the full hour, so that no two sweeps start together.
        reason: for the interval.
        wanted: whether this installation has a use for it.
    """

    flow: Flow[[], Any]
    every: timedelta
    offset: timedelta
    reason: str
    wanted: Callable[[], bool] = lambda: True


SCHEDULES = (
    ScheduledSweep(
        mail_sweep, timedelta(minutes=1), timedelta(), "a letter that was put off leaves as soon as it may"
    ),
    ScheduledSweep(
        inbox_sweep,
        timedelta(minutes=1),
        timedelta(seconds=20),
        "whoever answers by mail soon gets the link to confirm it",
        wanted=lambda: bool(settings().imap_host),
    ),
    ScheduledSweep(
        trial_sweep,
        timedelta(minutes=10),
        timedelta(minutes=1, seconds=40),
        "a trial ends at an hour of the day; its verdict is there while people still work",
    ),
    ScheduledSweep(
        approval_sweep,
        timedelta(minutes=10),
        timedelta(minutes=3, seconds=40),
        "requests run out at an instant, and nothing may be signed long after it",
    ),
    ScheduledSweep(
        survey_sweep,
        timedelta(minutes=10),
        timedelta(minutes=5, seconds=40),
        "a survey follows what it asks about while it is remembered",
    ),
    ScheduledSweep(
        review_sweep,
        timedelta(minutes=10),
        timedelta(minutes=7, seconds=40),
        "periods end at midnight in many time zones, so there is no one right hour",
    ),
    ScheduledSweep(
        revision_sweep,
        timedelta(minutes=10),
        timedelta(minutes=9, seconds=40),
        "an owner learns on the day that a task is past due",
    ),
)

SWEEP_NAMES = tuple(scheduled.flow.name for scheduled in SCHEDULES)


def deployments(every: timedelta | None = None, names: Sequence[str] = ()) -> list[RunnerDeployment]:
    """Return the deployments of the sweeps `names`, of every sweep that is wanted here where none is named.

    Runs of one sweep never overlap: one that finds another under way is cancelled. So the late runs of a
    machine that was off collapse into one, which loses nothing, because a sweep acts on what is due now.

    Args:
        every: from one run to the next, instead of as scheduled.
        names: of sweeps, as in `SCHEDULES`.

    Raises:
        BadInputError: if there is no sweep of such a name.
    """
    for name in names:
        if name not in SWEEP_NAMES:
            raise BadInputError(f"there is no sweep {name!r}, only {', '.join(SWEEP_NAMES)}")
    return [
        _deployment(scheduled, every or scheduled.every)
        for scheduled in SCHEDULES
        if (scheduled.flow.name in names if names else scheduled.wanted())
    ]


def _deployment(scheduled: ScheduledSweep, every: timedelta) -> RunnerDeployment:
    sweep = scheduled.flow
    # the type checker sees the coroutine that this is only within an event loop
    return sweep.to_deployment(  # type: ignore[return-value]
        name=sweep.name,
        description=f"{sweep.description}\n\nEvery {every}: {scheduled.reason}.",
        schedule=Interval(every, anchor_date=ANCHOR + scheduled.offset),
        concurrency_limit=ConcurrencyLimitConfig(
            limit=1, collision_strategy=ConcurrencyLimitStrategy.CANCEL_NEW
        ),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )


async def run_until_stopped(served: list[RunnerDeployment]) -> None:
    """Deploy, and run what is due until SIGTERM or SIGINT; runs under way are then cancelled, in good order.

    A run that is merely killed would be shown as running for ever and keep its sweep's place for minutes.
    """
    runner = Runner(
        name="sweeps",
        limit=MOST_AT_ONCE,
        pause_on_shutdown=False,  # the schedules go on when the next runner comes
    )
    for deployment in served:
        await runner.aadd_deployment(deployment)
    running = asyncio.create_task(runner.start())
    await asyncio.sleep(0)  # the runner sets a handler for SIGTERM that leaves its runs behind
    told_to_stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, told_to_stop.set)
    stopping = asyncio.create_task(told_to_stop.wait())
    await asyncio.wait({running, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if runner.started:
        await runner.astop()
    await running


def main(
    sweeps: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="SWEEP",
            show_default=False,
            help=f"Serve these only: {', '.join(SWEEP_NAMES)}. Without a name, all of them.",
        ),
    ] = None,
    every: Annotated[
        float | None,
        typer.Option(min=1, metavar="SECONDS", help="Run each sweep so often, instead of as scheduled."),
    ] = None,
) -> None:
    """Deploy sweeps to the Prefect server and run what is due, until stopped. Machines may share the sweeps.

    Example: PREFECT_API_URL=http://127.0.0.1:4200/api python -m flows.serve mail reviews --every 60
    """
    move_home()
    try:
        served = deployments(timedelta(seconds=every) if every else None, sweeps or ())
    except BadInputError as unknown:
        print(unknown, file=sys.stderr)
        raise SystemExit(2) from None
    with get_client(sync_client=True) as client:
        if error := client.api_healthcheck():
            print(f"Prefect server {client.api_url}: {error}", file=sys.stderr)
            raise SystemExit(1)
    asyncio.run(run_until_stopped(served))


if __name__ == "__main__":
    typer.run(main)
