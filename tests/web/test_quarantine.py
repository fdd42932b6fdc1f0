"""Việc ngoại tuyến: what waits is tried again or settled by the controller of the place, with a note."""

from collections.abc import Callable
from typing import Any

from starlette.testclient import TestClient

from postal.domain import facts
from postal.services import accounts, entries
from postal.services.entries import Batch
from postal.store import Store
from tests import cast
from tests.web.conftest import MONDAY
from tests.web.test_events_batch import csrf

Browser = Callable[[str], TestClient]


def told_of_nobodys_item(store: Store) -> str:
    """Let Văn tell of an item that nobody knows; return the number of the line."""
    number = "ab" * 16
    line = {
        "id": number,
        "kind": "accepted",
        "item": cast.ITEM,
        "occurred_at": MONDAY.isoformat(),
        "device_seq": 1,
    }
    by = accounts.actor(store, "van", device="phone-7")
    entries.record(store, Batch(lines=[facts.read(line)]), by=by, at=MONDAY, below=cast.below())
    return number


def post(client: TestClient, path: str, **typed: Any) -> Any:
    return client.post(path, data={**typed, "csrf": csrf(client, "/quarantine")})


def test_a_controller_sees_what_waits_and_why(signed_in: Browser, web_store: Store) -> None:
    number = told_of_nobodys_item(web_store)
    controller = signed_in("hung")
    page = controller.get("/quarantine").text
    assert "Đang chờ (1)" in page
    assert "P3FHJ-8QXV9" in page
    one = controller.get(f"/quarantine/entries/{number}")
    assert one.status_code == 200
    assert "tự ghi khi bưu gửi" in one.text
    again = post(controller, f"/quarantine/entries/{number}/again")
    assert again.headers["location"].startswith(f"/quarantine/entries/{number}?said=")


def test_settling_needs_a_note_and_then_it_waits_no_more(signed_in: Browser, web_store: Store) -> None:
    path = f"/quarantine/entries/{told_of_nobodys_item(web_store)}"
    controller = signed_in("hung")
    refused = post(controller, f"{path}/settle", note="  ")
    assert refused.status_code == 422
    assert "Ghi rõ: ai làm, khi nào, ở đâu." in refused.text
    assert "<title>Lỗi: " in refused.text
    assert post(controller, f"{path}/settle", note="Nhãn in thử").status_code == 303
    assert "Không có việc nào đang chờ." in controller.get("/quarantine").text
    assert controller.get(path).status_code == 404


def test_another_place_sees_nothing_of_it(signed_in: Browser, web_store: Store) -> None:
    number = told_of_nobodys_item(web_store)
    desk = signed_in("mai")
    assert "Đang chờ (0)" in desk.get("/quarantine").text
    assert desk.get(f"/quarantine/entries/{number}").status_code == 404


def test_a_clerk_neither_enrols_machines_nor_settles(signed_in: Browser) -> None:
    clerk = signed_in("lan")
    assert clerk.get("/devices").status_code == 403
    assert clerk.get("/quarantine").status_code == 403
    assert clerk.get("/offline/kit").status_code == 422


def test_the_kit_is_small_and_has_nobody_in_it(signed_in: Browser) -> None:
    machine = signed_in("hung")
    machine.post("/devices", data={"name": "Quầy 1", "csrf": csrf(machine, "/devices")})
    answer = machine.get("/offline/kit", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200
    assert int(answer.headers["content-length"]) <= 60_000
    kit = answer.json()
    assert len(kit["blanks"]) == 100
    assert all(len(packed) == 21 * 6 for _, _, packed in kit["blanks"])
    assert kit["procedures"]
    assert machine.get("/devices").text.count("100/100") == 1
