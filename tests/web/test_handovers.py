"""Handing over in a browser: scanned lines, four ways of signing, counting, and coming too late."""

import io
import re
import time
from collections.abc import Callable
from datetime import timedelta

import pypdfium2
import pytest
from httpx2 import Response
from PIL import Image
from playwright import sync_api
from sqlalchemy import text
from starlette.testclient import TestClient

from postal.domain import codes
from postal.domain.events import Destination, Evidence
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.people import Custodian, PositionKind, Role
from postal.store import Store
from postal.web.app import STATIC
from tests import cast, envelopes
from tests.web.conftest import MONDAY, PASSWORD, Clock

Open = Callable[[str], TestClient]

COUNTER = f"position:{cast.counter.key}"
TRANSPORT = f"position:{cast.transport.key}"
COMMUNE_DESK = f"position:{cast.commune_desk.key}"


def csrf_of(client: TestClient) -> str:
    """Return the token the forms of this browser carry."""
    return client.get("/handovers").text.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def send(client: TestClient, path: str, **fields: object) -> Response:
    """Send a form of ours."""
    return client.post(path, data={"csrf": csrf_of(client), **fields})


def hand_over(client: TestClient, step: str, *items: str, **fields: object) -> Response:
    """Send the form of a new hand-over from the counter."""
    return send(client, "/handovers/new", step=step, giver=COUNTER, items=list(items), **fields)


def record_of(store: Store, code: str) -> HandoverRecord:
    with store.read() as reader:
        record = reader.thing(HandoverRecord, code)
    assert record is not None
    return record


def code_in(answer: Response) -> str:
    """Return the record a browser was sent to."""
    assert answer.status_code == 303, answer.text
    return str(re.match(r"/handovers/(\w{10})", answer.headers["location"])[1])  # type: ignore[index]


@pytest.fixture
def lan(signed_in: Open) -> TestClient:
    return signed_in("lan")


@pytest.fixture
def van(signed_in: Open) -> TestClient:
    """Return the browser of the driver, who has taken the transport position by signing in."""
    return signed_in("van")


@pytest.fixture
def items(web_store: Store, lan: TestClient) -> list[str]:
    """Return five sealed envelopes at Lan's counter, on their way to the commune's desk."""
    to = Destination(place=cast.COMMUNE_DESK, name="Hải Châu")
    return envelopes.at_the_counter(web_store, 5, destination=to)


# --- offering ---------------------------------------------------------------------------------------------------------


def test_custody_stays_with_the_giver_until_the_other_side_signs(
    web_store: Store, lan: TestClient, van: TestClient, items: list[str]
) -> None:
    record = code_in(hand_over(lan, "offer", *items, receiver=TRANSPORT))
    assert envelopes.holder_of(web_store, items) == {cast.counter.key}
    assert "chờ bên nhận ký" in lan.get(f"/handovers/{record}").text.lower()
    page = van.get(f"/handovers/{record}").text
    assert "Ký nhận 5/5" in page
    answer = send(van, f"/handovers/{record}/accept", agreed=_agreed(page))
    assert answer.status_code == 303
    assert envelopes.holder_of(web_store, items) == {cast.transport.key}


def test_a_bad_line_stops_the_hand_over_and_nothing_typed_is_lost(
    web_store: Store, lan: TestClient, items: list[str]
) -> None:
    scanned = f"{items[0]}\n{items[1][:9]}"
    answer = hand_over(lan, "offer", items[2], scanned=scanned, receiver=TRANSPORT, words="")
    assert answer.status_code == 422
    assert "<title>Lỗi: Bàn giao" in answer.text
    assert "Có 1 dòng quét chưa nhận được" in answer.text
    assert _ticked(answer) == {items[0], items[2]}
    assert f'value="{TRANSPORT}" checked' in answer.text
    assert _records(web_store) == 0


def test_checking_lines_signs_nothing(web_store: Store, lan: TestClient, items: list[str]) -> None:
    answer = hand_over(lan, "check", scanned="\n".join(items))
    assert answer.status_code == 200
    assert f"Đã chọn {codes.shown(items[4])} · 5" in answer.text
    assert _ticked(answer) == set(items)
    assert _records(web_store) == 0


