"""The end of a term: nobody tries, seals or signs what is over, and the sweep ends what reaches its end."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from config.errors import BadInputError
from models.agreements import Stage
from models.database import reading, transaction
from states import audit
from states.drafting import find_agreement
from states.lifecycle import blockers
from states.move import SWEEP, Trigger
from states.overview import account
from states.sweeps import sweep_reviews
from tests.states.builders import MANAGER, MONDAY, answer, letters, monitored, offer, offered, written

DAY = timedelta(days=1)
END = "2026-04-15T00:00:00Z"
LATER = datetime.fromisoformat(END)
OVER = "its end, valid_until, is over since Wed 15 Apr 2026"


def test_an_end_that_is_over_is_refused_when_it_is_written(session: Session) -> None:
    with pytest.raises(BadInputError, match=r"SLA-1: valid_until: .* is over already: write a later end"):
        written(session, LATER, valid_until=END)


def test_a_draft_whose_end_is_over_is_neither_tried_nor_sealed(session: Session) -> None:
    agreement = written(session, valid_until=END)
    for trigger in (Trigger.START_TRIAL, Trigger.SKIP_TRIAL):
        assert blockers(session, agreement, trigger, MANAGER, LATER - DAY, "known")[1] == []
        (found,) = blockers(session, agreement, trigger, MANAGER, LATER, "known")[1]
        assert found.startswith(OVER[:30])


def test_an_offer_whose_end_is_over_is_not_signed(session: Session) -> None:
    agreement = offered(session, LATER - DAY, valid_until=END)
    for signatory in list(offer(agreement).signatories):
        answer(session, signatory.person.name, LATER)
    assert agreement.stage == Stage.SIGNING
    assert len(blockers(session, agreement, Trigger.SIGN, MANAGER, LATER)[1]) == 1


@pytest.mark.parametrize(("notice_days", "days_before"), [(0, 30), (14, 44)])
def test_the_owner_is_told_once_in_time(engine: Engine, notice_days: int, days_before: int) -> None:
    """A month before it ends or, where notice is agreed, before notice must be given."""
    with transaction(engine) as session:
        monitored(session, MONDAY, valid_until="2026-06-01T00:00:00Z", notice_days=notice_days)
    told = datetime.fromisoformat("2026-06-01T00:00:00Z") - days_before * DAY
    line = "SLA-1: Service manager told of its end"
    assert line not in sweep_reviews(engine, told - timedelta(seconds=1)).done
    assert line in sweep_reviews(engine, told).done
    assert line not in sweep_reviews(engine, told + DAY).done
    with reading(engine) as session:
        (letter,) = letters(session, "term_ending")
        assert letter.to_name == "Service manager" and "Ends on 1 June 2026" in letter.subject
        assert ("Notice must be given by" in letter.text) is bool(notice_days)
        (version,) = account(session, find_agreement(session, "SLA-1"))["versions"]
        assert version["valid_until"] == "2026-06-01T00:00:00+00:00"
        assert version["notice_by"] == ("2026-05-18T00:00:00+00:00" if notice_days else None)


def test_the_sweep_ends_an_agreement_at_its_term(engine: Engine) -> None:
    with transaction(engine) as session:
        monitored(session, MONDAY, valid_until=END)
    sweep_reviews(engine, LATER - timedelta(seconds=1))
    with reading(engine) as session:
        assert find_agreement(session, "SLA-1").stage != Stage.ENDED
    assert "SLA-1: ended with its term" in sweep_reviews(engine, LATER).done
    assert sweep_reviews(engine, LATER + DAY).done == []
    with reading(engine) as session:
        agreement = find_agreement(session, "SLA-1")
        assert agreement.stage == Stage.ENDED
        moved = [row for row in audit.events_of(session, agreement) if row.kind == "move"][-1]
        assert moved.actor == SWEEP and "its term ended on" in moved.data
