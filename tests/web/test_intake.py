"""Taking results over at a centre: paste, count, sign on the screen or enter what was signed; nothing typed is lost."""

import io
import random
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from PIL import Image
from starlette.testclient import TestClient

from postal.domain import codes
from postal.domain.dossier import Dossier
from postal.domain.events import Evidence, ItemKind, ReturnWay, Service
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.item import Item
from postal.domain.people import Person
from postal.queries import results as result_queries
from postal.services import accounts, agency, registration
from postal.services import results as result_services
from postal.services.registration import PaperEntry, Registration
from postal.store import Store
from tests.web.conftest import MONDAY, PASSWORD, Clock

Open = Callable[[str], TestClient]

DESK = "position:MC-20242:desk"
VAN = "position:551000:transport"
SENDER = Person(name="Lê Thị Hạnh", phone="+84905550101", address="15 Bạch Đằng", commune="20242")
OLD_BOOK = "Sổ hộ khẩu cũ"


def unknown(serial: int) -> str:
    return f"H48.17-261102-{serial:04d}"


def key_of(code: str) -> str:
    return re.sub(r"[^0-9A-Za-z]+", "-", code)


@pytest.fixture
def van(signed_in: Open, clock: Clock) -> TestClient:
    """Return the driver's browser; the officer and the clerk hold their positions too."""
    for name in ("xuan", "lan", "mai"):
        signed_in(name)
    clock.at += timedelta(hours=6)
    return signed_in("van")


def carried(store: Store, serial: int) -> Dossier:
    """Return a dossier that Lan registered and the commune's centre received."""
    form = Registration(
        service=Service.BOTH,
        procedure="1.004873",
        sender=SENDER,
        case_commune="20242",
        return_way=ReturnWay.HOME,
        papers=(
            PaperEntry(name="Tờ khai", originals=1),
            PaperEntry(name=OLD_BOOK, originals=1, to_return=True),
        ),
        why_incomplete="đủ",
        seal=str(serial),
    )
    made = registration.register(
        store, form, by=accounts.actor(store, "lan"), at=MONDAY, below=random.Random(serial).randrange
    )
    code = f"H48.17-261116-{serial:04d}"
    officer = accounts.actor(store, "xuan")
    return agency.receive(store, made.dossier.code, official_code=code, by=officer, at=MONDAY + timedelta(hours=1))


def csrf_of(browser: TestClient) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', browser.get("/intake").text)
    assert found is not None
    return found[1]


def send(browser: TestClient, *pasted: str, step: str, photo: bool = False, **fields: str) -> object:
    data = {
        "csrf": csrf_of(browser),
        "codes": "\n".join(pasted),
        "desk": DESK,
        "to": VAN,
        "request": "form-1",
        "step": step,
        **fields,
    }
    files = {"photo": ("paper.png", picture(), "image/png")} if photo else None
    return browser.post("/intake", data=data, files=files)


def sign(browser: TestClient, *pasted: str, **fields: str) -> object:
    typed = {"username": "xuan", "password": PASSWORD, **fields}
    return send(browser, *pasted, step="sign", photo=False, **typed)


def on_paper(browser: TestClient, *pasted: str, photo: bool = True, **fields: str) -> object:
    typed = {"signer": "Nguyễn Thị Hải", "signed_on": "16/11/2026", "signed_time": "14:30", **fields}
    return send(browser, *pasted, step="paper", photo=photo, **typed)


def picture() -> bytes:
    image = io.BytesIO()
    Image.new("RGB", (40, 40), "white").save(image, "PNG")
    return image.getvalue()


def record_of(store: Store, answer: object) -> HandoverRecord:
    assert answer.status_code == 303, answer.text  # type: ignore[attr-defined]
    code = answer.headers["location"].removeprefix("/intake/").split("?")[0]  # type: ignore[attr-defined]
    with store.read() as reader:
        found = reader.thing(HandoverRecord, code)
    assert found is not None
    return found


def items_of(store: Store, record: HandoverRecord) -> list[Item]:
    with store.read() as reader:
        found = reader.many(Item, record.items)
    return [found[code] for code in record.items]


