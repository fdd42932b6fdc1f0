"""Facts of devices over the API: one request, an answer for each line, as often as they are sent."""

import gzip
import json
import zlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from postal.domain.acts import ActKind
from postal.domain.events import FactKind
from postal.domain.item import Item
from postal.store import Store
from postal.web.api.events import LARGEST_BATCH, MOST_EVENTS
from tests import cast, envelopes
from tests.web.conftest import PASSWORD

PATH = "/api/v1/events:batch"
Program = Callable[[str], TestClient]


@pytest.fixture
def program(app: FastAPI) -> Program:
    """Return what signs a program in: a client that sends a bearer token and keeps no cookie."""

    def open_for(username: str) -> TestClient:
        client = TestClient(app, base_url="https://testserver", follow_redirects=False)
        answer = client.post("/api/v1/sessions", json={"username": username, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    return open_for


@pytest.fixture
def code(web_store: Store) -> str:
    """Return a sealed envelope at Lan's counter."""
    return envelopes.at_the_counter(web_store, 1)[0]


def fact(code: str, *, number: int = 1, kind: str = "handed_over", **more: Any) -> dict[str, Any]:
    """Return a line as a device writes it."""
    line = {
        "id": f"{number:032x}",
        "kind": kind,
        "item": f"{code[:5]}-{code[5:]}",
        "occurred_at": "2026-11-16T09:00:00+07:00",
        "device_seq": number,
        **more,
    }
    return {"to": "551000:transport", **line} if kind == "handed_over" else line


def results(client: TestClient, *lines: object, device: str = "phone-7") -> list[dict[str, Any]]:
    """Send a batch and return the answers."""
    answer = client.post(PATH, json={"device": device, "events": list(lines)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def found(store: Store, code: str) -> Item:
    """Return an item as it is now."""
    with store.read() as reader:
        return reader.many(Item, [code])[code]


def test_two_devices_hand_over_and_take(program: Program, web_store: Store, code: str) -> None:
    given = results(program("lan"), fact(code))
    assert given == [
        {"id": f"{1:032x}", "status": "created", "version": 3, "fits": True, "reason": None, "detail": None}
    ]
    taken = results(program("van"), fact(code, number=2, kind="accepted"), device="phone-8")
    assert taken[0]["status"] == "created"
    after = found(web_store, code)
    assert (after.custodian.key, after.evidence.value) == ("551000:transport", "A")
    with web_store.database.reading() as connection:
        rows = connection.exec_driver_sql("SELECT device, device_seq FROM event WHERE device_seq IS NOT NULL").all()
    assert [tuple(row) for row in rows] == [("phone-7", 1), ("phone-8", 2)]


def test_a_bad_line_is_named_and_the_good_ones_go_on(program: Program, code: str) -> None:
    lan = program("lan")
    lines = [{"id": "?"}, fact(code), fact("P222222222", number=2), "noise", fact(code, number=1, to="MC-T48:desk")]
    answers = results(lan, *lines)
    assert [each["status"] for each in answers] == [
        "quarantined",
        "created",
        "quarantined",
        "quarantined",
        "mismatch",
    ]
    assert [each["reason"] for each in answers] == ["unreadable", None, "unknown_item", "unreadable", "mismatch"]
    assert answers[0]["id"] is None
    assert answers[2]["detail"] == "Chưa có mã bưu gửi hoặc túi này trong hệ thống."
    again = results(lan, *lines)
    assert [each["status"] for each in again] == ["quarantined", "exists", "quarantined", "quarantined", "mismatch"]


def test_nobody_without_a_token_sends_facts(visitor: TestClient, code: str) -> None:
    for headers in ({}, {"Authorization": "Bearer something-else"}):
        answer = visitor.post(PATH, json={"events": [fact(code)]}, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"events": null}',
        b'{"events": {}}',
        b'{"device": "a b", "events": []}',
        b'{"events": [' + b",".join([b"1"] * (MOST_EVENTS + 1)) + b"]}",
        b'{"events": [' + b"9" * 5000 + b"]}",
    ],
)
def test_an_envelope_that_cannot_be_read_is_refused_as_a_whole(program: Program, web_store: Store, body: bytes) -> None:
    answer = program("lan").post(PATH, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:postal:unreadable"
    with web_store.read() as reader:
        assert reader.quarantine.contents() == []


def test_a_full_batch_goes_and_nothing_at_all_is_a_batch_too(program: Program, web_store: Store) -> None:
    lan = program("lan")
    assert results(lan) == []
    codes = envelopes.at_the_counter(web_store, MOST_EVENTS, seed=4)
    answers = results(lan, *(fact(each, number=number) for number, each in enumerate(codes, start=1)))
    assert {each["status"] for each in answers} == {"created"}
    assert len({found(web_store, each).record for each in codes}) == 1


def test_a_batch_larger_than_a_mebibyte_is_not_read(program: Program, code: str) -> None:
    lan = program("lan")
    fits = json.dumps({"events": [fact(code)]}).encode()
    fits += b" " * (LARGEST_BATCH - len(fits))
    assert lan.post(PATH, content=fits).status_code == 200
    answer = lan.post(PATH, content=fits + b" ")
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "urn:postal:batch_too_large"
    chunked = lan.post(PATH, content=(b" " * 65_536 for _ in range(20)))
    assert chunked.status_code == 413


def test_a_controller_sees_what_is_kept_aside_of_his_office(
    program: Program, signed_in: Callable[[str], TestClient]
) -> None:
    results(program("lan"), {"id": "?"}, fact("P222222222"))
    results(program("mai"), fact("P222222222", number=3, kind="accepted"))
    page = signed_in("hung").get("/audit").text
    assert "Có 2 sự việc ngoại tuyến được giữ lại" in page
    assert "1 sự việc: Thiếu ô hoặc ô sai dạng." in page
    assert "Có 3 sự việc ngoại tuyến được giữ lại" in signed_in("quantri").get("/audit").text


def test_the_item_page_tells_what_did_not_fit(
    program: Program, signed_in: Callable[[str], TestClient], code: str
) -> None:
    results(program("khoa"), fact(code))
    page = signed_in("lan").get(f"/items/{code}").text
    assert "Có 1 sự việc ngoại tuyến chưa khớp, cần xem" in page
    assert "Thiết bị ngoại tuyến báo đã bàn giao, chưa khớp: người báo không giữ bưu gửi." in page


def test_a_claim_opens_no_item_to_whoever_sent_it(
    program: Program, signed_in: Callable[[str], TestClient], code: str
) -> None:
    assert results(program("be"), fact(code))[0]["fits"] is False
    assert signed_in("be").get(f"/items/{code}").status_code == 403


def test_what_was_offered_offline_is_signed_at_the_screen(
    program: Program, signed_in: Callable[[str], TestClient], web_store: Store, code: str
) -> None:
    results(program("lan"), fact(code))
    record = found(web_store, code).record
    page = signed_in("van").get(f"/handovers/{record}")
    assert page.status_code == 200
    assert cast.counter.name in page.text


def test_the_schema_tells_the_envelope_the_lines_and_the_answers(visitor: TestClient) -> None:
    schema = visitor.get("/openapi.json").json()
    post = schema["paths"][PATH]["post"]
    assert post["security"] == [{"HTTPBearer": []}]
    assert set(post["responses"]) == {"200", "401", "403", "409", "413", "422"}
    body = post["requestBody"]["content"]["application/json"]["schema"]
    assert body["properties"]["events"]["maxItems"] == MOST_EVENTS
    line, act = body["properties"]["events"]["items"]["anyOf"]
    assert set(line["required"]) == {"id", "kind", "item", "occurred_at", "device_seq"}
    assert line["properties"]["kind"]["enum"] == [kind.value for kind in FactKind]
    assert set(act["required"]) == {"id", "kind", "fields", "occurred_at", "device_seq"}
    assert act["properties"]["kind"]["enum"] == [kind.value for kind in ActKind]
    assert "$ref" not in json.dumps(body)
    answer = schema["components"]["schemas"]["FactAnswer"]
    assert set(answer["properties"]) == {"id", "status", "version", "fits", "reason", "detail"}
    assert schema["components"]["schemas"]["Outcome"]["enum"] == ["created", "exists", "mismatch", "quarantined"]


# --- packed, enrolled -------------------------------------------------------------------------------------------------


def packed(client: TestClient, body: bytes) -> Any:
    """Send a body that says it is packed."""
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    return client.post(PATH, content=body, headers=headers)


def test_a_packed_batch_is_read_like_another(program: Program, code: str) -> None:
    body = json.dumps({"events": [fact(code)]}).encode()
    answer = packed(program("lan"), gzip.compress(body))
    assert [each["status"] for each in answer.json()["results"]] == ["created"]


def test_what_unpacks_to_too_much_or_to_nothing_is_refused(program: Program) -> None:
    lan = program("lan")
    bomb = gzip.compress(b" " * (LARGEST_BATCH * 20))
    assert len(bomb) < LARGEST_BATCH // 20
    assert packed(lan, bomb).status_code == 413
    for broken in (b"no gzip at all", gzip.compress(b"{}")[:-6], zlib.compress(b"{}"), gzip.compress(b"{}") + b"more"):
        assert packed(lan, broken).status_code == 422


def test_an_item_nobody_knows_yet_is_kept_and_waits(program: Program, web_store: Store) -> None:
    unknown = cast.ITEM
    (answer,) = results(program("lan"), fact(unknown))
    assert (answer["status"], answer["fits"], answer["reason"]) == ("created", False, "waits_for_item")
    (again,) = results(program("lan"), fact(unknown))
    assert (again["status"], again["fits"]) == ("exists", False)
    with web_store.read() as reader:
        assert [entry.subject for entry in reader.entries.waiting_at(None)] == [unknown]


def enrolled(client: TestClient, page: Callable[[TestClient, str], str]) -> str:
    """Enrol the machine of a controller and return its code."""
    answer = client.post("/devices", data={"name": "Quầy 1", "kind": "counter", "csrf": page(client, "/devices")})
    assert answer.status_code == 303, answer.text
    credential = client.cookies["__Host-device"]
    return credential.partition(".")[0]


def csrf(client: TestClient, path: str) -> str:
    """Return the token of the forms of a page."""
    text = client.get(path).text
    return text.split('name="csrf" value="')[1].split('"')[0]


def test_an_enrolled_machine_is_named_by_its_code_whoever_works_on_it(
    signed_in: Callable[[str], TestClient], web_store: Store, code: str
) -> None:
    machine = signed_in("hung")
    device = enrolled(machine, csrf)
    machine.post("/sign-out", data={"csrf": csrf(machine, "/devices")})
    machine.post("/sign-in", data={"username": "lan", "password": PASSWORD})
    token = machine.get("/offline/session").json()["csrf"]
    body = {"device": "somebody-else", "events": [fact(code)]}
    answer = machine.post(PATH, json=body, headers={"X-CSRF-Token": token})
    assert answer.status_code == 200
    with web_store.database.reading() as connection:
        told = connection.exec_driver_sql("SELECT device FROM event WHERE device_seq IS NOT NULL").scalars().all()
    assert told == [device]


def test_nobody_is_an_enrolled_machine_by_saying_so(
    signed_in: Callable[[str], TestClient], program: Program, web_store: Store, code: str
) -> None:
    device = enrolled(signed_in("hung"), csrf)
    body = {"device": device, "events": [fact(code)]}
    assert program("lan").post(PATH, json=body).status_code == 200
    with web_store.database.reading() as connection:
        told = connection.exec_driver_sql("SELECT device FROM event WHERE device_seq IS NOT NULL").scalars().all()
    assert told == [f"?{device}"]


def test_a_machine_that_was_revoked_is_signed_out_and_its_lines_are_kept_aside(
    signed_in: Callable[[str], TestClient], clock: Any, web_store: Store, code: str
) -> None:
    controller = signed_in("hung")
    machine = signed_in("hung")
    device = enrolled(machine, csrf)
    machine.post("/sign-out", data={"csrf": csrf(machine, "/devices")})
    machine.post("/sign-in", data={"username": "lan", "password": PASSWORD})
    clock.at += timedelta(minutes=10)
    gone = controller.post(f"/devices/{device}/revoke", data={"csrf": csrf(controller, "/devices")})
    assert gone.status_code == 303
    assert "Đã thu hồi" in controller.get("/devices").text
    assert machine.get("/offline/session").status_code == 401
    clock.at += timedelta(minutes=10)
    machine.post("/sign-in", data={"username": "lan", "password": PASSWORD})
    token = machine.get("/offline/session").json()["csrf"]
    late = fact(code, occurred_at="2026-11-16T09:15:00+07:00")
    answer = machine.post(PATH, json={"events": [late]}, headers={"X-CSRF-Token": token})
    assert [each["reason"] for each in answer.json()["results"]] == ["revoked_device"]
    page = controller.get("/quarantine").text
    assert "Thiết bị đã bị thu hồi" in page
    assert "Giữ lại để xem (1)" in page


def test_a_revoked_machine_that_hides_its_proof_but_says_its_name_is_believed_no_more(
    signed_in: Callable[[str], TestClient], program: Program, clock: Any, code: str
) -> None:
    controller = signed_in("hung")
    device = enrolled(signed_in("hung"), csrf)
    clock.at += timedelta(minutes=10)
    controller.post(f"/devices/{device}/revoke", data={"csrf": csrf(controller, "/devices")})
    clock.at += timedelta(minutes=10)
    late = fact(code, occurred_at="2026-11-16T09:15:00+07:00")
    answer = program("lan").post(PATH, json={"device": device, "events": [late]})
    assert [each["reason"] for each in answer.json()["results"]] == ["revoked_device"]
