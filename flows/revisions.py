"""Target revisions and other actions are asked after."""

from prefect import State, flow

from flows.sweep import run_sweep


@flow(name="revisions")
def revision_sweep() -> State[None]:
    """Tell the owners of actions and target-revision tasks that are past due."""
    return run_sweep("revisions")
