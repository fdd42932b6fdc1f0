"""What pages about runs are told: in which words a door is done, how it is drawn, until when a citizen may come."""

from dataclasses import replace
from datetime import date

import pytest

from postal.domain.events import AttemptReason, PlannedStop, Receiver
from postal.domain.lifecycle import UnknownCode
from postal.domain.run import NotPostman, RunElsewhere
from postal.queries import pickups, runs, sketches, sorting, stops
from postal.services import custody, delivery
from postal.store import Store
from tests import arrivals, cast
from tests.arrivals import binh, hanh, tam, yen

OFFICE = (16.0697, 108.203)


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store with the postmen of the central office."""
    arrivals.keep_postmen(seeded)
    return seeded


def states(store: Store, run: str) -> list[str]:
    """Return the word for each door of a run, as its office reads it."""
    return [stop.state for stop in runs.run_page(store, run, actor=cast.minh, at=cast.monday).stops]


def test_a_door_is_told_in_the_words_of_how_far_it_is(office: Store) -> None:
    arrivals.arrived(office, hanh)
    run = arrivals.planned(office)
    assert states(office, run.code) == ["Chưa bàn giao cho bưu tá"]
    record = delivery.hand_to_postman(office, run.code, by=cast.hung, at=cast.monday, below=arrivals.below(2))
    assert record is not None
    assert states(office, run.code) == ["Chờ bưu tá ký nhận"]
    custody.accept(office, record.code, by=binh, at=cast.monday)
    delivery.start_run(office, run.code, by=binh, at=cast.monday)
    assert states(office, run.code) == ["Chưa giao"]
    delivery.fail_attempt(
        office,
        run.items[0],
        run_code=run.code,
        reason=AttemptReason.NO_ANSWER,
        next_on=date(2026, 11, 17),
        proof=b"",
        media_type="",
        by=binh,
        at=cast.monday,
    )
    assert states(office, run.code) == ["Chưa giao được: không liên lạc được, hẹn 17/11"]
    back = delivery.hand_back(office, run.code, by=binh, at=cast.monday, below=arrivals.below(3))
    assert back is not None
    assert states(office, run.code) == ["Đã bàn giao lại, chờ bưu cục ký"]


def test_a_door_with_two_results_says_how_many_are_given_and_what_is_still_to_try(office: Store) -> None:
    run = arrivals.on_the_way(office, hanh, replace(hanh, name="Lê Văn Hiếu"))
    first, second = run.items
    delivery.fail_attempt(
        office,
        first,
        run_code=run.code,
        reason=AttemptReason.NOBODY_THERE,
        next_on=None,
        proof=b"",
        media_type="",
        by=binh,
        at=cast.monday,
    )
    assert states(office, run.code) == ["Chưa giao"], "the second was not tried yet"
    delivery.deliver(
        office,
        second,
        run_code=run.code,
        receiver=Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=False,
        proof=b"ink",
        media_type="image/png",
        by=binh,
        at=cast.monday,
    )
    assert states(office, run.code) == ["Đã giao 1/2"]


def test_a_run_is_seen_by_its_postman_its_office_and_who_watches_all(office: Store) -> None:
    run = arrivals.on_the_way(office, hanh)
    assert runs.run_page(office, run.code, actor=binh, at=cast.monday).with_people
    assert runs.run_page(office, run.code, actor=cast.lan, at=cast.monday).with_people
    unnamed = runs.run_page(office, run.code, actor=cast.hung, at=cast.monday)
    assert (unnamed.with_people, unnamed.stops[0].receiver, unnamed.stops[0].address) == (False, "", "")
    with pytest.raises(NotPostman):
        runs.run_page(office, run.code, actor=yen, at=cast.monday)
    with pytest.raises(RunElsewhere, match="Bưu cục Trung tâm"):
        runs.run_page(office, run.code, actor=cast.sen, at=cast.monday)
    with pytest.raises(NotPostman):
        stops.stop_page(office, run.code, 1, actor=cast.minh, at=cast.monday)


def test_a_run_nobody_knows_is_named(office: Store) -> None:
    with pytest.raises(UnknownCode, match="R8G3K-5PQJT"):
        runs.run_page(office, cast.RUN, actor=cast.minh, at=cast.monday)


def test_the_next_visit_skips_the_weekend(office: Store) -> None:
    run = arrivals.on_the_way(office, hanh)
    door = stops.stop_page(office, run.code, 1, actor=binh, at=cast.after(days=4))
    assert door.next_on == date(2026, 11, 23), "after Friday comes Monday"


def test_what_waits_for_a_round_is_what_a_plan_takes(office: Store) -> None:
    arrivals.arrived(office, hanh, tam, replace(hanh, commune="20209"))
    arrivals.sorted_in(office, [arrivals.for_the_counter(office)])
    page = runs.runs_page(office, actor=cast.minh, at=cast.monday)
    waiting = {territory.code: territory.waiting for territory in page.territories}
    planned = arrivals.planned(office)
    assert waiting == {"551000-01": len(planned.items), "551000-02": 1, "551000-03": 0}
    after = runs.runs_page(office, actor=cast.minh, at=cast.monday).territories[0]
    assert (after.waiting, after.can_plan, [line.items for line in after.runs]) == (0, False, [2])


def test_every_result_lies_on_one_pile(office: Store) -> None:
    codes = arrivals.arrived(office, hanh, tam, replace(hanh, commune="20209"), replace(hanh, commune="20275"))
    codes += arrivals.sorted_in(office, [arrivals.for_the_counter(office)])
    page = sorting.sorting_page(office, actor=cast.hung, at=cast.monday)
    outside = tuple(each.line for each in page.outside)
    piles = [*(shelf.lines for shelf in page.shelves), outside, page.to_keep, page.later]
    assert sorted(line.code for pile in piles for line in pile) == sorted(codes)


def test_two_visits_in_vain_suggest_to_invite(office: Store) -> None:
    run = arrivals.on_the_way(office, hanh)
    for _ in range(2):
        delivery.fail_attempt(
            office,
            run.items[0],
            run_code=run.code,
            reason=AttemptReason.NOBODY_THERE,
            next_on=cast.today,
            proof=b"",
            media_type="",
            by=binh,
            at=cast.monday,
        )
    record = delivery.hand_back(office, run.code, by=binh, at=cast.monday, below=arrivals.below(3))
    assert record is not None
    custody.accept(office, record.code, by=cast.hung, at=cast.monday)
    (line,) = sorting.sorting_page(office, actor=cast.hung, at=cast.monday).shelves[0].lines
    assert (line.visits, line.note) == ("đã đến 2 lần", "nên mời đến bưu cục")


def test_the_counter_is_told_who_must_bring_the_result_first(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    page = pickups.pickup_page(office, code, actor=cast.lan, at=cast.monday)
    assert (page.can_give, page.proves_by) == (False, "…0016")
    assert "Nhờ bên đó bàn giao về quầy" in page.why_not


# --- the sketch -------------------------------------------------------------------------------------------------------


def stop(number: int, lat: float | None, lon: float | None, *, commune: str = "20242") -> PlannedStop:
    return PlannedStop(number=number, commune=commune, items=(f"P{number}",), lat=lat, lon=lon, uncertainty_m=1500)


def test_north_is_up_east_is_right_and_everything_is_in_the_box() -> None:
    drawn = sketches.sketch(
        [stop(1, 16.10, 108.20), stop(2, 16.07, 108.25)], depot=OFFICE, office="Bưu cục", names={"20242": "Hải Châu"}
    )
    north, east = drawn.marks
    assert north.y < drawn.depot.y
    assert east.x > drawn.depot.x
    for mark in (*drawn.marks, drawn.depot):
        assert sketches.MARGIN <= mark.x <= drawn.width - sketches.MARGIN
        assert sketches.MARGIN <= mark.y <= drawn.height - sketches.MARGIN


def test_a_kilometre_is_as_long_to_the_north_as_to_the_east() -> None:
    kilometre_north, kilometre_east = 1 / 111.2, 1 / 111.2 / 0.9609
    drawn = sketches.sketch(
        [stop(1, OFFICE[0] + 5 * kilometre_north, OFFICE[1]), stop(2, OFFICE[0], OFFICE[1] + 5 * kilometre_east)],
        depot=OFFICE,
        office="",
        names={},
    )
    up, right = drawn.depot.y - drawn.marks[0].y, drawn.marks[1].x - drawn.depot.x
    assert up == pytest.approx(right, abs=2)
    assert up == pytest.approx(5 / drawn.bar_km * drawn.bar, abs=3)


def test_stops_at_one_point_share_a_mark_and_unknown_places_are_left_out() -> None:
    drawn = sketches.sketch(
        [stop(1, 16.1, 108.2), stop(2, 16.1, 108.2), stop(3, None, None)], depot=OFFICE, office="", names={}
    )
    assert [mark.label for mark in drawn.marks] == ["1–2"]
    assert drawn.way.count(",") == 3, "from the office to the mark and back"


def test_a_round_of_unknown_places_is_the_office_alone() -> None:
    drawn = sketches.sketch([stop(1, None, None)], depot=OFFICE, office="", names={})
    assert drawn.marks == ()
    assert (drawn.depot.x, drawn.depot.y) == (drawn.width // 2, drawn.height // 2)
