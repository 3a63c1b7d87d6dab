"""Different standards on different weekdays: a target that counts only tickets opened on some of them."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session

from config.errors import BadInputError
from states.agreement_document import parse_document
from states.drafts import differences
from states.figures import TargetFigures
from states.measures import measure_targets
from states.promises import promise_of
from tests.states.builders import (
    MONDAY,
    OFFICE,
    P2,
    add_ticket,
    contents,
    draft,
    in_renegotiation,
    rewrite,
    written,
)

WEEK = timedelta(weeks=1)
ON_MONDAYS = P2 | {"id": "P2-mon", "weekdays": ["mon"], "threshold": "12 h"}
ON_OTHERS = P2 | {"id": "P2-rest", "weekdays": ["fri", "tue", "wed", "thu"]}


def measured(session: Session, *targets: dict[str, object], zone: str = "UTC") -> list[TargetFigures]:
    agreement = written(
        session,
        targets=[*targets],
        calendars={"office": OFFICE | {"zone": zone}},
        requirements=[{"text": "fast", "settlement": "accepted"}],
    )
    return measure_targets(
        session, agreement, draft(agreement).targets, MONDAY, MONDAY + WEEK, MONDAY + 4 * WEEK, 0.95
    )


def test_each_weekday_is_judged_by_its_own_target(session: Session) -> None:
    for day, hours in enumerate((11, 1, 1, 1, 1)):
        add_ticket(session, MONDAY + timedelta(days=day), hours=hours)
    mondays, others = measured(session, ON_MONDAYS, ON_OTHERS)
    assert (mondays.known, mondays.hits) == (1, 1), "eleven hours are within the twelve of a Monday"
    assert (others.known, others.hits) == (4, 4)
    assert mondays.inputs_sha256 != others.inputs_sha256


def test_the_weekday_is_that_of_the_calendars_zone(session: Session) -> None:
    add_ticket(session, datetime(2026, 3, 2, 23, 30, tzinfo=UTC))  # Tuesday in Zurich, where it is 00:30
    mondays, others = measured(session, ON_MONDAYS, ON_OTHERS, zone="Europe/Zurich")
    assert (mondays.known, others.known) == (0, 1)


def test_the_promise_names_the_weekdays_in_their_order(session: Session) -> None:
    target = draft(written(session, targets=[ON_OTHERS], requirements=[])).targets[0]
    assert promise_of(target) == "90\u00a0% of priority 2 tickets opened Tue-Fri resolved within 8 h"


def test_other_weekdays_are_another_promise(session: Session) -> None:
    agreement = in_renegotiation(session)
    rewrite(session, at=agreement.stage_since, targets=[P2 | {"weekdays": ["mon"]}])
    assert differences(*agreement.versions) == [
        "P2: 90\u00a0% of priority 2 tickets opened Mon resolved within 8 h, instead of "
        "90\u00a0% of priority 2 tickets resolved within 8 h"
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"weekdays": ["monday"]}, r"targets.0.weekdays.0: "),
        ({"indicator": "cost", "bound": 1, "weekdays": ["mon"]}, "targets.0: a target of cost has no"),
    ],
)
def test_weekdays_that_cannot_be_are_refused(changes: dict[str, object], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        parse_document(str(contents(targets=[P2 | changes])), "sla.yaml")
