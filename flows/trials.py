"""Trial runs come to their end."""

from prefect import State, flow

from flows.sweep import run_sweep


@flow(name="trials")
def trial_sweep() -> State[None]:
    """Conclude every trial run whose wait for open tickets is over."""
    return run_sweep("trials")
