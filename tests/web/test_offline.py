"""What a phone takes along, and how it sends what it kept: the worker, the day, the session, photos by their digest."""

import gzip
import hashlib
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.testclient import TestClient

from postal.domain.events import PlannedStop
from postal.domain.run import DeliveryRun
from postal.services import accounts, delivery, uploads
from postal.store import Store
from postal.store.tables import AuditRow, EventRow, FileRow, table_of
from postal.web.api.photos import LARGEST_PHOTO
from postal.web.pages.today import DOOR_KB, SMALLEST_DOWNLOAD_KB
from tests import arrivals, cast
from tests.arrivals import hanh, tam, vy
from tests.web import delivering
from tests.web.conftest import PASSWORD, Clock
from tests.web.delivering import sent

Open = Callable[[str], TestClient]
BATCH = "/api/v1/events:batch"


@pytest.fixture
def phone(web_store: Store, signed_in: Open) -> TestClient:
    """Return the phone of the postman of Hải Châu."""
    arrivals.keep_postmen(web_store, password_hash=accounts.hash_password(PASSWORD))
    return signed_in("buuta1")


@pytest.fixture
def run(phone: TestClient, web_store: Store) -> DeliveryRun:
    """Return his run: two results at the first door, one at each of the others."""
    codes = [arrivals.arrived(web_store, who, serial=n)[0] for n, who in enumerate((hanh, tam, vy, hanh), start=1)]
    stops = (
        PlannedStop(number=1, commune="20242", items=(codes[0], codes[3])),
        PlannedStop(number=2, commune="20257", items=(codes[1],)),
        PlannedStop(number=3, commune="20242", items=(codes[2],)),
    )
    planned = arrivals.signed_for(web_store, arrivals.laid_out(web_store, *stops))
    return delivery.start_run(web_store, planned.code, by=arrivals.binh, at=cast.monday)


def shell_of(visitor: TestClient) -> dict[str, Any]:
    first = visitor.get("/offline.js").text.splitlines()[0]
    found: dict[str, Any] = json.loads(first.removeprefix("const SHELL = ").removesuffix(";"))
    return found


# --- the worker -------------------------------------------------------------------------------------------------------


def test_the_worker_may_serve_the_whole_site_and_everything_it_takes_along_is_there(visitor: TestClient) -> None:
    answer = visitor.get("/offline.js")
    assert answer.headers["service-worker-allowed"] == "/"
    assert answer.headers["content-type"].startswith("text/javascript")
    paths = shell_of(visitor)["paths"]
    assert {path: visitor.get(path).status_code for path in paths} == dict.fromkeys(paths, 200)


def test_everything_the_pages_of_the_day_ask_for_is_taken_along(
    visitor: TestClient, phone: TestClient, run: DeliveryRun
) -> None:
    paths = set(shell_of(visitor)["paths"])
    for page in ("/today", f"/today/{run.code}/1", "/outbox", "/offline"):
        assert set(re.findall(r'(?:src|href)="(/static/[^"]+)"', phone.get(page).text)) <= paths


def test_the_application_can_be_put_on_the_home_screen(visitor: TestClient) -> None:
    manifest = visitor.get("/app.webmanifest").json()
    assert manifest["start_url"] == "/today"
    assert all(visitor.get(icon["src"]).status_code == 200 for icon in manifest["icons"])
    assert "manifest-src 'self'" in visitor.get("/offline").headers["content-security-policy"]


