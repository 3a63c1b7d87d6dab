"""Surveys go out and are counted."""

from prefect import State, flow

from flows.sweep import run_sweep


@flow(name="surveys")
def survey_sweep() -> State[None]:
    """Send the surveys that are due and count the ones whose time is over."""
    return run_sweep("surveys")
