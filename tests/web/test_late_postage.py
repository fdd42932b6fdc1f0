"""Late postage and the day's receipts in a browser; a lost envelope says its compensation on the dossier's page."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from postal.domain.dossier import Dossier
from postal.services import custody
from postal.store import Store
from postal.store.tables import AuditRow, table_of
from tests import cast
from tests.labels import paper as prints
from tests.web import way as ways
from tests.web.conftest import Clock
from tests.web.test_money import collect, dossier_with, send
from tests.web.way import Way

Open = Callable[[str], TestClient]


@pytest.fixture
def late(web_store: Store, clock: Clock) -> Way:
    """Return a dossier that the desk signed for two working days late, and let the clock stand then."""
    way = Way(web_store).register().to_transport()
    way.later(days=3)
    way._pass(way.item, giver=cast.tai, receiver=cast.xuan, to=cast.commune_desk)
    clock.at = way.later()
    return way


def refunded(store: Store, code: str) -> int:
    with store.read() as reader:
        found = reader.thing(Dossier, code)
    assert found is not None
    return found.postage.refunded


def test_the_list_leads_to_the_refund_and_the_refund_is_done_once(web_store: Store, signed_in: Open, late: Way) -> None:
    lan = signed_in("lan")
    assert 'href="/refunds"' in lan.get("/money").text
    page = lan.get("/refunds").text
    assert "Tổng cước phải hoàn" in page
    assert f'href="/money/collect/{late.code}#late"' in page
    assert "chậm 2 ngày làm việc, hạn 17/11/2026, đến 19/11/2026" in page
    assert "NĐ 47/2011/NĐ-CP Đ.25.2" in page
    address = f"/money/collect/{late.code}"
    offer = lan.get(address).text
    assert "Hoàn cước 30.000 đ</button>" in offer
    assert "17/05/2027" in offer or "17/5/2027" in offer
    fields = {"ledger": "postage", "ground": "late", "amount": "30000"}
    assert send(lan, address, f"{address}/refund", **fields).status_code == 303
    assert refunded(web_store, late.code) == 30_000
    again = send(lan, address, f"{address}/refund", **fields)
    assert again.status_code in (409, 422)
    assert refunded(web_store, late.code) == 30_000
    assert "Đã hoàn cước vì chậm ngày 19/11/2026" in lan.get(address).text
    assert "Không có hồ sơ nào phải hoàn cước vì chậm." in lan.get("/refunds").text


def test_the_page_of_the_dossier_says_that_postage_is_owed_back_and_why(signed_in: Open, late: Way) -> None:
    page = signed_in("lan").get(f"/dossiers/{late.code}").text
    assert "Bưu điện chuyển chậm 2 ngày làm việc: khách được hoàn cước 30.000 đ." in page
    assert "J là ngày ghi trên Phiếu gửi" in page
    desk = signed_in("xuan").get(f"/dossiers/{late.code}").text
    assert "khách được hoàn cước" in desk
    assert "#late" not in desk, "who may not refund has no link to it"


def test_lateness_is_no_ground_where_the_post_was_in_time(web_store: Store, signed_in: Open) -> None:
    lan = signed_in("lan")
    code = dossier_with(web_store, postage=30_000)
    collect(lan, code, postage="30000", payment="cash")
    address = f"/money/collect/{code}"
    refused = send(lan, address, f"{address}/refund", ledger="postage", amount="30000", ground="late")
    assert refused.status_code in (409, 422)
    assert "không có chặng nào bưu điện chuyển chậm" in refused.text
    assert refunded(web_store, code) == 0


@pytest.mark.parametrize(("username", "status"), [("lan", 200), ("hung", 200), ("phat", 403), ("mai", 403)])
def test_who_gives_money_back_sees_what_is_owed(signed_in: Open, username: str, status: int) -> None:
    assert signed_in(username).get("/refunds").status_code == status


def test_a_lost_envelope_says_its_least_compensation_where_the_dossier_is_read(
    web_store: Store, signed_in: Open
) -> None:
    way = Way(web_store).register()
    custody.report_missing(web_store, way.item, by=ways.lan, at=way.later())
    page = signed_in("lan").get(f"/dossiers/{way.code}").text
    assert "Ít nhất 120.000 đ (4 lần cước 30.000 đ), gồm cả cước hoàn lại." in page
    assert f'href="/items/{way.item}"' in page


# --- the receipts of a day --------------------------------------------------------------------------------------------


def test_the_receipts_of_a_day_are_listed_summed_and_printed_in_one_file(web_store: Store, signed_in: Open) -> None:
    lan = signed_in("lan")
    codes = [dossier_with(web_store, fees=135_000, postage=amount) for amount in (30_000, 5_000)]
    for code, postage in zip(codes, ("30000", "5000"), strict=True):
        collect(lan, code, fees="135000", postage=postage, payment="cash")
    address = f"/money/collect/{codes[0]}"
    send(lan, address, f"{address}/refund", ledger="postage", amount="10000", ground="too_much")
    assert 'href="/money/receipts"' in lan.get("/money").text
    page = lan.get("/money/receipts").text
    rows = re.findall(
        r"<tr><td>(?:<strong>)?([^<]+)(?:</strong>)?</td>((?:<td class=\"number amount\">[^<]+</td>){3})", page
    )
    sums = {name: re.findall(r">(-?[\d.]+) đ<", cells) for name, cells in rows}
    assert sums["Tiền mặt"] == ["35.000", "270.000", "305.000"]
    assert sums["Hoàn tiền mặt"] == ["-10.000", "0", "-10.000"]
    assert sums["Cộng trong ngày"] == ["25.000", "270.000", "295.000"]
    assert "In 4 biên lai, 3 liên" in page
    printed = lan.get("/money/receipts/day.pdf?day=2026-11-16")
    assert len(prints.texts(printed.content)) == 12
    with web_store.read() as reader:
        seen = [row.what for row in reader.rows(select(table_of(AuditRow).c.what))]
    assert seen.count("money_receipts_printed") == 1


def test_a_day_without_money_says_so_and_a_day_that_is_none_is_refused(signed_in: Open) -> None:
    lan = signed_in("lan")
    assert "Chưa thu, chưa hoàn khoản nào" in lan.get("/money/receipts?day=2026-11-15").text
    wrong = lan.get("/money/receipts?day=32/13/2026")
    assert wrong.status_code == 422
    assert "<title>Lỗi: " in wrong.text
    nothing = lan.get("/money/receipts/day.pdf?day=2026-11-15")
    assert nothing.status_code == 404
    assert "Ngày 15/11/2026 không có biên lai nào" in nothing.text


def test_an_office_sees_its_own_receipts_only(web_store: Store, signed_in: Open) -> None:
    code = dossier_with(web_store, fees=135_000)
    collect(signed_in("be"), code, fees="135000", payment="transfer")
    assert "135.000" in signed_in("be").get("/money/receipts").text
    assert code not in signed_in("lan").get("/money/receipts").text
