"""The desk's list and decisions, and the results it registers."""

import io
import random
from collections.abc import Callable
from datetime import timedelta

import pytest
from PIL import Image
from starlette.testclient import TestClient

from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import ReturnWay, Service
from postal.domain.people import Actor, Custodian, Person, PositionKind
from postal.services import accounts, custody, registration
from postal.services.registration import PaperEntry, Registration
from postal.store import Store
from tests import cast
from tests.web.conftest import MONDAY, Clock

Open = Callable[[str], TestClient]

RECEIVER = Person(name="Trần Văn Nhất", phone="+84905000001", address="12 Lê Lợi", commune="20242")


def csrf_of(client: TestClient) -> str:
    """Return the token the forms of this browser carry."""
    text = client.get("/desk").text
    return text.split('name="csrf" value="', 1)[1].split('"', 1)[0]


@pytest.fixture
def arrived(web_store: Store, signed_in: Open) -> tuple[TestClient, str]:
    """Return the browser of the commune's desk officer and a dossier she has just signed for."""
    browser = signed_in("xuan")
    for username in ("lan", "van"):
        signed_in(username)
    lan, van, xuan = (accounts.actor(web_store, name) for name in ("lan", "van", "xuan"))
    made = registration.register(
        web_store,
        Registration(
            service=Service.BOTH,
            procedure="1.004873",
            sender=RECEIVER,
            case_commune="20242",
            return_way=ReturnWay.HOME,
            papers=(PaperEntry(name="Tờ khai", originals=1), PaperEntry(name="Giấy cũ", originals=1, to_return=True)),
            why_incomplete="đủ theo trang của cơ quan",
            seal="881245",
        ),
        by=lan,
        at=MONDAY,
        below=random.Random(3).randrange,
    )
    assert made.item is not None
    _hand(web_store, made.item.code, giver=lan, receiver=van, to=cast.transport)
    _hand(web_store, made.item.code, giver=van, receiver=xuan, to=cast.at(cast.COMMUNE_DESK, PositionKind.DESK))
    return browser, made.dossier.code


def _hand(store: Store, item: str, *, giver: Actor, receiver: Actor, to: Custodian) -> None:
    below = random.Random(item + giver.account).randrange
    custody.hand_over_together(store, [item], to=to, giver=giver, receiver=receiver, at=MONDAY, below=below)


def decide(browser: TestClient, code: str, step: str, **fields: str) -> "object":
    return browser.post(f"/desk/{code}/{step}", data={"csrf": csrf_of(browser), **fields})


def test_what_was_signed_for_waits_to_be_received(arrived: tuple[TestClient, str]) -> None:
    browser, code = arrived
    page = browser.get("/desk").text
    assert "Chờ tiếp nhận (1)" in page
    assert f"{code[:5]}-{code[5:]}" in page


def test_receiving_gives_the_code_and_the_explained_date(arrived: tuple[TestClient, str]) -> None:
    browser, code = arrived
    answer = browser.post(
        f"/desk/{code}/receive", data={"csrf": csrf_of(browser), "official_code": "H48.17-261116-0001"}
    )
    assert answer.status_code == 303
    page = browser.get(f"/desk/{code}").text
    assert "H48.17-261116-0001" in page
    assert "QĐ 45/2016/QĐ-TTg Đ.7.4" in page
    assert "thứ Năm, 19/11/2026" in page, "three calendar days after Monday"
    assert "BLDS 2015" in page


def test_a_wrong_official_code_keeps_what_was_typed_and_says_what_is_wrong(arrived: tuple[TestClient, str]) -> None:
    browser, code = arrived
    answer = browser.post(f"/desk/{code}/receive", data={"csrf": csrf_of(browser), "official_code": "H48/17-0001"})
    assert answer.status_code == 422
    assert 'value="H48/17-0001"' in answer.text
    assert "<title>Lỗi: " in answer.text


def test_a_decision_against_the_citizen_needs_its_reason(arrived: tuple[TestClient, str]) -> None:
    browser, code = arrived
    answer = browser.post(f"/desk/{code}/refuse", data={"csrf": csrf_of(browser), "reason": "  "})
    assert answer.status_code == 422
    assert "Chưa ghi lý do" in answer.text


@pytest.mark.parametrize("amount", ["0", "", "mười nghìn", "1.5"])
def test_an_amount_that_cannot_be_paid_is_refused_and_kept(arrived: tuple[TestClient, str], amount: str) -> None:
    browser, code = arrived
    for step, fields in (("receive", {"official_code": "H48.17-261116-0001"}), ("take-into-work", {})):
        browser.post(f"/desk/{code}/{step}", data={"csrf": csrf_of(browser), **fields})
    answer = browser.post(f"/desk/{code}/ask-payment", data={"csrf": csrf_of(browser), "amount": amount, "basis": "x"})
    assert answer.status_code == 422
    assert "<title>Lỗi: " in answer.text
    assert f'value="{amount}"' in answer.text