def test_a_link_chooses_everything_for_one_destination(lan: TestClient, items: list[str]) -> None:
    assert _ticked(lan.get(f"/handovers/new?destination={cast.COMMUNE_DESK}")) == set(items)
    assert _ticked(lan.get(f"/handovers/new?item={items[1]}")) == {items[1]}


def test_nothing_chosen_and_nobody_chosen_each_have_their_sentence(lan: TestClient, items: list[str]) -> None:
    assert "Chưa chọn bưu gửi nào" in hand_over(lan, "offer", receiver=TRANSPORT).text
    answer = hand_over(lan, "offer", items[0])
    assert answer.status_code == 422
    assert "Chưa chọn nơi nhận" in answer.text


def test_one_person_moves_between_two_own_positions_in_one_step(web_store: Store, signed_in: Open) -> None:
    be = signed_in("be")
    counter = cast.at("551000", PositionKind.COUNTER)
    own = Custodian(kind=counter.kind, key="556630:counter", side=counter.side, place="556630", name="Quầy")
    moved = envelopes.at_the_counter(
        web_store, 2, custodian=own, by=cast.actor("be", "Be", own, place="556630", roles={Role.COUNTER_CLERK})
    )
    form = {"giver": "position:556630:counter", "items": moved, "receiver": "position:556630:transport"}
    answer = send(be, "/handovers/new", step="offer", **form)
    assert answer.headers["location"].startswith("/handovers?said=")
    assert envelopes.holder_of(web_store, moved) == {"556630:transport"}
    assert _records(web_store) == 0


# --- both on one screen -----------------------------------------------------------------------------------------------


def test_two_people_sign_on_one_screen_each_with_an_own_secret(
    web_store: Store, lan: TestClient, van: TestClient, items: list[str]
) -> None:
    answer = hand_over(lan, "together", *items, receiver=TRANSPORT, username="van", password=PASSWORD)
    record = record_of(web_store, code_in(answer))
    assert (record.giver_account, record.receiver_account) == ("lan", "van")
    assert (record.state, record.evidence) == (RecordState.ACCEPTED, Evidence.A)
    assert envelopes.holder_of(web_store, items) == {cast.transport.key}
    assert lan.get("/staff").headers["location"] == "/counter", "the first stays signed in"


def test_the_second_persons_only_position_need_not_be_chosen(
    web_store: Store, lan: TestClient, van: TestClient, items: list[str]
) -> None:
    hand_over(lan, "together", *items, username="van", password=PASSWORD)
    assert envelopes.holder_of(web_store, items) == {cast.transport.key}


@pytest.mark.parametrize(
    ("signature", "sentence"),
    [
        (("van", "sai mật khẩu rồi"), "Tên đăng nhập hoặc mật khẩu chưa đúng"),
        (("", ""), "Chưa có người nhận ký"),
        (("khoa", PASSWORD), "chưa phụ trách"),
        (("lan", PASSWORD), "chưa phụ trách"),
    ],
)
def test_a_signature_that_does_not_hold_moves_nothing(
    web_store: Store, lan: TestClient, items: list[str], signature: tuple[str, str], sentence: str
) -> None:
    username, password = signature
    answer = hand_over(lan, "together", *items, receiver=TRANSPORT, username=username, password=password)
    assert answer.status_code in (403, 422)
    assert sentence in answer.text
    assert f'value="{PASSWORD}"' not in answer.text
    assert _ticked(answer) == set(items)
    assert envelopes.holder_of(web_store, items) == {cast.counter.key}
    assert _records(web_store) == 0


# --- counting and signing ---------------------------------------------------------------------------------------------


@pytest.fixture
def offered(web_store: Store, lan: TestClient, van: TestClient, items: list[str]) -> str:
    """Return the code of a record over the five envelopes, offered by Lan to the driver."""
    return code_in(hand_over(lan, "offer", *items, receiver=TRANSPORT))


def test_what_is_missing_or_torn_stays_with_the_giver(
    web_store: Store, van: TestClient, offered: str, items: list[str]
) -> None:
    choices = {f"line-{items[0]}": "missing", f"line-{items[1]}": "damaged"}
    counted = send(van, f"/handovers/{offered}/count", **choices)
    assert "Ký nhận 3/5, thiếu 1, rách, ướt 1" in counted.text
    signed = send(van, f"/handovers/{offered}/accept", agreed=_agreed(counted.text), **choices)
    assert signed.status_code == 303
    assert envelopes.holder_of(web_store, items[:2]) == {cast.counter.key}
    assert envelopes.holder_of(web_store, items[2:]) == {cast.transport.key}
    assert "Ký nhận" not in van.get(f"/handovers/{offered}").text


