"""Each scan answers with one instruction for whoever scanned; people are found within rights, and that is audited."""

import html
import random
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from postal.domain import codes, scans
from postal.domain.codes import CodeKind
from postal.domain.events import ReturnWay
from postal.domain.item import Item, Trouble
from postal.domain.people import Account, Actor, Role, person_custodian
from postal.queries import scans as scan_queries
from postal.queries.scans import INSTRUCTIONS, Answer, Situation
from postal.services import custody, delivery, planning
from postal.store import Store
from tests import cast
from tests.web import way
from tests.web.conftest import STAFF, Clock
from tests.web.way import Way

Open = Callable[[str], TestClient]
SEEDS = iter(range(20_000, 30_000))


@pytest.fixture
def going(web_store: Store) -> Way:
    """Return a dossier at the counter."""
    return Way(web_store, seed=next(SEEDS)).register()


def scanned(gone: Way, text: str, by: Actor) -> Answer:
    found = scan_queries.look_up(gone.store, scans.read_scan(text), actor=by, at=gone.at)
    assert found.answer is not None
    return found.answer


def test_every_situation_has_one_instruction() -> None:
    assert set(INSTRUCTIONS) == set(Situation)
    assert set(scan_queries.TROUBLES) == set(Trouble)
    for instruction in INSTRUCTIONS.values():
        assert instruction.sentence.endswith(".")
        assert bool(instruction.button) == bool(instruction.href)


def test_the_clerk_who_holds_it_hands_it_on(going: Way) -> None:
    answer = scanned(going, going.item, way.lan)
    assert answer.situation is Situation.MINE_TO_HAND_OVER
    assert answer.instruction.sentence == f"Bàn giao đi {cast.UNIT_NAMES[cast.COMMUNE_DESK]}."
    assert answer.instruction.href == f"/handovers/new?item={going.item}"


def test_what_has_no_seal_is_sealed_first(going: Way) -> None:
    with going.store.read() as reader:
        item = reader.thing(Item, going.item)
    assert item is not None
    bare = replace(item, seal="")
    assert scan_queries.situation_of_item(bare, None, actor=way.lan) is Situation.MINE_UNSEALED


def test_what_is_offered_is_signed_for_by_the_other_side_and_waits_for_the_giver(going: Way) -> None:
    below = random.Random(5).randrange
    record = custody.offer(going.store, [going.item], to=cast.transport, by=way.lan, at=going.at, below=below)
    shown = codes.shown(record.code)
    receiver = scanned(going, going.item, cast.tai)
    assert receiver.instruction.sentence == f"Ký nhận biên bản {shown}."
    assert receiver.instruction.href == f"/handovers/{record.code}"
    assert scanned(going, going.item, way.lan).situation is Situation.OFFERED_BY_ME
    assert scanned(going, going.item, cast.hoa).situation is Situation.OFFERED_ELSEWHERE
    assert scanned(going, record.code, cast.tai).situation is Situation.RECORD_FOR_ME
    assert scanned(going, record.code, way.lan).situation is Situation.RECORD_OF_MINE
    assert scanned(going, record.code, cast.minh).situation is Situation.RECORD
    assert scanned(going, record.code, cast.hoa).situation is Situation.RECORD_ELSEWHERE


def test_nobody_signs_for_his_own_offer(going: Way) -> None:
    both = cast.actor(way.lan.account, "Lan", cast.counter, cast.transport, place=cast.OFFICE, roles={Role.TRANSPORT})
    below = random.Random(6).randrange
    custody.offer(going.store, [going.item], to=cast.transport, by=both, at=going.at, below=below)
    assert scanned(going, going.item, both).situation is Situation.MY_OWN_OFFER


def test_what_somebody_else_holds_is_set_aside_or_taken_over_with_a_reason(going: Way) -> None:
    answer = scanned(going, going.item, cast.tai)
    assert answer.instruction.sentence.endswith(
        "Hồ sơ đang do Quầy giao dịch – Bưu cục Trung tâm Đà Nẵng giữ, chưa bàn giao."
    )
    assert answer.instruction.button == ""
    taker = scanned(going, going.item, cast.minh)
    assert taker.situation is Situation.HELD_BY_OTHER_MAY_TAKE
    assert taker.instruction.button == "Nhận thay, ghi lý do"


