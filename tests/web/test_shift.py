"""Positions in a browser: passed on by two signatures and a count, taken when free, given on for the ill."""

from collections.abc import Callable

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

from postal.domain.people import Account, Role
from postal.domain.shift import PositionHolding
from postal.services import accounts
from postal.store import Store
from tests import cast, envelopes
from tests.web.conftest import MONDAY, PASSWORD

Open = Callable[[str], TestClient]

COUNTER = cast.counter.key


def send(client: TestClient, key: str, step: str, **fields: str) -> Response:
    """Send a form of the shift pages."""
    token = client.get("/shift").text.split('name="csrf" value="', 1)[1].split('"', 1)[0]
    return client.post(f"/shift/{key}/{step}", data={"csrf": token, **fields})


def holder_of(store: Store, key: str) -> str:
    with store.read() as reader:
        holding = reader.thing(PositionHolding, key)
    return holding.holder if holding else ""


@pytest.fixture
def lan(web_store: Store, signed_in: Open) -> TestClient:
    """Return Lan's browser; she holds the counter with three envelopes, and Cúc may follow her."""
    cuc = Account(
        username="cuc", name="Lê Thị Cúc", place=cast.OFFICE, roles=frozenset({Role.COUNTER_CLERK}), entitled=(COUNTER,)
    )
    accounts.create(web_store, cuc, password=PASSWORD, at=MONDAY)
    browser = signed_in("lan")
    envelopes.at_the_counter(web_store, 3)
    return browser


def test_a_position_passes_with_everything_in_it_after_one_count(
    web_store: Store, lan: TestClient, signed_in: Open
) -> None:
    page = lan.get(f"/shift/{COUNTER}").text
    assert "Sổ ghi <strong>3</strong> bưu gửi" in page
    assert "Lê Thị Cúc" in page
    answer = send(lan, COUNTER, "pass", counted="3", username="cuc", password=PASSWORD)
    assert answer.status_code == 303
    assert holder_of(web_store, COUNTER) == "cuc"
    assert "✓ Khớp 3" in lan.get("/shift").text
    cuc = signed_in("cuc")
    assert "đang giữ <strong>3</strong>" in cuc.get("/handovers/new").text
    assert "chưa phụ trách vị trí nào" in lan.get("/handovers/new").text


def test_a_difference_is_said_at_once_and_stays_visible(web_store: Store, lan: TestClient, signed_in: Open) -> None:
    answer = send(lan, COUNTER, "pass", counted="2", username="cuc", password=PASSWORD)
    assert "Thiếu 1 (sổ 3, đếm 2)" in lan.get(answer.headers["location"]).text
    assert "Thiếu 1 (sổ 3, đếm 2)" in signed_in("hung").get("/shift").text


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"counted": "", "username": "cuc", "password": PASSWORD}, "Chưa có số bưu gửi đã đếm"),
        ({"counted": "ba", "username": "cuc", "password": PASSWORD}, "Chưa có số bưu gửi đã đếm"),
        ({"counted": "3", "username": "cuc", "password": "sai mật khẩu"}, "chưa đúng"),
        ({"counted": "3", "username": "", "password": ""}, "Chưa có người nhận ký"),
        ({"counted": "3", "username": "lan", "password": PASSWORD}, "phải là hai người"),
        ({"counted": "3", "username": "be", "password": PASSWORD}, "không làm việc ở đơn vị"),
    ],
)
def test_without_a_count_and_a_second_signature_nothing_passes(
    web_store: Store, lan: TestClient, fields: dict[str, str], sentence: str
) -> None:
    answer = send(lan, COUNTER, "pass", **fields)
    assert answer.status_code in (403, 422)
    assert sentence in answer.text
    assert f'value="{fields["counted"]}"' in answer.text
    assert holder_of(web_store, COUNTER) == "lan"


def test_the_controller_passes_on_for_somebody_who_is_ill(web_store: Store, lan: TestClient, signed_in: Open) -> None:
    hung = signed_in("hung")
    assert "Giao lại khi người phụ trách vắng" in hung.get("/shift").text
    assert send(hung, COUNTER, "pass", counted="3", username="cuc", password=PASSWORD).status_code == 303
    assert holder_of(web_store, COUNTER) == "cuc"


def test_a_colleague_and_another_unit_pass_nothing_on(web_store: Store, lan: TestClient, signed_in: Open) -> None:
    for username in ("khoa", "be", "mai"):
        client = signed_in(username)
        assert client.get(f"/shift/{COUNTER}").status_code == 403
        answer = send(client, COUNTER, "pass", counted="3", username="cuc", password=PASSWORD)
        assert answer.status_code == 403
    assert holder_of(web_store, COUNTER) == "lan"


def test_a_position_nobody_holds_is_taken_by_whoever_may_hold_it(web_store: Store, visitor: TestClient) -> None:
    with web_store.begin(at=MONDAY) as ledger:
        ledger.accounts.open_session("khoa's session", account="khoa", device="web")
    visitor.cookies.set("__Host-session", "khoa's session")
    assert "Nhận vị trí này" in visitor.get("/shift").text
    assert send(visitor, cast.sorting.key, "take").status_code == 303
    assert holder_of(web_store, cast.sorting.key) == "khoa"
    assert send(visitor, cast.sorting.key, "take").status_code == 403, "it is not free any more"


def test_a_position_that_is_held_or_not_mine_is_not_taken(web_store: Store, lan: TestClient, signed_in: Open) -> None:
    assert send(signed_in("phat"), COUNTER, "take").status_code == 403
    assert send(lan, cast.sorting.key, "take").status_code == 403
    assert holder_of(web_store, cast.sorting.key) == ""
