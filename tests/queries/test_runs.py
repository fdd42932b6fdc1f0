"""What pages about runs are told: in which words a door is done, how it is drawn, until when a citizen may come."""

from dataclasses import replace
from datetime import date

import pytest

from postal.domain.events import AttemptReason, PlannedStop, Receiver
from postal.domain.lifecycle import UnknownCode
from postal.domain.run import NotPostman, RunElsewhere
from postal.queries import pickups, runs, sketches, sorting, stops
from postal.queries.sketches import Sketch, Way
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


def drawn_of(*stops: PlannedStop, names: dict[str, str] | None = None) -> Sketch:
    """Return the drawing of one round from the office."""
    way = Way(key="0", name="Tuyến 1", depot=OFFICE, office="Bưu cục", stops=stops)
    return sketches.sketch([way], title="Sơ đồ", communes=names or {})


def test_north_is_up_east_is_right_and_everything_is_in_the_box() -> None:
    drawn = drawn_of(stop(1, 16.10, 108.20), stop(2, 16.07, 108.25), names={"20242": "Hải Châu"})
    (line,), (depot,) = drawn.lines, drawn.depots
    north, east = line.marks
    assert north.y < depot.y
    assert east.x > depot.x
    for mark in (north, east, depot):
        assert sketches.MARGIN <= mark.x <= drawn.width - sketches.MARGIN
        assert sketches.MARGIN <= mark.y <= drawn.height - sketches.MARGIN


def test_a_kilometre_is_as_long_to_the_north_as_to_the_east() -> None:
    kilometre_north, kilometre_east = 1 / 111.2, 1 / 111.2 / 0.9609
    drawn = drawn_of(
        stop(1, OFFICE[0] + 5 * kilometre_north, OFFICE[1]), stop(2, OFFICE[0], OFFICE[1] + 5 * kilometre_east)
    )
    (depot,), (north, east) = drawn.depots, drawn.lines[0].marks
    up, right = depot.y - north.y, east.x - depot.x
    assert up == pytest.approx(right, abs=2)
    assert up == pytest.approx(5 / drawn.bar_km * drawn.bar, abs=3)


def test_stops_at_one_point_share_a_mark_and_unknown_places_are_left_out() -> None:
    drawn = drawn_of(stop(1, 16.1, 108.2), stop(2, 16.1, 108.2), stop(3, None, None))
    (line,) = drawn.lines
    assert [mark.label for mark in line.marks] == ["1–2"]
    assert line.way.count(",") == 3, "from the office to the mark and back"
    assert "1 điểm chưa rõ vị trí nên không vẽ" in drawn.says


def test_a_round_of_unknown_places_is_the_office_alone() -> None:
    drawn = drawn_of(stop(1, None, None))
    (line,), (depot,) = drawn.lines, drawn.depots
    assert (line.marks, line.way) == ((), "")
    assert (depot.x, depot.y) == (drawn.width // 2, drawn.height // 2)


def test_rounds_that_meet_stand_side_by_side_and_are_dashed_unlike_each_other() -> None:
    ways = [
        Way(key=str(n), name=f"Tuyến {n}", depot=OFFICE, office="Bưu cục", stops=(stop(1, 16.1, 108.2),))
        for n in range(40)
    ]
    drawn = sketches.sketch(ways, title="Sơ đồ", communes={"20242": "Hải Châu"})
    assert len({line.style for line in drawn.lines}) == 40
    first, second, *_ = drawn.lines
    assert first.style.dash != second.style.dash
    assert first.style.colour != second.style.colour
    assert first.marks[0].x < second.marks[0].x
    assert first.marks[0].title == "Tuyến 0. Điểm 1: Hải Châu"
    assert len(drawn.depots) == 1, "one office, one mark"


def test_a_drawing_names_the_archipelagos_wherever_it_reaches_them_and_nowhere_else() -> None:
    assert drawn_of(stop(1, 16.10, 108.20)).names == ()
    at_hoang_sa = drawn_of(stop(1, 16.53, 112.1))
    assert [name.text for name in at_hoang_sa.names] == ["Quần đảo Hoàng Sa (Việt Nam)"]
    (name,) = at_hoang_sa.names
    (depot,), (mark,) = at_hoang_sa.depots, at_hoang_sa.lines[0].marks
    assert depot.x < name.x <= mark.x, "west of 112.1 degrees, far east of the office"
    both = drawn_of(stop(1, 16.6, 112.4), stop(2, 8.6, 114.4))
    assert [name.text for name in both.names] == ["Quần đảo Hoàng Sa (Việt Nam)", "Quần đảo Trường Sa (Việt Nam)"]
