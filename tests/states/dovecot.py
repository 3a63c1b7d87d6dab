"""A real IMAP server for the tests: Dovecot of the system's packages, as a process of its own on loopback."""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

USER, PASSWORD = "answers", "open sesame"
_MOST_WAIT_S = 20.0


class NotInstalledError(Exception):
    """Dovecot cannot be started on this machine; the message says why."""


@contextmanager
def running_dovecot(folder: Path) -> Iterator[int]:
    """Run Dovecot within the block, its mail in `folder`/Maildir, and give its IMAP port.

    As root its processes are the packages' accounts and the mail's owner `mail`; otherwise all are this user.

    Raises:
        NotInstalledError: if there is no Dovecot.
    """
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin")
    if program is None or not Path("/usr/lib/dovecot/imap").exists():
        raise NotInstalledError("Dovecot is not installed (Debian: dovecot-imapd)")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
    configuration = folder / "dovecot.conf"
    configuration.write_text(_configuration(folder, port))
    log = (folder / "dovecot.out").open("wb")
    process = subprocess.Popen([program, "-F", "-c", configuration], stdout=log, stderr=subprocess.STDOUT)
    try:
        _wait(port, process, folder)
        yield port
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _configuration(folder: Path, port: int) -> str:
    root = os.geteuid() == 0
    internal, login = ("dovecot", "dovenull") if root else (_myself(), _myself())
    owner = pwd.getpwnam("mail") if root else pwd.getpwuid(os.geteuid())
    maildir = folder / "Maildir"
    for part in ("", "new", "cur", "tmp"):
        (maildir / part).mkdir(parents=True, exist_ok=True)
        os.chown(maildir / part, owner.pw_uid, owner.pw_gid)
    for parent in (folder, folder / "Maildir"):
        parent.chmod(0o755)
    (folder / "passwd").write_text(f"{USER}:{{PLAIN}}{PASSWORD}:{owner.pw_uid}:{owner.pw_gid}::{folder}::\n")
    chroot = "" if root else "chroot = "
    return f"""
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
default_internal_user = {internal}
default_internal_group = {"dovecot" if root else grp.getgrgid(os.getegid()).gr_name}
default_login_user = {login}
first_valid_uid = 1
mail_location = maildir:{maildir}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  {chroot}
}}
passdb {{
  driver = passwd-file
  args = {folder}/passwd
}}
userdb {{
  driver = passwd-file
  args = {folder}/passwd
}}
"""


def _myself() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def _wait(port: int, process: subprocess.Popen[bytes], folder: Path) -> None:
    end = time.monotonic() + _MOST_WAIT_S
    while time.monotonic() < end and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as client:
                if client.recv(100).startswith(b"* OK"):
                    return
        except OSError:
            time.sleep(0.1)
    told = [
        file.read_text(errors="replace") for file in folder.glob("dovecot.[lo]*") if file.suffix != ".conf"
    ]
    raise NotInstalledError(f"Dovecot does not start: {' '.join(told)[-500:]}")
