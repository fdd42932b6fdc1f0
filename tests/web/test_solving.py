"""Plans that become better while people look, and what would be if: forms, progress, changes, applying, undoing."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote_plus

import pytest
from starlette.testclient import TestClient

from postal.domain.events import PlannedStop
from postal.domain.refusals import Refused
from postal.domain.solving import Progress, Result, Tally
from postal.services import solving
from postal.services.solving import Prepared
from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import hanh, tam, vy
from tests.web.conftest import Clock

Open = Callable[[str], TestClient]

FIRST = Tally(metres=10_000, seconds=9_000, cost=1_000)


@pytest.fixture
def office(web_store: Store) -> Store:
    """Return a store with postmen and three results at the central office."""
    arrivals.keep_postmen(web_store)
    arrivals.arrived(web_store, hanh, tam, vy)
    return web_store


def token(browser: TestClient, page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', browser.get(page).text)
    assert found
    return found[1]


def posted(browser: TestClient, where: str, *, page: str = "/runs", **fields: object) -> str:
    """Send a form and return where it leads, or what it says."""
    answer = browser.post(where, data={"csrf": token(browser, page), **fields})
    if answer.status_code == 303:
        return unquote_plus(answer.headers["location"])
    return f"{answer.status_code} {html.unescape(answer.text)}"


def text_of(browser: TestClient, where: str) -> str:
    answer = browser.get(where)
    assert answer.status_code == 200, answer.text
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def proposed(browser: TestClient) -> str:
    return posted(browser, "/runs/proposals", place=cast.OFFICE, office=cast.OFFICE, day=cast.today.isoformat())


def worked_on(store: Store, clock: Clock) -> Prepared:
    """Let a worker begin with what waits, and tell that it has become shorter by 8 %."""
    found = solving.claim(store, worker="w", at=clock())
    assert found is not None
    best = replace(FIRST, metres=9_200, cost=900)
    solving.note(store, found, Progress(seconds=12.2, iterations=90, first=FIRST, best=best), at=clock())
    return solving.prepare(store, found, at=clock())


def ended(store: Store, prepared: Prepared, made: object, clock: Clock) -> None:
    result = Result(proposal=made, first=FIRST, best=replace(FIRST, cost=500))  # type: ignore[arg-type]
    solving.finish(store, prepared, result, at=clock())


def moved(prepared: Prepared) -> object:
    """Return the plan with the first stop on another postman's run."""
    first = prepared.base.drafts[0]
    stops = tuple(replace(stop, number=number) for number, stop in enumerate(first.stops[1:], start=1))
    own = replace(first, stops=stops, metres=7_000)
    to = (replace(first.stops[0], number=1),)
    other = replace(first, territory="551000-02", postman=arrivals.yen.account, stops=to, metres=2_000)
    return replace(prepared.base, drafts=(own, other))


def test_a_proposal_shows_at_once_and_is_made_better_until_somebody_stops_it(
    office: Store, signed_in: Open, clock: Clock
) -> None:
    browser = signed_in("dung")
    board = proposed(browser)
    assert "Đang chờ đến lượt tính." in text_of(browser, board)
    prepared = worked_on(office, clock)
    page = text_of(browser, board)
    assert "Đang tính 12 giây – đã giảm 8% km." in page
    assert "Dừng và dùng kết quả này" in page
    number = prepared.solving.id
    part = browser.get(f"/runs/solvings/{number}/progress").text
    assert "data-open" in part
    assert "<html" not in part
    alone = browser.get(f"/runs/solvings/{number}").text
    assert '<noscript><meta http-equiv="refresh" content="2"></noscript>' in alone
    assert posted(browser, f"/runs/solvings/{number}/stop") == board
    assert "Đang dừng và lấy kết quả tốt nhất đã có." in text_of(browser, board)
    ended(office, prepared, moved(prepared), clock)
    assert "Đã dùng kết quả tốt nhất." in text_of(browser, board)
    assert "http-equiv" not in browser.get(f"/runs/solvings/{number}").text
    assert posted(browser, f"{board}/change", page=board, act="undo", seen="1").startswith(board)
    assert "Hoàn tác" in text_of(browser, board)


def test_a_result_that_came_after_a_change_by_hand_is_shown_beside_the_board_and_applied_on_asking(
    office: Store, signed_in: Open, clock: Clock
) -> None:
    browser = signed_in("dung")
    board = proposed(browser)
    prepared = worked_on(office, clock)
    stop = prepared.base.drafts[0].stops[0].name
    assert "Đã giữ cố định 1 điểm" in posted(browser, f"{board}/change", page=board, act="lock", seen="0", stop=stop)
    ended(office, prepared, moved(prepared), clock)
    assert "kết quả để riêng, chưa áp dụng" in text_of(browser, board)
    where = f"/runs/solvings/{prepared.solving.id}"
    page = text_of(browser, where)
    assert "1 trong 3 điểm đổi tuyến, vì đi theo tuyến này gần hơn." in page
    assert "Bảng tuyến đã được sửa từ lúc tính." in page
    assert "409" in posted(browser, f"{where}/apply", page=where, seen="0")
    assert "Đã áp dụng" in posted(browser, f"{where}/apply", page=where, seen="1")
    assert "Đã áp dụng" in posted(browser, f"{where}/apply", page=board, seen="1"), "sent twice, applied once"
    with office.read() as reader:
        kept = reader.rounds.proposal(board.rpartition("/")[2])
    assert kept
    assert kept.seen == 2
    assert [draft.postman for draft in kept.proposal.drafts] == ["buuta1", "buuta2"]


