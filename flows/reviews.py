"""Reviews begin when their period is over."""

from prefect import State, flow

from flows.sweep import run_sweep


@flow(name="reviews")
def review_sweep() -> State[None]:
    """Assess the periods that are over, begin the reviews that are due, renew what is all green."""
    return run_sweep("reviews")
