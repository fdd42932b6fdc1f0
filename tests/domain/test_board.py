"""The coordinator's board: what a change makes of a proposal, and what it refuses by name."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postal.domain import board, calendars
from postal.domain.board import Outing, Step, Taken
from postal.domain.events import PlannedStop
from postal.domain.proposal import Draft, LeftBehind, Proposal, Why
from postal.domain.refusals import Refused
from tests import cast

FRIDAY = date(2026, 11, 20)
MONDAY = date(2026, 11, 23)

CALENDAR = calendars.from_csv(
    "kind,value,reason,basis\n"
    "name,post,Bưu điện,\n"
    "rest,SAT,Nghỉ hằng tuần,cấu hình\n"
    "rest,SUN,Nghỉ hằng tuần,cấu hình\n"
    "hours,07:30-17:00,,cấu hình\n"
    "year,2026,Đã công bố,thử\n"
)


def stop(name: str, *, due_on: date | None = None) -> PlannedStop:
    return PlannedStop(number=0, commune="20242", items=(name, f"{name}x"), due_on=due_on)


def draft(*stops: PlannedStop, office: str = cast.OFFICE, **more: object) -> Draft:
    made = Draft(
        territory="551000-01",
        office=office,
        part=0,
        postman="nam",
        by_spare=False,
        stops=tuple(replace(each, number=n) for n, each in enumerate(stops, start=1)),
        metres=0,
        seconds=0,
        starts_at=cast.monday,
        longest_minutes=480,
    )
    return replace(made, **more)  # type: ignore[arg-type] # fields by name


def proposal(*drafts: Draft, left: tuple[LeftBehind, ...] = ()) -> Proposal:
    return Proposal(
        place=cast.OFFICE,
        day=FRIDAY,
        made_at=cast.monday,
        by=cast.minh.as_author(),
        drafts=drafts,
        left=left,
        used=(("A", 1),),
    )


def stayed(name: str, **more: object) -> LeftBehind:
    made = LeftBehind(
        office=cast.OFFICE,
        territory="551000-01",
        commune="20242",
        things=(name,),
        why=Why.OVER_HOURS,
        is_promised=False,
        stop=PlannedStop(number=0, commune="20242", items=(name,)),
    )
    return replace(made, **more)  # type: ignore[arg-type] # fields by name


day = proposal(draft(stop("A"), stop("B"), stop("C")), draft(stop("D"), stop("E")), left=(stayed("F"),))


def taken(*steps: Step) -> list[Taken]:
    by = cast.minh.as_author()
    return [Taken(number=n, step=step, by=by, at=cast.monday) for n, step in enumerate(steps, start=1)]


def orders(found: Proposal) -> list[str]:
    return ["".join(each.name for each in draft.stops) for draft in found.drafts]


def after(*steps: Step) -> Proposal:
    return board.after(day, taken(*steps))


def test_stops_move_to_the_end_of_a_run_in_their_order_and_are_counted_anew() -> None:
    found = after(board.move(day, ["C", "A"], to=1))
    assert orders(found) == ["B", "DEAC"]
    assert [each.number for each in found.drafts[1].stops] == [1, 2, 3, 4]
    assert [draft.by_hand for draft in found.drafts] == [False, False]


def test_a_position_makes_the_order_one_by_hand() -> None:
    found = after(board.move(day, ["A", "E"], to=1, at_position=1))
    assert orders(found) == ["BC", "AED"]
    assert [draft.by_hand for draft in found.drafts] == [False, True]


def test_what_stayed_behind_comes_along_and_stays_behind_no_more() -> None:
    later = replace(day, left=(stayed("F", why=Why.NEXT_DAY, until=MONDAY), stayed("G")))
    step = board.move(later, ["F"], to=0)
    found = board.after(later, taken(step))
    assert orders(found) == ["ABCF", "DE"]
    assert [each.name for each in found.left] == ["G"]
    assert [each.thing for each in step.freed] == ["F"]


@pytest.mark.parametrize(
    ("stops", "offset", "expected"),
    [(["B"], -1, "BAC"), (["B"], 1, "ACB"), (["A"], 2, "BCA"), (["B", "C"], -1, "BCA"), (["A", "C"], -1, "ACB")],
)
def test_stops_move_up_and_down_together_and_stand_still_at_an_end(
    stops: list[str], offset: int, expected: str
) -> None:
    found = after(board.reorder(day, stops, offset=offset))
    assert orders(found) == [expected, "DE"]
    assert found.drafts[0].by_hand


def test_a_lock_keeps_a_stop_on_its_run_until_it_is_unlocked() -> None:
    locked = after(board.lock(day, ["B", "D"]))
    assert [each.locked for each in locked.drafts] == [("B",), ("D",)]
    with pytest.raises(board.StopLocked, match="B"):
        board.move(locked, ["B"], to=1)
    with pytest.raises(board.StopLocked):
        board.to_next_working_day(locked, ["B"], calendar=CALENDAR)
    moved_within = board.after(locked, taken(board.move(locked, ["B"], to=0, at_position=1)))
    assert orders(moved_within)[0] == "BAC"
    assert moved_within.drafts[0].locked == ("B",)
    free = board.after(locked, taken(board.unlock(locked, ["B"])))
    assert free.drafts[0].locked == ()


def test_the_next_working_day_after_a_friday_is_a_monday() -> None:
    step = board.to_next_working_day(day, ["A", "D", "F"], calendar=CALENDAR)
    found = after(step)
    assert orders(found) == ["BC", "E"]
    assert [(each.name, each.why, each.until) for each in found.left] == [
        ("A", Why.NEXT_DAY, MONDAY),
        ("D", Why.NEXT_DAY, MONDAY),
        ("F", Why.NEXT_DAY, MONDAY),
    ]
    assert found.left[0].reason == "điều phối chuyển sang ngày 23/11/2026"
    assert {each.thing for each in step.put_off} == {"A", "Ax", "D", "Dx", "F"}


@pytest.mark.parametrize("due_on", [FRIDAY, FRIDAY + timedelta(days=1), FRIDAY - timedelta(days=3)])
def test_a_stop_that_is_due_before_the_next_working_day_is_refused_with_its_day(due_on: date) -> None:
    found = proposal(draft(stop("A"), stop("B", due_on=due_on)))
    with pytest.raises(board.LegalDay, match=f"{due_on:%d/%m/%Y}"):
        board.to_next_working_day(found, ["A", "B"], calendar=CALENDAR)


def test_a_stop_that_is_due_on_the_next_working_day_may_wait_for_it() -> None:
    found = proposal(draft(stop("A"), stop("B", due_on=MONDAY)))
    step = board.to_next_working_day(found, ["B"], calendar=CALENDAR)
    assert {(each.day, each.due_on) for each in step.put_off} == {(MONDAY, MONDAY)}


def test_undo_takes_back_the_last_step_in_force_and_frees_what_it_put_off() -> None:
    later, locked = board.to_next_working_day(day, ["A"], calendar=CALENDAR), board.lock(day, ["D"])
    steps = taken(locked, later)
    back = board.undo(steps)
    assert back.freed == later.put_off
    assert board.after(day, taken(locked, later, back)) == after(locked)
    assert board.after(day, taken(locked, later, back, board.undo(taken(locked, later, back)))) == day
    with pytest.raises(board.NothingToUndo):
        board.undo([])


def test_what_waits_for_the_next_working_day_already_keeps_doing_so_when_a_further_stop_is_taken_back() -> None:
    first = board.to_next_working_day(day, ["A"], calendar=CALENDAR)
    both = board.to_next_working_day(after(first), ["A", "B"], calendar=CALENDAR)
    assert {each.thing for each in both.put_off} == {"B", "Bx"}
    back = board.undo(taken(first, both))
    assert {each.thing for each in back.freed} == {"B", "Bx"}
    assert {each.name for each in after(first, both, back).left if each.until} == {"A"}


def test_a_plan_that_takes_the_place_of_another_frees_what_it_drives_and_puts_off_what_it_does_not() -> None:
    later = board.to_next_working_day(day, ["A"], calendar=CALENDAR)
    without = after(later)
    driven, left = board.planned_again(day, instead_of=without), board.planned_again(without, instead_of=day)
    assert ({each.thing for each in driven.freed}, driven.put_off) == ({"A", "Ax"}, ())
    assert ({each.thing for each in left.put_off}, left.freed) == ({"A", "Ax"}, ())
    assert board.planned_again(without, instead_of=without) == Step(kind=board.StepKind.PLANNED_AGAIN, whole=without), (
        "what waited before goes on waiting"
    )


def test_a_stop_that_is_moved_by_more_places_than_there_are_stands_at_the_end() -> None:
    assert orders(after(board.reorder(day, ["A"], offset=10**9)))[0] == "BCA"
    assert orders(after(board.reorder(day, ["C"], offset=-(10**9))))[0] == "CAB"


def test_a_day_that_was_planned_again_can_be_taken_back_as_well() -> None:
    new = proposal(draft(stop("Z")))
    again = board.planned_again(new, instead_of=day)
    assert after(again) == new
    assert after(again, board.undo(taken(again))) == day


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (lambda: board.move(day, [], to=1), board.NothingSelected),
        (lambda: board.move(day, ["Q"], to=1), board.UnknownStop),
        (lambda: board.move(day, ["A"], to=2), board.UnknownRoute),
        (lambda: board.move(day, ["A"], to=-1), board.UnknownRoute),
        (lambda: board.move(day, ["A"], to=0), board.NothingChanges),
        (lambda: board.move(proposal(draft(stop("A")), draft(office="551170")), ["A"], to=1), board.OfficeElsewhere),
        (lambda: board.reorder(day, ["A"], offset=-1), board.NothingChanges),
        (lambda: board.reorder(day, ["F"], offset=1), board.NotOnRoute),
        (lambda: board.lock(day, ["F"]), board.NotOnRoute),
        (lambda: board.unlock(day, ["A"]), board.NothingChanges),
        (lambda: board.to_next_working_day(day, [], calendar=CALENDAR), board.NothingSelected),
    ],
)
def test_what_cannot_be_is_refused_by_name(change: Callable[[], Step], refusal: type[Refused]) -> None:
    with pytest.raises(refusal):
        change()


@given(st.data())
def test_whatever_is_moved_and_taken_back_no_stop_is_lost_or_doubled(data: st.DataObject) -> None:
    steps: list[Step] = []
    for _ in range(data.draw(st.integers(1, 6))):
        now = board.after(day, taken(*steps))
        names = data.draw(st.lists(st.sampled_from("ABCDEF"), min_size=1, unique=True))
        change = data.draw(st.sampled_from(["move", "reorder", "later", "undo", "lock"]))
        try:
            match change:
                case "move":
                    steps.append(board.move(now, names, to=data.draw(st.integers(0, 1))))
                case "reorder":
                    steps.append(board.reorder(now, names, offset=data.draw(st.integers(-3, 3))))
                case "later":
                    steps.append(board.to_next_working_day(now, names, calendar=CALENDAR))
                case "lock":
                    steps.append(board.lock(now, names))
                case _:
                    steps.append(board.undo(taken(*steps)))
        except Refused:
            continue
    found = board.after(day, taken(*steps))
    there = [each.name for draft in found.drafts for each in draft.stops] + [each.name for each in found.left]
    assert sorted(there) == list("ABCDEF")


def test_a_new_plan_keeps_locks_orders_by_hand_and_what_waits_for_a_later_day() -> None:
    locked = after(board.lock(day, ["A", "E"]))
    later = board.after(locked, taken(board.to_next_working_day(locked, ["D"], calendar=CALENDAR)))
    old = board.after(later, taken(board.reorder(later, ["A"], offset=2)))
    assert orders(old) == ["BCA", "E"]
    second = replace(day.drafts[1], part=1)
    old = replace(old, drafts=(old.drafts[0], replace(old.drafts[1], part=1)))
    new = proposal(draft(stop("E"), stop("C"), stop("X"), stop("B")), replace(second, stops=(stop("A"),)))
    found = board.carried(old, new)
    assert orders(found.proposal) == ["BCAX", "E"]
    assert [each.locked for each in found.proposal.drafts] == [("A",), ("E",)]
    assert [each.by_hand for each in found.proposal.drafts] == [True, False]
    assert [(each.name, each.until) for each in found.proposal.left] == [("D", MONDAY)]
    assert found.fit == {0: ("X",), 1: ("E",)}


def test_a_new_plan_without_the_run_of_a_locked_stop_lets_it_go() -> None:
    old = after(board.lock(day, ["A"]))
    new = proposal(draft(stop("A"), stop("B"), territory="551000-02"))
    found = board.carried(old, new)
    assert orders(found.proposal) == ["AB"]
    assert found.proposal.drafts[0].locked == ()
    assert found.fit == {}


def outing(name: str, postman: str, begins: int, hours: int) -> Outing:
    at = cast.monday + timedelta(hours=begins)
    return Outing(name=name, postman=postman, begins_at=at, ends_at=at + timedelta(hours=hours))


def test_one_postman_drives_two_runs_one_after_the_other_and_never_at_once() -> None:
    board.must_not_overlap([outing("b", "nam", 2, 1), outing("a", "nam", 0, 2), outing("c", "binh", 0, 4)])
    with pytest.raises(board.TwoRunsAtOnce, match="một và hai"):
        board.must_not_overlap([outing("một", "nam", 0, 3), outing("giữa", "binh", 0, 1), outing("hai", "nam", 2, 3)])