# --- the list ---------------------------------------------------------------------------------------------------------


def test_thirty_codes_are_signed_for_without_typing_anything_but_the_password(
    van: TestClient, web_store: Store
) -> None:
    known = [carried(web_store, serial) for serial in range(1, 9)]
    pasted = [*(each.official_code for each in known), *(unknown(serial) for serial in range(1, 23))]
    page = send(van, *pasted, step="check")
    assert "30 kết quả: 8 hồ sơ bưu điện đã biết, 22 hồ sơ chưa qua bưu điện" in page.text  # type: ignore[attr-defined]
    assert "Hai bên ký nhận 30 kết quả" in page.text  # type: ignore[attr-defined]
    record = record_of(web_store, sign(van, *pasted))
    items = items_of(web_store, record)
    assert (len(items), record.state, record.evidence) == (30, RecordState.ACCEPTED, Evidence.A)
    assert [paper.to_return for paper in items[0].papers] == [False, True], "the original owed is inside"
    assert all(item.kind is ItemKind.RESULT for item in items)
    done = van.get(f"/intake/{record.code}").text
    assert "Đã nhận 30 kết quả" in done
    assert done.count("Thiếu địa chỉ người nhận") == 22


def test_the_authority_of_the_list_is_suggested_first(van: TestClient, web_store: Store) -> None:
    page = van.get(f"/intake?codes={carried(web_store, 1).code}").text
    first = page.index('name="desk"')
    assert DESK in page[first : first + 80]
    assert "checked" in page[first : first + 120]
    assert "Phát tận nhà, Phường Hải Châu" in page


def test_a_code_scanned_twice_counts_once_and_is_told(van: TestClient, web_store: Store) -> None:
    dossier = carried(web_store, 1)
    page = send(van, dossier.code, dossier.official_code, unknown(1), unknown(1), step="check").text  # type: ignore[attr-defined]
    assert "2 kết quả:" in page
    assert "Quét hơn một lần, chỉ tính một" in page
    assert page.count(dossier.official_code) >= 1


def test_another_authority_is_found_by_name_without_marks(van: TestClient) -> None:
    page = send(van, unknown(1), step="search", words="so tu phap").text  # type: ignore[attr-defined]
    assert "Sở Tư pháp" in page
    assert 'value="so tu phap"' in page


def test_a_bad_code_is_named_on_its_line_and_the_others_wait(van: TestClient, web_store: Store) -> None:
    answer = sign(van, unknown(1), "H48.17-261302-0001")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    text = answer.text  # type: ignore[attr-defined]
    assert "Lỗi: " in text
    assert "không có thật: 261302" in text
    with web_store.read() as reader:
        assert not result_queries.known_dossiers(reader, unknown(1)), "nothing was recorded"
    assert record_of(web_store, sign(van, unknown(1), "H48.17-261302-0001", **{"H48-17-261302-0001-out": "1"})).items


def test_what_is_left_with_the_officer_is_not_registered(van: TestClient, web_store: Store) -> None:
    record = record_of(web_store, sign(van, unknown(1), unknown(2), **{f"{key_of(unknown(2))}-out": "1"}))
    assert len(record.items) == 1
    with web_store.read() as reader:
        assert not result_queries.known_dossiers(reader, unknown(2))


def test_a_list_that_changed_since_it_was_shown_is_shown_again(van: TestClient, web_store: Store) -> None:
    answer = sign(van, unknown(1), unknown(2), seen=unknown(1))
    assert answer.status_code >= 400  # type: ignore[attr-defined]
    assert "Danh sách mã vừa đổi" in answer.text  # type: ignore[attr-defined]
    assert "Hai bên ký nhận 2 kết quả" in answer.text  # type: ignore[attr-defined]


def test_a_list_too_long_to_count_keeps_its_text(van: TestClient) -> None:
    answer = send(van, *(unknown(n) for n in range(1, 60)), step="check")
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "nhiều nhất 50" in answer.text  # type: ignore[attr-defined]
    assert unknown(59) in answer.text  # type: ignore[attr-defined]