def test_the_desk_receives_what_it_signed_for(going: Way) -> None:
    going.to_desk()
    answer = scanned(going, going.item, cast.xuan)
    assert answer.situation is Situation.MINE_TO_RECEIVE
    assert answer.instruction.href == f"/desk/{going.code}"
    assert scanned(going, going.code, cast.xuan).situation is Situation.MINE_TO_RECEIVE
    assert scanned(going, going.secret, cast.xuan).situation is Situation.MINE_TO_RECEIVE


STAGES = [
    ("declined_as_missing", cast.tai, Situation.MINE_MISSING),
    ("in_work", cast.xuan, Situation.MINE_AT_DESK),
    ("resolved", cast.xuan, Situation.MINE_TO_HAND_OVER),
    ("collected", cast.tai, Situation.MINE_TO_HAND_OVER),
    ("at_office", cast.hung, Situation.MINE_TO_SORT),
    ("on_run", way.buuta, Situation.MINE_TO_HAND_OVER),
    ("delivered", way.lan, Situation.DELIVERED),
]


@pytest.mark.parametrize(("stage", "by", "situation"), STAGES, ids=[stage for stage, _, _ in STAGES])
def test_each_stage_asks_its_holder_for_the_next_step(going: Way, stage: str, by: Actor, situation: Situation) -> None:
    getattr(going, stage)()
    assert scanned(going, going.result or going.item, by).situation is situation


def test_a_postman_is_led_to_his_stop(going: Way) -> None:
    going.at_office()
    day = cast.today
    account = Account(username="buuta1", name="Một", place=cast.OFFICE, roles=frozenset({Role.POSTMAN}))
    with going.store.begin(at=going.at) as ledger:
        ledger.accounts.put(account, password_hash="")
    run = planning.plan_run(going.store, "551000-01", day=day, by=cast.minh, at=going.at, below=going.below)
    assert going.result in run.items
    postman = cast.actor(run.postman, "Một", place=cast.OFFICE, roles={Role.POSTMAN})
    assert scanned(going, run.code, postman).situation is Situation.MY_RUN_PLANNED
    to = person_custodian(run.postman, place=cast.OFFICE, name="Một")
    below = random.Random(8).randrange
    record = custody.offer(going.store, [going.result], to=to, by=cast.hung, at=going.at, below=below)
    custody.accept(going.store, record.code, by=postman, at=going.at)
    answer = scanned(going, going.result, postman)
    assert answer.situation is Situation.MINE_ON_RUN
    assert answer.instruction.href == f"/today/{run.code}/1?item={going.result}"
    delivery.start_run(going.store, run.code, by=postman, at=going.at)
    assert scanned(going, run.code, postman).situation is Situation.MY_RUN_STARTED
    assert scanned(going, run.code, cast.minh).situation is Situation.RUN
    assert scanned(going, run.code, cast.hung).situation is Situation.RUN_OF_OTHER


def test_a_result_the_citizen_was_invited_for_is_given_to_the_citizen(going: Way) -> None:
    going.for_pickup()
    both = cast.actor("x", "X", cast.sorting, place=cast.OFFICE, roles={Role.CONTROLLER})
    assert scanned(going, going.result, both).instruction.href == f"/pickups/{going.result}"
    assert scanned(going, going.result, cast.hung).situation is Situation.MINE_FOR_COUNTER


def test_a_result_to_be_collected_is_given_at_the_counter(web_store: Store) -> None:
    going = Way(web_store, seed=next(SEEDS)).register(return_way=ReturnWay.POST_OFFICE).at_office()
    assert scanned(going, going.result, cast.hung).situation is Situation.MINE_FOR_COUNTER


def test_what_was_voided_goes_nowhere(going: Way) -> None:
    going.voided()
    assert scanned(going, going.item, way.lan).situation is Situation.VOIDED


def test_a_dossier_opens_its_page_for_who_takes_part_and_names_the_holder_to_others(going: Way) -> None:
    assert scanned(going, going.code, cast.minh).situation is Situation.DOSSIER
    assert scanned(going, going.code, cast.xuan).situation is Situation.DOSSIER_TO_DECIDE
    assert scanned(going, going.code, cast.sen).situation is Situation.DOSSIER_ELSEWHERE
    going.in_work()
    assert scanned(going, going.official, way.lan).situation is Situation.DOSSIER


def test_a_paper_record_waits_for_the_other_side_to_confirm(going: Way) -> None:
    going.to_transport()
    below = random.Random(10).randrange
    record = custody.offer(going.store, [going.item], to=cast.commune_desk, by=cast.tai, at=going.at, below=below)
    custody.sign_on_paper(
        going.store, record.code, signed_at=going.at, signer="x", photo=b"x", by=cast.tai, at=going.at
    )
    assert scanned(going, record.code, cast.xuan).situation is Situation.RECORD_TO_CONFIRM


