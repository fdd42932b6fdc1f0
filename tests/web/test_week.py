"""Kế hoạch tuần: who sees it, what it shows, what accepting does."""

from collections.abc import Callable
from dataclasses import replace

from starlette.testclient import TestClient

from postal.store import Store, waiting
from tests import arrivals, cast
from tests.arrivals import TERRITORY
from tests.services.test_planning import crowd, put
from tests.web.conftest import Clock
from tests.web.delivering import sent, token_of

Open = Callable[[str], TestClient]


def planned(browser: TestClient, **fields: object) -> str:
    """Propose a week from Monday on and return where it is shown."""
    answer = sent(browser, "/week", place=cast.OFFICE, first="2026-11-16", **fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def test_the_head_of_an_office_plans_a_week_and_sets_its_days(office: Store, signed_in: Open) -> None:
    things = arrivals.arrived(office, *crowd(20))
    head = signed_in("hung")
    assert "/week" in head.get("/runs").text
    where = planned(head)
    page = head.get(where).text
    assert "<h1>Kế hoạch tuần" in page
    assert page.count("<meter") == 5
    assert "đi cùng chuyến với các điểm khác trong khu vực" in page
    assert "thứ Tư, 18/11/2026" in page, "the day by which it must go"
    answer = sent(head, f"{where}/accept", page=where)
    assert answer.status_code == 303
    done = head.get(answer.headers["location"]).text
    assert f"Đã chốt ngày đi cho {len(things)} bưu gửi" in done
    assert "Chốt ngày đi theo kế hoạch này" not in done
    with office.read(at=cast.monday) as reader:
        assert 0 < len(waiting.at(reader, [cast.OFFICE], on=cast.today)) < len(things)
    assert "đã chốt lúc" in head.get("/week").text


def test_a_week_says_which_hours_are_missing_and_what_would_help(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, *crowd(40))
    territory = put(office, TERRITORY)
    put(office, TERRITORY, working_time=replace(territory.working_time, longest_minutes=40))
    head = signed_in("hung")
    page = head.get(planned(head)).text
    assert "Thiếu giờ" in page
    assert "Kéo dài giờ làm" in page
    assert "chia ngày cách nào cũng thiếu ít nhất" in page


def test_ticked_days_off_stay_ticked_and_what_they_break_has_a_price(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, *crowd(2))
    head = signed_in("hung")
    off = [f"{TERRITORY} 2026-11-{day}" for day in (16, 17, 18)]
    page = head.get(planned(head, off=off)).text
    assert page.count("checked") == 3
    assert "không có bưu tá đi trong những ngày còn kịp" in page
    assert "Cần thêm" in page
    assert "thứ Tư, 18/11/2026: kéo dài giờ hoặc cử người đi" in page


def test_a_week_shows_no_name_and_no_door(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, *crowd(6))
    head = signed_in("hung")
    page = head.get(planned(head)).text
    assert "Quang Trung" not in page
    assert arrivals.hanh.name not in page


def test_what_cannot_be_a_week_is_said_beside_the_day(office: Store, signed_in: Open) -> None:
    head = signed_in("hung")
    for first, words, status in (("abc", "ngày", 422), ("2026-11-16", "Chưa có gì chờ đi trong tuần", 422)):
        answer = sent(head, "/week", place=cast.OFFICE, first=first)
        assert answer.status_code == status
        assert words in answer.text
        assert f'value="{first}"' in answer.text
        assert "<title>Lỗi: " in answer.text


def test_a_week_that_is_over_or_unknown_is_not_accepted(office: Store, signed_in: Open, clock: Clock) -> None:
    arrivals.arrived(office, *crowd(2))
    head = signed_in("hung")
    where = planned(head)
    clock.at = cast.after(days=1)
    head = signed_in("hung")
    page = head.get(where).text
    assert "đã qua ngày bắt đầu" in page
    assert head.post(f"{where}/accept", data={"csrf": token_of(head, where)}).status_code == 409
    assert head.get("/week/" + "0" * 32).status_code == 404


def test_a_week_is_for_who_plans_runs_and_of_the_own_office(office: Store, signed_in: Open) -> None:
    arrivals.arrived(office, *crowd(2))
    assert signed_in("lan").get("/week").status_code == 403
    where = planned(signed_in("hung"))
    coordinator = signed_in("dung")
    assert coordinator.get(where).status_code == 200
    assert '<option value="province:48"' in coordinator.get("/week").text
    assert sent(signed_in("hung"), "/week", place="556630", first="2026-11-16").status_code in (403, 404, 409, 422)
