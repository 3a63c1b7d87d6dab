"""Letters leave the outbox."""

from prefect import State, flow

from flows.sweep import run_sweep


@flow(name="mail")
def mail_sweep() -> State[None]:
    """Send the letters that wait in the outbox."""
    return run_sweep("mail")
