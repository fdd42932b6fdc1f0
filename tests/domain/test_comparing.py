"""Two plans of one day side by side: which stops change hands, why, and what the day comes to."""

from dataclasses import replace

import pytest

from postal.domain import comparing
from postal.domain.comparing import LEFT, Because
from postal.domain.events import PlannedStop
from postal.domain.proposal import Draft, LeftBehind, Proposal, Why
from postal.domain.whatif import Added, Closed, NothingAsked, Question, WrongClosure, WrongVisit
from tests.domain.test_solving import AT
from tests.domain.test_solving import board as plain


def run(postman: str, *things: str, seconds: int = 3_600) -> Draft:
    return Draft(
        territory=f"551000-{postman[-1]}",
        office="551000",
        part=0,
        postman=postman,
        by_spare=False,
        stops=tuple(PlannedStop(number=n, commune="20242", items=(t,)) for n, t in enumerate(things, start=1)),
        metres=1_000 * len(things),
        seconds=seconds,
        starts_at=AT,
        longest_minutes=480,
    )


def behind(thing: str, why: Why = Why.OVER_HOURS) -> LeftBehind:
    return LeftBehind(
        office="551000", territory="551000-1", commune="20242", things=(thing,), why=why, is_promised=False
    )


def day(*drafts: Draft, left: tuple[LeftBehind, ...] = ()) -> Proposal:
    return replace(plain(), drafts=drafts, left=left)


BEFORE = day(run("an", "A1", "A2", "A3"), run("ba", "B1", "B2"), left=(behind("X1"),))


def reasons(after: Proposal, question: Question | None = None) -> dict[str, tuple[str, str, Because]]:
    compared = comparing.compare(BEFORE, after, question=question)
    return {each.stop: (each.before, each.after, each.because) for each in compared.changes}


def test_the_same_plan_changes_nothing() -> None:
    compared = comparing.compare(BEFORE, BEFORE)
    assert (compared.changes, compared.reordered, compared.stops) == ((), 0, 6)


def test_a_stop_that_changes_hands_has_a_reason_of_its_own() -> None:
    after = day(run("an", "A1", "A2"), run("ba", "B1", "A3", "X1"), left=(behind("B2"),))
    assert reasons(after) == {
        "A3": ("an", "ba", Because.SHORTER),
        "X1": (LEFT, "ba", Because.NOW_FITS),
        "B2": ("ba", LEFT, Because.LEFT_OUT),
    }
    told = {each.stop: each.why for each in comparing.compare(BEFORE, after).changes}
    assert told["B2"] == "quá giờ làm việc của tuyến", "what is left out says why"


def test_whoever_is_absent_is_the_reason_and_who_makes_room_for_it_is_told_apart() -> None:
    after = day(run("ba", "A1", "A2", "A3", "B1"), run("ca", "B2"), left=(behind("X1"),))
    found = reasons(after, Question(absent=("an",)))
    assert {found[name][2] for name in ("A1", "A2", "A3")} == {Because.DRIVER_ABSENT}
    assert found["B2"] == ("ba", "ca", Because.MAKES_ROOM)


def test_around_a_closed_road_others_are_nearer() -> None:
    after = day(run("an", "A1", "A2"), run("ba", "B1", "B2", "A3"), left=(behind("X1", Why.ROAD_CLOSED),))
    assert reasons(after, Question(closed=(Closed(commune="20242"),))) == {"A3": ("an", "ba", Because.ROAD_CLOSED)}


def test_a_stop_that_was_not_there_was_added() -> None:
    after = day(run("an", "A1", "N1", "A2", "A3"), run("ba", "B1", "B2"), left=(behind("X1"),))
    assert reasons(after, Question(added=(Added(thing="N1"),))) == {"N1": (LEFT, "an", Because.ADDED)}


def test_stops_that_keep_their_run_and_change_places_are_counted_as_few_as_possible() -> None:
    after = day(run("an", "A3", "A1", "A2"), run("ba", "B1", "B2"), left=(behind("X1"),))
    compared = comparing.compare(BEFORE, after)
    assert (compared.changes, compared.reordered) == ((), 1)


def test_a_day_comes_to_its_sums_and_somebody_with_two_runs_has_one_day() -> None:
    figures = comparing.figures_of(day(run("an", "A1"), run("an", "A2"), run("ba", "B1", seconds=600)))
    assert (figures.stops, figures.metres, figures.seconds) == (3, 3_000, 7_800)
    assert (figures.most, figures.least, figures.difference) == (7_200, 600, 6_600)


def test_a_question_asks_something_that_can_be() -> None:
    with pytest.raises(NothingAsked):
        Question()
    with pytest.raises(WrongVisit):
        Added(commune="20242", minutes=0)
    with pytest.raises(WrongClosure):
        Closed(commune="20242", radius_m=49)
    assert not Question(added=(Added(commune="20242"),)).can_be_applied
    assert Question(added=(Added(thing="P1"),), absent=("an",)).can_be_applied
