"""One real server for the whole session: the binary with its embedded PostgreSQL."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

REPOSITORY = Path(__file__).resolve().parents[3]
PRODUCT = REPOSITORY / "products" / "etl"
OPENAPI = REPOSITORY / "openapi" / "plinth.json"
READY_SECS = 120.0


@dataclass(frozen=True)
class Account:
    """A user who owns an org."""

    email: str
    password: str
    token: str
    org: str


class Server:
    """A running `plinth dev`."""

    def __init__(self, url: str, home: Path, process: subprocess.Popen[bytes]) -> None:
        self.url = url
        self.home = home
        self.process = process

    @property
    def log(self) -> str:
        """All that the server has said so far."""
        return (self.home / "stdout.log").read_text(errors="replace")

    def token(self, kind: str) -> str:
        """The `operator` or `reconciler` token that the development server leaves in its home."""
        return (self.home / f"{kind}.token").read_text().strip()

    def request(self, method: str, path: str, *, token: str | None = None, json: Any = None) -> Any:
        """One plain request that must succeed; not through the SDK, so that the SDK is not tested by itself."""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        response = httpx.request(method, self.url + path, headers=headers, json=json, timeout=30)
        assert response.is_success, f"{method} {path}: {response.status_code} {response.text}"
        return response.json() if response.content else None

    def sign_up(self, name: str) -> Account:
        """A new user with a verified address and an org of the same name."""
        email, password = f"{name}@example.com", f"the password of {name}"
        session = self.request("POST", "/v1/signup", json={"email": email, "name": name, "password": password})
        token = session["token"]
        self.request("POST", "/v1/email-verifications/confirm", json={"token": self.mailed_token(email, "verify")})
        self.request("POST", "/v1/orgs", token=token, json={"slug": name, "name": name.title()})
        return Account(email=email, password=password, token=token, org=name)

    def mailed_token(self, recipient: str, link: str) -> str:
        """The token in the newest mail to somebody with a link to `verify`, `invite` or `reset`."""
        pattern = re.compile(rf"/{link}\?token=([\w.~-]+)")
        for mail in self.request("GET", "/v1/dev/outbox")["items"]:
            found = pattern.search(mail["body"])
            if mail["recipient"] == recipient and found:
                return found[1]
        raise LookupError(f"no mail to `{recipient}` with a link to `{link}`")

    def _ready(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"the server ended with {self.process.returncode}:\n{self.log}")
        try:
            return httpx.get(self.url + "/readyz", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def wait_until_ready(self) -> None:
        """Returns when `/readyz` says so."""
        deadline = time.monotonic() + READY_SECS
        while not self._ready():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the server was not ready after {READY_SECS:.0f} s:\n{self.log}")
            time.sleep(0.05)


def binary() -> str:
    """The binary under test, from `PLINTH_BIN`."""
    path = os.environ.get("PLINTH_BIN")
    if not path:
        raise RuntimeError("set PLINTH_BIN to the `plinth` binary to test")
    return path


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(port: int | None = None, home: Path | None = None) -> Iterator[Server]:
    """Starts a server, and stops it at the end; its home is removed unless it was given."""
    kept = home is not None
    home = home or Path(tempfile.mkdtemp(prefix="plinth-sdk-"))
    # As root PostgreSQL runs as another user, who must be able to enter the folder.
    home.chmod(0o755)
    port = port or free_port()
    command = [binary(), "dev", "--home", str(home), "--listen", f"127.0.0.1:{port}", "--product", str(PRODUCT)]
    with (home / "stdout.log").open("ab") as log:
        process = subprocess.Popen([*command, "--no-worker", "--no-sample"], stdout=log, stderr=subprocess.STDOUT)
    server = Server(f"http://127.0.0.1:{port}", home, process)
    try:
        server.wait_until_ready()
        yield server
    finally:
        stop(process)
        if not kept:
            shutil.rmtree(home, ignore_errors=True)


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the server as Ctrl-C does; kills it when it does not end."""
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
