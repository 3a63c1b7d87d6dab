"""Who visits the pages in the tests: people with a browser, and machines that read what is on a page."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

from fastapi import FastAPI
from httpx import Response
from sqlalchemy import Engine, select
from sqlmodel import SQLModel
from starlette.testclient import TestClient

from models.database import reading, transaction
from tests.states.builders import add_tickets, conclude, in_trial

KEY = "the-key-of-this-test"
FROM_OUR_PAGE = {"sec-fetch-site": "same-origin"}


def visitor(app: FastAPI, **headers: str) -> TestClient:
    """A browser that follows no redirect by itself and sends forms from our own pages."""
    return TestClient(app, follow_redirects=False, headers=FROM_OUR_PAGE | headers)


def sign_in(client: TestClient, person: str = "") -> Response:
    answer: Response = client.post("/sign-in", data={"key": KEY, "person": person})
    return answer


def everything(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table."""
    with reading(engine) as session:
        return {
            table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
            for table in SQLModel.metadata.sorted_tables
        }


@dataclass
class Form:
    """A form as it stands, with nothing typed and nothing chosen.

    Attributes:
        controls: what can be clicked: choices and buttons, each with its value.
    """

    method: str
    action: str
    fields: dict[str, str] = field(default_factory=dict)
    controls: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What a machine finds on a page: its title, links and forms."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.address = response.url.path
        self.title = ""
        self.links: list[str] = []
        self.forms: list[Form] = []
        self.checked: list[str] = []
        self.scripts = 0
        self._in_title = False
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        got = {name: value or "" for name, value in attrs}
        self._in_title = tag == "title" and not self.title
        if tag == "script":
            self.scripts += 1
        if tag == "a" and "href" in got:
            self.links.append(urlsplit(urljoin(self.address, got["href"])).path)
        if tag == "form":
            action = urljoin(self.address, got.get("action", ""))
            self.forms.append(Form(got.get("method", "get").upper(), action))
        if tag in ("input", "textarea", "button") and "name" in got and self.forms:
            if "checked" in got:
                self.checked.append(got["name"])
            if got.get("type") in ("radio", "checkbox") or tag == "button":
                self.forms[-1].controls.append((got["name"], got.get("value", "")))
            if got.get("type") != "radio" or "checked" in got:
                self.forms[-1].fields[got["name"]] = got.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
            self._in_title = False


def with_failed_trial(engine: Engine) -> None:
    """Write SLA-1 with a trial that is concluded and offers something else."""
    with transaction(engine) as session:
        agreement = in_trial(session)
        start = agreement.stage_since
        add_tickets(session, start, 40, hours=1)
        add_tickets(session, start, 20, hours=11)
        conclude(session, agreement)
