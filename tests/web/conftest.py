"""The web application over a seeded store, and browsers signed in with each role."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from fastapi import FastAPI
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.testclient import TestClient

from postal.domain.people import Account, Role
from postal.services import accounts, catalogue
from postal.settings import Settings
from postal.store import Store
from postal.web import cosigning, lookup, security
from postal.web.pages import finding
from tests import arrivals, databases, wiring

MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)
PASSWORD = "mật khẩu chạy thử"

STAFF: dict[str, tuple[str, Role, tuple[str, ...]]] = {
    "lan": ("551000", Role.COUNTER_CLERK, ("551000:counter",)),
    "hung": ("551000", Role.CONTROLLER, ()),
    "khoa": ("551000", Role.SORTING, ("551000:sorting",)),
    "van": ("551000", Role.TRANSPORT, ("551000:transport",)),
    "phat": ("551000", Role.POSTMAN, ()),
    "mai": ("MC-T48", Role.DESK_OFFICER, ("MC-T48:desk",)),
    "son": ("SO-48-TP", Role.DEPARTMENT_OFFICER, ("SO-48-TP:department",)),
    "dung": ("551000", Role.COORDINATOR, ()),
    "quantri": ("551000", Role.ADMIN, ()),
    "xuan": ("MC-20242", Role.DESK_OFFICER, ("MC-20242:desk",)),
    "be": ("556630", Role.COUNTER_CLERK, ("556630:counter", "556630:sorting", "556630:transport")),
}


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture(scope="session")
def seeded_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a SQLite database with the reference data and one account of every role, made once."""
    path = tmp_path_factory.mktemp("web") / "seeded.db"
    store = Store.open(f"sqlite:///{path}", secret_key=databases.SECRET_KEY)
    store.migrate()
    catalogue.seed(store, at=MONDAY)
    for username, (place, role, entitled) in STAFF.items():
        account = Account(
            username=username, name=username.capitalize(), place=place, roles=frozenset({role}), entitled=entitled
        )
        accounts.create(store, account, password=PASSWORD, at=MONDAY)
    store.close()
    return path


@pytest.fixture
def web_store(seeded_file: Path, tmp_path: Path) -> Iterator[Store]:
    """Return a store of this test's own, seeded."""
    path = tmp_path / "web.db"
    path.write_bytes(seeded_file.read_bytes())
    store = Store.open(f"sqlite:///{path}", secret_key=databases.SECRET_KEY)
    yield store
    store.close()


@pytest.fixture(scope="session")
def password_hash() -> str:
    """Return PASSWORD as accounts keep it, worked out once."""
    return accounts.hash_password(PASSWORD)


@pytest.fixture
def office(web_store: Store, password_hash: str) -> Store:
    """Return the seeded store with the postmen of the central office."""
    arrivals.keep_postmen(web_store, password_hash=password_hash)
    return web_store


@pytest.fixture
def clock() -> Clock:
    """Return the clock of the application; it stands on Monday at nine."""
    return Clock(MONDAY)


@pytest.fixture
def app(web_store: Store, clock: Clock) -> FastAPI:
    """Return the application over the seeded store."""
    settings = Settings(public_url="https://testserver", secret_key=databases.SECRET_KEY)
    return wiring.app(web_store, settings, clock=clock)


@pytest.fixture(autouse=True)
def fresh_tries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test wait for the wrong guesses of another one in the same process."""
    for tries in (security.SIGN_IN_TRIES, cosigning._tries, lookup._tries, finding.LOOK_UPS):
        monkeypatch.setattr(tries, "_limiter", MovingWindowRateLimiter(MemoryStorage()))


@pytest.fixture
def visitor(app: FastAPI) -> TestClient:
    """Return a browser in which nobody is signed in."""
    return TestClient(app, base_url="https://testserver", follow_redirects=False)


@pytest.fixture
def signed_in(app: FastAPI) -> Callable[[str], TestClient]:
    """Return what opens a browser in which somebody of STAFF is signed in."""

    def open_for(username: str) -> TestClient:
        client = TestClient(app, base_url="https://testserver", follow_redirects=False)
        answer = client.post("/sign-in", data={"username": username, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return client

    return open_for
