"""The citizen's page: what each level shows and never shows, one sentence for every miss, both languages, few bytes."""

import gzip
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from postal import worker
from postal.domain import calendars, codes
from postal.domain.codes import CodeKind
from postal.domain.events import MoneyLedger, Payment, ReturnWay, Service
from postal.queries import tracking
from postal.services import home_pickups, invitations, registration
from postal.services.registration import PaperEntry
from postal.store import Store
from postal.web import lookup, security
from postal.web.api import track
from postal.web.app import STATIC
from postal.worker import Watch
from tests import cast
from tests.services.test_home_pickups import by_phone, make
from tests.web import way
from tests.web.conftest import Clock
from tests.web.way import Way, gone_to

MISSED = "Mã tra cứu hoặc mã PIN chưa đúng. Cần giúp, gọi 1900 0000."
BUDGET = 14_000
SEEDS = iter(range(500, 10_000))


@pytest.fixture
def way_to(web_store: Store, clock: Clock) -> Callable[[str], Way]:
    """Return what brings a new dossier to a stage and the clock of the application with it."""

    def go(stage: str) -> Way:
        gone = gone_to(web_store, stage, seed=next(SEEDS))
        clock.at = gone.at
        return gone

    return go


def by_pin(visitor: TestClient, gone: Way, lang: str = "") -> str:
    return visitor.post("/track", data={"code": gone.code, "pin": gone.pin, "lang": lang}).text