def test_positions_workstations_and_commands_say_where_they_belong(going: Way) -> None:
    assert scanned(going, "551000:counter", way.lan).instruction.href == "/shift"
    for kind, situation in ((CodeKind.WORKSTATION, Situation.WORKSTATION), (CodeKind.COMMAND, Situation.COMMAND)):
        code = codes.mint(kind, below=cast.below(3)).text
        assert scanned(going, code, way.lan).situation is situation


# -------------------------------------------------------------------------------------------------------------- pages
def test_the_page_shows_the_instruction_and_its_button(signed_in: Open, going: Way) -> None:
    text = signed_in("hung").get(f"/scan?q={codes.shown(going.item)}").text
    assert "chưa bàn giao." in text
    assert f'href="/items/{going.item}">Nhận thay, ghi lý do</a>' in text


@pytest.mark.parametrize(
    ("typed", "sentence", "status"),
    [
        ("7K2M4-9RTBP", "Mã sai 1 ký tự: 7K2M4-9RTB? Quét lại.", 422),
        (
            "P3FHJ-8QXV9",
            "Chưa có mã này trong hệ thống. Xem lại mã trên nhãn; nếu vẫn vậy, để riêng và báo trưởng bưu cục.",
            404,
        ),
        (
            "T9C4N-7MBKP",
            "Chưa có mã này trong hệ thống. Xem lại mã trên nhãn; nếu vẫn vậy, để riêng và báo trưởng bưu cục.",
            404,
        ),
        (
            "7K2M4-9RTBÔ",
            "Bộ gõ tiếng Việt làm sai mã vừa quét. Nhấn Ctrl + Shift để tắt (biểu tượng chữ E), rồi quét lại.",
            422,
        ),
        ("", "Chưa có mã nào. Quét hoặc gõ mã.", 422),
        ("091234567", "Số điện thoại phải có 10 số, bắt đầu bằng 0. Đang có 9 số.", 422),
    ],
)
def test_what_cannot_be_found_gets_its_exact_sentence(signed_in: Open, typed: str, sentence: str, status: int) -> None:
    answer = signed_in("lan").get("/scan", params={"q": typed})
    assert answer.status_code == status
    assert sentence in answer.text
    assert "<title>Lỗi: " in answer.text


@pytest.mark.parametrize(
    "typed", [way.SENDER.identity_number, "0905000001", "chimvang quytdo 2003", "CHIMVÀNG QUÝTĐỎ 2003", "0905000003"]
)
def test_people_are_found_by_number_phone_or_name_and_year(signed_in: Open, going: Way, typed: str) -> None:
    text = signed_in("lan").get("/search", params={"q": typed}).text
    assert "<h1>1 hồ sơ</h1>" in text
    assert codes.shown(going.code) in text
    assert way.SENDER.name in text


@pytest.mark.parametrize("typed", ["chimvang quytdo", "chimvang 2003", "quytdo"])
def test_nobody_is_found_by_a_name_alone(signed_in: Open, going: Way, typed: str) -> None:
    answer = signed_in("lan").get("/search", params={"q": typed})
    assert answer.status_code == 422
    assert "Tìm theo họ tên phải kèm năm sinh" in answer.text
    assert codes.shown(going.code) not in answer.text


def test_several_dossiers_of_one_person_are_listed_newest_first(signed_in: Open, going: Way) -> None:
    later = Way(going.store, at=cast.after(hours=2), seed=next(SEEDS)).register()
    text = signed_in("lan").get("/scan", params={"q": way.SENDER.phone}).text
    assert "<h1>2 hồ sơ</h1>" in text
    assert text.index(codes.shown(later.code)) < text.index(codes.shown(going.code))


def test_people_are_found_only_where_their_dossiers_pass(signed_in: Open, going: Way) -> None:
    text = signed_in("be").get("/search", params={"q": way.SENDER.phone}).text
    assert "Không có hồ sơ nào khớp" in text
    assert way.SENDER.name not in text


@pytest.mark.parametrize("username", ["khoa", "van", "dung", "quantri"])
def test_who_may_not_see_personal_data_cannot_search_for_people(signed_in: Open, going: Way, username: str) -> None:
    answer = signed_in(username).get("/search", params={"q": way.SENDER.phone})
    assert answer.status_code == 403
    assert "Cần quyền “Xem thông tin cá nhân”" in answer.text
    assert way.SENDER.name not in answer.text


