"""Money in a browser: paid at any post office, receipted, counted, handed on, remitted, given back."""

import io
import random
import re
from collections.abc import Callable
from typing import Any

import pytest
from httpx2 import Response
from PIL import Image
from sqlalchemy import select
from starlette.testclient import TestClient

from postal.domain.dossier import Dossier
from postal.domain.events import MoneyLedger, Payment, ReturnWay, Service
from postal.services import accounts, agency, registration, verification
from postal.services.registration import PaperEntry, Registration
from postal.store import Store
from postal.store.tables import AuditRow, table_of
from tests import cast
from tests.labels import paper as prints
from tests.web import way
from tests.web.conftest import MONDAY, PASSWORD, Clock

Open = Callable[[str], TestClient]
FEES, POSTAGE = MoneyLedger.FEES, MoneyLedger.POSTAGE


def dossier_with(store: Store, **money: Any) -> str:
    """Register a dossier at the central office that owes money."""
    given: dict[str, Any] = {
        "service": Service.BOTH,
        "procedure": cast.PROCEDURE,
        "sender": way.SENDER,
        "case_commune": "20242",
        "return_way": ReturnWay.HOME,
        "papers": (PaperEntry(name="Tờ khai", originals=1),),
        "seal": "881245",
        "payment": Payment.LATER,
        "fees_basis": "Lệ phí cấp phiếu",
        "weight_g": 120,
    } | money
    below = random.Random(len(repr(given))).randrange
    return registration.register(store, Registration(**given), by=cast.lan, at=MONDAY, below=below).dossier.code


def send(client: TestClient, page: str, address: str, **fields: str) -> Response:
    """Send a form with the hidden fields of the page it stands on."""
    text = client.get(page).text
    hidden = dict(re.findall(r'name="(csrf|request|refund_request)" value="([^"]*)"', text))
    return client.post(address, data={**hidden, **fields})


def collect(client: TestClient, code: str, **fields: str) -> Response:
    return send(client, f"/money/collect/{code}", f"/money/collect/{code}", **fields)


def dossier(store: Store, code: str) -> Dossier:
    with store.read() as reader:
        found = reader.thing(Dossier, code)
    assert found is not None
    return found


def shown(code: str) -> str:
    return f"{code[:5]}-{code[5:]}"


@pytest.fixture
def owing(web_store: Store) -> str:
    """Return a dossier that owes 135.000 đ of fees and 30.000 đ of postage."""
    return dossier_with(web_store, fees=135_000, postage=30_000)


@pytest.mark.parametrize("username", ["lan", "be"])
def test_what_is_owed_is_paid_at_any_post_office_and_nothing_personal_is_shown_there(
    web_store: Store, signed_in: Open, owing: str, username: str
) -> None:
    clerk = signed_in(username)
    found = clerk.get(f"/money/collect?q={shown(owing)}")
    assert found.headers["location"] == f"/money/collect/{owing}"
    page = clerk.get(f"/money/collect/{owing}").text
    assert "135.000 đ, cho Ủy ban nhân dân phường Hải Châu" in page
    assert not any(canary in page for canary in way.CANARIES[:-1])
    paid = collect(clerk, owing, fees="135.000", postage="30000", payment="cash", printed="AB/26P 0001234")
    assert paid.status_code == 303
    assert (dossier(web_store, owing).fees.owed, dossier(web_store, owing).postage.owed) == (0, 0)
    receipt = clerk.get(paid.headers["location"]).text
    assert "Một trăm ba mươi lăm nghìn đồng" in receipt
    assert "AB/26P 0001234" in receipt
    assert "Chimvàng Quýtđỏ" in receipt, "who is given a receipt stands on it"


