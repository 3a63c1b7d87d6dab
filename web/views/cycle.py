"""The cycle as a picture: six stages on a ring, arrows from the transition table; plain geometry."""

from dataclasses import dataclass
from math import cos, hypot, pi, sin

from models.agreements import Agreement, Stage
from states.drafts import version_in_force
from states.transition_table import TRANSITIONS

CYCLE = tuple(stage for stage in Stage if stage != Stage.ENDED)
WIDTH, HEIGHT = 416.0, 296.0
_RADIUS_X, _RADIUS_Y = 112.0, 108.0
_NODE = 15.0  # radius of a stage's disc
_GAP = 5.0  # between a disc and the tip of an arrow


@dataclass(frozen=True)
class Node:
    """A stage on the ring: its centre, and where its name stands."""

    stage: Stage
    number: int
    x: float
    y: float
    label_x: float
    label_y: float
    anchor: str
    present: bool


@dataclass(frozen=True)
class Arrow:
    """A way from one stage to another, as an SVG path; `open` ways lead on from the present stage."""

    source: Stage
    target: Stage
    path: str
    around: bool
    open: bool


@dataclass(frozen=True)
class CyclePicture:
    """An agreement's place in the cycle.

    Attributes:
        in_force: number of the version in force, None where there is none.
        words: the picture in a sentence or two.
    """

    nodes: list[Node]
    arrows: list[Arrow]
    in_force: int | None
    ended: bool
    words: str
    width: float = WIDTH
    height: float = HEIGHT
    radius: float = _NODE


def cycle_picture(agreement: Agreement) -> CyclePicture:
    """Return the ring with the agreement's stage and its ways on."""
    stage = Stage(agreement.stage)
    ways = dict.fromkeys(
        (row.source, row.target)
        for row in TRANSITIONS
        if row.holds_for(agreement) and row.source != row.target and row.target != Stage.ENDED
    )
    in_force = version_in_force(agreement)
    number = in_force.number if in_force else None
    targets = [target.title.lower() for source, target in ways if source == stage]
    words = f"The agreement is in the stage {stage.title.lower()}. " + (
        f"Version {number} is in force. " if number else "No version is in force. "
    )
    words += f"From here it can go to: {', '.join(targets)}." if targets else ""
    return CyclePicture(
        nodes=[_node(row, row == stage) for row in CYCLE],
        arrows=[_arrow(source, target, source == stage) for source, target in ways],
        in_force=number,
        ended=stage == Stage.ENDED,
        words=words,
    )


def _angle(stage: Stage) -> float:
    return 2 * pi * CYCLE.index(stage) / len(CYCLE) - pi / 2


def _centre(stage: Stage) -> tuple[float, float]:
    angle = _angle(stage)
    return WIDTH / 2 + _RADIUS_X * cos(angle), HEIGHT / 2 + _RADIUS_Y * sin(angle)


def _node(stage: Stage, present: bool) -> Node:
    x, y = _centre(stage)
    side = round(cos(_angle(stage)))  # -1 left, 0 top or bottom, 1 right
    beside = _NODE + 17 if y > HEIGHT / 2 else -_NODE - 8
    return Node(
        stage=stage,
        number=CYCLE.index(stage) + 1,
        x=round(x, 1),
        y=round(y, 1),
        label_x=round(x + side * 2, 1),
        label_y=round(y + beside, 1),
        anchor=("end", "middle", "start")[side + 1],
        present=present,
    )


def _arrow(source: Stage, target: Stage, leads_on: bool) -> Arrow:
    """Bend the ways around the ring outwards and all others towards the middle."""
    start, end = _centre(source), _centre(target)
    around = (CYCLE.index(target) - CYCLE.index(source)) % len(CYCLE) == 1
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    pull = 1.16 if around else 0.62
    control = (
        WIDTH / 2 + (middle[0] - WIDTH / 2) * pull,
        HEIGHT / 2 + (middle[1] - HEIGHT / 2) * pull,
    )
    first, last = _towards(start, control, _NODE + _GAP), _towards(end, control, _NODE + _GAP + 2)
    path = "M{:.1f} {:.1f} Q{:.1f} {:.1f} {:.1f} {:.1f}".format(*first, *control, *last)
    return Arrow(source, target, path, around, leads_on)


def _towards(start: tuple[float, float], end: tuple[float, float], length: float) -> tuple[float, float]:
    distance = hypot(end[0] - start[0], end[1] - start[1]) or 1.0
    share = length / distance
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
