"""A sweep as a flow run: tried again while the database is away, reported where Prefect shows it."""

from typing import Any

from prefect import State, get_run_logger, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import TaskRun
from prefect.states import Completed, Failed

from config.clock import now
from config.errors import SlmError, UnreachableError
from models.database import open_engine, require_current
from states.due_rows import SweepReport
from states.sweeps import SWEEPS

RETRY_AFTER_S = (5, 10, 20)


def run_sweep(name: str) -> State[None]:
    """Run the sweep `name` of `states.sweeps` within a flow run, and return the state the run ends in.

    Rows that were set aside are told as warnings and in the table, and come again at the next run; the rest
    is done, so the run is completed. Only what stopped the whole sweep fails it, with the reason in one line.
    """
    try:
        report = sweep(name)
    except SlmError as error:
        return Failed(message=str(error))
    for problem in report.problems:
        get_run_logger().warning(problem)
    if report.done or report.problems:
        publish(report)
    return Completed(message=summary(report))


def _database_is_away(_task: object, _run: TaskRun, state: State[Any]) -> bool:
    return isinstance(state.result(raise_on_failure=False), UnreachableError)


@task(
    name="sweep",
    task_run_name="{name}",
    retries=len(RETRY_AFTER_S),
    retry_delay_seconds=list(RETRY_AFTER_S),
    retry_condition_fn=_database_is_away,
    cache_policy=NO_CACHE,
)
def sweep(name: str) -> SweepReport:
    """Do what is due now.

    Raises:
        SlmError: if the database cannot be reached, or has not the tables of this software.
    """
    engine = open_engine()
    try:
        require_current(engine)
        return SWEEPS[name](engine, now())
    finally:
        engine.dispose()


def publish(report: SweepReport) -> None:
    """Publish what a sweep did as a table artifact, a row a line."""
    rows = [("done", line) for line in report.done] + [("set aside", line) for line in report.problems]
    create_table_artifact(
        key=report.sweep,
        table=[{"outcome": outcome, "what": what} for outcome, what in rows],
        description=summary(report),
    )


def summary(report: SweepReport) -> str:
    """Return what a sweep did, in one line."""
    if not report.done and not report.problems:
        return "nothing was due"
    told = f"{len(report.done)} done"
    if report.problems:
        told += f", {len(report.problems)} set aside: {report.problems[0]}"
    return told
