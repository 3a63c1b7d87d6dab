"""A PostgreSQL server for the tests: made, started and stopped without the system's service."""

import os
import pwd
import shutil
import socket
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg


class NotInstalledError(Exception):
    """PostgreSQL cannot be started on this machine; the message says why."""


def copy_database(server: str, source: str, name: str) -> None:
    """Make a database as a copy of another, file by file.

    To log every page of it instead, as PostgreSQL does from version 15 on, takes up to ten times as long.
    """
    with psycopg.connect(server, autocommit=True) as connection:
        by_file = " STRATEGY FILE_COPY" if connection.info.server_version >= 150_000 else ""
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {source}{by_file}".encode())


@contextmanager
def running_cluster() -> Iterator[str]:
    """Run a new cluster on 127.0.0.1 within the block and give the URL of its database `postgres`.

    PostgreSQL refuses to run as root, so as root everything is run by the account `postgres`.

    Raises:
        NotInstalledError: if there is no PostgreSQL, or as root no account `postgres`.
    """
    programs = _programs()
    account = _account()
    folder = Path(tempfile.mkdtemp(prefix="slmcycle-postgresql-", dir=_traversable_folder()))
    run: dict[str, Any] = {"cwd": folder, "check": True, "stdout": subprocess.DEVNULL}
    if account is not None:
        os.chown(folder, account.pw_uid, account.pw_gid)
        run |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    data, port = folder / "data", _free_port()
    # nothing here outlives the session, so nothing needs to survive a crash
    options = f"-h 127.0.0.1 -p {port} -F -c unix_socket_directories= -c full_page_writes=off"
    control: list[str | Path] = [programs / "pg_ctl", "--silent", "-D", data]
    initdb: list[str | Path] = [programs / "initdb", "--no-sync", "-A", "trust", "-U", "postgres"]
    try:
        subprocess.run([*initdb, "-E", "UTF8", "--locale=C", "-D", data], **run)
        subprocess.run([*control, "-w", "-o", options, "-l", folder / "log", "start"], **run)
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], **run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    installed = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda path: float(path.parts[-3]), reverse=True
    )
    found = installed[0] if installed else shutil.which("pg_ctl")
    if found is None:
        raise NotInstalledError("PostgreSQL is not installed")
    return Path(found).resolve().parent


def _account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        raise NotInstalledError("PostgreSQL does not run as root and has no account `postgres`") from None


def _traversable_folder() -> str:
    for folder in map(Path, (tempfile.gettempdir(), "/tmp", "/var/tmp")):
        if all(path.stat().st_mode & stat.S_IXOTH for path in (folder, *folder.parents)):
            return str(folder)
    raise NotInstalledError("no temporary folder is open to the account that runs PostgreSQL")


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port