def test_static_files_travel_packed(visitor: TestClient) -> None:
    answer = visitor.get("/static/outbox.js", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"


# --- the day ----------------------------------------------------------------------------------------------------------


def test_the_day_has_every_door_and_everything_that_is_served_at_it(phone: TestClient, run: DeliveryRun) -> None:
    day = phone.get("/offline/day").json()
    door = f"/today/{run.code}"
    assert [page["path"] for page in day["pages"]] == [
        "/today",
        "/outbox",
        f"{door}/1",
        f"{door}/1?item={run.items[0]}",
        f"{door}/1?item={run.items[1]}",
        f"{door}/2",
        f"{door}/3",
    ]
    assert (day["account"], day["stops"]) == ("buuta1", 3)
    pages = {page["path"]: page for page in day["pages"]}
    assert pages[f"{door}/2"]["codes"] == [run.items[2]]
    assert tam.name in pages[f"{door}/2"]["html"]


def test_taking_the_day_along_is_written_down(phone: TestClient, run: DeliveryRun, web_store: Store) -> None:
    phone.get("/offline/day")
    table = table_of(AuditRow)
    with web_store.read() as reader:
        taken = reader.rows(select(table.c.account, table.c.subject).where(table.c.what == "run_downloaded"))
    assert [tuple(row) for row in taken] == [("buuta1", run.code)]


def test_the_download_weighs_what_the_page_says(phone: TestClient, run: DeliveryRun) -> None:
    answer = phone.get("/offline/day", headers={"Accept-Encoding": "gzip"})
    packed = len(gzip.compress(answer.content, 6))
    assert packed <= 1000 * (SMALLEST_DOWNLOAD_KB + len(run.stops) * DOOR_KB)
    assert "3 điểm, 0,1 MB" in phone.get("/today").text


@pytest.mark.parametrize("path", ["/offline/day", "/outbox"])
def test_only_a_postman_takes_a_day_along(signed_in: Open, path: str) -> None:
    assert signed_in("lan").get(path).status_code == 403


def test_the_page_without_network_is_about_nobody(phone: TestClient, visitor: TestClient, run: DeliveryRun) -> None:
    assert phone.get("/offline").text == visitor.get("/offline").text
    assert "Bính" not in phone.get("/offline").text


def test_a_form_says_what_its_page_knew_of_the_item(phone: TestClient, run: DeliveryRun, web_store: Store) -> None:
    page = phone.get(f"/today/{run.code}/2").text
    (head,) = set(re.findall(r'name="seen" value="([0-9a-f]{32})"', page))
    table = table_of(EventRow)
    with web_store.read() as reader:
        ids = reader.rows(select(table.c.id).where(table.c.stream == run.items[2]).order_by(table.c.version))
    assert ids[-1].id.hex() == head


# --- the session ------------------------------------------------------------------------------------------------------


def test_our_script_is_told_that_the_session_is_over_and_is_not_sent_elsewhere(
    visitor: TestClient, phone: TestClient, run: DeliveryRun, clock: Clock
) -> None:
    assert visitor.get("/offline/session").status_code == 401
    path = f"/today/{run.code}/2/deliver"
    form = {"item": run.items[2], "csrf": delivering.token_of(phone, f"/today/{run.code}/2")}
    clock.at += timedelta(hours=1)
    assert phone.post(path, data=form).headers["location"].startswith("/sign-in")
    assert phone.post(path, data=form, headers={"X-Outbox": "1"}).status_code == 401


def test_a_page_sends_events_with_its_session_and_the_token_of_a_form(phone: TestClient, run: DeliveryRun) -> None:
    told = phone.get("/offline/session").json()
    assert told["account"] == "buuta1"
    batch = {"device": "app-1", "events": []}
    headers = {"X-CSRF-Token": told["csrf"]}
    assert phone.post(BATCH, json=batch, headers=headers).json() == {"results": []}
    assert phone.post(BATCH, json=batch).status_code == 403
    assert phone.post(BATCH, json=batch, headers={"X-CSRF-Token": "0" * 64}).status_code == 403
    assert phone.post(BATCH, json=batch, headers={**headers, "Sec-Fetch-Site": "cross-site"}).status_code == 403


def test_nobody_signed_in_sends_nothing(visitor: TestClient) -> None:
    assert visitor.post(BATCH, json={"events": []}, headers={"X-CSRF-Token": ""}).status_code == 401


# --- photos -----------------------------------------------------------------------------------------------------------


def put(client: TestClient, content: bytes, *, digest: str = "", token: str | None = None) -> Any:
    csrf = client.get("/offline/session").json()["csrf"] if token is None else token
    name = digest or hashlib.sha256(content).hexdigest()
    return client.put(f"/api/v1/photos/{name}", content=content, headers={"X-CSRF-Token": csrf})


def test_a_photo_sent_twice_is_kept_once_and_sealed(phone: TestClient, web_store: Store) -> None:
    photo = delivering.picture(size=(900, 400))
    answers = [put(phone, photo) for _ in range(3)]
    assert [(each.status_code, each.json()["status"]) for each in answers] == [
        (201, "created"),
        (200, "exists"),
        (200, "exists"),
    ]
    with web_store.begin(at=cast.monday) as ledger:
        kept = uploads.found(ledger, hashlib.sha256(photo).hexdigest(), account="buuta1")
        assert uploads.found(ledger, hashlib.sha256(photo).hexdigest(), account="buuta2") is None
    assert kept is not None
    assert kept.content.startswith(b"\xff\xd8")
    with web_store.read() as reader:
        (sealed,) = [row.sealed for row in reader.rows(select(table_of(FileRow).c.sealed))]
    assert b"\xff\xd8\xff" not in sealed


def test_a_photo_that_cannot_be_used_is_refused_by_name(phone: TestClient) -> None:
    photo = delivering.picture()
    refused = {
        put(phone, photo, digest="0" * 64).json()["type"]: 422,
        put(phone, b"no picture").json()["type"]: 422,
        put(phone, b"\0" * (LARGEST_PHOTO + 1)).json()["type"]: 413,
        put(phone, photo, token="").json()["type"]: 403,
    }
    assert list(refused) == [
        "urn:postal:other_photo",
        "urn:postal:not_a_photo",
        "urn:postal:sent_photo_too_large",
        "urn:postal:forged_request",
    ]


def test_a_photo_needs_somebody_signed_in(app: FastAPI) -> None:
    nobody = TestClient(app, base_url="https://testserver")
    assert put(nobody, delivering.picture(), token="").status_code == 401


# --- forms ------------------------------------------------------------------------------------------------------------


def test_what_a_phone_adds_to_a_form_changes_nothing_on_line(phone: TestClient, run: DeliveryRun) -> None:
    door = f"/today/{run.code}/2"
    form = {"item": run.items[2], "receiver": "addressee", "identity": "1", "signature": delivering.signature()}
    answer = sent(phone, f"{door}/deliver", page=door, seen="00", occurred_at="2026-11-16T09:00:00+07:00", **form)
    assert answer.status_code == 303