def test_the_whole_work_of_a_desk(arrived: tuple[TestClient, str], clock: Clock) -> None:
    browser, code = arrived
    steps: list[tuple[str, dict[str, str]]] = [
        ("receive", {"official_code": "H48.17-261116-0001"}),
        ("take-into-work", {}),
        ("ask-supplement", {"other-1": "Giấy khám sức khỏe", "other-1-why": "hết hạn", "due_on": "30/11/2026"}),
        ("supplemented", {}),
        ("ask-payment", {"amount": "135.000 đ", "basis": "theo thông báo"}),
        ("paid", {}),
    ]
    for step, fields in steps:
        clock.at += timedelta(minutes=5)
        answer = browser.post(f"/desk/{code}/{step}", data={"csrf": csrf_of(browser), **fields})
        assert answer.status_code == 303, answer.text
    assert "Đang giải quyết (1)" in browser.get("/desk").text
    form = browser.get(f"/results/new?codes={code}").text
    assert "Giấy cũ" in form, "the paper owed back is named"
    answer = browser.post("/results/new", data={"csrf": csrf_of(browser), "codes": code, f"{code}-seal": "7001"})
    assert answer.status_code == 303
    assert "Bưu cục Trung tâm Đà Nẵng" in browser.get(answer.headers["location"]).text


def test_a_dossier_of_another_desk_is_not_there(arrived: tuple[TestClient, str], signed_in: Open) -> None:
    assert signed_in("mai").get(f"/desk/{arrived[1]}").status_code == 404


def test_a_result_we_never_carried_asks_for_its_receiver(signed_in: Open) -> None:
    browser = signed_in("xuan")
    fields = {"csrf": csrf_of(browser), "codes": "H48.17-261101-0007", "H48-17-261101-0007-seal": "1"}
    answer = browser.post("/results/new", data=fields)
    assert answer.status_code == 422
    assert "Nhập họ và tên người nhận" in answer.text
    key = "H48-17-261101-0007"
    fields |= {f"{key}-person": "Lê Thị Nhì", f"{key}-phone": "0905 000 002"}
    fields |= {f"{key}-commune": "20242", f"{key}-address": "3 Lê Lợi"}
    answer = browser.post("/results/new", data=fields)
    assert answer.status_code == 303, answer.text


def test_a_nine_digit_phone_of_a_receiver_is_named(signed_in: Open) -> None:
    browser = signed_in("xuan")
    key = "H48-17-261101-0008"
    fields = {"csrf": csrf_of(browser), "codes": "H48.17-261101-0008", f"{key}-person": "Lê Thị Nhì"}
    answer = browser.post("/results/new", data={**fields, f"{key}-commune": "20242", f"{key}-phone": "090500000"})
    assert "Đang có 9 số" in answer.text
    assert 'value="Lê Thị Nhì"' in answer.text


def test_a_result_that_stays_at_the_desk_is_handed_out_there(signed_in: Open, web_store: Store) -> None:
    browser = signed_in("xuan")
    signed_in("lan")
    made = registration.register(
        web_store,
        Registration(
            service=Service.SEND,
            procedure="1.004873",
            sender=RECEIVER,
            case_commune="20242",
            return_way=ReturnWay.DESK,
            papers=(PaperEntry(name="Tờ khai", originals=1),),
            why_incomplete="đủ",
            seal="1",
        ),
        by=accounts.actor(web_store, "lan"),
        at=MONDAY,
        below=random.Random(9).randrange,
    )
    code = made.dossier.code
    browser.post("/results/new", data={"csrf": csrf_of(browser), "codes": code})
    page = browser.get("/desk").text
    assert "Kết quả chờ người dân đến nhận tại đây (1)" in page
    item = page.split('href="/pickups/', 1)[1][:10]
    refused = browser.post(f"/pickups/{item}", data={"csrf": csrf_of(browser), "receiver": "addressee"})
    assert refused.status_code == 422
    answer = browser.post(
        f"/pickups/{item}",
        data={"csrf": csrf_of(browser), "receiver": "addressee", "identity": "1"},
        files={"photo": ("slip.png", picture(), "image/png")},
    )
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"].startswith("/desk")
    with web_store.read() as reader:
        dossier = reader.thing(Dossier, code)
    assert dossier is not None
    assert dossier.status is AgencyStatus.RETURNED


def picture() -> bytes:
    """Return a small picture, as a phone would send one."""
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(made, "PNG")
    return made.getvalue()


def test_a_list_of_results_that_is_sent_twice_is_registered_once(signed_in: Open) -> None:
    browser = signed_in("xuan")
    key = "H48-17-261101-0009"
    fields = {"csrf": csrf_of(browser), "codes": "H48.17-261101-0009", "request": "one-form", "step": "save"}
    fields |= {f"{key}-person": "Lê Thị Nhì", f"{key}-commune": "20242", f"{key}-address": "3 Lê Lợi"}
    first = browser.post("/results/new", data=fields)
    again = browser.post("/results/new", data=fields)
    assert (first.status_code, again.status_code) == (303, 303), again.text
    assert again.headers["location"] == first.headers["location"]


def test_a_line_added_to_a_list_that_is_saved_is_never_dropped_in_silence(signed_in: Open) -> None:
    browser = signed_in("xuan")
    first, second = "H48.17-261101-0009", "H48.17-261101-0010"
    fields = {"csrf": csrf_of(browser), "codes": first, "request": "one-form", "step": "save"}
    for key in ("H48-17-261101-0009", "H48-17-261101-0010"):
        fields |= {f"{key}-person": "Lê Thị Nhì", f"{key}-commune": "20242", f"{key}-address": "3 Lê Lợi"}
    assert browser.post("/results/new", data=fields).status_code == 303
    told = browser.post("/results/new", data={**fields, "codes": f"{first}\n{second}"})
    assert (told.status_code, "đã có kết quả" in told.text) == (422, True)
    new_form = told.text.split('name="request" value="', 1)[1].split('"', 1)[0]
    again = browser.post("/results/new", data={**fields, "codes": second, "request": new_form})
    assert again.status_code == 303, again.text
    assert "đã có kết quả" in browser.post("/results/new", data={**fields, "codes": second, "step": "check"}).text
