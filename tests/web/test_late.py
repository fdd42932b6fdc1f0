"""The late list counts working days, names the holder, finds what is nowhere, and is quick; the audit trail filters."""

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from postal.domain import codes
from postal.domain.people import Actor, Role
from postal.queries import audit as audit_queries
from postal.queries import late as late_queries
from postal.queries.lateness import Clock as WhichClock
from postal.services import audit
from postal.store import Store
from tests import cast
from tests.web import way
from tests.web.conftest import Clock
from tests.web.way import Way, gone_to

Open = Callable[[str], TestClient]
SEEDS = iter(range(40_000, 60_000))
ROOT = Path(__file__).resolve().parents[2]
coordinator = cast.actor("dung", "Dung", place=cast.OFFICE, roles={Role.COORDINATOR})


def page(store: Store, *, by: Actor = coordinator, days: int, only: str = "") -> late_queries.LatePage:
    return late_queries.late_page(store, actor=by, at=cast.after(days=days), only=only)


def rows(found: late_queries.LatePage) -> Iterator[late_queries.LateRow]:
    for group in found.groups:
        yield from group.rows


def test_nothing_late_says_so_with_the_time(signed_in: Open) -> None:
    assert "Không có hồ sơ trễ. Lần kiểm tra: 09:00." in signed_in("dung").get("/late").text


def test_each_stage_has_its_name() -> None:
    assert set(late_queries.STAGES) == set(WhichClock)


def test_papers_are_late_in_the_post_after_the_day_they_were_expected(web_store: Store) -> None:
    gone = gone_to(web_store, "to_transport", seed=next(SEEDS))
    assert [(row.days, row.is_at_risk) for row in rows(page(web_store, days=1))] == [(0, True)]
    (row,) = rows(page(web_store, days=2))
    assert (row.code, row.days, row.stage) == (gone.code, 1, "Chuyển hồ sơ đi")
    assert row.holder == "Vận chuyển – Bưu cục Trung tâm Đà Nẵng"
    assert row.since == cast.after(hours=1)


def test_the_authority_is_late_after_the_due_day_counted_in_working_days(web_store: Store) -> None:
    gone = gone_to(web_store, "in_work", seed=next(SEEDS))
    (row,) = rows(page(web_store, days=9))
    assert (row.code, row.days, row.stage) == (gone.code, 3, "Cơ quan giải quyết")
    assert row.holder == f"Quầy tiếp nhận – {cast.UNIT_NAMES[cast.COMMUNE_DESK]}"


def test_a_result_is_late_on_its_way_back(web_store: Store) -> None:
    gone_to(web_store, "collected", seed=next(SEEDS))
    (row,) = rows(page(web_store, days=3))
    assert (row.days, row.stage) == (1, "Chuyển kết quả về")


def test_a_clock_that_stands_is_not_late(web_store: Store) -> None:
    gone_to(web_store, "asked", seed=next(SEEDS))
    assert list(rows(page(web_store, days=30))) == []


def test_what_is_lost_or_silent_is_nowhere_to_be_found(web_store: Store) -> None:
    lost = gone_to(web_store, "declined_as_missing", seed=next(SEEDS))
    silent = gone_to(web_store, "visited", seed=next(SEEDS))
    found = page(web_store, days=4, only="unclear")
    assert {row.code: row.why_unclear for row in rows(found)} == {
        lost.code: "Người giữ báo không thấy",
        silent.code: "Không có tin quá 2 ngày làm việc",
    }
    assert (found.urgent, found.unclear) == (2, 2)
    assert {row.code: row.stage for row in rows(found)}[silent.code] == "Chuyển kết quả về"


def test_the_four_numbers_count_and_filter(web_store: Store) -> None:
    gone_to(web_store, "in_work", seed=next(SEEDS))
    near = Way(web_store, at=cast.after(days=7), seed=next(SEEDS)).register()
    found = page(web_store, days=9)
    assert (found.urgent, found.late, found.at_risk, found.unclear) == (1, 1, 1, 0)
    assert [row.code for row in rows(page(web_store, days=9, only="at-risk"))] == [near.code]
    assert len(list(rows(page(web_store, days=9, only="something else")))) == 2


