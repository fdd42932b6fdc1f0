"""Serving: what is said before the first page, what is refused, and one true server process."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from postal.cli import serving
from postal.cli.serving import DemoInProduction, PortBusy
from postal.services.demonstration.staff import PASSWORD
from postal.settings import Settings
from postal.store import Store
from tests import databases

ROOT = Path(__file__).resolve().parent.parent.parent
HERE = Settings(secret_key=databases.SECRET_KEY)


@pytest.fixture
def taken() -> Iterator[int]:
    """Return a port somebody listens at."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def test_a_busy_port_ends_with_the_next_command(taken: int) -> None:
    with pytest.raises(PortBusy, match=r"POSTAL_PORT=\d+ make run") as busy:
        serving.listening(replace(HERE, port=taken))
    assert int(str(busy.value).split("POSTAL_PORT=")[1].split()[0]) > taken


def test_a_free_port_is_taken_at_once() -> None:
    with serving.listening(replace(HERE, port=0)) as listener:
        assert listener.getsockname()[1] > 0


def test_made_up_accounts_switch_the_demo_on(living: Path, opened: Callable[[], Store]) -> None:
    assert serving.with_demo(HERE, opened()).demo


def test_without_made_up_accounts_there_is_no_demo(seeded: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    assert not serving.with_demo(HERE, store).demo
    assert list(serving.greeting(HERE, store)) == ["Đang chạy tại http://127.0.0.1:8000 (Ctrl-C để dừng)"]


def test_production_does_not_start_with_a_password_everybody_knows(living: Path, opened: Callable[[], Store]) -> None:
    with pytest.raises(DemoInProduction):
        serving.with_demo(replace(HERE, production=True), opened())


def test_the_greeting_has_the_logins_and_a_citizens_link_that_opens(living: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    said = list(serving.greeting(serving.with_demo(HERE, store), store))
    assert any(PASSWORD in line for line in said)
    assert {"quay1", "motcua1", "buuta1", "truongbc", "dieuphoi", "quantri"} <= {
        line.split()[0] for line in said if line.startswith("  ")
    }
    secret = said[-1].rpartition("/")[2]
    with store.read() as reader:
        assert reader.receipts.dossier_of(secret) is not None


def test_one_command_serves_pages_and_ends_quietly(demo_file: Path, tmp_path: Path) -> None:
    shutil.copyfile(demo_file, tmp_path / "postal.db")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "POSTAL_DATABASE_URL": f"sqlite:///{tmp_path / 'postal.db'}",
        "POSTAL_SECRET_KEY": databases.SECRET_KEY,
        "POSTAL_PORT": str(port),
        "PYTHONUNBUFFERED": "1",
    }
    command = [sys.executable, str(ROOT / "main.py"), "serve"]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout is not None
            said = [server.stdout.readline()]
            while "mã QR" not in said[-1]:
                said.append(server.stdout.readline())
                assert server.poll() is None
            here, link = f"http://127.0.0.1:{port}", said[-1].split()[-1]
            assert link.startswith(f"{here}/")
            with urllib.request.urlopen(f"{here}/livez", timeout=20) as answer:  # noqa: S310 - this machine
                assert answer.status == 200
            with urllib.request.urlopen(f"{here}{link.removeprefix(here)}", timeout=20) as answer:  # noqa: S310 - this machine
                assert "text/html" in answer.headers["Content-Type"]
        finally:
            server.send_signal(signal.SIGINT)
            _, errors = server.communicate(timeout=30)
    assert said[0].startswith(f"Đang chạy tại http://127.0.0.1:{port}")
    assert "Traceback" not in errors


def test_a_request_to_end_runs_everything_that_ends_in_order() -> None:
    before = signal.getsignal(signal.SIGTERM)
    serving.end_in_order()
    try:
        with pytest.raises(SystemExit) as ended:
            os.kill(os.getpid(), signal.SIGTERM)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert ended.value.code == 128 + signal.SIGTERM