def test_a_receipt_is_printed_in_three_copies_and_the_look_leaves_a_line(
    web_store: Store, signed_in: Open, owing: str
) -> None:
    lan = signed_in("lan")
    number = collect(lan, owing, fees="135000", payment="cash").headers["location"].split("/")[3][:10]
    answer = lan.get(f"/money/receipts/{number}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    pages = prints.texts(answer.content)
    assert ["Liên 1" in pages[0], "Liên 2" in pages[1], "Liên 3" in pages[2]] == [True] * 3
    assert "Lệ phí cấp phiếu" in pages[0]
    with web_store.read() as reader:
        looks = reader.rows(
            select(table_of(AuditRow).c.subject).where(table_of(AuditRow).c.what.like("money_receipt%"))
        )
    assert [look.subject for look in looks] == [owing]
    assert signed_in("mai").get(f"/money/receipts/{number}.pdf").status_code == 403


def test_a_form_sent_twice_takes_the_money_once(web_store: Store, signed_in: Open, owing: str) -> None:
    lan = signed_in("lan")
    text = lan.get(f"/money/collect/{owing}").text
    fields = dict(re.findall(r'name="(csrf|request)" value="([^"]*)"', text)) | {"fees": "135000", "payment": "cash"}
    first, second = (lan.post(f"/money/collect/{owing}", data=fields) for _ in range(2))
    assert first.headers["location"] == second.headers["location"]
    assert dossier(web_store, owing).fees.collected == 135_000


def test_more_than_is_owed_is_refused_and_what_was_typed_stays(web_store: Store, signed_in: Open, owing: str) -> None:
    lan = signed_in("lan")
    answer = collect(lan, owing, fees="200000", postage="30000", payment="transfer", printed="AB/26P 77")
    assert answer.status_code == 422
    assert "còn phải thu 135.000 đ phí, lệ phí, không thu 200.000 đ" in answer.text
    assert 'value="200000"' in answer.text
    assert 'value="AB/26P 77"' in answer.text
    assert 'value="transfer" checked' in answer.text
    assert dossier(web_store, owing).fees.collected == 0
    assert collect(lan, owing, fees="nhiều", payment="cash").status_code == 422
    assert collect(lan, owing, fees="0", payment="cash").status_code == 422


def test_a_code_nobody_knows_and_one_of_two_desks_are_told_apart(signed_in: Open, owing: str) -> None:
    lan = signed_in("lan")
    assert "Không có hồ sơ nào mang mã" in lan.get("/money/collect?q=H48.17-261116-0009").text
    assert lan.get("/money/collect?q=22222-22222").status_code == 404
    assert "Mã sai" in lan.get("/money/collect?q=22222-22223").text
    assert "Không có hồ sơ nào" in lan.get("/money/collect?q=Nguyễn").text


def test_a_code_that_a_keyboard_rewrote_finds_its_dossier(web_store: Store, signed_in: Open, owing: str) -> None:
    officer, lan = accounts.actor(web_store, "xuan"), signed_in("lan")
    agency.receive(web_store, owing, official_code="H48.17-261116-CC09", by=officer, at=MONDAY)
    found = lan.get("/money/collect?q=H48.17-261116-CH09")
    assert found.headers["location"] == f"/money/collect/{owing}"


def test_a_till_says_what_it_must_hold_and_a_difference_is_shown_to_the_head(
    web_store: Store, signed_in: Open, owing: str
) -> None:
    lan = signed_in("lan")
    collect(lan, owing, fees="135000", postage="30000", payment="cash")
    assert "165.000 đ" in lan.get("/money").text
    short = send(lan, "/money", "/money/count", postage="25000", fees="135000")
    assert short.status_code == 422
    assert "theo sổ có 165.000 đ, đếm được 160.000 đ" in short.text
    assert send(lan, "/money", "/money/count", postage="25000", fees="").status_code == 422
    assert (
        send(lan, "/money", "/money/count", postage="25000", fees="135000", reason="Trả nhầm khách").status_code == 303
    )
    assert "160.000 đ" in lan.get("/money").text
    assert verification.verify(web_store).is_sound


def test_money_is_handed_to_a_colleague_who_signs_on_the_same_screen(
    web_store: Store, signed_in: Open, owing: str
) -> None:
    phat = signed_in("phat")
    collect(phat, owing, fees="135000", postage="30000", payment="cash")
    signed_in("lan")
    wrong = send(phat, "/money", "/money/pass-on", receiver="position:551000:counter", username="be", password=PASSWORD)
    assert wrong.status_code == 422
    assert "chưa phụ trách" in wrong.text
    done = send(phat, "/money", "/money/pass-on", receiver="position:551000:counter", username="lan", password=PASSWORD)
    assert done.status_code == 303
    assert "Hai bên đã ký" in phat.get(done.headers["location"]).text
    assert "Quỹ không có tiền để giao" in phat.get("/money").text


def test_money_that_was_offered_waits_for_the_other_side_and_may_be_taken_back(signed_in: Open, owing: str) -> None:
    phat, lan = signed_in("phat"), signed_in("lan")
    collect(phat, owing, fees="135000", payment="cash")
    offered = send(phat, "/money", "/money/pass-on", receiver="position:551000:counter").headers["location"]
    number = offered.split("/")[3][:10]
    assert f"/money/papers/{number}" in lan.get("/money/in").text
    assert (
        "Đếm tiền rồi ký nhận" in lan.get(f"/scan?q={number}").text or lan.get(f"/scan?q={number}").status_code == 303
    )
    assert send(phat, "/money", f"/money/papers/{number}/accept").status_code == 403
    assert send(phat, "/money", f"/money/papers/{number}/recall").status_code == 303
    late = send(lan, "/money", f"/money/papers/{number}/accept")
    assert late.status_code == 409
    assert "bên giao đã thu hồi" in late.text


def test_fees_go_to_the_authority_on_a_list_its_officer_signs_here(
    web_store: Store, signed_in: Open, owing: str
) -> None:
    lan = signed_in("lan")
    signed_in("xuan")
    collect(lan, owing, fees="135000", postage="30000", payment="cash")
    page = lan.get("/money/remit").text
    assert "Trung tâm Phục vụ hành chính công phường Hải Châu: 135.000 đ" in page
    fields = {"giver": "551000:counter", "place": cast.COMMUNE_DESK}
    wrong = send(lan, "/money/remit", "/money/remit", **fields, username="xuan", password="sai")
    assert wrong.status_code == 403
    assert dossier(web_store, owing).fees.remitted == 0
    done = send(lan, "/money/remit", "/money/remit", **fields, username="xuan", password=PASSWORD)
    assert dossier(web_store, owing).fees.remitted == 135_000
    text = lan.get(done.headers["location"]).text
    assert "hai bên đã ký" in text.lower()
    pdf = lan.get(done.headers["location"].split("?")[0] + ".pdf")
    words = prints.text(pdf.content)
    assert "BẢNG KÊ NỘP PHÍ, LỆ PHÍ" in words
    assert "Một trăm ba mươi lăm nghìn đồng." in words
    assert verification.verify(web_store).is_sound


def test_a_list_signed_on_paper_is_entered_with_its_photo_and_its_time(
    web_store: Store, signed_in: Open, owing: str, clock: Clock
) -> None:
    lan = signed_in("lan")
    collect(lan, owing, fees="135000", payment="cash")
    offered = send(lan, "/money/remit", "/money/remit", giver="551000:counter", place=cast.COMMUNE_DESK).headers[
        "location"
    ]
    address = offered.split("?")[0]
    clock.at = cast.after(minutes=20)
    missing = send(lan, address, f"{address}/sign-on-paper", signed_on="16/11/2026", signed_time="", signer="")
    assert missing.status_code == 422
    assert "Chưa rõ giờ ký" in missing.text
    early = send(lan, address, f"{address}/sign-on-paper", signed_on="16/11/2026", signed_time="07:00", signer="Hoa")
    assert "Giờ ký 07:00" in early.text
    picture = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(picture, "JPEG")
    token = re.search(r'name="csrf" value="([^"]*)"', lan.get(address).text)
    assert token is not None
    fields = {"csrf": token[1], "signed_on": "16/11/2026", "signed_time": "09:10", "signer": "Phạm Thị Hoa"}
    files = {"photo": ("bang-ke.jpg", picture.getvalue(), "image/jpeg")}
    assert lan.post(f"{address}/sign-on-paper", data=fields, files=files).status_code == 303
    page = lan.get(address).text
    assert "Phạm Thị Hoa" in page
    assert "09:10 16/11/2026" in page
    assert lan.get(f"{address}/photo").headers["content-type"] == "image/jpeg"
    assert dossier(web_store, owing).fees.remitted == 135_000
    assert signed_in("be").get(address).status_code == 403


def test_money_goes_back_with_a_reason_and_never_more_than_came_in(
    web_store: Store, signed_in: Open, owing: str
) -> None:
    lan = signed_in("lan")
    collect(lan, owing, fees="135000", postage="30000", payment="cash")
    address = f"/money/collect/{owing}"
    no_reason = send(lan, address, f"{address}/refund", ledger="postage", amount="30000", ground="other", words="")
    assert no_reason.status_code == 422
    too_much = send(lan, address, f"{address}/refund", ledger="postage", amount="40000", ground="too_much")
    assert "chỉ còn 30.000 đ để hoàn" in too_much.text
    done = send(lan, address, f"{address}/refund", ledger="postage", amount="30000", ground="not_done")
    assert done.status_code == 303
    assert dossier(web_store, owing).postage.refunded == 30_000


def test_the_desk_sees_what_the_post_took_and_alone_moves_the_status(
    web_store: Store, signed_in: Open, owing: str
) -> None:
    agency.receive(web_store, owing, official_code="H48.17-261116-0042", by=cast.xuan, at=cast.after(hours=1))
    agency.take_into_work(web_store, owing, by=cast.xuan, at=cast.after(hours=1))
    agency.ask_payment(web_store, owing, amount=50_000, basis="Phí thẩm định", by=cast.xuan, at=cast.after(hours=2))
    be, xuan = signed_in("be"), signed_in("xuan")
    assert "Phí thẩm định" in be.get(f"/money/collect/{owing}").text
    collect(be, owing, fees="50000", payment="cash")
    page = xuan.get(f"/desk/{owing}").text
    assert "Đã thu 50.000 đ tại" in page
    assert "biên lai B" in page
    assert dossier(web_store, owing).status.name == "PAYMENT"


def test_a_shift_passes_with_its_till_counted(web_store: Store, signed_in: Open, owing: str) -> None:
    from postal.domain.people import Account, Role
    from postal.services import accounts

    cuc = Account(
        username="cuc",
        name="Lê Thị Cúc",
        place=cast.OFFICE,
        roles=frozenset({Role.COUNTER_CLERK}),
        entitled=(cast.counter.key,),
    )
    accounts.create(web_store, cuc, password=PASSWORD, at=MONDAY)
    lan = signed_in("lan")
    collect(lan, owing, fees="135000", postage="30000", payment="cash")
    address = f"/shift/{cast.counter.key}"
    assert "cước <strong>30.000 đ</strong>, phí, lệ phí <strong>135.000 đ</strong>" in lan.get(address).text
    fields = {"counted": "1", "username": "cuc", "password": PASSWORD}
    uncounted = send(lan, address, f"{address}/pass", **fields)
    assert "còn 165.000 đ theo sổ" in uncounted.text
    short = send(lan, address, f"{address}/pass", **fields, postage="30000", fees="130000")
    assert "đếm được 160.000 đ" in short.text
    done = send(lan, address, f"{address}/pass", **fields, postage="30000", fees="130000", reason="Thiếu, Lan bù sau")
    assert done.status_code == 303
    assert "160.000 đ" in signed_in("cuc").get("/money").text
    assert verification.verify(web_store).is_sound


@pytest.mark.parametrize(
    ("username", "address", "status"),
    [
        ("khoa", "/money", 403),
        ("mai", "/money", 403),
        ("mai", "/money/in", 200),
        ("khoa", "/money/in", 403),
        ("son", "/money/in", 403),
        ("phat", "/money", 200),
        ("hung", "/money", 422),
        ("mai", "/money/collect", 403),
        ("mai", "/money/remit", 403),
        ("lan", "/money/papers/BQP6GRMTQR", 404),
        ("lan", "/money/receipts/BQP6GRMTQR.pdf", 404),
    ],
)
def test_who_may_see_money(signed_in: Open, username: str, address: str, status: int) -> None:
    assert signed_in(username).get(address).status_code == status


def test_the_page_of_a_dossier_that_owes_leads_to_its_payment(signed_in: Open, owing: str) -> None:
    lan = signed_in("lan")
    assert f'href="/money/collect/{owing}"' in lan.get(f"/dossiers/{owing}").text
    collect(lan, owing, fees="135000", postage="30000", payment="cash")
    assert f'href="/money/collect/{owing}"' not in lan.get(f"/dossiers/{owing}").text


def test_a_receipt_names_its_payer_only_to_who_may_see_people(web_store: Store, signed_in: Open, owing: str) -> None:
    paper = collect(signed_in("lan"), owing, fees="135.000").headers["location"].partition("?")[0]
    assert way.SENDER.name in signed_in("lan").get(paper).text
    for username in ("van", "khoa", "dung"):
        seen = signed_in(username).get(paper)
        assert (seen.status_code, way.SENDER.name in seen.text, way.SENDER.address in seen.text) == (200, False, False)
        assert "135.000" in seen.text
