"""Plan against actual: order, times, promised hours, what was done and what nobody knows."""

from datetime import timedelta

import pytest

from postal.domain.events import AttemptReason, PlannedStop
from postal.domain.item import Item
from postal.domain.run import DeliveryRun
from postal.queries import plan_actual
from postal.queries.plan_actual import RunActual
from postal.services import agreeing, delivery, uploads
from postal.store import Store, driven
from tests import arrivals, cast
from tests.acting import PHOTO, SHA, Phone
from tests.arrivals import binh, hanh, tam, vy
from tests.services.visits import HERE, give, north

TODAY = cast.after(hours=2)


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store with the postmen of the central office."""
    arrivals.keep_postmen(seeded)
    return seeded


def laid_out(store: Store) -> DeliveryRun:
    """Return a started run of three doors, planned ten minutes apart, the second promised until 9:25."""
    items = arrivals.arrived(store, hanh, tam, vy)
    stops = [
        PlannedStop(
            number=number,
            commune="20242",
            items=(code,),
            lat=HERE.lat,
            lon=HERE.lon,
            uncertainty_m=100,
            arrives_at=cast.after(minutes=10 * number),
            opens_at=cast.monday if number == 2 else None,
            closes_at=cast.after(minutes=25) if number == 2 else None,
        )
        for number, code in enumerate(items, start=1)
    ]
    run = arrivals.signed_for(store, arrivals.laid_out(store, *stops))
    return delivery.start_run(store, run.code, by=binh, at=cast.monday)


def seen(store: Store, run: DeliveryRun) -> RunActual:
    measured = agreeing.of_run(store, run.code)
    return plan_actual.run_actual(store, run.code, measured=measured, actor=cast.minh, at=TODAY)


def miss(store: Store, run: DeliveryRun, code: str, *, after: int) -> Item:
    return delivery.fail_attempt(
        store,
        code,
        run_code=run.code,
        reason=AttemptReason.NOBODY_THERE,
        next_on=cast.today + timedelta(days=1),
        proof=b"",
        media_type="",
        by=binh,
        at=cast.after(minutes=after),
    )


def test_order_times_and_promised_hours_are_compared_door_by_door(office: Store) -> None:
    run = laid_out(office)
    first, second, _ = run.items
    miss(office, run, second, after=40)
    give(office, run, first, after=55, spot=HERE)
    page = seen(office, run)
    assert [(stop.turn, stop.outcome) for stop in page.stops] == [
        (2, "Đã xong"),
        (1, "Đến nhưng chưa xong"),
        (0, "Không ghi lần đến"),
    ]
    assert [(stop.planned, stop.told, stop.drift) for stop in page.stops] == [
        ("09:10", "09:55", "+45"),
        ("09:20", "09:40", "+20"),
        ("09:30", "", ""),
    ]
    assert (page.stops[1].window, page.stops[1].late) == ("09:00 – 09:25", "15")
    assert (page.done, page.failed, page.not_visited, page.late, page.moved) == (1, 1, 1, 1, 1)
    assert (page.is_closed, page.actual_time) == (False, "")


def test_a_door_that_was_missed_and_then_served_is_done(office: Store) -> None:
    run = laid_out(office)
    miss(office, run, run.items[0], after=15)
    give(office, run, run.items[0], after=45, spot=HERE)
    stop = seen(office, run).stops[0]
    assert (stop.outcome, stop.told) == ("Đã xong", "09:15")
    assert len(stop.agreements) == 2


def test_one_door_out_of_its_place_is_one_change(office: Store) -> None:
    run = laid_out(office)
    for code, after in zip(run.items, (60, 20, 30), strict=True):
        give(office, run, code, after=after, spot=None)
    assert seen(office, run).moved == 1


def test_the_recorded_way_is_straight_lines_times_a_factor_that_is_told(office: Store) -> None:
    run = laid_out(office)
    give(office, run, run.items[0], after=10, spot=HERE)
    give(office, run, run.items[1], after=20, spot=north(1000))
    measured = agreeing.of_run(office, run.code)
    assert measured.straight_m is not None
    assert measured.metres == round(measured.straight_m * 1.35)
    assert "đường thẳng giữa 2/3 điểm có vị trí, nhân 1,35." in " ".join(seen(office, run).notes)


def test_a_run_without_planned_times_says_so(office: Store) -> None:
    items = arrivals.arrived(office, hanh)
    stop = PlannedStop(number=1, commune="20242", items=(items[0],))
    run = arrivals.signed_for(office, arrivals.laid_out(office, stop))
    delivery.start_run(office, run.code, by=binh, at=cast.monday)
    give(office, run, items[0], after=20, spot=HERE)
    page = seen(office, run)
    assert "Chuyến lập không có giờ dự kiến từng điểm." in page.notes
    assert page.stops[0].agreements[0][1].facts == "chưa biết vị trí của điểm này"


# --- told later -------------------------------------------------------------------------------------------------------


def told_later(store: Store, run: DeliveryRun, *, minutes: tuple[int, ...], clock_off: int = 0) -> None:
    """Let a phone without network give the first items of a run, and send that four hours later."""
    phone = Phone(binh)
    with store.begin(at=cast.monday) as ledger:
        ledger.accounts.put(cast.account_of(binh), password_hash="")
    for n, (code, after) in enumerate(zip(run.items, minutes, strict=False)):
        fields = {"run": run.code, "item": code, "receiver": "addressee", "identity": "1", "request": f"{n}" * 32}
        spot = north(1000 * n)
        place = {"lat": str(spot.lat), "lon": str(spot.lon), "accuracy": "12", "open": "70"}
        phone.did("delivered", when=cast.after(minutes=after), photo=True, **fields, **place)
    uploads.keep(store, SHA, content=PHOTO, media_type="image/jpeg", by=binh, at=cast.monday)
    at = cast.after(hours=4)
    phone.send(store, at=at, sent_at=at + timedelta(minutes=clock_off))


def marks(store: Store, run: DeliveryRun) -> list[driven.Mark]:
    with store.read() as reader:
        return list(driven.marks(reader, [run])[run.code])


def test_what_a_phone_told_later_has_its_time_and_says_so(office: Store) -> None:
    run = laid_out(office)
    told_later(office, run, minutes=(12, 31))
    page = seen(office, run)
    assert [stop.told for stop in page.stops] == ["09:12", "09:31", ""]
    assert [stop.was_offline for stop in page.stops] == [True, True, False]
    assert any("mất sóng" in note for note in page.notes)
    assert [mark.spot.stayed_s for mark in marks(office, run) if mark.spot] == [70, 70]
    assert all("km/h" not in each.facts for stop in page.stops for _, each in stop.agreements)


def test_a_clock_nobody_trusts_gives_no_time_and_no_lateness(office: Store) -> None:
    run = laid_out(office)
    told_later(office, run, minutes=(12, 31), clock_off=60)
    page = seen(office, run)
    assert [(stop.told, stop.late, stop.turn) for stop in page.stops[:2]] == [("", "", 0), ("", "", 0)]
    assert (page.done, page.late, page.moved) == (2, 0, 0)
    assert "2 điểm ghi bằng máy lệch giờ nên không có giờ ghi." in page.notes


def test_a_place_that_was_erased_is_unknown_again(office: Store) -> None:
    run = laid_out(office)
    give(office, run, run.items[0], after=10, spot=HERE)
    assert marks(office, run)[0].spot == HERE
    with office.begin(at=TODAY) as ledger:
        ledger.texts.erase(ledger.item(run.items[0]).dossier)
    assert marks(office, run)[0].spot is None
    agreed = seen(office, run).stops[0].agreements[0][1]
    assert (agreed.name, agreed.facts) == ("Chưa đủ dữ liệu", "máy không ghi vị trí")


def test_the_csv_has_a_line_for_every_door(office: Store) -> None:
    run = laid_out(office)
    give(office, run, run.items[1], after=40, spot=north(300, accuracy_m=200))
    lines = plan_actual.csv_of(seen(office, run)).decode("utf-8-sig").splitlines()
    assert [line.split(",", 2)[:2] for line in lines[1:]] == [["1", ""], ["2", "1"], ["3", ""]]
    assert ",B," in lines[2]
    assert "09:00,09:25,15" in lines[2]
