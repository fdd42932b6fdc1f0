"""The sums of the registration form: proposed from the tables in force, taken as they are or with a reason."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from postal.domain import tariffs as tables
from postal.domain.dossier import Dossier
from postal.domain.events import Collected, MoneyLedger
from postal.services import tariffs
from postal.store import Store
from tests.web.conftest import MONDAY, Clock
from tests.web.filling import Sitting, sit_down

Open = Callable[[str], TestClient]
HEADER = "service,area,over_g,up_to_g,amount,decision,basis,valid_from,valid_to\n"
TABLE = (
    HEADER
    + "both,inside,0,100,30000,QĐ 12/2026,Bảng giá thử,2026-07-01,\n"
    + "both,inside,100,500,45000,QĐ 12/2026,Bảng giá thử,2026-07-01,\n"
)
FEES = (
    "procedure,version,name,case,amount,decision,basis,valid_from,valid_to\n"
    "2.000635,,Lệ phí bản sao,,8000,TT 281/2016,Biểu thử,2025-07-01,\n"
    "2.000635,,Lệ phí bản sao,người có công,4000,TT 281/2016,Biểu thử,2025-07-01,\n"
)
CASE = {
    "sender_phone": "0905123456",
    "sender_number": "048203001234",
    "sender_name": "Nguyễn Văn An",
    "sender_address": "12 Lê Lợi",
    "procedure_q": "khai sinh",
    "seal": "881245",
}


def enter(store: Store, *files: str) -> None:
    for text in files:
        assert tariffs.import_tariffs(store, text, at=MONDAY).errors == ()


@pytest.fixture
def form(signed_in: Open) -> Callable[[], Sitting]:
    return lambda: filled(signed_in("lan"))


def filled(client: TestClient, **other: str) -> Sitting:
    """Return a form that lacks its weight and its postage."""
    sitting = sit_down(client).press("look", **CASE | other, sender_commune_q="Hải Châu")
    return sitting.press("commune:sender:20242").press("complete")


def value(sitting: Sitting, name: str) -> str:
    return sitting.form.fields[name]


def paid(store: Store, sitting: Sitting) -> Collected:
    code = sitting.page.headers["location"].split("/")[2].split("?")[0]
    with store.read() as reader:
        happened = [event for *_, event in reader.events([code])]
        assert reader.thing(Dossier, code) is not None
    return next(e for e in happened if isinstance(e, Collected) and e.ledger is MoneyLedger.POSTAGE)


def test_without_a_table_the_clerk_types_the_posted_price_and_is_told_so(
    web_store: Store, form: Callable[[], Sitting]
) -> None:
    sitting = form().press("look", weight="80")
    assert tables.NO_TABLE in sitting.page.text
    assert value(sitting, "postage") == ""
    sitting.press("save", postage="30000")
    assert sitting.page.status_code == 303, sitting.page.text
    assert paid(web_store, sitting).basis == "Giá cước niêm yết tại bưu cục"


def test_the_sum_of_the_table_is_proposed_with_its_basis_and_follows_the_weight(
    web_store: Store, form: Callable[[], Sitting]
) -> None:
    enter(web_store, TABLE)
    sitting = form()
    assert tables.NO_WEIGHT in sitting.page.text
    sitting.press("look", weight="80")
    assert value(sitting, "postage") == "30000"
    sitting.press("look", weight="120")
    assert value(sitting, "postage") == "45000"
    assert "Theo bảng giá: 45.000 đ" in sitting.page.text
    sitting.press("save")
    assert sitting.page.status_code == 303, sitting.page.text
    event = paid(web_store, sitting)
    assert (event.amount, event.basis) == (
        45_000,
        "QĐ 12/2026: gửi hồ sơ và nhận kết quả, trong tỉnh, trên 100 đến 500 g",
    )


def test_a_sum_the_clerk_has_not_seen_is_shown_before_it_is_saved(
    web_store: Store, form: Callable[[], Sitting]
) -> None:
    enter(web_store, TABLE)
    sitting = form().press("save", weight="80")
    assert sitting.page.status_code == 422
    assert "Cước theo bảng giá là 30.000 đ. Thu tiền rồi nhấn Lưu lần nữa." in sitting.page.text
    sitting.press("save")
    assert sitting.page.status_code == 303, sitting.page.text


def test_another_sum_than_the_tables_wants_a_reason_and_both_are_kept(
    web_store: Store, form: Callable[[], Sitting]
) -> None:
    enter(web_store, TABLE)
    sitting = form().press("look", weight="80").press("save", postage="20.000")
    assert sitting.page.status_code == 422
    assert "Cước khác bảng giá (30.000 đ)" in sitting.page.text
    assert value(sitting, "postage") == "20.000"
    sitting.press("look", weight="120")
    assert value(sitting, "postage") == "20.000", "what the clerk typed stays"
    sitting.press("save", postage_basis="Khách có thẻ hội viên")
    assert sitting.page.status_code == 303, sitting.page.text
    event = paid(web_store, sitting)
    assert event.amount == 20_000
    assert event.basis.startswith("Khách có thẻ hội viên (bảng giá: 45.000 đ, QĐ 12/2026")


def test_a_dossier_keeps_the_price_of_its_day(
    web_store: Store, form: Callable[[], Sitting], clock: Clock, signed_in: Open
) -> None:
    enter(web_store, TABLE, HEADER + "both,inside,0,500,50000,QĐ 30/2026,Bảng giá thử,2026-11-17,\n")
    old = form().press("look", weight="80").press("save")
    assert paid(web_store, old).amount == 30_000
    clock.at = MONDAY.replace(day=17)
    new = filled(signed_in("lan"), sender_number="048203009999")
    new.press("look", weight="80").press("save")
    assert paid(web_store, new).amount == 50_000
    assert paid(web_store, old).basis.startswith("QĐ 12/2026")


def test_the_next_dossier_of_a_sender_costs_what_the_table_says_not_what_the_last_one_did(
    web_store: Store, form: Callable[[], Sitting], signed_in: Open
) -> None:
    first = form().press("look", weight="80").press("save", postage="12345")
    code = first.page.headers["location"].split("/")[2].split("?")[0]
    enter(web_store, TABLE)
    again = sit_down(signed_in("lan"), f"/dossiers/new?again={code}").press("look", weight="80")
    assert value(again, "postage") == "30000"


def test_a_fee_of_the_catalogue_is_told_with_its_sum(web_store: Store, signed_in: Open) -> None:
    with web_store.begin(at=MONDAY) as ledger:
        version = ledger.reference.procedure("2.000635", on=MONDAY.date())
        ledger.reference.close_procedures([replace(version, fee=8000, fee_basis="TT 281/2016")])
    assert "Theo danh mục: 8.000 đ (TT 281/2016)." in filled(signed_in("lan"), procedure_q="2.000635").page.text


def test_fees_of_the_state_are_proposed_with_their_cases(web_store: Store, signed_in: Open) -> None:
    enter(web_store, FEES)
    sitting = filled(signed_in("lan"), procedure_q="2.000635")
    assert value(sitting, "fees") == "8000"
    assert value(sitting, "fees_basis") == "Lệ phí bản sao (TT 281/2016)"
    assert "người có công: 4.000 đ (TT 281/2016)" in sitting.page.text
