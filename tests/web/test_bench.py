"""The benches without a browser: what each page shows, what one form does, and what is never done twice or silently."""

import html
import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from postal.domain import codes
from postal.domain.bag import Bag, BagState
from postal.domain.commands import Command
from postal.domain.dispatch import Dispatch, DispatchState
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.item import Custody, Item
from postal.store import Store
from tests import cast
from tests.things import SEAL, TO_COMMUNE, Things
from tests.web.conftest import PASSWORD

Open = Callable[[str], TestClient]


@pytest.fixture
def things(web_store: Store) -> Things:
    """Return what makes envelopes, bags and trips."""
    return Things(web_store)


def bag_of(store: Store, code: str) -> Bag:
    with store.read() as reader:
        bag = reader.thing(Bag, code)
    assert bag is not None
    return bag


def fields(client: TestClient, path: str) -> dict[str, str]:
    """Return the hidden fields of a bench, as a browser without scripts sends them."""
    text = client.get(path).text
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text)
    return {name: html.unescape(value) for name, value in found}


def send(client: TestClient, path: str, *lines: str, **more: str) -> tuple[int, str, str]:
    """Send the textarea; return the status, where the browser goes, and the words of the page."""
    answer = client.post(path, data={**fields(client, path), "scanned": "\n".join(lines), **more})
    words = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", answer.text)))
    return answer.status_code, answer.headers.get("location", ""), words


def test_a_bag_begins_from_what_waits_at_the_counter(things: Things, web_store: Store, signed_in: Open) -> None:
    lan = signed_in("lan")
    assert "Không còn hồ sơ chờ đóng túi." in lan.get("/bags/new").text
    things.envelopes(3)
    page = lan.get("/bags/new").text
    assert 'data-preset="1"' in page
    assert "3 bưu gửi" in page
    where = f"{cast.COMMUNE_DESK} position:{cast.counter.key}"
    data = {**fields(lan, "/bags/new"), "to": where}
    first, second = (lan.post("/bags/new", data=data).headers["location"] for _ in range(2))
    assert first == second, "sent twice it is one bag"
    bag = bag_of(web_store, first.split("/")[2])
    assert bag.state is BagState.PACKING
    assert bag.destination.place == cast.COMMUNE_DESK
    assert "Đã mở túi" in lan.get(first).text


def test_a_bag_goes_somewhere(signed_in: Open) -> None:
    lan = signed_in("lan")
    answer = lan.post("/bags/new", data=fields(lan, "/bags/new"))
    assert answer.status_code == 422
    assert "Chưa chọn nơi đến của túi." in answer.text


def test_one_textarea_packs_and_seals(things: Things, web_store: Store, signed_in: Open) -> None:
    items, bag = things.envelopes(3), things.bag()
    lan = signed_in("lan")
    status, where, _ = send(lan, f"/bags/{bag}/pack", *items, seal="dn 881254")
    assert status == 303
    assert where.startswith(f"/bags/{bag}?said=")
    closed = bag_of(web_store, bag)
    assert (closed.state, closed.seal, closed.contents) == (BagState.SEALED, SEAL, tuple(items))
    again, where, _ = send_again(lan, bag, items)
    assert (again, where.startswith(f"/bags/{bag}")) == (303, True)


def send_again(client: TestClient, bag: str, items: list[str]) -> tuple[int, str, str]:
    """Send what was sent, from a page that was open all the while."""
    csrf = fields(client, "/bench")["csrf"]
    data = {"csrf": csrf, "request": "once", "scanned": "\n".join(items), "seal": SEAL}
    answer = client.post(f"/bags/{bag}/pack", data=data)
    return answer.status_code, answer.headers.get("location", ""), answer.text


def test_a_line_that_does_not_belong_is_asked_about_first(things: Things, web_store: Store, signed_in: Open) -> None:
    items, bag = things.envelopes(2), things.bag()
    foreign = things.envelopes(1, at=cast.sorting, by=cast.hung)[0]
    lan = signed_in("lan")
    status, _, words = send(lan, f"/bags/{bag}/pack", *items, foreign, SEAL)
    assert status == 422
    assert f"Để riêng. {codes.shown(foreign)} đang do {cast.sorting} giữ, chưa bàn giao." in words
    signing = f"Đóng túi 2 bưu gửi, niêm phong {SEAL}"
    assert signing in words
    assert bag_of(web_store, bag).state is BagState.PACKING
    assert send(lan, f"/bags/{bag}/pack", *items, foreign, SEAL, agreed=signing)[0] == 303