def test_a_form_sent_twice_takes_over_once(van: TestClient, web_store: Store) -> None:
    first = record_of(web_store, sign(van, unknown(1)))
    assert record_of(web_store, sign(van, unknown(1))).code == first.code


# --- one line ---------------------------------------------------------------------------------------------------------


def test_extras_of_a_line_are_kept_and_open_again_after_a_refusal(van: TestClient, web_store: Store) -> None:
    key = key_of(unknown(1))
    extras = {
        f"{key}-fee": "135.000 đ",
        f"{key}-basis": "Lệ phí cấp giấy phép lái xe",
        f"{key}-recover": "Giấy phép cũ\nThẻ cũ",
        f"{key}-presealed": "1",
        f"{key}-seal": "990001",
        f"{key}-person": "Lê Thị Nhì",
        f"{key}-commune": "20242",
        f"{key}-address": "3 Lê Lợi",
    }
    again = sign(van, unknown(1), password="sai", **extras)
    assert again.status_code >= 400  # type: ignore[attr-defined]
    assert 'value="135.000 đ"' in again.text  # type: ignore[attr-defined]
    assert "<details open>" in again.text  # type: ignore[attr-defined]
    assert PASSWORD not in again.text  # type: ignore[attr-defined]
    (item,) = items_of(web_store, record_of(web_store, sign(van, unknown(1), **extras)))
    assert (item.to_recover, item.pre_sealed, item.seal) == (2, True, "990001")
    with web_store.read() as reader:
        dossier = reader.thing(Dossier, item.dossier)
    assert dossier is not None
    assert (dossier.fees.owed, dossier.fees_payee, dossier.lacks_receiver) == (135_000, "MC-20242", False)
    page = van.get(f"/items/{item.code}").text
    assert "135.000 đ" in page
    assert "2 giấy tờ" in page


def test_more_originals_than_owed_are_named_beside_the_line(van: TestClient, web_store: Store) -> None:
    dossier = carried(web_store, 1)
    answer = sign(van, dossier.code, **{f"{dossier.code}-owed-1": "2"})
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "chỉ còn nợ 1 bản chính" in answer.text  # type: ignore[attr-defined]
    assert 'value="2"' in answer.text  # type: ignore[attr-defined]


def test_an_amount_that_is_no_number_is_named(van: TestClient) -> None:
    answer = sign(van, unknown(1), **{f"{key_of(unknown(1))}-fee": "ba mươi"})
    assert "“ba mươi” không phải là số" in answer.text  # type: ignore[attr-defined]


def test_a_code_of_another_desk_asks_which_dossier(van: TestClient, web_store: Store) -> None:
    result_services.register_results(
        web_store,
        [result_services.ResultEntry(code=unknown(1), receiver=SENDER)],
        by=accounts.actor(web_store, "mai"),
        at=MONDAY,
        below=random.Random(5).randrange,
    )
    answer = sign(van, unknown(1))
    assert answer.status_code == 422  # type: ignore[attr-defined]
    assert "Hồ sơ khác, chưa qua bưu điện" in answer.text  # type: ignore[attr-defined]
    record = record_of(web_store, sign(van, unknown(1), **{f"{key_of(unknown(1))}-which": "another"}))
    assert len(record.items) == 1


# --- signing ----------------------------------------------------------------------------------------------------------


