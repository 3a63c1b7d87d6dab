"""The words of a version: its statuses, what a target measures and how, who states, settles and signs."""

from enum import StrEnum


class VersionStatus(StrEnum):
    """Where a version's text stands; everything but a draft is sealed, save a draft abandoned unsealed."""

    DRAFT = "draft"
    OFFERED = "offered"
    IN_FORCE = "in force"
    SUPERSEDED = "superseded"
    ABANDONED = "abandoned"


class Indicator(StrEnum):
    """What a target measures."""

    RESPONSE = "response"
    NEXT_UPDATE = "next update"
    RESOLUTION = "resolution"
    STEP = "step"
    BETWEEN_STATES = "between states"
    AVAILABILITY = "availability"
    RATIO = "ratio"
    VALUE = "value"
    SATISFACTION = "satisfaction"
    COST = "cost"


class Reopening(StrEnum):
    """What a stopwatch does when its ticket is reopened: run on, or start anew."""

    CONTINUE = "continue"
    RESET = "reset"


class PriorityChange(StrEnum):
    """Which target judges a ticket whose priority changed: the one at opening, or the one at the end.

    Under `remaining` the time consumed before the change counts against the budget of the new priority.
    """

    OPENING = "opening"
    REMAINING = "remaining"


class BoundSide(StrEnum):
    """On which side of its bound a measured value keeps the promise."""

    AT_MOST = "at most"
    AT_LEAST = "at least"


class Origin(StrEnum):
    """Who stated a requirement."""

    CUSTOMER = "customer"
    PROVIDER = "provider"
    SENIOR = "senior management"


class Settlement(StrEnum):
    """How a stated requirement was settled."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REDUCED = "reduced"
    DROPPED = "dropped"


class Side(StrEnum):
    """The two sides of an agreement."""

    PROVIDER = "provider"
    CUSTOMER = "customer"


class Assurance(StrEnum):
    """How surely a decision is a person's own: what must be typed on the page, and more."""

    L1 = "L1"
    L2 = "L2"
    L3 = "L3"

    @property
    def in_words(self) -> str:
        """What is asked for: "typed full name"."""
        return {
            "L1": "typed initials",
            "L2": "typed full name",
            "L3": "typed full name and a mailed one-time code",
        }[self.value]