def test_nobody_packs_the_bag_of_another(things: Things, signed_in: Open) -> None:
    bag = things.bag(at=cast.sorting, by=cast.hung)
    answer = signed_in("lan").get(f"/bags/{bag}/pack")
    assert answer.status_code == 409
    assert f"Túi {codes.shown(bag)} đang do {cast.sorting} giữ" in answer.text


def test_counting_signs_for_a_bag_that_is_offered(things: Things, web_store: Store, signed_in: Open) -> None:
    code, items = things.arrived(3)
    xuan = signed_in("xuan")
    assert send(xuan, f"/bags/{code}/receive", SEAL, *items)[:2] == (303, f"/bags/{code}/received")
    bag = bag_of(web_store, code)
    assert bag.state is BagState.EMPTIED
    with web_store.read() as reader:
        record = reader.thing(HandoverRecord, bag.record)
        held = reader.many(Item, items).values()
    assert record is not None
    assert record.state is RecordState.ACCEPTED
    assert all(item.custody is Custody.HELD and item.custodian.is_same_as(cast.commune_desk) for item in held)
    assert "Ký nhận 3/3" in xuan.get(f"/bags/{code}/received").text


def test_a_difference_is_signed_for_only_when_the_button_says_so(
    things: Things, web_store: Store, signed_in: Open
) -> None:
    code, items = things.arrived(3)
    xuan = signed_in("xuan")
    status, _, words = send(xuan, f"/bags/{code}/receive", SEAL, *items[:2])
    assert status == 422
    assert "Ký nhận 2/3, thiếu 1" in words
    assert bag_of(web_store, code).state is BagState.OFFERED
    assert send(xuan, f"/bags/{code}/receive", SEAL, *items[:2], agreed="Ký nhận 3/3")[0] == 422
    assert send(xuan, f"/bags/{code}/receive", SEAL, *items[:2], agreed="Ký nhận 2/3, thiếu 1")[0] == 303
    page = xuan.get(f"/bags/{code}/received").text
    assert codes.shown(items[2]) in page
    assert "1 biên bản đã lập, hai bên cùng thấy" in page


def test_commands_in_the_lines_say_it_as_well(things: Things, web_store: Store, signed_in: Open) -> None:
    code, items = things.arrived(3)
    lines = [SEAL, items[0], Command.DAMAGED.value, items[1], Command.MISSING.value, Command.DONE.value]
    assert send(signed_in("xuan"), f"/bags/{code}/receive", *lines)[0] == 303
    bag = bag_of(web_store, code)
    assert (bag.missing, bag.damaged) == ((items[2],), (items[0],))


def test_a_hurt_seal_is_written_down(things: Things, web_store: Store, signed_in: Open) -> None:
    code, items = things.arrived(1)
    xuan = signed_in("xuan")
    words = "Ký nhận 1/1, niêm phong không khớp"
    assert send(xuan, f"/bags/{code}/receive", *items, seal_state="broken", agreed=words)[0] == 303
    assert not bag_of(web_store, code).was_intact
    page = xuan.get(f"/bags/{code}/received").text
    assert f"{words}. 1 biên bản đã lập" in page
    assert "Niêm phong không khớp" in page


def test_nothing_is_signed_without_a_look_at_the_seal(things: Things, signed_in: Open) -> None:
    code, items = things.arrived(1)
    status, _, words = send(signed_in("xuan"), f"/bags/{code}/receive", *items)
    assert status == 422
    assert "Chưa đọc số niêm phong." in words


def test_who_comes_too_late_reads_who_was_first(things: Things, signed_in: Open) -> None:
    code, items = things.arrived(1)
    xuan = signed_in("xuan")
    before = fields(xuan, f"/bags/{code}/receive")
    data = {**before, "scanned": "\n".join([SEAL, *items])}
    assert xuan.post(f"/bags/{code}/receive", data=data).headers["location"] == f"/bags/{code}/received"
    assert xuan.post(f"/bags/{code}/receive", data=data).headers["location"] == f"/bags/{code}/received"
    assert xuan.get(f"/bags/{code}/receive").headers["location"] == f"/bags/{code}/received"


