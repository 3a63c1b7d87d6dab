"""What a manager sees of what carries the targets, and of the steps that spent the budget."""

from sqlalchemy import Engine
from sqlmodel import select
from starlette.testclient import TestClient

from config.clock import simulated
from models.database import transaction
from models.reviews import ExperienceReport
from tests.states.builders import MONDAY, close_period, monitored, open_period, written
from tests.states.steps import BACK, DESK, ON_OLA, TEAMS, ola, ola_in_force, step, worked


def panel(client: TestClient) -> str:
    with simulated(MONDAY):
        page: str = client.get("/agreements/SLA-1").text
    return page.partition('id="support"')[2].partition("</section>")[0]


def test_an_agreement_that_is_not_broken_down_says_how(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        written(session)
    assert "<code>slm targets decompose SLA-1 P2 --adopt</code>" in panel(manager)


def test_steps_stand_with_who_carries_them_and_what_is_missing(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        ola(session)
        written(session, process_targets=[step(DESK, "2 h", "to be named"), ON_OLA[1]])
    seen = panel(manager)
    assert '<a href="/agreements/OLA-1">OLA-1/P2</a>' in seen and "to be named" in seen
    assert "Nothing carries the first line and its budget of 2 h." in seen
    assert "OLA-1 is not in force, and from when it will be is not agreed." in seen
    assert "adds up</span>" not in seen


def test_support_that_adds_up_says_so_and_keeps_its_notes(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        ola_in_force(session)
        written(session, process_targets=[step(DESK, "2 h", "Service desk", "93.8 %"), ON_OLA[1]])
    seen = panel(manager)
    assert "adds up</span>" in seen and "1 worth knowing" in seen


def test_a_gate_shows_the_arithmetic(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        written(session, process_targets=[step(DESK, "2 h", "Desk"), step(BACK, "7 h", "Operations")])
    with simulated(MONDAY):
        page = manager.get("/agreements/SLA-1").text
    ways = page.partition('id="ways"')[2].partition("</section>")[0]
    assert "target P2: The step budgets 2 h (first line) + 7 h (back office) add up to 9 h" in ways


def test_the_page_and_the_report_tell_which_step_spent_the_budget(
    engine: Engine, manager: TestClient
) -> None:
    with transaction(engine) as session:
        agreement = monitored(session, process_targets=TEAMS)
        worked(session, open_period(session, agreement).starts_at, (DESK, 1.0), (BACK, 10.0))
        close_period(session, agreement)
        number = session.exec(select(ExperienceReport.id)).one()
    said = "of 1 miss: back office 1 (4 h over)"
    assert said in manager.get("/agreements/SLA-1").text
    assert said in manager.get(f"/reports/{number}").text


def test_the_text_of_a_version_names_its_steps(engine: Engine, manager: TestClient) -> None:
    with transaction(engine) as session:
        written(session, process_targets=ON_OLA)
    text = manager.get("/agreements/SLA-1/draft").text
    assert "How the targets are carried" in text and "OLA-1, target P2" in text
