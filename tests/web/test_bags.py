"""Bags and trips in a browser: what comes today, one bag, its prints; a trip handed over whole; bags as lines."""

import re
from collections.abc import Callable
from datetime import timedelta
from urllib.parse import unquote

import pypdfium2
import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from postal.domain.bag import BagState
from postal.domain.dispatch import DispatchState
from postal.domain.events import IncidentKind
from postal.domain.handover import RecordState
from postal.services import bags, custody, dispatches
from postal.store import Store
from tests import cast
from tests.bagging import SEAL, Bagging
from tests.web.conftest import MONDAY, PASSWORD, Clock

Open = Callable[[str], TestClient]
TRANSPORT = f"position:{cast.transport.key}"


@pytest.fixture
def bagging(web_store: Store) -> Bagging:
    """Return the store of the application with bags packed by Lan, carried by Van, received by Mai."""
    return Bagging(web_store)


@pytest.fixture
def lan(signed_in: Open) -> TestClient:
    return signed_in("lan")


@pytest.fixture
def van(signed_in: Open) -> TestClient:
    return signed_in("van")


@pytest.fixture
def mai(signed_in: Open) -> TestClient:
    return signed_in("mai")


def send(client: TestClient, path: str, **fields: object) -> Response:
    """Send a form of ours."""
    csrf = client.get("/bags").text.split('name="csrf" value="', 1)[1].split('"', 1)[0]
    return client.post(path, data={"csrf": csrf, **fields})


def words_of(answer: Response) -> str:
    """Return the text of a PDF as one line."""
    assert answer.headers["content-type"] == "application/pdf"
    pages = pypdfium2.PdfDocument(answer.content)
    return " ".join(" ".join(page.get_textpage().get_text_range() for page in pages).split())


def trip_on_its_way(bagging: Bagging, *bags_: str, hours: int = 2) -> str:
    """Let a trip leave with Tài, expected in some hours."""
    trip = dispatches.make(
        bagging.store,
        code=cast.TRIP,
        origin=cast.OFFICE,
        destination=cast.to_the_desk,
        expected_at=MONDAY + timedelta(hours=hours),
        by=cast.lan,
        at=MONDAY,
    )
    dispatches.load(bagging.store, trip.code, bags_, by=cast.lan, at=MONDAY)
    dispatches.hand_over_together(
        bagging.store, trip.code, to=cast.transport, giver=cast.lan, receiver=cast.tai, at=MONDAY, below=bagging.below
    )
    return trip.code


# --- lists ------------------------------------------------------------------------------------------------------------


def test_a_counter_sees_its_bags_and_where_each_is(bagging: Bagging, lan: TestClient) -> None:
    assert "Không giữ túi nào." in lan.get("/bags").text
    here, away = bagging.packed(bagging.envelopes(2)), bagging.packed(bagging.envelopes(3))
    bagging.carried(away)
    page = lan.get("/bags").text
    assert here[:5] in page
    assert away[:5] in page
    assert "Hôm nay chưa có túi nào đến." in page


def test_a_desk_reads_which_bags_come_today_and_receives_the_one_offered_to_it(
    bagging: Bagging, mai: TestClient
) -> None:
    coming, offered = bagging.packed(bagging.envelopes(2)), bagging.packed(bagging.envelopes(1))
    bagging.carried(coming)
    bagging.brought(offered, at=MONDAY)
    for path in ("/bags", "/desk"):
        page = mai.get(path).text
        assert "Túi đến hôm nay (2)" in page
        assert f"/bags/{offered}/receive" in page
        assert f"/bags/{coming}/receive" not in page, "the driver has not handed it over"


def test_a_late_bag_says_how_late_it_is_and_who_has_it(bagging: Bagging, signed_in: Open, clock: Clock) -> None:
    trip_on_its_way(bagging, bagging.packed(bagging.envelopes(1)))
    assert "đến trễ" not in signed_in("mai").get("/bags").text
    clock.at = MONDAY + timedelta(hours=2, minutes=45)
    page = signed_in("mai").get("/bags").text
    assert "Trễ 45 phút – đang ở Vận chuyển" in page
    assert "1 túi đến trễ" in page


def test_the_counter_home_counts_bags_that_wait_to_leave(bagging: Bagging, lan: TestClient) -> None:
    bagging.packed(bagging.envelopes(2))
    bags.start(
        bagging.store,
        code=next(bagging.bags),
        destination=cast.to_the_desk,
        custodian=cast.counter,
        by=cast.lan,
        at=MONDAY,
    )
    page = re.sub(r"<[^>]+>|\s+", " ", lan.get("/counter").text)
    assert re.search(r"Túi đang đóng dở\s+1 ", page)
    assert re.search(r"Túi chờ chuyển đi\s+1 ", page)


