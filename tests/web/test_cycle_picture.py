"""The cycle as a picture: every stage once, every arrow from the transition table, within the frame."""

import re
from collections.abc import Callable
from itertools import pairwise
from math import dist

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from models.agreements import Agreement, Stage
from models.database import transaction
from states.transition_table import TRANSITIONS
from tests.states.builders import in_renegotiation, written
from web.views.cycle import CYCLE, cycle_picture


@pytest.mark.parametrize("life", [written, in_renegotiation])
def test_the_ring_is_drawn_from_the_table(engine: Engine, life: Callable[[Session], Agreement]) -> None:
    with transaction(engine) as session:
        agreement = life(session)
        picture = cycle_picture(agreement)
        allowed = {(row.source, row.target) for row in TRANSITIONS if row.holds_for(agreement)}
    assert [node.stage for node in picture.nodes] == list(CYCLE)
    assert [node.stage for node in picture.nodes if node.present] == [agreement.stage]
    drawn = {(arrow.source, arrow.target) for arrow in picture.arrows}
    assert drawn == {(a, b) for a, b in allowed if a != b and Stage.ENDED not in (a, b)}
    assert {arrow.source for arrow in picture.arrows if arrow.open} == {agreement.stage}
    for arrow in picture.arrows:
        numbers = [float(number) for number in re.findall(r"-?\d+\.\d", arrow.path)]
        assert all(0 <= number <= picture.width for number in numbers)


def test_stages_do_not_touch(engine: Engine) -> None:
    with transaction(engine) as session:
        picture = cycle_picture(written(session))
    for here, there in pairwise([*picture.nodes, picture.nodes[0]]):
        assert dist((here.x, here.y), (there.x, there.y)) > 4 * picture.radius
    assert "No version is in force" in picture.words