def test_a_place_sees_what_passes_through_it(web_store: Store) -> None:
    gone_to(web_store, "in_work", seed=next(SEEDS))
    seen = {by.place: page(web_store, by=by, days=9).late for by in (cast.minh, cast.xuan, cast.sen, cast.hoa)}
    assert seen == {cast.OFFICE: 1, cast.COMMUNE_DESK: 1, cast.SMALL_OFFICE: 0, cast.DESK: 0}


def test_the_page_shows_no_person(web_store: Store, signed_in: Open, clock: Clock) -> None:
    gone_to(web_store, "on_run", seed=next(SEEDS))
    gone_to(web_store, "to_transport", seed=next(SEEDS))
    clock.at = cast.after(days=9)
    text = signed_in("dung").get("/late").text
    assert "Trễ (ngày làm việc)" in text
    of_staff = {"Tênđỏ", "giaodịchviênkín", way.OFFICIAL}
    people = [canary for canary in way.CANARIES if canary not in of_staff]
    assert [canary for canary in people if canary in text] == []


@pytest.mark.slow
def test_five_hundred_rows_take_less_than_a_second(web_store: Store, signed_in: Open, clock: Clock) -> None:
    for _ in range(500):
        Way(web_store, seed=next(SEEDS)).register().to_transport()
    clock.at = cast.after(days=9)
    browser = signed_in("dung")
    took = []
    for _ in range(3):
        began = time.perf_counter()
        text = browser.get("/late").text
        took.append(time.perf_counter() - began)
        assert len(re.findall(r'<td><a class="code"', text)) == 500
    assert min(took) < 1.0, took


# -------------------------------------------------------------------------------------------------------------- audit
def test_the_trail_is_filtered_by_account_and_by_subject(web_store: Store, signed_in: Open) -> None:
    gone = gone_to(web_store, "", seed=next(SEEDS))
    for account, subject in (("lan", gone.code), ("mai", gone.code), ("lan", "551000")):
        at = cast.after(minutes=5)
        audit.note(web_store, account=account, place=cast.OFFICE, what="dossier_seen", subject=subject, at=at)
    browser = signed_in("quantri")
    assert browser.get("/audit").text.count("Xem thông tin cá nhân của hồ sơ") == 3
    assert browser.get("/audit?account=lan").text.count("Xem thông tin cá nhân của hồ sơ") == 2
    by_code = browser.get(f"/audit?subject={codes.shown(gone.code)}").text
    assert by_code.count("Xem thông tin cá nhân của hồ sơ") == 2
    assert f'href="/scan?q={gone.code}"' in by_code


def test_a_head_of_office_sees_the_trail_of_his_own_office(web_store: Store, signed_in: Open) -> None:
    at = cast.after(minutes=5)
    audit.note(web_store, account="xuan", place=cast.COMMUNE_DESK, what="dossier_seen", subject="x", at=at)
    assert "Xem thông tin cá nhân của hồ sơ" not in signed_in("hung").get("/audit").text
    assert "Xem thông tin cá nhân của hồ sơ" in signed_in("quantri").get("/audit").text


@pytest.mark.parametrize("username", ["lan", "phat", "mai", "dung"])
def test_the_trail_is_for_heads_and_administrators(signed_in: Open, username: str) -> None:
    assert signed_in(username).get("/audit").status_code == 403


def test_every_kind_of_line_has_its_words() -> None:
    written = set()
    for path in (ROOT / "postal").rglob("*.py"):
        written |= set(re.findall(r'what="([a-z_]+)"', path.read_text()))
    assert written - set(audit_queries.WHAT) == set()


def test_the_newest_line_stands_first(web_store: Store, signed_in: Open) -> None:
    for minutes in (1, 2):
        at = cast.monday + timedelta(minutes=minutes)
        audit.note(web_store, account="lan", place=cast.OFFICE, what="run_seen", subject=f"s{minutes}", at=at)
    text = signed_in("quantri").get("/audit?account=lan").text
    assert text.index("<td>s2</td>") < text.index("<td>s1</td>")
