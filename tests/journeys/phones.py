"""A postman's phone with a profile of its own that can be killed, and the weak line between it and the server."""

import contextlib
import json
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Error, Page, expect

from tests.conftest import _CHROMIUM_OPTIONS, _chromium
from tests.journeys.conftest import PASSWORD, PHONE, House

BATCH = b"POST /api/v1/events:batch"
SECONDS = 15_000


class Line:
    """Passes bytes between a phone and the server, until it is cut; it can also lose answers."""

    def __init__(self, url: str) -> None:
        host, _, port = url.removeprefix("http://").partition(":")
        self._server = (host, int(port))
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._is_cut = False
        self._lost = b""
        self.answer_lost = threading.Event()
        self.asked: list[bytearray] = []
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self) -> None:
        """Cut every connection, and each new one."""
        self._is_cut = True
        for each in list(self._open):
            _end(each)

    def mend(self) -> None:
        """Let bytes pass again."""
        self._is_cut, self._lost = False, b""

    def loses_answers_to(self, request: bytes) -> None:
        """Bring every request to the server, and no answer to one of this kind back."""
        self._lost = request

    def close(self) -> None:
        """End for good."""
        self.cut()
        self._listening.close()

    def lines(self) -> list[dict[str, Any]]:
        """Return every line of every batch that a phone sent, as often as it was sent."""
        return [line for body in self.batches() for line in body["events"]]

    def batches(self) -> list[dict[str, Any]]:
        """Return every batch as it went over the line."""
        found = []
        for sent in self.asked:
            for match in re.finditer(re.escape(BATCH), bytes(sent)):
                head, _, body = bytes(sent[match.start() :]).partition(b"\r\n\r\n")
                length = re.search(rb"content-length: (\d+)", head, re.IGNORECASE)
                assert length is not None
                found.append(json.loads(body[: int(length[1])]))
        return found

    def _accept(self) -> None:
        while True:
            try:
                phone, _ = self._listening.accept()
            except OSError:  # closed
                return
            if self._is_cut:
                _end(phone)
                continue
            server = socket.create_connection(self._server)
            self._open |= {phone, server}
            asked = bytearray()
            self.asked.append(asked)
            threading.Thread(target=self._pass_on, args=(phone, server, asked, False), daemon=True).start()
            threading.Thread(target=self._pass_on, args=(server, phone, asked, True), daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket, asked: bytearray, is_answer: bool) -> None:
        with contextlib.suppress(OSError):
            while part := source.recv(65536):
                if not is_answer:
                    asked += part
                elif self._lost and self._lost in asked:
                    self.answer_lost.set()
                    continue
                target.sendall(part)
        for each in (source, target):
            _end(each)
            self._open.discard(each)


def _end(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()


@dataclass
class Phone:
    """A browser whose profile outlives it. Its pages show the time of the house."""

    house: House
    line: Line
    profile: Path
    context: BrowserContext | None = None
    broken: list[str] = field(default_factory=list)

    @property
    def page(self) -> Page:
        """Return its only page."""
        assert self.context is not None
        return self.context.pages[0]

    def start(self) -> Page:
        """Start the browser, again after it was killed."""
        self.context = self.house.browser.browser_type.launch_persistent_context(
            str(self.profile),
            executable_path=_chromium(),
            args=list(_CHROMIUM_OPTIONS),
            viewport=PHONE,
            locale="vi-VN",
            timezone_id="Asia/Ho_Chi_Minh",
        )
        self.context.set_default_timeout(SECONDS)
        self.context.clock.set_fixed_time(self.house.clock.at)
        self.page.on("pageerror", lambda error: self.broken.append(str(error)))
        return self.page

    def go(self, path: str, *, account: str = "buuta1") -> Page:
        """Open a page, signing in where it is asked for."""
        self.page.goto(f"{self.line.url}{path}")
        if "/sign-in" in self.page.url:
            self.sign_in(account)
            if not self.page.url.endswith(path):
                self.page.goto(f"{self.line.url}{path}")
        return self.page

    def sign_in(self, account: str = "buuta1") -> None:
        """Type name and password into the sign-in page that is open."""
        self.page.get_by_label("Tên đăng nhập").fill(account)
        self.page.get_by_label("Mật khẩu").fill(PASSWORD)
        self.page.get_by_role("button", name="Đăng nhập").click()
        self.page.wait_for_load_state()

    def take_the_day_along(self) -> None:
        """Download the list of today."""
        self.go("/today")
        self.page.get_by_role("button", name="Tải danh sách hôm nay").click()
        expect(self.page.get_by_text(re.compile(r"✓ Đã tải \d+ điểm"))).to_be_visible()
        self.page.wait_for_function("navigator.serviceWorker.controller !== null")

    def lose_signal(self) -> None:
        """Go where there is no network."""
        assert self.context is not None
        self.line.cut()
        self.context.set_offline(True)

    def find_signal(self) -> None:
        """Come back to where there is one."""
        assert self.context is not None
        self.line.mend()
        self.context.set_offline(False)

    def kill(self) -> None:
        """Kill every process of the browser, as a phone does that runs out of power."""
        for process in _processes_of(self.profile):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        deadline = time.monotonic() + 10
        while list(_processes_of(self.profile)):
            assert time.monotonic() < deadline, "the browser lives on"
            time.sleep(0.02)
        self.close()
        for lock in self.profile.glob("Singleton*"):
            lock.unlink(missing_ok=True)

    def close(self) -> None:
        """Close it as people do."""
        if self.context is not None:
            with contextlib.suppress(Error):
                self.context.close()
        self.context = None


def _processes_of(profile: Path) -> Iterator[int]:
    mark = f"--user-data-dir={profile}".encode()
    for found in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if mark in found.read_bytes().split(b"\0") and "Z" not in _state(found.parent):
                yield int(found.parent.name)


def _state(process: Path) -> str:
    return (process / "stat").read_text().rpartition(")")[2].split()[0]


def stamped(at: datetime) -> str:
    """Return a time as a device writes it."""
    return at.isoformat()


@contextlib.contextmanager
def phone_of(house: House, profile: Path) -> Iterator[Phone]:
    """Give a phone for as long as the block lasts."""
    line = Line(house.url)
    phone = Phone(house=house, line=line, profile=profile)
    try:
        phone.start()
        yield phone
    finally:
        phone.close()
        line.close()
    if phone.broken:
        pytest.fail(f"a script on the page broke: {phone.broken}")
