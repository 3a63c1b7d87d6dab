"""Real mail servers: encryption, sign-in, limits, and connections that break at any moment."""

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword
from aiosmtpd.smtp import Session as Connection
from sqlalchemy import Engine, update

from config.errors import BadInputError
from config.policy import policy
from config.settings import settings
from mail.sender import Sending, deliver
from models.database import transaction
from models.letters import LetterState, OutboxLetter
from tests.mail.certificates import make_certificate, server_context
from tests.mail.post_office import MONDAY, Cast, MailServer, outbox, write_reminders

LATER = MONDAY + timedelta(minutes=1)
Serve = Callable[..., MailServer]


@pytest.fixture
def set_to(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change settings, as their variables would."""

    def change(**values: object) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"SLM_{name.upper()}", str(value))
        settings.cache_clear()
        policy.cache_clear()

    return change


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return make_certificate(tmp_path)


@pytest.fixture
def serve(smtp_port: int) -> Iterator[Serve]:
    """Start mail servers on the port that the settings name."""
    running: list[Controller] = []

    def start(handler: MailServer | None = None, **options: Any) -> MailServer:
        handler = handler or MailServer(smtp_port)
        controller = Controller(
            handler, hostname="127.0.0.1", port=smtp_port, server_hostname="localhost", **options
        )
        controller.start()
        running.append(controller)
        return handler

    yield start
    for controller in running:
        controller.stop()


def only_with(user: bytes, password: bytes) -> Callable[..., AuthResult]:
    def check(server: SMTP, session: Connection, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (user, password)
        return AuthResult(success=right, handled=False)

    return check


def test_starttls_and_sign_in(
    engine: Engine, cast: Cast, serve: Serve, set_to: Callable[..., None], certificate: Path
) -> None:
    write_reminders(engine, cast, 3)
    context = server_context(certificate)
    server = serve(
        tls_context=context,
        require_starttls=True,
        auth_required=True,
        authenticator=only_with(b"slm", b"right"),
    )
    assert "530" in deliver(engine, MONDAY).problem, "the server wants encryption"
    set_to(smtp_security="starttls", smtp_ca_file=certificate, smtp_user="slm", smtp_password="wrong")
    refused = deliver(engine, LATER)
    assert refused.waiting == 3 and refused.problem.endswith("535 5.7.8 Authentication credentials invalid")
    assert "wrong" not in refused.problem
    set_to(smtp_password="right")
    assert deliver(engine, LATER).sent == 3 == len(server.received)


def test_encryption_from_the_first_byte(
    engine: Engine, cast: Cast, serve: Serve, set_to: Callable[..., None], certificate: Path
) -> None:
    write_reminders(engine, cast)
    serve(ssl_context=server_context(certificate))
    set_to(smtp_security="tls", smtp_ca_file=certificate)
    assert deliver(engine, MONDAY) == Sending(sent=1)


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_certificate_that_nobody_vouches_for_is_refused(
    engine: Engine,
    cast: Cast,
    serve: Serve,
    smtp_port: int,
    set_to: Callable[..., None],
    certificate: Path,
    security: str,
) -> None:
    write_reminders(engine, cast)
    context = server_context(certificate)
    server = serve(ssl_context=context) if security == "tls" else serve(tls_context=context)
    set_to(smtp_security=security)
    assert deliver(engine, MONDAY).problem == (
        f"mail server 127.0.0.1:{smtp_port}: its certificate does not verify: "
        "self-signed certificate (see SLM_SMTP_CA_FILE)"
    )
    assert server.received == [] and outbox(engine)[0].attempts == 0

    set_to(smtp_ca_file=certificate.parent / "none.pem")
    with pytest.raises(BadInputError, match=r"^SLM_SMTP_CA_FILE: .*none.pem: No such file or directory$"):
        deliver(engine, MONDAY)


def test_a_server_that_cannot_encrypt_gets_nothing(
    engine: Engine, cast: Cast, server: MailServer, set_to: Callable[..., None]
) -> None:
    write_reminders(engine, cast)
    set_to(smtp_security="starttls")
    assert "STARTTLS" in deliver(engine, MONDAY).problem
    assert server.received == [] and outbox(engine)[0].attempts == 0


def test_many_letters_go_over_one_connection(
    engine: Engine, cast: Cast, serve: Serve, smtp_port: int
) -> None:
    class Counting(MailServer):
        connections = 0

        async def handle_EHLO(
            self, server: SMTP, session: Connection, envelope: Envelope, hostname: str, responses: list[str]
        ) -> list[str]:
            self.connections += 1
            session.host_name = hostname
            return responses

    write_reminders(engine, cast, 45)
    server = Counting(smtp_port)
    serve(server)
    assert deliver(engine, MONDAY) == Sending(sent=45)
    assert server.connections == 1


class Dropping(MailServer):
    """Closes the connection after every second letter, and once in the midst of one, unanswered."""

    dropped = False

    async def handle_DATA(self, server: SMTP, session: Connection, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.received) == 3 and not self.dropped:
            self.dropped = True
            server.transport.abort()  # type: ignore[union-attr]
        elif len(self.received) % 2 == 0:
            asyncio.get_running_loop().call_later(0.02, server.transport.close)  # type: ignore[union-attr]
        return answer


def test_a_dropped_connection_is_opened_again(
    engine: Engine, cast: Cast, serve: Serve, smtp_port: int
) -> None:
    write_reminders(engine, cast, 6)
    server = Dropping(smtp_port)
    serve(server)
    at, sent = MONDAY, 0
    while (did := deliver(engine, at)).waiting:
        sent, at = sent + did.sent, at + timedelta(hours=1)
    assert sent + did.sent == 6

    marks: dict[str, list[str | None]] = {}
    for message in server.received:
        marks.setdefault(message["Message-ID"], []).append(message["X-SLM-Resent"])
    assert len(marks) == 6
    twice = [copies for copies in marks.values() if len(copies) > 1]
    assert twice, "one was not answered, and came again"
    assert all(mark == "1" for copies in twice for mark in copies[1:])


def test_a_server_that_falls_silent_is_not_waited_for(
    engine: Engine, cast: Cast, serve: Serve, smtp_port: int, set_to: Callable[..., None]
) -> None:
    class Slow(MailServer):
        async def handle_DATA(self, server: SMTP, session: Connection, envelope: Envelope) -> str:
            await asyncio.sleep(1.5)
            return await super().handle_DATA(server, session, envelope)

    write_reminders(engine, cast, 3)
    set_to(smtp_timeout_s=0.3)
    serve(Slow(smtp_port))
    sending = deliver(engine, MONDAY)
    assert (sending.sent, sending.deferred, sending.waiting) == (0, 1, 3)
    assert "Timed out" in sending.problem
    assert [letter.perhaps_sent for letter in outbox(engine)] == [True, False, False]


def test_a_port_that_answers_nothing_is_not_waited_for(
    engine: Engine, cast: Cast, smtp_port: int, set_to: Callable[..., None]
) -> None:
    write_reminders(engine, cast)
    set_to(smtp_timeout_s=0.3)
    with closing(socket.create_server(("127.0.0.1", smtp_port))):
        sending = deliver(engine, MONDAY)
    assert sending.waiting == 1 and "Timed out" in sending.problem
    assert outbox(engine)[0].attempts == 0


def test_what_the_server_says_is_kept(engine: Engine, cast: Cast, server: MailServer) -> None:
    write_reminders(engine, cast)
    server.answer = lambda verb, address: (
        "451 4.7.1 greylisted, come back" if verb == "RCPT" else "250 2.0.0 queued as 4F2"
    )
    deliver(engine, MONDAY)
    assert outbox(engine)[0].smtp_reply == "451 4.7.1 greylisted, come back"
    server.answer = lambda verb, address: "250 2.0.0 queued as 4F2"
    assert deliver(engine, LATER) == Sending(sent=1)
    letter = outbox(engine)[0]
    assert (letter.smtp_reply, letter.last_error, letter.state) == (
        "250 2.0.0 queued as 4F2",
        "",
        LetterState.SENT,
    )


def spread(engine: Engine, domains: dict[int, str]) -> None:
    """Let the letters of these numbers go to other domains."""
    with transaction(engine) as session:
        for number, domain in domains.items():
            session.execute(
                update(OutboxLetter)
                .where(OutboxLetter.deduplication_key == f"approval-reminder:{number}")  # type: ignore[arg-type]
                .values(to_address=f"reader@{domain}", domain=domain)
            )


def test_a_domain_is_not_flooded_and_holds_up_no_other(
    engine: Engine, cast: Cast, server: MailServer, set_to: Callable[..., None], tmp_path: Path
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[mail]\nletters_a_minute = 5\nat_once = 2\n")
    set_to(policy_file=file)
    write_reminders(engine, cast, 14)
    spread(engine, {12: "other.example", 13: "third.example"})

    assert deliver(engine, MONDAY) == Sending(sent=7, waiting=7)
    assert deliver(engine, MONDAY + timedelta(seconds=30)) == Sending(waiting=7)
    assert deliver(engine, LATER + timedelta(seconds=2)) == Sending(sent=5, waiting=2)


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_letters_that_a_domain_puts_off_count_towards_its_limit(
    engine: Engine,
    cast: Cast,
    server: MailServer,
    set_to: Callable[..., None],
    tmp_path: Path,
    step: str,
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("[mail]\nletters_a_minute = 5\nat_once = 2\n")
    set_to(policy_file=file)
    tried: list[str] = []

    def answer(verb: str, address: str) -> str:
        if verb != step or not address.endswith("@customer.example"):
            return "250 fine"
        tried.append(address)
        return "450 4.7.1 too many, slow down"

    server.answer = answer
    write_reminders(engine, cast, 60)
    spread(engine, {59: "other.example"})
    did = deliver(engine, MONDAY)
    assert (len(tried), did.deferred, did.sent, did.waiting) == (5, 5, 1, 59)
    deliver(engine, MONDAY + timedelta(seconds=30))
    assert len(tried) == 5
    deliver(engine, LATER + timedelta(seconds=2))
    assert len(tried) == 10


@pytest.mark.campaign
def test_senders_together_keep_a_domains_limit(
    engine: Engine, cast: Cast, smtp_port: int, serve: Serve, set_to: Callable[..., None], tmp_path: Path
) -> None:
    class Watching(MailServer):
        now = most = 0

        async def handle_DATA(self, server: SMTP, session: Connection, envelope: Envelope) -> str:
            self.now += 1
            self.most = max(self.most, self.now)
            await asyncio.sleep(0.02)
            self.now -= 1
            return await super().handle_DATA(server, session, envelope)

    file = tmp_path / "policy.toml"
    file.write_text("[mail]\nat_once = 2\n")
    set_to(policy_file=file)
    write_reminders(engine, cast, 24)
    server = Watching(smtp_port)
    serve(server)
    threads = [threading.Thread(target=deliver, args=(engine, MONDAY)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert server.most <= 2
    while deliver(engine, MONDAY).waiting:
        pass
    assert len(server.received) == 24 == len({message["Message-ID"] for message in server.received})
