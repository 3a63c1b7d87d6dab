"""Answers come in by mail."""

from prefect import State, flow

from flows.sweep import run_sweep


@flow(name="inbox")
def inbox_sweep() -> State[None]:
    """Fetch the answers that wait in the mailbox for them."""
    return run_sweep("inbox")
