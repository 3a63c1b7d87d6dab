"""`slm up`: the whole product on this machine, with one command."""

import asyncio
import os
import secrets
import sys
from contextlib import ExitStack, suppress
from shutil import which
from socket import socket
from typing import Annotated

import typer
from rich.markup import escape
from sqlalchemy import Engine

from cli.interrupts import interrupted_by_signals
from cli.pages_server import PagesServer, log_to
from cli.ports import listen, require_free
from cli.prefect_processes import prefect_address, prefect_processes
from cli.preparing import holds_agreements, prepare_database
from cli.running import run_until_stopped
from cli.terminal import err, out
from config.errors import BadInputError
from config.settings import settings
from mail.lmtp import LmtpServer
from mail.mailbox import LocalMailbox
from states.mailed_answers import local_door, server_door
from web.app import create_app

_FIRST_STEPS = (
    "Open the sign-in address: the board shows every agreement and its stage.",
    "Open the mailbox: a letter asks for a signature. Follow its link, and sign.",
    "Open an agreement: its trial, its figures month by month, and what blocks each way on.",
    "In another terminal: {slm} agreements, or {slm} --help",
)
_FIRST_STEPS_WHEN_EMPTY = (
    "Open the sign-in address: the board is empty as yet.",
    "Write an agreement as a file and bring it in: {slm} apply --help",
    "Bring in a ticket log: {slm} import --help, or drive one through the cycle: {slm} replay --help",
)


def up(
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="Port of the pages, in place of SLM_PORT.")
    ] = None,
    empty: Annotated[bool, typer.Option("--empty", help="Make no sample in an empty database.")] = False,
    no_prefect: Annotated[
        bool,
        typer.Option("--no-prefect", help="Start no Prefect: the sweeps run elsewhere, or by slm tick."),
    ] = False,
) -> None:
    """Start the pages, the local mailbox, Prefect and the sweeps; Ctrl-C stops all of it.

    An empty database is filled with a sample year first. Everything is kept in the folder SLM_VAR (var).

    Example: slm up --port 8080
    """
    if port is not None:
        os.environ["SLM_PORT"] = str(port)
        settings.cache_clear()
    with suppress(KeyboardInterrupt), interrupted_by_signals(), ExitStack() as stack:
        _start(stack, with_sample=not empty, with_prefect=not no_prefect)
    out.print("stopped")


def _start(stack: ExitStack, *, with_sample: bool, with_prefect: bool) -> None:
    """Prepare everything, cheapest refusals first, and run it until told to stop."""
    bound = stack.enter_context(_ports(with_prefect))
    current = settings()
    logs = current.var.absolute() / "log"
    try:
        log_to(logs / "web.log")
    except OSError as error:
        raise BadInputError(f"SLM_VAR: {current.var} cannot be written to ({error.strerror})") from None
    engine = prepare_database(with_sample=with_sample)
    stack.callback(engine.dispose)
    if current.local_mailbox:
        stack.enter_context(_mailbox(engine))
    if current.lmtp_port:
        stack.enter_context(LmtpServer(current.lmtp_host, current.lmtp_port, server_door(engine)))
    key = secrets.token_urlsafe(18)
    children = prefect_processes(logs, lambda: out.print("Prefect is ready")) if with_prefect else []
    asyncio.run(
        run_until_stopped(
            PagesServer(create_app(engine, key)),
            bound,
            engine,
            children,
            started=lambda: _print_addresses(engine, key, with_prefect),
            tell=lambda line: err.print(line, markup=False, soft_wrap=True),
        )
    )


def _ports(with_prefect: bool) -> socket:
    """Return the socket of the pages, bound, when every port is free."""
    current = settings()
    if with_prefect:
        require_free("127.0.0.1", current.prefect_port, "Prefect", "choose another with SLM_PREFECT_PORT")
    if current.local_mailbox:
        _refuse_mail_elsewhere()
        require_free(
            current.smtp_host,
            current.smtp_port,
            "the local mailbox",
            "choose another with SLM_SMTP_PORT, or set SLM_LOCAL_MAILBOX=false",
        )
    if current.lmtp_port:
        require_free(
            current.lmtp_host, current.lmtp_port, "the LMTP server", "choose another with SLM_LMTP_PORT"
        )
    return listen(current.host, current.port, "the pages", "choose another with --port or SLM_PORT")


def _refuse_mail_elsewhere() -> None:
    host = settings().smtp_host
    if host not in ("127.0.0.1", "::1", "localhost"):
        raise BadInputError(
            f"letters go to SLM_SMTP_HOST {host}, which is not this machine: "
            "set SLM_LOCAL_MAILBOX=false to start without the local mailbox"
        )


def _mailbox(engine: Engine) -> LocalMailbox:
    current = settings()
    folder = current.var / "mailbox"
    return LocalMailbox(folder, current.smtp_host, current.smtp_port, local_door(engine))


def _slm() -> str:
    """What to type for this command: its name where the shell finds it, else its path."""
    return "slm" if which("slm") else sys.argv[0]


def _print_addresses(engine: Engine, key: str, with_prefect: bool) -> None:
    current = settings()
    rows = {"Sign in": f"{current.base_url}/sign-in?key={key}", "Pages": f"{current.base_url}/"}
    if current.local_mailbox:
        rows["Mailbox"] = f"{current.base_url}/mailbox"
    if current.lmtp_port:
        rows["LMTP"] = f"{current.lmtp_host}:{current.lmtp_port}"
    if with_prefect:
        rows["Prefect"] = f"{prefect_address()}  [dim]starting ...[/]"
    rows["Data, logs"] = escape(f"{current.var}, {current.var / 'log'}")
    out.print("\n[bold green]slmcycle is running.[/] Ctrl-C stops it.\n", soft_wrap=True)
    for name, address in rows.items():
        out.print(f"  [bold]{name:<11}[/]{address}", soft_wrap=True)
    out.print("\n  [bold]What to try first[/]")
    steps = _FIRST_STEPS if holds_agreements(engine) else _FIRST_STEPS_WHEN_EMPTY
    for number, step in enumerate(steps, 1):
        out.print(f"  {number}. {step.format(slm=escape(_slm()))}", soft_wrap=True)
    out.print()
