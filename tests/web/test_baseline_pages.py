"""The baseline on an agreement's page and on a page of its own."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from starlette.testclient import TestClient

from models.database import transaction
from states.baselines import latest_baseline, make
from states.drafting import find_agreement
from templates.render import environment
from tests.states.builders import MANAGER, add_tickets, written

BEGIN = datetime(2026, 1, 5, 8, tzinfo=UTC)
UNTIL = BEGIN + timedelta(weeks=8)


@pytest.fixture
def looked_at(engine: Engine) -> None:
    with transaction(engine) as session:
        agreement = written(session, UNTIL, requirements=[{"text": "<b>Quick</b> & good"}])
        add_tickets(session, BEGIN, 300, hours=2)
        add_tickets(session, BEGIN, 40, hours=11, priority="1<script>")
        make(session, agreement, MANAGER, UNTIL, weeks=8)


def test_before_the_first_one_the_page_says_how_to_make_it(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        written(session)
    for page in ("/agreements/SLA-1", "/agreements/SLA-1/baseline"):
        assert "<code>slm baseline SLA-1</code>" in manager.get(page).text


@pytest.mark.usefixtures("looked_at")
def test_the_agreement_shows_what_matters_and_leads_on(manager: TestClient) -> None:
    shown = manager.get("/agreements/SLA-1").text
    assert "The evidence is" in shown and "were opened outside service hours" in shown
    assert 'href="/agreements/SLA-1/baseline"' in shown


@pytest.mark.usefixtures("looked_at")
def test_every_figure_is_on_its_page(manager: TestClient) -> None:
    shown = manager.get("/agreements/SLA-1/baseline")
    assert shown.status_code == 200
    for words in ("Demand by weekday and hour", "Who settles it", "What follows from it", "SHA-256"):
        assert words in shown.text
    assert "<script" not in shown.text and "1&lt;script&gt;" in shown.text
    assert "“&lt;b&gt;Quick&lt;/b&gt; &amp; good”" in shown.text


@pytest.mark.usefixtures("looked_at")
def test_every_picture_has_a_title_or_is_left_out_for_those_who_cannot_see(manager: TestClient) -> None:
    shown = manager.get("/agreements/SLA-1/baseline").text
    pictures = re.findall(r"<svg.*?</svg>", shown, re.DOTALL)
    assert len(pictures) > 5
    for picture in pictures:
        assert 'aria-hidden="true"' in picture or ('role="img"' in picture and "<title>" in picture)
    table = re.search(r"<summary>The same as a table</summary>.*?</table>", shown, re.DOTALL)
    assert table is not None and table.group().count("<td") == 7 * 24


def test_it_is_for_those_who_are_signed_in(stranger: TestClient) -> None:
    answer = stranger.get("/agreements/SLA-1/baseline")
    assert answer.status_code == 303 and "/sign-in" in answer.headers["location"]


def test_nobody_is_shown_the_baseline_of_no_agreement(manager: TestClient) -> None:
    assert manager.get("/agreements/SLA-9/baseline").status_code == 404


def test_on_paper_the_picture_stands_alone(engine: Engine, looked_at: None) -> None:
    with transaction(engine) as session:
        found = latest_baseline(session, find_agreement(session, "SLA-1"))
        assert found is not None
        source = '{% import "documents/baseline.html.j2" as b %}{{ b.whole(figures, 3, paper=true) }}'
        printed = environment().from_string(source).render(figures=found.figures)
    assert "<h3>" in printed and "<h4>" in printed and "<h2>" not in printed
    assert "<details>" not in printed and 'class="heat"' in printed