def test_a_bag_for_somebody_else_is_set_aside(things: Things, signed_in: Open) -> None:
    code, _ = things.arrived(1)
    answer = signed_in("mai").get(f"/bags/{code}/receive")
    assert answer.status_code == 409
    assert signed_in("phat").get(f"/bags/{code}/receive").status_code == 403
    assert signed_in("mai").get(f"/bags/{code}/received").status_code == 422


def test_a_trip_is_loaded_and_signed_on_one_screen(things: Things, web_store: Store, signed_in: Open) -> None:
    trip, ready = things.trip(2)
    signed_in("van")  # who has taken over the transport
    khoa = signed_in("khoa")
    path = f"/trips/{trip}/load"
    receiver = f"position:{cast.transport.key}"
    wrong = send(khoa, path, *ready, receiver=receiver, username="van", password="không phải")
    assert wrong[0] == 403
    status, where, words = send(khoa, path, *ready, receiver=receiver, username="van", password=PASSWORD)
    assert status == 303, words
    assert where.startswith("/handovers/G")
    with web_store.read() as reader:
        gone = reader.thing(Dispatch, trip)
    assert gone is not None
    assert (gone.state, gone.bags) == (DispatchState.ON_THE_WAY, tuple(ready))


def test_a_trip_that_waits_for_its_carrier_is_not_offered_again(things: Things, signed_in: Open) -> None:
    trip, ready = things.trip(2)
    khoa = signed_in("khoa")
    path = f"/trips/{trip}/load"
    before = fields(khoa, path) | {"scanned": "\n".join(ready), "receiver": f"position:{cast.transport.key}"}
    first = khoa.post(path, data=before).headers["location"]
    assert khoa.post(path, data=before).headers["location"] == first.partition("?")[0]
    assert khoa.get(path).headers["location"] == first.partition("?")[0]


def test_a_pile_is_answered_line_by_line_and_handed_on(things: Things, signed_in: Open) -> None:
    items = things.envelopes(2)
    far = things.envelopes(1, at=cast.sorting, by=cast.hung)[0]
    lan = signed_in("lan")
    _, _, words = send(lan, "/bench", *items, far, "049205000137", step="read")
    assert words.count(f"Bàn giao đi {TO_COMMUNE.name}.") == 2
    assert f"Hồ sơ đang do {cast.sorting} giữ, chưa bàn giao." in words
    assert "số căn cước" in words
    status, where, _ = send(lan, "/bench", *items, far, step="hand_over")
    assert status == 303, words
    assert where == f"/handovers/new?item={items[0]}%0A{items[1]}"
    assert 'class="chosen-count">2<' in lan.get(where).text
    assert send(lan, "/bench", far, step="hand_over")[0] == 422


def test_one_scan_is_read_as_the_form_will(things: Things, signed_in: Open) -> None:
    code, items = things.arrived(2)
    xuan = signed_in("xuan")

    def read(q: str) -> dict[str, str]:
        answer = xuan.get("/bench/read", params={"work": "receive", "code": code, "q": q})
        assert answer.status_code == 200
        found: dict[str, str] = answer.json()
        return found

    assert read(items[0])["verdict"] == "ok"
    assert read(SEAL)["seal"] == SEAL
    assert read(Command.DONE.value)["command"] == Command.DONE.value
    assert read(items[0][:-1] + ("2" if items[0][-1] != "2" else "3"))["verdict"] == "check"
    assert read("049205000137||Ai Đó|01012005|Nam|Ở đâu|01012022")["shown"] == "số căn cước"
    stranger = things.envelopes(1)[0]
    assert read(stranger)["sentence"].startswith(f"Không có trong bảng kê túi {codes.shown(code)}.")
    elsewhere = signed_in("mai").get("/bench/read", params={"work": "receive", "code": code, "q": items[0]})
    assert elsewhere.json()["verdict"] == "check", "who may not count the bag learns nothing of its list"