def test_what_was_signed_on_paper_waits_for_the_desk_to_confirm(
    van: TestClient, web_store: Store, signed_in: Open
) -> None:
    record = record_of(web_store, on_paper(van, unknown(1)))
    assert (record.state, record.evidence) == (RecordState.ON_PAPER, Evidence.B)
    assert "mức chứng cứ lên A" in van.get(f"/intake/{record.code}").text
    officer = signed_in("xuan")
    assert record.code in officer.get("/handovers").text
    page = officer.get(f"/handovers/{record.code}").text
    assert "Xác nhận đã giao 1/1" in page
    assert "Xác nhận đã" not in van.get(f"/handovers/{record.code}").text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("signer", "", "Chưa có tên người nhận đã ký"),
        ("signed_time", "chiều", "Chưa rõ giờ ký"),
        ("signed_time", "23:50", "chưa đến"),
        ("signed_on", "30/02/2026", "Chưa rõ ngày ký"),
    ],
)
def test_a_paper_says_who_signed_and_when(van: TestClient, field: str, value: str, sentence: str) -> None:
    answer = on_paper(van, unknown(1), photo=False, **{field: value})
    assert answer.status_code >= 400  # type: ignore[attr-defined]
    assert sentence in answer.text  # type: ignore[attr-defined]


def test_an_officer_of_another_desk_cannot_sign_here(van: TestClient) -> None:
    answer = sign(van, unknown(1), username="mai")
    assert answer.status_code >= 400  # type: ignore[attr-defined]
    assert "chưa phụ trách" in answer.text  # type: ignore[attr-defined]


def test_nothing_is_taken_over_by_somebody_without_a_position(signed_in: Open) -> None:
    assert "Nhận ca làm việc" in signed_in("hung").get("/intake").text


@pytest.mark.parametrize("name", ["xuan", "phat"])
def test_only_the_post_takes_results_over(signed_in: Open, name: str) -> None:
    browser = signed_in(name)
    assert browser.get("/intake").status_code == 403
    assert "/intake" not in browser.get("/handovers").text


# --- afterwards -------------------------------------------------------------------------------------------------------


def test_the_receiver_is_completed_on_the_page_of_the_envelope(van: TestClient, web_store: Store) -> None:
    (item,) = items_of(web_store, record_of(web_store, sign(van, unknown(1))))
    assert "Bổ sung người nhận" in van.get(f"/items/{item.code}").text
    fields = {"csrf": csrf_of(van), "receiver-person": "Lê Thị Nhì", "receiver-address": "3 Lê Lợi", "way": "home"}
    half = van.post(f"/items/{item.code}/receiver", data=fields)
    assert half.status_code >= 400
    assert 'value="Lê Thị Nhì"' in half.text
    done = van.post(f"/items/{item.code}/receiver", data={**fields, "receiver-commune": "20197"})
    assert done.status_code == 303, done.text
    page = van.get(f"/items/{item.code}").text
    assert "Thiếu địa chỉ người nhận" not in page
    with web_store.read() as reader:
        after = reader.thing(Item, item.code)
    assert after is not None
    assert after.destination.place == "555700"


def test_slips_and_record_print_what_was_taken(van: TestClient, web_store: Store) -> None:
    record = record_of(web_store, sign(van, unknown(1), unknown(2)))
    items = ",".join(record.items)
    for address in (
        f"/results/slips.pdf?items={items}",
        f"/handovers/{record.code}.pdf",
        f"/labels/sheet.pdf?items={items}",
    ):
        answer = van.get(address)
        assert answer.status_code == 200, address
        assert answer.content.startswith(b"%PDF")


def test_slips_are_printed_only_where_the_result_is(van: TestClient, web_store: Store, signed_in: Open) -> None:
    record = record_of(web_store, sign(van, unknown(1)))
    assert signed_in("xuan").get(f"/results/slips.pdf?items={record.items[0]}").status_code == 200
    answer = signed_in("mai").get(f"/results/slips.pdf?items={record.items[0]}")
    assert answer.status_code >= 400
    assert codes.shown(record.items[0]) in answer.text


def test_the_account_of_originals_stands_on_both_pages(van: TestClient, web_store: Store, signed_in: Open) -> None:
    dossier = carried(web_store, 1)
    (item,) = items_of(web_store, record_of(web_store, sign(van, dossier.code)))
    clerk = signed_in("lan")
    for address in (f"/items/{item.code}", f"/dossiers/{dossier.code}"):
        page = clerk.get(address).text
        assert "Bản chính phải trả người dân" in page
        assert OLD_BOOK in page
    assert OLD_BOOK not in van.get(f"/items/{item.code}").text, "a driver reads no names"
