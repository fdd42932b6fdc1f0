"""The page of an envelope in a browser: seal, move, take over, report."""

from collections.abc import Callable

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from postal.domain import codes
from postal.domain.item import Item, Trouble
from postal.domain.people import Custodian, Role
from postal.store import Store
from tests import cast, envelopes

Open = Callable[[str], TestClient]


def send(client: TestClient, code: str, step: str, **fields: str) -> Response:
    """Send one step of the page."""
    token = client.get("/handovers").text.split('name="csrf" value="', 1)[1].split('"', 1)[0]
    return client.post(f"/items/{code}/{step}", data={"csrf": token, **fields})


def item_of(store: Store, code: str) -> Item:
    with store.read() as reader:
        item = reader.thing(Item, code)
    assert item is not None
    return item


@pytest.fixture
def lan(signed_in: Open) -> TestClient:
    return signed_in("lan")


@pytest.fixture
def code(web_store: Store, lan: TestClient) -> str:
    """Return an envelope at Lan's counter, not sealed yet."""
    return envelopes.at_the_counter(web_store, 1, sealed=False)[0]


def test_the_page_says_who_holds_it_and_where_it_must_go(lan: TestClient, code: str) -> None:
    page = lan.get(f"/items/{codes.shown(code)}").text
    assert str(cast.counter) in page
    assert cast.to_the_desk.name in page
    assert "Chưa niêm phong" in page
    assert "3 giấy tờ: 1 bản chính" in page
    assert f"/handovers/new?item={code}" not in page, "what is not sealed is not handed over"


def test_a_seal_is_written_down(web_store: Store, lan: TestClient, code: str) -> None:
    assert send(lan, code, "seal", seal="881245").status_code == 303
    assert item_of(web_store, code).seal == "881245"
    assert "Niêm phong số 881245." in lan.get(f"/items/{code}").text


def test_a_seal_without_a_number_is_asked_for(lan: TestClient, code: str) -> None:
    answer = send(lan, code, "seal", seal="")
    assert answer.status_code == 422
    assert "Chưa có số niêm phong" in answer.text
    assert "<title>Lỗi: Bưu gửi" in answer.text


def test_only_the_holder_may_seal(web_store: Store, signed_in: Open, code: str) -> None:
    answer = send(signed_in("khoa"), code, "seal", seal="1")
    assert answer.status_code == 409
    assert f"đang do {cast.counter} giữ" in answer.text
    assert item_of(web_store, code).seal == ""


def test_one_person_moves_it_between_two_own_positions(web_store: Store, signed_in: Open) -> None:
    be = signed_in("be")
    counter = Custodian(kind=cast.counter.kind, key="556630:counter", side=cast.counter.side, place="556630")
    owner = cast.actor("be", "Be", counter, place="556630", roles={Role.COUNTER_CLERK})
    (code,) = envelopes.at_the_counter(web_store, 1, custodian=counter, by=owner)
    assert "Chuyển giữa các vị trí của tôi" in be.get(f"/items/{code}").text
    assert send(be, code, "move", to="position:556630:transport").status_code == 303
    assert item_of(web_store, code).custodian.key == "556630:transport"


def test_nobody_moves_it_to_a_position_that_is_not_his(web_store: Store, lan: TestClient, code: str) -> None:
    signed = send(lan, code, "move", to=f"position:{cast.desk.key}")
    assert signed.status_code == 422
    assert "lập biên bản bàn giao" in signed.text
    assert item_of(web_store, code).custodian.key == cast.counter.key


def test_what_cannot_be_found_or_is_torn_is_reported_and_settled(web_store: Store, lan: TestClient, code: str) -> None:
    send(lan, code, "missing")
    assert item_of(web_store, code).trouble is Trouble.MISSING
    assert "Đang tìm, chưa thấy" in lan.get(f"/items/{code}").text
    send(lan, code, "found")
    send(lan, code, "damaged")
    assert item_of(web_store, code).trouble is Trouble.DAMAGED


def test_a_desk_officer_takes_over_with_a_reason_and_both_sides_read_it(
    web_store: Store, lan: TestClient, signed_in: Open, code: str
) -> None:
    mai = signed_in("mai")
    desk = f"position:{cast.desk.key}"
    assert send(mai, code, "take-over", to=desk, reason=" ").status_code == 422
    assert send(mai, code, "take-over", to=desk, reason="Bưu tá để lại trên bàn").status_code == 303
    assert item_of(web_store, code).custodian.key == cast.desk.key
    assert "Bưu tá để lại trên bàn" in lan.get(f"/items/{code}").text


def test_a_reason_that_was_read_leaves_an_audit_line(web_store: Store, signed_in: Open, code: str) -> None:
    mai = signed_in("mai")
    send(mai, code, "take-over", to=f"position:{cast.desk.key}", reason="Để lại trên bàn")
    mai.get(f"/items/{code}")
    signed_in("quantri").get(f"/items/{code}")
    assert _audited(web_store, code) == [("mai", "item_reasons_seen")]


def test_a_unit_that_takes_no_part_reads_whom_to_ask(signed_in: Open, code: str) -> None:
    answer = signed_in("be").get(f"/items/{code}")
    assert answer.status_code == 403
    assert "không đi qua đơn vị" in answer.text
    assert cast.DOSSIER not in answer.text


def test_who_may_take_over_does_not_learn_what_is_inside(signed_in: Open, code: str) -> None:
    page = signed_in("xuan").get(f"/items/{code}").text
    assert "Nhận thay, ghi lý do" in page
    assert "giấy tờ:" not in page
    assert codes.shown(cast.DOSSIER) not in page


def test_a_clerk_may_not_take_over(signed_in: Open, web_store: Store, code: str) -> None:
    answer = send(signed_in("khoa"), code, "take-over", to=f"position:{cast.sorting.key}", reason="x")
    assert answer.status_code == 403
    assert item_of(web_store, code).custodian.key == cast.counter.key


@pytest.mark.parametrize(("typed", "status"), [("P3FHJ-8QXV8", 422), ("P3FHJ-8QXV9", 404), ("7K2M4-9RTBQ", 422)])
def test_a_code_that_is_none_gets_its_sentence(lan: TestClient, typed: str, status: int) -> None:
    assert lan.get(f"/items/{typed}").status_code == status


def _audited(store: Store, subject: str) -> list[tuple[str, str]]:
    from sqlalchemy import text

    query = text("SELECT account, what FROM audit WHERE subject = :subject ORDER BY seq").bindparams(subject=subject)
    with store.read() as reader:
        return [(row.account, row.what) for row in reader.rows(query)]