def test_nobody_signs_for_another_count_than_the_button_said(
    web_store: Store, van: TestClient, offered: str, items: list[str]
) -> None:
    page = van.get(f"/handovers/{offered}").text
    answer = send(van, f"/handovers/{offered}/accept", agreed=_agreed(page), **{f"line-{items[0]}": "missing"})
    assert answer.status_code == 422
    assert "Ký nhận 4/5, thiếu 1" in answer.text
    assert record_of(web_store, offered).state is RecordState.OFFERED


def test_scanning_while_signing_shows_the_count_first(
    web_store: Store, van: TestClient, offered: str, items: list[str]
) -> None:
    page = van.get(f"/handovers/{offered}").text
    answer = send(van, f"/handovers/{offered}/accept", agreed=_agreed(page), scanned="\n".join(items[:4]))
    assert answer.status_code == 422
    assert "Ký nhận 4/5, thiếu 1" in answer.text
    assert record_of(web_store, offered).state is RecordState.OFFERED


def test_who_signs_second_reads_who_was_first(
    web_store: Store, van: TestClient, offered: str, items: list[str], clock: Clock
) -> None:
    page = van.get(f"/handovers/{offered}").text
    clock.at = MONDAY + timedelta(minutes=12)
    assert send(van, f"/handovers/{offered}/accept", agreed=_agreed(page)).status_code == 303
    clock.at = MONDAY + timedelta(minutes=15)
    late = send(van, f"/handovers/{offered}/accept", agreed=_agreed(page))
    assert late.status_code == 409
    assert "Van đã ký nhận biên bản này lúc 09:12 16/11/2026: 5/5 bưu gửi." in late.text
    assert record_of(web_store, offered).version == 2
    assert envelopes.holder_of(web_store, items) == {cast.transport.key}


def test_a_recalled_record_cannot_be_signed_and_says_when(
    web_store: Store, lan: TestClient, van: TestClient, offered: str, items: list[str]
) -> None:
    page = van.get(f"/handovers/{offered}").text
    assert send(lan, f"/handovers/{offered}/recall").status_code == 303
    late = send(van, f"/handovers/{offered}/accept", agreed=_agreed(page))
    assert late.status_code == 409
    assert "Lan đã thu hồi biên bản này lúc 09:00 16/11/2026" in late.text
    assert envelopes.holder_of(web_store, items) == {cast.counter.key}


def test_only_the_giver_recalls_and_only_the_receiver_signs(
    web_store: Store, lan: TestClient, van: TestClient, offered: str
) -> None:
    assert send(van, f"/handovers/{offered}/recall").status_code == 409
    assert send(lan, f"/handovers/{offered}/accept").status_code == 409
    assert record_of(web_store, offered).state is RecordState.OFFERED


def test_a_unit_that_is_no_party_sees_neither_record_nor_print(signed_in: Open, offered: str) -> None:
    stranger = signed_in("mai")
    assert stranger.get(f"/handovers/{offered}").status_code == 403
    assert stranger.get(f"/handovers/{offered}.pdf").status_code == 403
    assert send(stranger, f"/handovers/{offered}/accept").status_code == 403
    assert signed_in("quantri").get(f"/handovers/{offered}").status_code == 200


def test_two_hundred_envelopes_are_offered_shown_and_signed_within_a_second_each(
    web_store: Store, lan: TestClient, van: TestClient
) -> None:
    many = envelopes.at_the_counter(web_store, 200, seed=9)
    started = time.perf_counter()
    record = code_in(hand_over(lan, "offer", *many, receiver=TRANSPORT))
    offered_in = time.perf_counter() - started
    page = van.get(f"/handovers/{record}").text
    shown_in = time.perf_counter() - started - offered_in
    token = csrf_of(van)
    started = time.perf_counter()
    form = {f"line-{code}": "ok" for code in many} | {"csrf": token, "agreed": _agreed(page)}
    assert van.post(f"/handovers/{record}/accept", data=form).status_code == 303
    signed_in = time.perf_counter() - started
    assert envelopes.holder_of(web_store, many) == {cast.transport.key}
    assert max(offered_in, shown_in, signed_in) <= 1, f"{offered_in=:.2f} {shown_in=:.2f} {signed_in=:.2f}"


