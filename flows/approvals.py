"""Requests for approval are reminded of, and run out."""

from prefect import State, flow

from flows.sweep import run_sweep


@flow(name="approvals")
def approval_sweep() -> State[None]:
    """Remind signatories who have not answered, escalate, and close requests that ran out."""
    return run_sweep("approvals")