# --- one bag ----------------------------------------------------------------------------------------------------------


def test_a_bag_shows_its_list_its_story_and_what_to_do_next(bagging: Bagging, lan: TestClient) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    page = lan.get(f"/bags/{code}").text
    assert "Bảng kê: 2 bưu gửi, 2 trong túi" in page
    assert all(f"/items/{each}" in page for each in items)
    assert f"/handovers/new?item={code}" in page
    assert "Đóng túi, niêm phong số 701234." in page
    assert "personal" not in page


def test_after_the_count_a_bag_shows_its_differences_and_links_their_records(bagging: Bagging, mai: TestClient) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    bagging.brought(code, at=MONDAY)
    found = bagging.received(code, items[:1], seal_seen="701243")
    page = mai.get(f"/bags/{code}").text
    assert "niêm phong trên túi 701243, bảng kê 701234" in page
    assert "Thiếu khi mở túi" in page
    assert all(f"/incidents/{each.code}" in page for each in found.incidents)
    item = mai.get(f"/items/{items[1]}").text
    assert f"/incidents/{found.incidents[0].code}" in item


def test_nobody_without_part_in_it_sees_a_bag(bagging: Bagging, signed_in: Open) -> None:
    code = bagging.packed(bagging.envelopes(1))
    assert signed_in("be").get(f"/bags/{code}").status_code == 403
    assert signed_in("dung").get(f"/bags/{code}").status_code == 200
    assert signed_in("lan").get("/bags/T222222222").status_code == 422
    assert signed_in("lan").get(f"/bags/{next(bagging.bags)}").status_code == 404


def test_the_label_and_the_list_of_a_bag_are_printed_without_names(bagging: Bagging, lan: TestClient) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    shown = f"{code[:5]}-{code[5:]}"
    label = words_of(lan.get(f"/bags/{code}/label.pdf"))
    assert shown in label
    assert SEAL in label
    listed = words_of(lan.get(f"/bags/{code}/manifest.pdf"))
    assert all(f"{each[:5]}-{each[5:]}" in listed for each in items)
    assert "2 bưu gửi" in listed
    assert cast.khanh.name not in label + listed


def test_a_photo_of_the_seal_is_shown_and_noted(bagging: Bagging, lan: TestClient) -> None:
    items, code = bagging.envelopes(1), next(bagging.bags)
    bags.start(bagging.store, code=code, destination=cast.to_the_desk, custodian=cast.counter, by=cast.lan, at=MONDAY)
    bags.seal(bagging.store, code, items=items, seal=SEAL, photo=b"\xff\xd8photo", by=cast.lan, at=MONDAY)
    assert lan.get(f"/bags/{code}/photo").content == b"\xff\xd8photo"
    assert lan.get(f"/bags/{code}/photo-opened").status_code == 404


def test_a_bag_is_reported_missing_found_and_taken_over(
    bagging: Bagging, lan: TestClient, signed_in: Open, web_store: Store
) -> None:
    code = bagging.packed(bagging.envelopes(1))
    assert send(lan, f"/bags/{code}/missing").status_code == 303
    assert "Không thấy, đang tìm" in lan.get(f"/bags/{code}").text
    assert send(lan, f"/bags/{code}/found").status_code == 303
    assert not bagging.bag(code).is_missing
    again = send(lan, f"/bags/{code}/found")
    assert again.status_code == 409
    assert "Lỗi: Túi" in again.text
    refused = send(lan, f"/bags/{code}/take-over", to=TRANSPORT, reason="x")
    assert refused.status_code == 403


def test_an_empty_bag_is_voided(bagging: Bagging, lan: TestClient) -> None:
    code = next(bagging.bags)
    bags.start(bagging.store, code=code, destination=cast.to_the_desk, custodian=cast.counter, by=cast.lan, at=MONDAY)
    assert send(lan, f"/bags/{code}/void").status_code == 303
    assert bagging.bag(code).state is BagState.VOIDED


# --- bags as lines ----------------------------------------------------------------------------------------------------