def test_the_count_follows_every_tick(page: sync_api.Page, van: TestClient, offered: str, items: list[str]) -> None:
    page.set_content(van.get(f"/handovers/{offered}").text)
    page.add_script_tag(path=STATIC / "count.js")
    page.check(f"input[name='line-{items[0]}'][value=missing]")
    page.check(f"input[name='line-{items[1]}'][value=damaged]")
    button = page.locator("button.sign")
    said = button.inner_text(), page.locator(".taken").inner_text()
    assert said == ("Ký nhận 3/5, thiếu 1, rách, ướt 1", "3")
    choices = {f"line-{items[0]}": "missing", f"line-{items[1]}": "damaged"}
    agreed = str(button.get_attribute("value"))
    assert send(van, f"/handovers/{offered}/accept", agreed=agreed, **choices).status_code == 303


# --- signed on paper --------------------------------------------------------------------------------------------------


@pytest.fixture
def to_the_desk(web_store: Store, lan: TestClient, van: TestClient, items: list[str]) -> str:
    """Return the code of a record the driver printed for the desk, whose officer has no network."""
    hand_over(lan, "together", *items, receiver=TRANSPORT, username="van", password=PASSWORD)
    form = {"giver": TRANSPORT, "items": items, "receiver": COMMUNE_DESK}
    return code_in(send(van, "/handovers/new", step="offer", **form))


def photo_of(colour: str = "white", *, size: tuple[int, int] = (2400, 1200)) -> bytes:
    """Return a photo as a telephone sends it, with the place where it was taken inside."""
    exif = Image.Exif()
    exif[0x010F] = "Telephone"
    exif.get_ifd(0x8825)[1] = "N"
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "JPEG", exif=exif)
    return written.getvalue()


def enter(client: TestClient, record: str, *, photo: bytes = b"", **fields: str) -> Response:
    """Enter a record that was signed on paper."""
    form = {
        "csrf": csrf_of(client),
        "signed_on": "16/11/2026",
        "signed_time": "15:40",
        "signer": "Lê Thị Cúc",
        **fields,
    }
    files = {"photo": ("bien-ban.jpg", photo, "image/jpeg")}
    return client.post(f"/handovers/{record}/sign-on-paper", data=form, files=files)


def test_the_time_on_the_paper_is_the_legal_time(
    web_store: Store, van: TestClient, to_the_desk: str, items: list[str], clock: Clock
) -> None:
    clock.at = MONDAY + timedelta(days=1)
    van = _again(van)
    answer = enter(van, to_the_desk, photo=photo_of(), **{f"line-{items[0]}": "wrong_place"})
    assert answer.status_code == 303, answer.text
    record = record_of(web_store, to_the_desk)
    assert (record.state, record.evidence) == (RecordState.ON_PAPER, Evidence.B)
    assert record.signed_at == MONDAY.replace(hour=8, minute=40)
    assert envelopes.holder_of(web_store, items[1:]) == {cast.commune_desk.key}
    assert envelopes.holder_of(web_store, items[:1]) == {cast.transport.key}


def test_a_photo_is_kept_small_and_without_the_place_it_was_taken(
    web_store: Store, van: TestClient, signed_in: Open, to_the_desk: str, clock: Clock
) -> None:
    clock.at = MONDAY + timedelta(days=1)
    enter(_again(van), to_the_desk, photo=photo_of())
    seen = signed_in("xuan").get(f"/handovers/{to_the_desk}/photo")
    assert seen.headers["content-type"] == "image/jpeg"
    picture = Image.open(io.BytesIO(seen.content))
    assert picture.size == (1600, 800)
    assert not picture.getexif()
    assert signed_in("mai").get(f"/handovers/{to_the_desk}/photo").status_code == 403


