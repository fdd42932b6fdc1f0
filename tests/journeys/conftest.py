"""A running server over a seeded store, and people who each sit at a browser of their own."""

import functools
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, ViewportSize

from postal.domain.people import Account, Role
from postal.services import accounts, catalogue
from postal.settings import Settings
from postal.store import Store
from tests import cast, databases, wiring

PASSWORD = "mật khẩu chạy thử"
PEOPLE: dict[str, tuple[str, str, set[Role], tuple[str, ...]]] = {
    "lan": ("Trần Thị Lan", cast.OFFICE, {Role.COUNTER_CLERK}, (cast.counter.key,)),
    "tai": ("Võ Đức Tài", cast.OFFICE, {Role.TRANSPORT}, (cast.transport.key,)),
    "hung": ("Phan Văn Hùng", cast.OFFICE, {Role.SORTING, Role.CONTROLLER}, (cast.sorting.key,)),
    "sen": (
        "Bùi Thị Sen",
        cast.SMALL_OFFICE,
        {Role.COUNTER_CLERK, Role.SORTING, Role.TRANSPORT},
        (cast.small_counter.key, cast.small_sorting.key, cast.small_transport.key),
    ),
    "xuan": ("Lý Thanh Xuân", cast.COMMUNE_DESK, {Role.DESK_OFFICER}, (cast.commune_desk.key,)),
    "buuta1": ("Hồ Hoài Nam", cast.OFFICE, {Role.POSTMAN}, ()),
}
SCREENSHOTS = Path(os.environ.get("POSTAL_SCREENSHOTS", "screenshots"))
PHONE = ViewportSize(width=360, height=740)
DESKTOP = ViewportSize(width=1280, height=800)


@dataclass
class Clock:
    """A clock that stands until it is moved."""

    at: datetime = cast.monday

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: int) -> None:
        """Move the clock forward, by `minutes=`, `hours=` or `days=`."""
        self.at += timedelta(**by)


@dataclass
class House:
    """The running product of one test."""

    url: str
    store: Store
    clock: Clock
    browser: Browser
    pages: dict[Page, str] = field(default_factory=dict)

    def person(self, username: str, *, script: bool = True) -> Page:
        """Return a browser in which somebody has signed in; a postman holds a phone."""
        page = self.visitor(is_phone=username.startswith("buuta"), script=script)
        self.pages[page] = username
        self.go(page, "/staff")
        return page

    def go(self, page: Page, path: str) -> None:
        """Open a page; whoever sat idle for too long signs in again and comes to where he was heading."""
        page.goto(f"{self.url}{path}")
        if "/sign-in" not in page.url:
            return
        page.get_by_label("Tên đăng nhập").fill(self.pages[page])
        page.get_by_label("Mật khẩu").fill(PASSWORD)
        page.get_by_role("button", name="Đăng nhập").click()
        page.wait_for_load_state()
        if page.url != f"{self.url}{path}":
            page.goto(f"{self.url}{path}")

    def visitor(self, *, is_phone: bool = True, script: bool = True) -> Page:
        """Return a browser in which nobody has signed in."""
        context = self.browser.new_context(
            viewport=PHONE if is_phone else DESKTOP, locale="vi-VN", java_script_enabled=script
        )
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"script error: {error}"))
        self.pages[page] = ""
        return page


def keep(page: Page, name: str) -> None:
    """Keep a screenshot; somebody looks at it."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


@pytest.fixture
def house(tmp_path: Path, browser: Browser) -> Iterator[House]:
    """Return the product, running on loopback over a SQLite file with the shipped reference data and its people."""
    with opened_house(tmp_path, browser) as opened:
        yield opened


@contextmanager
def opened_house(folder: Path, browser: Browser) -> Iterator[House]:
    """Serve the product over a database of its own in a folder for as long as the block lasts."""
    path = folder / "house.db"
    path.write_bytes(_furnished())
    store = _open(path)
    clock = Clock()
    with _listening() as held:
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        settings = Settings(public_url=url, secret_key=databases.SECRET_KEY)
        with _serving(wiring.app(store, settings, clock=clock), held):
            opened = House(url=url, store=store, clock=clock, browser=browser)
            yield opened
            for page in opened.pages:
                page.context.close()
    store.close()


@functools.cache
def _furnished() -> bytes:
    """Return a SQLite database with the shipped reference data and its people, made once."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "house.db"
        store = _open(path)
        store.migrate()
        catalogue.seed(store, at=cast.monday)
        _employ(store)
        store.close()
        return path.read_bytes()


def _open(path: Path) -> Store:
    return Store.open(f"sqlite:///{path}", secret_key=databases.SECRET_KEY)


def _employ(store: Store) -> None:
    for username, (name, place, roles, entitled) in PEOPLE.items():
        account = Account(username=username, name=name, place=place, roles=frozenset(roles), entitled=entitled)
        accounts.create(store, account, password=PASSWORD, at=cast.monday)


def _listening() -> socket.socket:
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held


@contextmanager
def _serving(app: FastAPI, held: socket.socket) -> Iterator[None]:
    """Serve an application on a socket in a thread for as long as the block lasts."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [held]}, daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started:
        assert time.monotonic() < deadline, "the server did not start"
        time.sleep(0.01)
    yield
    server.should_exit = True
    thread.join(timeout=10)