def test_what_would_be_without_a_postman_is_shown_with_reasons_and_changes_nothing_by_itself(
    office: Store, signed_in: Open, clock: Clock
) -> None:
    browser = signed_in("dung")
    board = proposed(browser)
    posted(browser, f"/runs/solvings/{worked_on(office, clock).solving.id}/stop")
    form = text_of(browser, f"{board}/what-if")
    assert "Trương Công Bính" in form
    where = posted(browser, f"{board}/what-if", page=board, absent="buuta1", keeps_rest="1")
    assert "Bưu tá Trương Công Bính vắng" in text_of(browser, where)
    prepared = worked_on(office, clock)
    assert prepared.solving.asked.question
    assert {round_.driver for each in prepared.day.offices for round_ in each.rounds}.isdisjoint({"buuta1"})
    ended(office, prepared, moved(prepared), clock)
    page = text_of(browser, where)
    assert "1 trong 3 điểm đổi tuyến, vì bưu tá đang giữ tuyến vắng mặt." in page
    assert "Chưa áp dụng gì." in page
    assert "Quãng đường" in page
    with office.read() as reader:
        kept = reader.rounds.proposal(board.rpartition("/")[2])
    assert kept
    assert kept.seen == 0
    assert "Giữ bảng tuyến như cũ." in posted(browser, f"{where}/drop", page=where)
    assert "409" in posted(browser, f"{where}/apply", page=board, seen="0")


def test_a_visit_that_is_only_tried_cannot_be_applied(office: Store, signed_in: Open, clock: Clock) -> None:
    browser = signed_in("dung")
    board = proposed(browser)
    posted(browser, f"/runs/solvings/{worked_on(office, clock).solving.id}/stop")
    where = posted(browser, f"{board}/what-if", page=board, visit_commune="20257", visit_minutes="9")
    prepared = worked_on(office, clock)
    (office_day,) = prepared.day.offices
    assert "THU-1" in office_day.doors
    assert dict(prepared.day.minutes) == {"THU-1": timedelta(minutes=9)}
    first = prepared.base.drafts[0]
    tried = PlannedStop(number=4, commune="20257", items=(), pickups=("THU-1",))
    ended(office, prepared, replace(prepared.base, drafts=(replace(first, stops=(*first.stops, tried)),)), clock)
    page = text_of(browser, where)
    assert "điểm xem thử" in page
    assert "không áp dụng được" in page
    assert "422" in posted(browser, f"{where}/apply", page=where, seen="0")


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "Chưa chọn gì để xem thử"),
        ({"visit_commune": "20257", "visit_minutes": "lâu"}, "Số phút tại điểm thêm phải từ 1 đến 120"),
        ({"closed_commune": "20257", "closed_radius": "10"}, "Bán kính đoạn đường bị chặn phải từ 50 đến 20000 mét"),
        ({"closed_commune": "20257", "closed_radius": "9" * 5000}, "Bán kính đoạn đường bị chặn phải từ 50"),
        ({"thing": "7K2M4"}, "7K2M4"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused_with_what_was_typed(
    office: Store, signed_in: Open, typed: dict[str, str], sentence: str
) -> None:
    browser = signed_in("dung")
    board = proposed(browser)
    answer = posted(browser, f"{board}/what-if", page=board, **typed)
    assert answer.startswith("422"), answer
    assert sentence in answer
    assert all(text in answer for text in typed.values())


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"thing": "P3FHJ8QXV9"}, "không có trong số đang chờ phát"),
        ({"absent": "buuta9"}, "không đi chuyến nào"),
        ({"closed_commune": "20242", "closed_radius": "20000"}, "không chuyến nào đi được"),
    ],
)
def test_a_question_about_what_is_not_there_ends_with_a_sentence(
    office: Store, signed_in: Open, clock: Clock, typed: dict[str, str], sentence: str
) -> None:
    browser = signed_in("dung")
    board = proposed(browser)
    posted(browser, f"/runs/solvings/{worked_on(office, clock).solving.id}/stop")
    where = posted(browser, f"{board}/what-if", page=board, **typed)
    found = solving.claim(office, worker="w", at=clock())
    assert found
    with pytest.raises(Refused) as refused:
        solving.prepare(office, found, at=clock())
    solving.fail(office, found, why=str(refused.value), at=clock())
    assert sentence in text_of(browser, where)


def test_who_may_not_plan_sees_and_stops_nothing(office: Store, signed_in: Open, clock: Clock) -> None:
    board = proposed(signed_in("dung"))
    number = worked_on(office, clock).solving.id
    for where in (f"/runs/solvings/{number}", f"/runs/solvings/{number}/progress", f"{board}/what-if"):
        assert signed_in("lan").get(where).status_code == 403
    postman = signed_in("phat")
    assert postman.post(f"/runs/solvings/{number}/stop", data={"csrf": token(postman, "/today")}).status_code == 403
    assert signed_in("dung").get(f"/runs/solvings/{'0' * 32}").status_code == 404