UNCLEAR: tuple[tuple[dict[str, str], bytes, str], ...] = (
    ({"signed_time": "25:00"}, b"", "Chưa rõ giờ ký"),
    ({"signed_on": ""}, b"", "Chưa rõ ngày ký"),
    ({"signer": ""}, b"", "Chưa có tên người nhận đã ký"),
    ({"signed_time": "23:59", "signed_on": "17/11/2026"}, b"", "không hợp lý"),
    (
        {"signed_on": "15/11/2026"},
        b"",
        "Giờ ký 15:40 15/11/2026 không hợp lý: phải từ lúc lập biên bản 09:00 16/11/2026",
    ),
    ({}, b"%PDF-1.7 not a photo", "không phải ảnh"),
)


def test_a_paper_that_is_not_clear_is_asked_for_again(
    web_store: Store, van: TestClient, to_the_desk: str, clock: Clock
) -> None:
    clock.at = MONDAY + timedelta(days=1)
    again = _again(van)
    for fields, photo, sentence in UNCLEAR:
        answer = enter(again, to_the_desk, photo=photo, **fields)
        assert answer.status_code == 422, sentence
        assert sentence in answer.text
        assert fields.get("signer", "Lê Thị Cúc") in answer.text, "what was typed is kept"
    assert record_of(web_store, to_the_desk).state is RecordState.OFFERED


def test_the_minute_of_the_offer_counts_as_after_it(
    web_store: Store, lan: TestClient, van: TestClient, items: list[str], clock: Clock
) -> None:
    clock.at = MONDAY + timedelta(seconds=40)
    record = code_in(hand_over(lan, "offer", *items, receiver=TRANSPORT))
    clock.at = MONDAY + timedelta(minutes=5)
    assert enter(lan, record, signed_time="9:00").status_code == 303
    assert record_of(web_store, record).evidence is Evidence.C


def test_the_receiving_side_confirms_what_was_signed_on_paper(
    web_store: Store, van: TestClient, signed_in: Open, to_the_desk: str, clock: Clock
) -> None:
    clock.at = MONDAY + timedelta(days=1)
    enter(_again(van), to_the_desk, photo=photo_of())
    xuan = signed_in("xuan")
    waiting = xuan.get("/handovers").text
    assert "Đã ký trên giấy, chờ tôi xác nhận (1)" in waiting
    assert "Đã xong gần đây" not in waiting
    assert send(xuan, f"/handovers/{to_the_desk}/confirm").status_code == 303
    assert record_of(web_store, to_the_desk).state is RecordState.CONFIRMED
    assert send(xuan, f"/handovers/{to_the_desk}/confirm").status_code == 409


def test_the_name_and_photo_leave_an_audit_line(
    web_store: Store, van: TestClient, signed_in: Open, to_the_desk: str, clock: Clock
) -> None:
    clock.at = MONDAY + timedelta(days=1)
    enter(_again(van), to_the_desk, photo=photo_of())
    xuan = signed_in("xuan")
    assert "Lê Thị Cúc" in xuan.get(f"/handovers/{to_the_desk}").text
    xuan.get(f"/handovers/{to_the_desk}/photo")
    assert _audited(web_store, to_the_desk) == ["record_signer_seen", "record_photo_seen"]
    assert "Lê Thị Cúc" not in signed_in("quantri").get(f"/handovers/{to_the_desk}").text


# --- print ------------------------------------------------------------------------------------------------------------


def test_the_record_prints_with_every_line(van: TestClient, offered: str, items: list[str]) -> None:
    answer = van.get(f"/handovers/{offered}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    printed = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(answer.content))
    assert all(codes.shown(code) in printed for code in (*items, offered))
    assert "881245" not in printed
    assert "880001" in printed


def _again(client: TestClient) -> TestClient:
    """Sign the same person in again: a session does not live until tomorrow."""
    client.post("/sign-in", data={"username": "van", "password": PASSWORD})
    return client


def _agreed(page: str) -> str:
    return page.split('name="agreed" value="', 1)[1].split('"', 1)[0]


def _ticked(answer: Response) -> set[str]:
    return set(re.findall(r'name="items" value="(\w{10})" checked', answer.text))


def _records(store: Store) -> int:
    with store.read() as reader:
        return len(reader.rows(text("SELECT code FROM handover")))


def _audited(store: Store, subject: str) -> list[str]:
    query = text("SELECT what FROM audit WHERE subject = :subject ORDER BY seq").bindparams(subject=subject)
    with store.read() as reader:
        return [row.what for row in reader.rows(query)]