def heading(text: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", text, re.DOTALL)
    assert found
    return " ".join(re.sub(r"<[^>]*>", "", found[1]).split()).lstrip("→!×✓ ")


# ------------------------------------------------------------------------------------------------- what a level shows
SENTENCES = {
    "": "Bưu điện đã nhận hồ sơ của ông/bà.",
    "to_transport": "Hồ sơ đang trên đường đến cơ quan giải quyết.",
    "to_desk": "Bưu điện đã bàn giao hồ sơ cho cơ quan.",
    "declined_as_missing": "Hồ sơ chưa đến đúng nơi. Chúng tôi đang tìm và sẽ gọi cho ông/bà.",
    "received": "Cơ quan đã nhận. Hẹn trả kết quả: thứ Năm, 19/11/2026.",
    "in_work": "Cơ quan đang giải quyết hồ sơ.",
    "asked": "Ông/bà cần bổ sung 2 giấy tờ.",
    "supplemented": "Cơ quan đang giải quyết hồ sơ.",
    "fee_due": "Ông/bà cần nộp 135.000 đ.",
    "refused": "Cơ quan không nhận hồ sơ. Lý do: nhập mã PIN để xem.",
    "stopped": "Cơ quan đã dừng giải quyết. Lý do: nhập mã PIN để xem.",
    "withdrawn": "Ông/bà đã rút hồ sơ. Giấy tờ đang được gửi trả.",
    "resolved": "Đã có kết quả. Bưu điện sẽ đến nhận.",
    "collected": "Kết quả đang được gửi về cho ông/bà.",
    "at_office": "Kết quả đang được gửi về cho ông/bà.",
    "for_pickup": "Mời ông/bà đến Bưu cục Trung tâm Đà Nẵng nhận trước thứ Hai, 23/11/2026. Mang theo căn cước.",
    "on_run": "Bưu tá sẽ phát kết quả trong hôm nay.",
    "visited": "Bưu tá đã đến nhưng chưa gặp ông/bà. Sẽ đến lại thứ Ba, 17/11/2026.",
    "delivered": "Đã phát kết quả ngày thứ Hai, 16/11/2026.",
}


def test_every_stage_has_its_sentence() -> None:
    assert set(SENTENCES) == set(way.STAGES)


@pytest.mark.parametrize("stage", way.STAGES)
def test_the_qr_opens_one_plain_sentence(visitor: TestClient, way_to: Callable[[str], Way], stage: str) -> None:
    answer = visitor.get(f"/{way_to(stage).secret}")
    assert answer.status_code == 200
    assert heading(answer.text) == SENTENCES[stage]


def test_the_secret_may_be_typed_in_lower_case(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("")
    assert heading(visitor.get(f"/{gone.secret.lower()}").text) == SENTENCES[""]


@pytest.mark.parametrize("stage", way.STAGES)
def test_no_level_ever_shows_who_it_is_about(visitor: TestClient, way_to: Callable[[str], Way], stage: str) -> None:
    gone = way_to(stage)
    seen = list(everything_public(visitor, gone))
    assert len(seen) == 14
    for name, text in seen:
        assert [canary for canary in way.CANARIES if canary in text] == [], name


@pytest.mark.parametrize("stage", way.STAGES)
def test_only_the_pin_opens_papers_reasons_and_the_commune(
    visitor: TestClient, way_to: Callable[[str], Way], stage: str
) -> None:
    gone = way_to(stage)
    for name, text in everything_public(visitor, gone):
        opened = [word for word in way.WITH_PIN_ONLY if word in text]
        assert name.startswith("pin") or opened == [], name


def everything_public(visitor: TestClient, gone: Way) -> Iterator[tuple[str, str]]:
    """Yield every answer a stranger, the holder of the slip and the holder of the PIN can get, with its headers."""
    for lang in ("vi", "en"):
        yield f"code {lang}", whole(visitor.post("/track", data={"code": gone.code, "lang": lang}))
        yield f"address {lang}", whole(visitor.get(f"/{gone.code}?lang={lang}"))
        yield f"label {lang}", whole(visitor.get(f"/{gone.item}?lang={lang}"))
        yield f"qr {lang}", whole(visitor.get(f"/{gone.secret}?lang={lang}"))
        yield f"pin {lang}", whole(visitor.post("/track", data={"code": gone.code, "pin": gone.pin, "lang": lang}))
    yield "api code", whole(visitor.get(f"/api/v1/track/{gone.code}"))
    yield "api qr", whole(visitor.post("/api/v1/track", json={"secret": gone.secret}))
    yield "pin api", whole(visitor.post("/api/v1/track", json={"code": gone.code, "pin": gone.pin}))
    yield "miss", whole(visitor.post("/track", data={"code": gone.code, "pin": "x"}))


def whole(answer: "object") -> str:
    return f"{answer.headers}\n{answer.text}"  # type: ignore[attr-defined]


@pytest.mark.parametrize("stage", way.STAGES)
def test_the_code_alone_tells_the_step_and_nothing_else(
    visitor: TestClient, way_to: Callable[[str], Way], stage: str
) -> None:
    gone = way_to(stage)
    text = visitor.get(f"/{gone.code}").text
    at_qr = visitor.get(f"/{gone.secret}").text
    assert heading(text).startswith(("Hồ sơ đang ở bước ", "Hồ sơ đã xong cả 5 bước."))
    assert text.count('aria-current="step"') == (0 if stage == "delivered" else 1)
    assert "Bưu cục Trung tâm" not in text
    assert "Trung tâm Phục vụ" not in text
    assert not re.search(r"\d{2}/\d{2}/2026", text.split("<footer>", maxsplit=1)[0])
    assert re.search(r"\d{2}/\d{2}/2026", at_qr.split("<footer>", maxsplit=1)[0])


def test_the_qr_says_how_many_papers_and_the_pin_says_which(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("asked")
    at_qr, at_pin = visitor.get(f"/{gone.secret}").text, by_pin(visitor, gone)
    assert "Nhập mã PIN để xem danh sách." in at_qr
    assert "Giấykhám" not in at_qr
    assert "Lýdobổsung" not in at_qr
    papers = '<li lang="vi">Giấykhám sức khỏe – vì Lýdobổsung hết hạn</li><li lang="vi">Ảnh 3×4</li>'
    assert papers in at_pin
    assert "Nộp tại bất kỳ bưu cục nào, đưa phiếu gửi này." in at_pin
    assert "Hạn: thứ Ba, 01/12/2026." in at_pin
    assert "Thời hạn giải quyết được tính lại từ ngày nhận đủ giấy tờ." in at_pin
    assert "Thời hạn đang tạm dừng, chờ ông/bà bổ sung giấy tờ." in at_pin


def test_the_pin_opens_the_reason_the_procedure_the_masked_name_and_the_commune(
    visitor: TestClient, way_to: Callable[[str], Way]
) -> None:
    text = by_pin(visitor, way_to("refused"))
    assert heading(text) == "Cơ quan không nhận hồ sơ. Lý do: Lýdotừchối: thiếu thẩm quyền."
    assert "C*** Q***" in text
    assert "Phường Hòa Cường" in text
    assert "<dt>Thủ tục</dt>" in text


def test_the_timeline_names_organisations_and_days(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("delivered")
    shown = visitor.post("/api/v1/track", json={"secret": gone.secret}).json()["timeline"]
    post, desk = cast.UNIT_NAMES[cast.OFFICE], cast.UNIT_NAMES[cast.COMMUNE_DESK]
    assert shown == [{"on": "2026-11-16", "organisation": name} for name in (post, desk, post, "")]


def test_fees_say_how_much_where_and_that_they_were_paid(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("fee_due")
    before = visitor.get(f"/{gone.secret}").text
    assert "Phí, lệ phí còn phải nộp</dt><dd>135.000 đ" in before
    assert "Nộp tiền tại bất kỳ bưu cục nào hoặc nộp cho bưu tá. Luôn lấy biên lai." in before
    pay(gone, MoneyLedger.FEES, 135_000, Payment.CASH)
    after = visitor.get(f"/{gone.secret}").text
    assert heading(after) == "Bưu điện đã nhận 135.000 đ. Đang chờ cơ quan xác nhận."
    assert "Ông/bà chưa cần làm gì." in after
    assert "Đang đến lượt: <b>Cơ quan giải quyết</b>" in after
    known = visitor.post("/api/v1/track", json={"secret": gone.secret}).json()
    assert (known["asked_amount"], known["paid_amount"], known["turn"]) == (0, 135_000, "authority")


def test_what_is_paid_later_stands_apart_as_postage_and_fees(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("in_work")
    pay(gone, MoneyLedger.FEES, 50_000, Payment.LATER)
    pay(gone, MoneyLedger.POSTAGE, 30_000, Payment.LATER)
    for text in (visitor.get(f"/{gone.secret}").text, by_pin(visitor, gone)):
        assert "Phí, lệ phí còn phải nộp</dt><dd>50.000 đ" in text
        assert "Cước còn phải trả</dt><dd>30.000 đ" in text
        assert "Luôn lấy biên lai." in text
    assert "50.000" not in visitor.get(f"/{gone.code}").text


def pay(gone: Way, account: MoneyLedger, amount: int, payment: Payment) -> None:
    with gone.store.begin(at=gone.later()) as ledger:
        dossier = ledger.dossier(gone.code)
        event = dossier.collect(ledger=account, amount=amount, payment=payment, basis="ví dụ", by=way.lan, at=gone.at)
        ledger.append(dossier, event)


def test_each_invitation_says_whether_another_follows(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("for_pickup")
    assert "Đây là lần mời thứ nhất." in visitor.get(f"/{gone.secret}").text
    gone.later(days=3)
    until = cast.post_calendar.add_working_days(gone.at.date(), 5)
    invitations.hold_for_pickup(gone.store, gone.result, until=until, by=cast.hung, at=gone.at)
    text = visitor.get(f"/{gone.secret}").text
    assert "Đây là lần mời cuối." in text
    assert "lần mời" not in visitor.get(f"/{gone.code}").text


def test_originals_are_counted_until_they_are_back(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("in_work")
    assert "Bản chính chưa trả lại ông/bà</dt><dd>1</dd>" in visitor.get(f"/{gone.secret}").text
    assert "Bản chính" not in visitor.get(f"/{gone.code}").text


def test_a_visit_that_is_promised_says_its_day(visitor: TestClient, way_to: Callable[[str], Way], clock: Clock) -> None:
    gone = way_to("asked")
    day = cast.post_calendar.add_working_days(gone.at.date(), 2)
    home_pickups.ask(gone.store, dossier=gone.code, day=day, by=way.lan, at=gone.at, below=gone.below)
    for text in (visitor.get(f"/{gone.secret}").text, by_pin(visitor, gone)):
        assert f"Bưu tá đến nhà lấy giấy tờ: {calendars.written(day)}." in text
    assert "The postman comes for your papers" in visitor.get(f"/{gone.secret}?lang=en").text
    assert "Bưu tá đến nhà" not in visitor.get(f"/{gone.code}").text


def test_papers_still_at_home_are_nowhere_yet_and_the_day_is_counted_from_the_door(
    web_store: Store, visitor: TestClient, clock: Clock
) -> None:
    below = cast.below(next(SEEDS))
    made = by_phone(web_store, below)
    assert made.pickup
    text = visitor.get(f"/{made.receipt.secret}").text
    assert heading(text) == "Bưu điện chưa nhận giấy tờ của ông/bà."
    assert "Bưu tá đến nhà lấy giấy tờ: thứ Ba, 17/11/2026." in text
    assert visitor.post("/api/v1/track", json={"secret": made.receipt.secret}).json()["timeline"] == []
    assert "Hồ sơ chưa được gửi đi" in heading(visitor.get(f"/{made.dossier.code}").text)
    make(web_store, made.pickup.code, below)
    clock.at = cast.after(days=1, hours=1)
    text = visitor.get(f"/{made.receipt.secret}").text
    assert heading(text) == SENTENCES[""]
    assert "Dự kiến đến cơ quan: thứ Tư, 18/11/2026." in text


def test_the_timeline_tells_of_supplements_as_of_anything_else(
    visitor: TestClient, way_to: Callable[[str], Way], clock: Clock
) -> None:
    gone = way_to("asked")
    day = cast.post_calendar.add_working_days(gone.at.date(), 1)
    pickup = home_pickups.ask(gone.store, dossier=gone.code, day=day, by=way.lan, at=gone.at, below=gone.below)
    clock.at = gone.later(days=1)
    make(gone.store, pickup.code, gone.below, papers=(PaperEntry(name="Ảnh 3×4", copies=2),), by=way.buuta, at=gone.at)
    shown = visitor.post("/api/v1/track", json={"secret": gone.secret}).json()
    post, desk = cast.UNIT_NAMES[cast.OFFICE], cast.UNIT_NAMES[cast.COMMUNE_DESK]
    assert [stay["organisation"] for stay in shown["timeline"]] == [post, desk, post]
    assert (shown["asked_papers"], shown["brought_papers"]) == (1, 1)


def test_a_result_that_is_not_brought_is_collected_at_the_desk(web_store: Store, visitor: TestClient) -> None:
    gone = Way(web_store, seed=next(SEEDS)).register(service=Service.SEND, return_way=ReturnWay.DESK).resolved()
    text = visitor.get(f"/{gone.secret}").text
    assert heading(text) == f"Đã có kết quả. Mời ông/bà đến {cast.UNIT_NAMES[cast.COMMUNE_DESK]} nhận."


def test_a_dossier_taken_back_is_genuine_and_no_more(web_store: Store, visitor: TestClient) -> None:
    gone = Way(web_store, seed=next(SEEDS)).register().voided()
    assert "Mã này có thật." in heading(visitor.get(f"/{gone.code}").text)
    assert visitor.get(f"/{gone.secret}").status_code == 404


# --------------------------------------------------------------------------------------------------------------- late
def test_late_in_the_post_says_how_late_who_has_it_and_the_new_date(
    visitor: TestClient, way_to: Callable[[str], Way], clock: Clock
) -> None:
    gone = Way(way_to("").store, seed=next(SEEDS)).register()
    gone.at = cast.after(days=1)
    gone.to_transport()
    clock.at = cast.after(days=2)
    text = visitor.get(f"/{gone.secret}").text
    assert "Hồ sơ đang chậm 1 ngày làm việc ở khâu chuyển. Bưu điện xin lỗi ông/bà." in text
    assert "Đang ở: Bưu cục Trung tâm Đà Nẵng." in text
    assert "Ngày dự kiến mới: thứ Tư, 18/11/2026." in text
    assert "gọi 1900 0000" in text


def test_late_in_the_post_without_a_new_date_says_by_when_it_is_told(
    visitor: TestClient, way_to: Callable[[str], Way], clock: Clock
) -> None:
    gone = way_to("to_transport")
    clock.at = cast.after(days=4)
    text = visitor.get(f"/{gone.secret}").text
    assert "Hồ sơ đang chậm 3 ngày làm việc ở khâu chuyển." in text
    assert "Chưa có ngày hẹn mới. Bưu điện phải trả lời trước 17 giờ ngày thứ Sáu, 20/11/2026." in text


def test_late_at_the_authority_names_it_and_counts_its_working_days(
    visitor: TestClient, way_to: Callable[[str], Way], clock: Clock
) -> None:
    gone = way_to("in_work")
    clock.at = cast.after(days=9)
    text = visitor.get(f"/{gone.secret}").text
    name = cast.UNIT_NAMES[cast.COMMUNE_DESK].replace("Trung tâm Phục vụ hành chính công", "Ủy ban nhân dân")
    assert "Đã quá ngày hẹn 3 ngày làm việc." in text, "24 November is a day off"
    assert f"{name} xin lỗi ông/bà." in text
    assert f"{name} phải trả lời trước 17 giờ ngày thứ Tư, 25/11/2026." in text


def test_papers_that_still_lie_at_the_counter_on_the_last_day_may_be_late(
    visitor: TestClient, way_to: Callable[[str], Way], clock: Clock
) -> None:
    gone = way_to("")
    clock.at = cast.after(days=1)
    assert (
        "Hồ sơ có thể chậm 1 ngày làm việc do chưa rời Bưu cục Trung tâm Đà Nẵng."
        in visitor.get(f"/{gone.secret}").text
    )


def test_nothing_heard_for_long_is_said_once_somebody_was_really_asked(
    web_store: Store, visitor: TestClient, way_to: Callable[[str], Way], clock: Clock
) -> None:
    gone = way_to("visited")
    clock.at = cast.after(days=4)
    assert "Lâu hơn bình thường" not in visitor.get(f"/{gone.secret}").text
    worker.look_for_silence(web_store, Watch(), clock=clock, below=cast.below(3))
    told = visitor.get(f"/{gone.secret}").text
    assert "Chưa có cập nhật từ ngày 16/11/2026. Lâu hơn bình thường." in told
    assert "Chúng tôi đã yêu cầu Bưu cục" in told


def test_a_date_in_a_year_without_a_calendar_is_provisional(
    web_store: Store, visitor: TestClient, clock: Clock
) -> None:
    gone = Way(web_store, at=cast.after(days=44), seed=next(SEEDS)).register().received()
    clock.at = gone.at
    assert "Ngày tạm tính, vì lịch nghỉ của năm đó chưa công bố." in visitor.get(f"/{gone.secret}").text


# ------------------------------------------------------------------------------------------------------------- misses
def test_every_miss_is_the_same_sentence_status_and_length(
    visitor: TestClient, way_to: Callable[[str], Way], web_store: Store
) -> None:
    gone = way_to("in_work")
    unknown = codes.mint(CodeKind.DOSSIER, below=cast.below(99)).text
    revoked = gone.secret
    registration.reissue_receipt(
        web_store, gone.code, reason="", identity_checked=True, by=way.lan, at=gone.later(), below=gone.below
    )
    answers = [
        visitor.post("/track", data={"code": unknown}),
        visitor.post("/track", data={"code": unknown, "pin": "123456"}),
        visitor.post("/track", data={"code": gone.code, "pin": "wrong!"}),
        visitor.post("/track", data={"code": gone.item, "pin": gone.pin}),
        visitor.post("/track", data={"code": "ABC"}),
        visitor.post("/track", data={}),
        visitor.get(f"/{revoked}"),
        visitor.get(f"/{codes.encode_secret(bytes(range(16)))}"),
        visitor.get("/" + "X" * 29),
        visitor.get("/nothing-of-ours"),
        visitor.get(f"/{unknown}"),
        visitor.get(f"/{gone.handover}"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert len({tuple(sorted(answer.headers)) for answer in answers}) == 1
    assert all(MISSED in answer.text for answer in answers)


def test_a_wrong_symbol_may_say_so_and_stays_in_the_field(visitor: TestClient) -> None:
    for typed in ("7K2M4-9RTBP", "7K2M4-9RTB0"):
        answer = visitor.post("/track", data={"code": typed})
        assert answer.status_code == 422
        assert "Mã chưa đúng, xin xem lại. Mã chỉ gồm số từ 2 đến 9 và các chữ B C F G H" in answer.text
        assert f'value="{typed}"' in answer.text
        assert "<title>Lỗi: " in answer.text


def test_five_wrong_pins_then_a_wait_even_for_the_right_one(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("")
    wrong = [visitor.post("/track", data={"code": gone.code, "pin": f"x{n}"}).status_code for n in range(5)]
    assert wrong == [404] * 5
    stopped = visitor.post("/track", data={"code": gone.code, "pin": gone.pin})
    assert stopped.status_code == 429
    assert "Đã thử nhiều lần. Đợi 5 phút hoặc gọi 1900 0000." in stopped.text
    assert visitor.post("/api/v1/track", json={"code": gone.code, "pin": gone.pin}).status_code == 429
    assert visitor.get(f"/{gone.secret}").status_code == 200, "the QR needs no PIN"


def test_unknown_codes_run_out_of_tries_as_known_ones_do(visitor: TestClient) -> None:
    unknown = codes.mint(CodeKind.DOSSIER, below=cast.below(98)).text
    tried = [visitor.post("/track", data={"code": unknown, "pin": "123456"}).status_code for _ in range(6)]
    assert tried == [404] * 5 + [429]


def test_a_right_pin_gives_all_tries_back(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("")
    for _ in range(3):
        for n in range(4):
            visitor.post("/track", data={"code": gone.code, "pin": f"x{n}"})
        assert visitor.post("/track", data={"code": gone.code, "pin": gone.pin}).status_code == 200
    assert lookup.MOST_PIN_TRIES == 5


def test_the_pin_may_be_typed_with_spaces(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("")
    answer = visitor.post("/track", data={"code": gone.code.lower(), "pin": f" {gone.pin[:3]} {gone.pin[3:]} "})
    assert answer.status_code == 200


# ------------------------------------------------------------------------------------------------------- bytes, frame
@pytest.mark.parametrize("stage", ["", "asked", "visited", "delivered"])
def test_a_first_view_fits_into_one_window_of_the_network(
    visitor: TestClient, way_to: Callable[[str], Way], stage: str
) -> None:
    gone = way_to(stage)
    answer = visitor.get(f"/{gone.secret}")
    assert answer.headers["content-encoding"] == "gzip"
    page = int(answer.headers["content-length"]) + len(str(answer.headers))
    style = len(visitor.get("/static/citizen.css").content)
    assert page + style < BUDGET, (page, style)
    assert len(answer.content) + style < BUDGET, "even uncompressed"
    assert set(re.findall(r'(?:src|href)="(/static/[^"]+)"', answer.text)) == {"/static/citizen.css"}


def test_who_cannot_unpack_gets_plain_bytes(visitor: TestClient) -> None:
    answer = visitor.get("/", headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in answer.headers
    packed = visitor.get("/")
    assert answer.text == packed.text
    assert len(gzip.compress(answer.content)) < len(answer.content)


def test_no_script_no_cookie_no_other_host_no_download(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("asked")
    answers = (visitor.get("/"), visitor.get(f"/{gone.secret}"), visitor.post("/track", data={"code": gone.code}))
    for answer in answers:
        assert "<script" not in answer.text
        assert not re.search(r"\son[a-z]+=", answer.text)
        assert "style=" not in answer.text
        assert "set-cookie" not in answer.headers
        assert "content-disposition" not in answer.headers
        assert not re.search(r'(?:src|href|action)="(?:https?:)?//', answer.text)
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "csrf" not in answer.text


def test_a_page_never_repeats_its_secret_nor_the_pin(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("asked")
    assert gone.secret not in visitor.get(f"/{gone.secret}").text
    assert gone.pin not in by_pin(visitor, gone)


def test_the_stylesheet_is_small_text_of_our_own() -> None:
    style = (Path(STATIC) / "citizen.css").read_text()
    assert "url(" not in style
    assert "@import" not in style


# ---------------------------------------------------------------------------------------------------------- languages
@pytest.mark.parametrize("stage", way.STAGES)
def test_the_english_page_has_no_vietnamese_but_names(
    visitor: TestClient, way_to: Callable[[str], Way], stage: str
) -> None:
    gone = way_to(stage)
    text = by_pin(visitor, gone, "en") if stage != "" else visitor.get(f"/{gone.secret}?lang=en").text
    assert '<html lang="en">' in text
    bare = re.sub(r"<[^>]*>", " ", re.sub(r'<(\w+)[^>]*lang="vi"[^>]*>.*?</\1>', "", text, flags=re.DOTALL))
    names = (*cast.UNIT_NAMES.values(), "Ủy ban nhân dân phường Hải Châu", "Phường Hòa Cường")
    for name in (*names, *way.WITH_PIN_ONLY, "thiếu thẩm quyền", "theo đơn"):
        bare = bare.replace(name, "")
    facts = re.findall(r"<dd>(.*?)</dd>", text)
    for fact in facts:
        bare = bare.replace(fact, "")
    assert not re.search(r"[ăâđêôơưáàảãạéèẻẽẹíìỉĩịóòỏõọúùủũụ]", bare.lower()), bare


def test_the_language_link_leads_to_the_same_page(visitor: TestClient, way_to: Callable[[str], Way]) -> None:
    gone = way_to("")
    assert 'href="?lang=en"' in visitor.get(f"/{gone.secret}").text
    assert f'href="/{gone.code}?lang=en"' in visitor.post("/track", data={"code": gone.code}).text
    assert 'href="/?lang=en"' in by_pin(visitor, gone)


# ---------------------------------------------------------------------------------------------------------------- api
@pytest.mark.parametrize("stage", ["", "asked", "refused", "visited", "delivered"])
def test_each_level_answers_with_its_documented_keys(
    visitor: TestClient, way_to: Callable[[str], Way], stage: str
) -> None:
    gone = way_to(stage)
    code, qr, pin = (track.KEYS[level] for level in tracking.Level)
    assert set(visitor.get(f"/api/v1/track/{gone.code}").json()) == code
    assert set(visitor.post("/api/v1/track", json={"secret": gone.secret}).json()) == code | qr
    assert set(visitor.post("/api/v1/track", json={"code": gone.code, "pin": gone.pin}).json()) == code | qr | pin
    assert code | qr | pin == set(track.TrackBody.model_fields)


def test_a_miss_of_a_program_is_a_problem_with_the_same_sentence(
    visitor: TestClient, way_to: Callable[[str], Way]
) -> None:
    gone = way_to("")
    unknown = codes.mint(CodeKind.DOSSIER, below=cast.below(97)).text
    answers = [
        visitor.get(f"/api/v1/track/{unknown}"),
        visitor.post("/api/v1/track", json={"code": gone.code, "pin": "000"}),
        visitor.post("/api/v1/track", json={"secret": "X" * 29}),
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({json.dumps(answer.json()) for answer in answers}) == 1
    assert answers[0].json()["detail"] == MISSED


# --------------------------------------------------------------------------------------------------------------- logs
def test_no_secret_and_nothing_searched_for_reaches_a_log(way_to: Callable[[str], Way]) -> None:
    gone = way_to("")
    assert gone.secret not in security.without_secrets(f"/{gone.secret}")
    assert security.without_secrets(f"/{gone.secret.lower()}") == "/…"
    assert security.without_secrets("/scan?q=0912345678") == "/scan?…"
    assert security.without_secrets("/dossiers/7K2M49RTBQ") == "/dossiers/7K2M49RTBQ"


def test_the_log_of_requests_goes_through_the_filter(
    app: FastAPI, way_to: Callable[[str], Way], caplog: pytest.LogCaptureFixture
) -> None:
    gone = way_to("")
    log = logging.getLogger("uvicorn.access")
    with caplog.at_level(logging.INFO, logger="uvicorn.access"):
        log.info('%s - "%s %s HTTP/%s" %d', "127.0.0.1:1", "GET", f"/{gone.secret}?lang=en", "1.1", 200)
    assert gone.secret not in caplog.text
    assert '"GET /…?… HTTP/1.1" 200' in caplog.text


def test_the_clock_of_the_page_is_the_clock_of_the_application(
    visitor: TestClient, way_to: Callable[[str], Way], clock: Clock
) -> None:
    gone = way_to("")
    clock.at = datetime.fromisoformat("2026-11-16T07:05:00+00:00")
    text = visitor.get(f"/{gone.secret}").text
    assert "Cập nhật lúc 14:05 ngày thứ Hai, 16/11/2026." in text
    clock.at += timedelta(minutes=1)
    assert "Cập nhật lúc 14:06" in visitor.get(f"/{gone.secret}").text
