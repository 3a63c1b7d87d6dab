"""A time-stamping authority on loopback: a real one, of OpenSSL, behind a small web server."""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

_CONFIG = """
[tsa]
default_tsa = authority
[authority]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/root.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.1
digests = sha256
ess_cert_id_alg = sha256
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:true
[stamps]
extendedKeyUsage = critical, timeStamping
"""


class NotInstalledError(Exception):
    """A time-stamping authority cannot be run on this machine; the message says why."""


class Authority:
    """Where it answers, and its files.

    Attributes:
        root: the certificate that vouches for the authority's own.
    """

    def __init__(self, folder: Path, port: int) -> None:
        self.url, self.root, self.folder = f"http://127.0.0.1:{port}/stamp", folder / "root.pem", folder
        self.certificate = folder / "tsa.pem"


@contextmanager
def running_authority(folder: Path, port: int = 0) -> Iterator[Authority]:
    """Run an authority in a folder of its own.

    Raises:
        NotInstalledError: if there is no `openssl`.
    """
    if shutil.which("openssl") is None:
        raise NotInstalledError("openssl is not installed")
    if not (folder / "tsa.pem").exists():
        _make_certificates(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["content-length"]))
            (folder / "question").write_bytes(question)
            _openssl(
                "ts", "-reply", "-queryfile", "question", "-config", "ts.cnf", "-out", "reply", cwd=folder
            )
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((folder / "reply").read_bytes())

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with serving(Handler, port) as used:
        yield Authority(folder, used)


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], port: int = 0) -> Iterator[int]:
    """Run a web server on loopback, and give its port."""
    with HTTPServer(("127.0.0.1", port), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join()


def _make_certificates(folder: Path) -> None:
    (folder / "ts.cnf").write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    new = ("req", "-config", "ts.cnf", "-newkey", "rsa:2048", "-nodes", "-days", "30")
    root = (
        "-x509",
        "-extensions",
        "root",
        "-subj",
        "/CN=Root of time",
        "-keyout",
        "root.key",
        "-out",
        "root.pem",
    )
    _openssl(*new, *root, cwd=folder)
    _openssl(*new, "-subj", "/CN=Time authority", "-keyout", "tsa.key", "-out", "tsa.csr", cwd=folder)
    sign = ("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial")
    extensions = ("-extfile", "ts.cnf", "-extensions", "stamps", "-days", "30", "-out", "tsa.pem")
    _openssl(*sign, *extensions, cwd=folder)


def _openssl(*arguments: str, cwd: Path) -> None:
    subprocess.run(["openssl", *arguments], cwd=cwd, check=True, capture_output=True)