def test_a_bag_is_chosen_by_a_scan_and_handed_over_as_one_line(
    bagging: Bagging, lan: TestClient, van: TestClient
) -> None:
    items = bagging.envelopes(3)
    code = bagging.packed(items)
    giver = f"position:{cast.counter.key}"
    page = send(lan, "/handovers/new", step="check", giver=giver, scanned=f"{code}\n{items[0]}")
    assert "Đã chọn" in page.text
    assert "nằm trong túi" in page.text, "what lies in a bag goes with its bag"
    made = send(lan, "/handovers/new", step="offer", giver=giver, items=[code], receiver=TRANSPORT)
    assert made.status_code == 303, made.text
    record = made.headers["location"].split("/")[2].split("?")[0]
    counting = van.get(f"/handovers/{record}").text
    assert "Túi 3 bưu gửi" in counting
    assert "Ký nhận 1/1" in counting
    ticked = send(van, f"/handovers/{record}/count", scanned=code)
    assert "Đã nhận" in ticked.text
    agreed = re.search(r'name="agreed" value="([^"]+)"', counting)
    assert agreed
    assert send(van, f"/handovers/{record}/accept", agreed=agreed[1]).status_code == 303
    assert bagging.bag(code).custodian == cast.transport
    assert "1/1 túi" in van.get(f"/handovers/{record}").text
    printed = words_of(van.get(f"/handovers/{record}.pdf"))
    assert f"{code[:5]}-{code[5:]}: 3 bưu gửi" in printed
    assert SEAL in printed


def test_the_holdings_and_the_shift_count_a_bag_as_one_piece(bagging: Bagging, lan: TestClient) -> None:
    bagging.packed(bagging.envelopes(4))
    bagging.envelopes(2)
    listed = re.sub(r"<[^>]+>|\s+", " ", lan.get("/handovers").text)
    assert re.search(r"Quầy giao dịch[^0-9]+2\s+1\s+0", listed), listed
    assert "Sổ ghi <strong>3</strong> bưu gửi rời và túi" in lan.get(f"/shift/{cast.counter.key}").text


# --- trips ------------------------------------------------------------------------------------------------------------


def test_a_trip_is_made_handed_over_and_leaves_when_the_driver_signs(
    bagging: Bagging, lan: TestClient, van: TestClient
) -> None:
    codes = [bagging.packed(bagging.envelopes(1)) for _ in range(2)]
    offered = lan.get("/trips").text
    assert "(2 túi đang chờ)" in offered
    made = send(lan, "/trips", to=cast.DESK, expected_on="16/11/2026", expected_time="15:40")
    trip = made.headers["location"].split("/")[2]
    dispatches.load(bagging.store, trip, codes, by=cast.lan, at=MONDAY)
    page = lan.get(f"/trips/{trip}").text
    assert "2 túi, 2 bưu gửi" in page
    empty = send(lan, f"/trips/{trip}/hand-over", step="offer", receiver="")
    assert empty.status_code == 422
    assert "Chưa chọn nơi nhận" in empty.text
    sent = send(lan, f"/trips/{trip}/hand-over", step="offer", receiver=TRANSPORT)
    record = sent.headers["location"].split("/")[2].split("?")[0]
    assert "Biên bản chờ bên vận chuyển ký" in lan.get(f"/trips/{trip}").text
    agreed = re.search(r'name="agreed" value="([^"]+)"', van.get(f"/handovers/{record}").text)
    assert agreed
    assert send(van, f"/handovers/{record}/accept", agreed=agreed[1]).status_code == 303
    left = bagging.trip(trip)
    assert left.state is DispatchState.ON_THE_WAY
    assert left.expected_at == MONDAY + timedelta(hours=6, minutes=40)
    listed = words_of(lan.get(f"/trips/{trip}/list.pdf"))
    assert all(f"{each[:5]}-{each[5:]}" in listed for each in codes)


def test_a_trip_leaves_at_once_when_the_driver_signs_on_the_same_screen(
    bagging: Bagging, lan: TestClient, van: TestClient
) -> None:
    code = bagging.packed(bagging.envelopes(1))
    trip = send(lan, "/trips", to=cast.DESK).headers["location"].split("/")[2]
    dispatches.load(bagging.store, trip, [code], by=cast.lan, at=MONDAY)
    van.get("/handovers")
    path = f"/trips/{trip}/hand-over"
    wrong = send(lan, path, step="together", receiver=TRANSPORT, username="van", password="sai")
    assert wrong.status_code in (401, 403, 422)
    assert "Lỗi: Chuyến thư" in wrong.text
    done = send(lan, path, step="together", receiver=TRANSPORT, username="van", password=PASSWORD)
    assert done.status_code == 303, done.text
    assert bagging.trip(trip).state is DispatchState.ON_THE_WAY


def test_a_bag_is_taken_off_before_the_trip_leaves_and_a_trip_needs_a_destination(
    bagging: Bagging, lan: TestClient
) -> None:
    code = bagging.packed(bagging.envelopes(1))
    nowhere = send(lan, "/trips", to="")
    assert nowhere.status_code == 422
    assert "Chưa chọn nơi đến của chuyến" in nowhere.text
    half = send(lan, "/trips", to=cast.DESK, expected_on="16/11/2026")
    assert "Chưa rõ giờ dự kiến đến" in half.text
    trip = send(lan, "/trips", to=cast.DESK).headers["location"].split("/")[2]
    dispatches.load(bagging.store, trip, [code], by=cast.lan, at=MONDAY)
    assert send(lan, f"/trips/{trip}/unload", bag=code).status_code == 303
    assert bagging.trip(trip).bags == ()
    assert "Trung tâm" in lan.get("/trips?words=trung tam phuc vu").text


