"""Papers that are missing: asked for once, brought in halves, counted line by line."""

from dataclasses import replace
from datetime import date, datetime

import pytest

from postal.domain import events, supplements
from postal.domain.clocks import Limit, PausePolicy, Unit
from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind, PaperCount
from postal.domain.item import Item
from postal.domain.supplements import AllBrought, AskedPaper, NotAskedFor, NotAWorkingDay, NothingAskedFor, Request
from tests import cast

ASKED_AT = cast.after(days=1)
BROUGHT_AT = cast.after(days=2)


def waiting(*, asked: int = 2, at: datetime = ASKED_AT) -> Dossier:
    """Return a case whose authority waits for papers."""
    who = cast.hoa.as_author()
    limit = Limit(5, Unit.WORKING_DAYS)
    received = events.OfficiallyReceived(
        official_code="H48.17-261116-0001",
        limit=limit,
        started_at=cast.monday,
        start_basis="b",
        promised_at=None,
        by=who,
        occurred_at=cast.monday,
    )
    ask = events.SupplementAsked(count=asked, request="t1", policy=PausePolicy.RESTART, by=who, occurred_at=at)
    return cast.case(received, ask)


def half(*lines: int, at: datetime = BROUGHT_AT, signed_at: datetime | None = None) -> Item:
    """Return an envelope with the papers of some lines."""
    papers = tuple(PaperCount(line=n, originals=1, asked=asked) for n, asked in enumerate(lines, start=1))
    return replace(cast.envelope(), kind=ItemKind.SUPPLEMENT, papers=papers, registered_at=at, signed_over_at=signed_at)


# --- the request ------------------------------------------------------------------------------------------------------


def test_a_request_is_read_as_it_was_written() -> None:
    request = Request(papers=(AskedPaper(name="Giấy khám", reason="hết hạn"), AskedPaper(name="Ảnh")), reason="lần hai")
    assert supplements.read(supplements.written(request)) == request


def test_a_line_never_becomes_two_whatever_was_typed() -> None:
    request = Request(papers=(AskedPaper(name=" Giấy\tkhám\n2 ", reason="hết\nhạn"),))
    assert supplements.read(supplements.written(request)).papers == (AskedPaper(name="Giấy khám 2", reason="hết hạn"),)


def test_an_erased_request_names_nothing() -> None:
    assert supplements.read("") == Request(papers=())


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 16), "đã qua hoặc là hôm nay"),
        (date(2026, 11, 13), "đã qua hoặc là hôm nay"),
        (date(2026, 11, 22), "là ngày nghỉ"),
    ],
    ids=["today", "gone by", "a Sunday"],
)
def test_papers_are_asked_for_by_a_working_day_ahead(day: date, why: str) -> None:
    with pytest.raises(NotAWorkingDay, match=why):
        supplements.must_lie_ahead(day, calendar=cast.post_calendar, at=cast.monday)
    supplements.must_lie_ahead(date(2026, 11, 17), calendar=cast.post_calendar, at=cast.monday)


# --- what came in -----------------------------------------------------------------------------------------------------


def test_what_is_missing_is_what_nobody_brought_yet() -> None:
    assert supplements.still_missing(waiting(), []) == (1, 2)
    assert supplements.still_missing(waiting(), [half(2)]) == (1,)
    assert supplements.still_missing(waiting(), [half(2), half(1)]) == ()


def test_a_voided_half_is_missing_again() -> None:
    voided = half(2).evolve(half(2).void(reason="t", by=cast.lan, at=cast.after(days=2)))
    assert supplements.still_missing(waiting(), [voided]) == (1, 2)


def test_what_answered_an_earlier_request_does_not_answer_this_one() -> None:
    again = waiting(asked=1, at=cast.after(days=5))
    assert supplements.still_missing(again, [half(1, at=cast.after(days=2))]) == (1,)


def test_other_envelopes_of_the_case_answer_nothing() -> None:
    assert supplements.still_missing(waiting(), [replace(half(1, 2), kind=ItemKind.OUTBOUND)]) == (1, 2)


def test_nobody_adds_papers_that_are_not_waited_for() -> None:
    with pytest.raises(NothingAskedFor, match="mới đăng ký"):
        supplements.must_be_missing(cast.case(), [], [1])


def test_nothing_is_taken_once_everything_is_in() -> None:
    with pytest.raises(AllBrought, match="đủ 2/2"):
        supplements.must_be_missing(waiting(), [half(1, 2)], [1])


@pytest.mark.parametrize("lines", [[3], [0], [2], [1, 1]], ids=["beyond", "none", "brought before", "twice"])
def test_only_what_stands_in_the_request_is_taken_each_line_once(lines: list[int]) -> None:
    with pytest.raises(NotAskedFor):
        supplements.must_be_missing(waiting(), [half(2)], lines)
    supplements.must_be_missing(waiting(), [half(2)], [1])


# --- when it is complete ----------------------------------------------------------------------------------------------


def test_it_is_complete_when_the_last_half_was_signed_for() -> None:
    first = half(1, signed_at=cast.after(days=3))
    second = half(2, signed_at=cast.after(days=4))
    assert supplements.complete_at(waiting(), [second, first]) == cast.after(days=4)


@pytest.mark.parametrize(
    "items",
    [[], [half(1, signed_at=cast.after(days=3))], [half(1, signed_at=cast.after(days=3)), half(2)]],
    ids=["nothing came", "a half came", "a half is still on the way"],
)
def test_nobody_signed_for_all_of_it_while_something_did_not_come(items: list[Item]) -> None:
    assert supplements.complete_at(waiting(), items) is None


def test_a_paper_signed_with_an_earlier_time_never_ends_a_pause_before_it_began() -> None:
    assert supplements.complete_at(waiting(asked=1), [half(1, signed_at=cast.monday)]) == ASKED_AT
