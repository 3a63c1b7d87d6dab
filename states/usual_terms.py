"""What policy has for a target or a calendar that says nothing itself; what cannot be is named."""

from pydantic import ValidationError

from config.errors import BadInputError
from config.policy import policy
from levels.working_hours import WorkingHours
from models.evidence import TicketState


def usual_hours() -> WorkingHours:
    """Return the policy's service hours.

    Raises:
        BadInputError: if policy states none that can be.
    """
    stated = policy().calendar
    try:
        return WorkingHours.model_validate({"zone": stated.zone, "weekly": stated.windows})
    except ValidationError as error:
        first = error.errors()[0]
        field = "windows" if first["loc"][:1] == ("weekly",) else "zone"
        message = first["msg"].removeprefix("Value error, ")
        raise BadInputError(f"policy: calendar.{field}: {message}") from None


def usual_pause_states() -> list[TicketState]:
    """Return the states that pause a stopwatch by policy.

    Raises:
        BadInputError: if policy names a state that there is not.
    """
    known = [state.value for state in TicketState]
    for state in policy().stopwatch.pause_states:
        if state not in known:
            raise BadInputError(
                f"policy: stopwatch.pause_states: there is no state '{state}'; there are: {', '.join(known)}"
            )
    return [TicketState(state) for state in policy().stopwatch.pause_states]