def test_the_desk_says_that_a_trip_came_and_which_bag_did_not(bagging: Bagging, mai: TestClient) -> None:
    here, lost = bagging.packed(bagging.envelopes(1)), bagging.packed(bagging.envelopes(2))
    extra = bagging.packed(bagging.envelopes(1))
    trip = trip_on_its_way(bagging, here, lost)
    bagging.carried(extra)
    assert "Túi có trên xe" in mai.get(f"/trips/{trip}").text
    unclear = send(mai, f"/trips/{trip}/arrive", bags=[here], scanned="không phải mã")
    assert unclear.status_code == 422
    assert "không phải mã túi" in unclear.text
    done = send(mai, f"/trips/{trip}/arrive", bags=[here], scanned=extra)
    assert "2 biên bản sự cố" in unquote(done.headers["location"])
    assert bagging.bag(lost).is_missing
    assert {each.kind for each in bagging.incidents(lost, extra)} == {IncidentKind.MISSING, IncidentKind.EXTRA}
    assert "Không đến cùng chuyến" in mai.get(f"/trips/{trip}").text


def test_nobody_else_sees_a_trip(bagging: Bagging, signed_in: Open) -> None:
    trip = trip_on_its_way(bagging, bagging.packed(bagging.envelopes(1)))
    assert signed_in("be").get(f"/trips/{trip}").status_code == 403
    assert send(signed_in("dung"), f"/trips/{trip}/arrive").status_code in (403, 422)
    assert bagging.trip(trip).state is DispatchState.ON_THE_WAY


# --- policies ---------------------------------------------------------------------------------------------------------


def test_who_leads_a_place_decides_how_bags_are_received(mai: TestClient, signed_in: Open) -> None:
    assert signed_in("lan").get("/policies").status_code == 403
    assert "Luôn được" in mai.get("/policies").text
    saved = send(mai, "/policies/whole-bag", value="sample", basis="Quy chế 12")
    assert saved.status_code == 303
    page = mai.get("/policies").text
    assert "Quy chế 12" in page
    assert 'value="sample" checked' in page
    wrong = send(mai, "/policies/whole-bag", value="bừa")
    assert wrong.status_code == 422
    assert "Chưa chọn cách làm" in wrong.text


def test_a_record_of_several_bags_shows_the_line_that_was_opened_as_taken(bagging: Bagging, mai: TestClient) -> None:
    first = bagging.envelopes(1)
    one, other = bagging.packed(first), bagging.packed(bagging.envelopes(1))
    record = bagging.brought(one, other, at=MONDAY)
    bagging.received(one, first)
    assert bagging.record(record.code).state is RecordState.OFFERED
    agreed = re.search(r'name="agreed" value="([^"]+)"', mai.get(f"/handovers/{record.code}").text)
    assert agreed
    assert send(mai, f"/handovers/{record.code}/accept", agreed=agreed[1]).status_code == 303
    assert bagging.record(record.code).accepted == (one, other)
    assert custody.is_bag(one)


# --- scans ------------------------------------------------------------------------------------------------------------


def test_scanning_what_lies_in_a_bag_says_which_bag_it_is(
    bagging: Bagging, lan: TestClient, signed_in: Open, mai: TestClient
) -> None:
    items = bagging.envelopes(1)
    code = bagging.packed(items)
    shown = f"{code[:5]}-{code[5:]}"
    own = lan.get(f"/scan?q={items[0]}").text
    assert f"Nằm trong túi {shown}." in own
    assert f'href="/bags/{code}"' in own
    other = signed_in("khoa").get(f"/scan?q={items[0]}").text
    assert f"Để riêng. Đang ghi nằm trong túi {shown}" in other
    assert mai.get(f"/scan?q={code}").status_code == 200


def test_scanning_the_label_of_what_came_out_unseen_is_seeing_it(bagging: Bagging, mai: TestClient) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    bagging.brought(code, at=MONDAY)
    send(mai, "/policies/whole-bag", value="always")
    bagging.received(code, [], unchecked=items, at=MONDAY)
    assert "Nhận nguyên túi, chưa kiểm" in mai.get(f"/items/{items[0]}").text
    mai.get(f"/scan?q={items[0]}")
    assert bagging.item(items[0]).is_checked
    assert not bagging.item(items[1]).is_checked
    assert "Nhận nguyên túi, chưa kiểm" not in mai.get(f"/items/{items[0]}").text