def test_looking_for_a_person_leaves_a_line_without_the_person(signed_in: Open, going: Way) -> None:
    signed_in("lan").get("/search", params={"q": f"{way.SENDER.name} 2003"})
    text = signed_in("hung").get("/audit").text
    assert "Tìm hồ sơ theo người" in text
    assert f"tìm theo họ tên và năm sinh: 1 hồ sơ ({codes.shown(going.code)})" in text
    assert [canary for canary in way.CANARIES if canary in text] == []


def test_the_scan_box_needs_somebody_signed_in(visitor: TestClient) -> None:
    for path in ("/scan?q=x", "/search?q=x", "/late", "/audit"):
        assert visitor.get(path).headers["location"].startswith("/sign-in")


def test_every_role_of_the_post_and_the_authority_may_scan(signed_in: Open, going: Way, clock: Clock) -> None:
    clock.at = going.at
    for username in STAFF:
        assert signed_in(username).get(f"/scan?q={going.item}").status_code == 200


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["", "to_desk", "declined_as_missing", "at_office", "for_pickup", "delivered"])
def test_a_button_leads_to_a_page_that_opens(signed_in: Open, going: Way, clock: Clock, stage: str) -> None:
    if stage:
        getattr(going, stage)()
    clock.at = going.at
    for username in ("lan", "hung", "khoa", "xuan", "mai"):
        browser = signed_in(username)
        for code in filter(None, (going.item, going.result, going.code, going.handover)):
            answer = browser.get(f"/scan?q={code}")
            assert answer.status_code == 200
            button = re.search(r'<a class="button" href="([^"]+)"', answer.text)
            if button:
                opened = browser.get(html.unescape(button[1]))
                assert opened.status_code == 200, (username, stage, button[1], opened.text[-900:])


# ------------------------------------------------------------------------------------------------------------ keyboards
REPAIRED = "Đã tự sửa mã bị bộ gõ làm sai. Nên tắt bộ gõ khi quét."


def through_windows(code: str) -> str:
    """Return a code as the Vietnamese layout of Windows writes it, where the order of its tones is kept."""
    return code.translate(str.maketrans("1234567890", "ăâêô\u0300\u0309\u0303\u0301\u0323đ"))


def test_a_repaired_scan_answers_as_usual_and_says_so_once_a_session(signed_in: Open, going: Way) -> None:
    shown = next(through_windows(code) for code in (going.item, going.code) if scans_as(code))
    lan = signed_in("lan")
    first = lan.get("/scan", params={"q": shown})
    assert first.status_code == 200
    assert REPAIRED in first.text
    again = lan.get("/scan", params={"q": shown})
    assert again.status_code == 200
    assert REPAIRED not in again.text
    assert REPAIRED not in lan.get("/scan", params={"q": going.item}).text
    assert REPAIRED in signed_in("hung").get("/scan", params={"q": shown}).text


def scans_as(code: str) -> bool:
    """Tell whether a code comes back from the layout; where two tones lie on each other it is refused."""
    try:
        return scans.read(through_windows(code)).is_repaired
    except scans.Garbled:
        return False


def test_a_repaired_card_gives_its_number_and_leaves_the_name_to_the_clerk(signed_in: Open, web_store: Store) -> None:
    text = signed_in("lan").get("/scan", params={"q": "độâđ̀đđđăễ|Nguyễn Thị Thử|Nữ"}).text
    assert 'name="card" value="049205000137"' in text


def test_what_may_be_two_item_numbers_opens_neither(web_store: Store) -> None:
    first = Way(web_store, seed=next(SEEDS)).register(postal_number="CC123456785VN")
    assert scanned(first, "CH123456785VN", way.lan).title == codes.shown(first.item)
    Way(web_store, at=cast.after(hours=2), seed=next(SEEDS)).register(postal_number="CH123456785VN")
    with pytest.raises(scans.Garbled):
        scanned(first, "CH123456785VN", way.lan)


def test_the_sheet_of_commands_is_printed_by_who_hands_over(signed_in: Open) -> None:
    answer = signed_in("lan").get("/commands.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert 'href="/commands.pdf"' in signed_in("lan").get("/counter").text
    assert 'href="/commands.pdf"' in signed_in("xuan").get("/handovers").text
    assert signed_in("quantri").get("/commands.pdf").status_code == 403
