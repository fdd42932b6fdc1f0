"""The day's rounds: what is gathered for a door, what comes first, what is proposed, and who of two planners wins."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from bench import day as bench_day
from bench import replan as bench_replan
from postal.domain import codes, run
from postal.domain.codes import CodeKind
from postal.domain.events import AttemptReason, ItemKind, PickupAsked, PickupCancelled
from postal.domain.home_pickup import HomePickup
from postal.domain.item import Item
from postal.domain.lifecycle import Overtaken
from postal.domain.people import Account, Actor, Person, Role
from postal.domain.permissions import Forbidden
from postal.domain.places import Area, Equipment, Pause, Territory, WorkingTime
from postal.domain.points import Source, Word
from postal.domain.proposal import (
    AlreadyPlanned,
    ChangedMeanwhile,
    Draft,
    HoursOver,
    NothingProposed,
    OneVehicleTwice,
    Proposal,
    Remedy,
    UnknownProposal,
    Why,
)
from postal.domain.refusals import Refused
from postal.domain.run import DeliveryRun
from postal.services import invitations, navigation, planning
from postal.store import Store
from postal.store.rounds import Rounds
from tests import arrivals, cast
from tests.arrivals import hanh, tam, vy

WEDNESDAY = date(2026, 11, 18)
"""J+2 of what the post took on Monday."""

coordinator = replace(cast.minh, roles=frozenset({Role.COORDINATOR}))


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store with the postmen of the central office."""
    arrivals.keep_postmen(seeded)
    return seeded


def proposed(store: Store, *, day: date = cast.today, at: datetime = cast.monday, place: str = cast.OFFICE) -> Proposal:
    return planning.propose_day(store, place, day=day, by=coordinator, at=at)


def accepted(store: Store, what: Proposal, *, seed: int = 5, by: Actor = cast.minh) -> tuple[DeliveryRun, ...]:
    return planning.accept_proposal(store, what, by=by, at=cast.monday, below=arrivals.below(seed))


def item_of(store: Store, code: str) -> Item:
    with store.begin(at=cast.monday) as ledger:
        return ledger.item(code)


def asked_for_pickup(
    store: Store, dossier: str, *, opens: int | None = None, closes: int | None = None, day: date = cast.today
) -> str:
    """Promise a visit at a sender's door, between two hours of the day where they are given."""
    code = codes.mint(CodeKind.HOME_PICKUP, below=arrivals.below(f"{dossier} {opens}")).text

    def hour(value: int | None) -> datetime | None:
        return None if value is None else datetime.combine(day, time(value - 7), UTC)

    event = PickupAsked(
        dossier=dossier,
        office=cast.OFFICE,
        commune="20242",
        kind=ItemKind.SUPPLEMENT,
        day=day,
        opens_at=hour(opens),
        closes_at=hour(closes),
        by=cast.lan.as_author(),
        occurred_at=cast.monday,
    )
    with store.begin(at=cast.monday) as ledger:
        ledger.begin(HomePickup, code, event)
    return code


def put(store: Store, territory: str, **changes: object) -> Territory:
    """Change a round of the shipped ones."""
    with store.begin(at=cast.monday) as ledger:
        changed = replace(ledger.reference.territory(territory), **changes)  # type: ignore[arg-type] # fields by name
        ledger.reference.put_territory(changed)
    return changed


def add_postman(store: Store, username: str) -> None:
    with store.begin(at=cast.monday) as ledger:
        account = Account(username=username, name=username, place=cast.OFFICE, roles=frozenset({Role.POSTMAN}))
        ledger.accounts.put(account, password_hash="")


def crowd(count: int) -> list[Person]:
    """Return people of the two communes of the round, each at a door of their own."""
    return [
        replace(hanh, address=f"{number} Quang Trung", commune=("20242", "20257")[number * 2 // count])
        for number in range(count)
    ]


# --- what is gathered -------------------------------------------------------------------------------------------------


def test_results_invitations_and_papers_to_fetch_for_one_door_are_one_stop(office: Store) -> None:
    result, held = arrivals.arrived(office, hanh, replace(hanh, name="Lê Văn Hiếu"))
    invitations.hold_for_pickup(office, held, until=date(2026, 11, 23), by=cast.hung, at=cast.monday)
    visit = asked_for_pickup(office, item_of(office, result).dossier)
    (draft,) = proposed(office).drafts
    (stop,) = draft.stops
    assert (stop.items, stop.invitations, stop.pickups) == ((result,), (held,), (visit,))


def test_an_invitation_that_was_left_or_has_run_out_is_not_carried_again(office: Store) -> None:
    left, late = arrivals.arrived(office, hanh, tam)
    for code in (left, late):
        invitations.hold_for_pickup(office, code, until=date(2026, 11, 18), by=cast.hung, at=cast.monday)
    with office.begin(at=cast.monday) as ledger:
        found = ledger.item(left)
        ledger.append(found, found.leave_invitation(run="", proof="", by=arrivals.binh, at=cast.monday))
    assert proposed(office).drafts[0].things == (late,)
    with pytest.raises(NothingProposed):
        proposed(office, day=date(2026, 11, 19))


def test_a_stop_is_due_when_its_postal_leg_ends_and_then_on_the_day_that_was_agreed(office: Store) -> None:
    arrivals.arrived(office, hanh)
    (stop,) = proposed(office).drafts[0].stops
    assert stop.due_on == WEDNESDAY
    with office.begin(at=cast.monday) as ledger:
        found = ledger.item(stop.items[0])
        ledger.append(
            found,
            found.fail_attempt(
                run="", reason=AttemptReason.NOBODY_THERE, next_on=cast.today, proof="", by=cast.hung, at=cast.monday
            ),
        )
    assert proposed(office).drafts[0].stops[0].due_on == cast.today


def test_a_round_visits_the_street_that_is_its_own_and_leaves_the_rest_of_the_commune(office: Store) -> None:
    put(office, "551000-02", areas=(Area("20209"), Area("20242", "Bạch Đằng")), communes=("20209", "20242"))
    arrivals.arrived(office, hanh, vy)
    drafts = {draft.territory: draft.stops for draft in proposed(office).drafts}
    assert {code: len(stops) for code, stops in drafts.items()} == {"551000-01": 1, "551000-02": 1}


def test_an_address_outside_every_territory_is_named_and_never_dropped(office: Store) -> None:
    put(office, "551000-01", areas=(Area("20257"), Area("20242", "Bạch Đằng")))
    outside, inside = arrivals.arrived(office, vy, hanh)
    day = proposed(office)
    assert [draft.things for draft in day.drafts] == [(inside,)]
    assert [(left.things, left.why) for left in day.left] == [((outside,), Why.OUTSIDE)]


def test_the_event_of_a_run_has_the_middle_of_the_commune_and_never_the_point_of_a_door(office: Store) -> None:
    arrivals.arrived(office, hanh)
    with office.begin(at=cast.monday) as ledger:
        ledger.points.teach(hanh.commune, hanh.address, lat=16.0712, lon=108.2243, accuracy_m=9)
        middle = ledger.reference.units([hanh.commune], on=cast.today)[hanh.commune]
    planned = arrivals.planned(office)
    (stop,) = planned.stops
    assert (stop.lat, stop.lon, stop.uncertainty_m) == (middle.lat, middle.lon, middle.radius_m)
    near = navigation.of_run(office, planned.code, kind="gpx", is_near=True)
    assert "16.071200" in near
    assert "16.071200" not in navigation.of_run(office, planned.code, kind="gpx")


def test_a_point_that_cannot_be_true_is_not_driven_to_and_the_proposal_says_so(office: Store) -> None:
    arrivals.arrived(office, hanh)
    (usual,) = proposed(office).drafts
    with office.begin(at=cast.monday) as ledger:
        ledger.points.teach(hanh.commune, hanh.address, lat=21.03, lon=105.85, accuracy_m=9)
    day = proposed(office)
    assert day.drafts[0].metres == usual.metres, "the middle of the commune, as before"
    assert any(sentence.startswith("1 địa chỉ có điểm không thể đúng") for sentence in day.ways)


def test_a_door_somebody_placed_hundreds_of_kilometres_away_has_no_point_on_this_round(office: Store) -> None:
    arrivals.arrived(office, hanh)
    far = Word(source=Source.HAND, lat=21.03, lon=105.85, accuracy_m=10, at=cast.monday, by="khanh")
    with office.begin(at=cast.monday) as ledger:
        ledger.points.add(hanh.commune, hanh.address, far)
    day = proposed(office)
    (draft,) = day.drafts
    assert (len(draft.stops), draft.stops[0].arrives_at) == (1, None), "taken along, without a promised time"
    assert any(sentence.startswith("1 địa chỉ có điểm không thể đúng") for sentence in day.ways)


def test_a_taught_point_orders_the_doors_of_a_commune(office: Store) -> None:
    near, far = replace(hanh, address="1 Gần"), replace(hanh, address="2 Xa")
    far_code, near_code = arrivals.arrived(office, far, near)
    with office.begin(at=cast.monday) as ledger:
        ledger.points.teach("20242", near.address, lat=16.0698, lon=108.2031, accuracy_m=5)
        ledger.points.teach("20242", far.address, lat=16.0999, lon=108.2299, accuracy_m=5)
    planned = arrivals.planned(office)
    assert {near_code, far_code} == set(planned.items)
    assert planned.metres > 2 * 4500, "to the far door and back, not to the middle"


# --- what comes first -------------------------------------------------------------------------------------------------


def test_promised_hours_are_met_by_leaving_the_order_of_the_round(office: Store) -> None:
    arrivals.arrived(office, *crowd(30))
    (case,) = arrivals.arrived(office, replace(hanh, commune="20257", address="1 Cuối Tuyến"), serial=60)
    visit = asked_for_pickup(office, item_of(office, case).dossier, opens=8, closes=10, day=date(2026, 11, 17))
    (draft,) = proposed(office, day=date(2026, 11, 17)).drafts
    stop = next(stop for stop in draft.stops if visit in stop.pickups)
    assert stop.arrives_at is not None
    assert stop.closes_at is not None
    assert stop.arrives_at <= stop.closes_at
    assert draft.late == ()


def test_what_is_due_goes_and_what_is_not_waits_for_another_day(office: Store) -> None:
    put(office, "551000-01", working_time=WorkingTime(longest_minutes=45))
    not_due = arrivals.arrived(office, *crowd(30), at=cast.after(days=1))
    due = arrivals.arrived(office, replace(hanh, address="Cuối cùng"), serial=90)
    day = proposed(office, day=WEDNESDAY, at=cast.after(days=2))
    assert set(due) <= {thing for draft in day.drafts for thing in draft.things}
    assert {left.why for left in day.left} == {Why.OVER_HOURS}
    assert all(not left.is_promised for left in day.left)
    on_runs = [thing for draft in day.drafts for thing in draft.things]
    stays = [thing for left in day.left for thing in left.things]
    assert sorted(on_runs + stays) == sorted([*not_due, *due])


def test_a_round_over_its_hours_is_shared_with_postmen_who_are_free(office: Store) -> None:
    put(office, "551000-01", working_time=WorkingTime(longest_minutes=120))
    add_postman(office, "buuta9")
    arrivals.arrived(office, *crowd(56))
    day = proposed(office)
    assert [(draft.territory, draft.part) for draft in day.drafts] == [("551000-01", n) for n in range(3)]
    assert [draft.postman for draft in day.drafts] == ["buuta1", "buuta2", "buuta9"]
    assert [draft.by_spare for draft in day.drafts] == [False, True, True]
    for draft in day.drafts:
        assert draft.seconds <= 120 * 60
    assert day.left == ()
    assert all([stop.commune for stop in d.stops] == sorted(stop.commune for stop in d.stops) for d in day.drafts)


def test_the_same_day_is_proposed_the_same_way_again(office: Store) -> None:
    put(office, "551000-01", working_time=WorkingTime(longest_minutes=120))
    arrivals.arrived(office, *crowd(40))
    assert proposed(office) == proposed(office)


def test_a_postman_who_has_a_run_today_has_less_time_for_another(office: Store) -> None:
    put(office, "551000-01", working_time=WorkingTime(longest_minutes=90))
    with office.begin(at=cast.monday) as ledger:
        ledger.accounts.set_active("buuta2", is_active=False)
    arrivals.arrived(office, *crowd(10))
    (first,) = proposed(office).drafts
    accepted(office, proposed(office))
    assert first.seconds > 45 * 60
    arrivals.arrived(office, *crowd(10), serial=40)
    again = proposed(office)
    assert sum(draft.seconds for draft in again.drafts) <= 90 * 60 - first.seconds


def test_a_round_nobody_drives_says_so(office: Store) -> None:
    arrivals.arrived(office, hanh)
    with office.begin(at=cast.monday) as ledger:
        for name in ("buuta1", "buuta2"):
            ledger.accounts.set_active(name, is_active=False)
    day = proposed(office)
    assert (day.drafts, [left.why for left in day.left]) == ((), [Why.NO_POSTMAN])


def test_after_hours_the_day_is_not_proposed_any_more(office: Store) -> None:
    arrivals.arrived(office, hanh)
    with pytest.raises(HoursOver, match="17:00"):
        proposed(office, at=cast.after(hours=9))


# --- accepting --------------------------------------------------------------------------------------------------------


def test_accepting_plans_the_runs_as_they_were_proposed(office: Store) -> None:
    arrivals.arrived(office, hanh, tam)
    day = proposed(office)
    (planned,) = accepted(office, day)
    assert (planned.stops, planned.postman, planned.seconds) == (day.drafts[0].stops, "buuta1", day.drafts[0].seconds)
    with pytest.raises(NothingProposed):
        proposed(office)


def test_what_was_not_chosen_stays_and_can_be_proposed_again(office: Store) -> None:
    first, second = arrivals.arrived(office, hanh, replace(hanh, commune="20209"))
    day = proposed(office)
    planned = planning.accept_proposal(
        office, day, only=[1], by=cast.minh, at=cast.monday, below=arrivals.below(1), postmen={1: "buuta1"}
    )
    assert [(each.items, each.postman) for each in planned] == [((second,), "buuta1")]
    assert [draft.things for draft in proposed(office).drafts] == [(first,)]


@pytest.mark.parametrize("change", ["missing", "moved", "asked for later", "dossier", "cancelled"])
def test_nothing_is_planned_when_something_it_used_has_changed(office: Store, change: str) -> None:
    code, _ = arrivals.arrived(office, hanh, tam)
    visit = asked_for_pickup(office, item_of(office, code).dossier)
    day = proposed(office)
    changed = _change(office, change, code=code, visit=visit)
    with pytest.raises(ChangedMeanwhile, match=codes.shown(changed)):
        accepted(office, day)
    with office.read() as reader:
        assert reader.rounds.runs_on([cast.OFFICE], day=cast.today) == []


def _change(store: Store, change: str, *, code: str, visit: str) -> str:
    with store.begin(at=cast.monday) as ledger:
        found, pickup = ledger.item(code), ledger.home_pickup(visit)
        dossier = ledger.dossier(found.dossier)
        match change:
            case "missing":
                ledger.append(found, found.report_missing(by=cast.hung, at=cast.monday))
            case "moved":
                ledger.append(found, found.take_over(to=cast.counter, reason="", by=cast.lan, at=cast.monday))
            case "asked for later":
                until = date(2026, 11, 23)
                calendar = ledger.reference.calendar("post")
                ledger.append(
                    found, found.hold_for_pickup(until=until, calendar=calendar, by=cast.hung, at=cast.monday)
                )
            case "dossier":
                issued = dossier.issue_receipt(reason="", by=cast.lan, at=cast.monday)
                ledger.append(dossier, issued)
                return dossier.code
            case _:
                gone = PickupCancelled(reason="", by=cast.lan.as_author(), occurred_at=cast.monday)
                ledger.append(pickup, gone)
                return visit
    return code


def test_a_kept_proposal_is_accepted_once_and_asked_again_gives_the_same_runs(office: Store) -> None:
    arrivals.arrived(office, hanh)
    number = planning.keep_proposal(
        office, proposed(office), by=cast.minh, at=cast.monday, below=arrivals.below("proposal")
    )
    first = planning.accept_kept(office, number, by=cast.minh, at=cast.monday, below=arrivals.below(1))
    assert planning.accept_kept(office, number, by=cast.minh, at=cast.monday, below=arrivals.below(2)) == first
    with office.read() as reader:
        assert tuple(each.code for each in reader.rounds.runs_on([cast.OFFICE], day=cast.today)) == first
    with pytest.raises(UnknownProposal):
        planning.accept_kept(office, "00" * 16, by=cast.minh, at=cast.monday, below=arrivals.below(3))


def test_a_province_is_proposed_by_the_coordinator_alone(office: Store) -> None:
    arrivals.arrived(office, hanh)
    with pytest.raises(run.RunElsewhere):
        planning.propose_day(office, "province:48", day=cast.today, by=cast.minh, at=cast.monday)
    assert proposed(office, place="province:48").drafts[0].office == cast.OFFICE
    with pytest.raises(Forbidden):
        planning.propose_day(office, cast.OFFICE, day=cast.today, by=arrivals.binh, at=cast.monday)
    with pytest.raises(Refused, match="province:99"):
        proposed(office, place="province:99")


# --- two planners at once ---------------------------------------------------------------------------------------------


def race(store: Store, plans: Sequence[Proposal]) -> list[str]:
    """Let planners accept their proposals at the same moment; return who won and who was told why not."""
    ready, outcomes = threading.Barrier(len(plans)), list[str]()

    def accept(number: int) -> None:
        ready.wait(timeout=10)
        try:
            planning.accept_proposal(
                store, plans[number], by=cast.minh, at=cast.monday, below=arrivals.below(f"planner {number}")
            )
            outcomes.append("won")
        except (AlreadyPlanned, Overtaken) as refused:
            outcomes.append(type(refused).__name__)

    threads = [threading.Thread(target=accept, args=(number,)) for number in range(len(plans))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return outcomes


def test_an_item_that_two_planners_want_at_once_is_on_one_run(office: Store) -> None:
    codes_ = arrivals.arrived(office, *crowd(6))
    day = proposed(office)
    other = replace(day, drafts=tuple(_backwards(draft) for draft in day.drafts))
    outcomes = race(office, [day, other, day])
    assert outcomes.count("won") == 1, outcomes
    with office.read() as reader:
        runs = reader.rounds.runs_on([cast.OFFICE], day=cast.today)
    assert sorted(item for each in runs for item in each.items) == sorted(codes_)


def test_without_the_key_that_keeps_planners_apart_an_item_would_be_on_two_runs(
    office: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    arrivals.arrived(office, hanh)
    day = proposed(office)
    monkeypatch.setattr(Rounds, "claim", lambda *_, **__: None)
    assert race(office, [day, day]) == ["won", "won"], "the race is no proof if this control does not show two"


def _backwards(draft: Draft) -> Draft:
    return replace(draft, stops=draft.stops[::-1])


def test_two_who_plan_the_same_round_at_once_make_one_run(office: Store) -> None:
    codes_ = arrivals.arrived(office, *crowd(4))
    ready, outcomes = threading.Barrier(2), list[str]()

    def plan(seed: int) -> None:
        ready.wait(timeout=10)
        try:
            arrivals.planned(office, seed=seed)
            outcomes.append("won")
        except Refused as refused:
            outcomes.append(refused.code)

    threads = [threading.Thread(target=plan, args=(seed,)) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert outcomes.count("won") == 1, outcomes
    with office.read() as reader:
        runs = reader.rounds.runs_on([cast.OFFICE], day=cast.today)
    assert sorted(item for each in runs for item in each.items) == sorted(codes_)


def test_what_a_run_of_a_day_gone_by_had_is_free_for_one_of_two_planners(office: Store) -> None:
    arrivals.arrived(office, hanh)
    arrivals.planned(office)
    tomorrow = cast.today + timedelta(days=1)
    day = proposed(office, day=tomorrow)
    assert race(office, [day, day]).count("won") == 1


def test_an_item_of_a_planned_run_is_refused_by_the_name_of_that_run(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    day = proposed(office)
    (planned,) = accepted(office, day)
    with pytest.raises(AlreadyPlanned, match=f"{codes.shown(code)}.*{codes.shown(planned.code)}"):
        accepted(office, day, seed=9)


# --- what rounds are driven with, and where doors may be --------------------------------------------------------------


def test_two_rounds_with_one_vehicle_at_the_same_hours_are_refused_by_its_plate(office: Store) -> None:
    first = put(office, "551000-01", equipment=Equipment(plate="43-F1 123.45", basis="mẫu"))
    second = put(office, "551000-02", equipment=Equipment(plate="43-F1 123.45", basis="mẫu"), postman="buuta9")
    add_postman(office, "buuta9")
    elsewhere = replace(hanh, address="9 Lê Duẩn", commune=second.communes[-1])
    arrivals.arrived(office, hanh, elsewhere)
    with pytest.raises(OneVehicleTwice, match=f"43-F1 123.45.*{first.name}.*{second.name}"):
        proposed(office)


def test_a_vehicle_that_is_full_leaves_things_behind_and_says_what_room_would_cost(office: Store) -> None:
    put(office, "551000-01", equipment=Equipment(capacity=3, basis="mẫu"))
    arrivals.arrived(office, *crowd(8))
    day = proposed(office)
    assert [len(draft.stops) for draft in day.drafts] == [3, 3], "whoever is free drives the same kind of vehicle"
    assert {(left.why, left.price.remedy) for left in day.left if left.price} == {(Why.OVER_LOAD, Remedy.MORE_ROOM)}
    put(office, "551000-01", equipment=Equipment(capacity=3, reloads=2, basis="mẫu"))
    assert proposed(office).left == ()


def test_a_break_of_the_round_is_kept_free(office: Store) -> None:
    arrivals.arrived(office, *crowd(6))
    (without,) = proposed(office, day=WEDNESDAY).drafts
    soon = Pause(opens=time(7, 40), closes=time(7, 50), minutes=60)
    put(office, "551000-01", equipment=Equipment(pause=soon, basis="mẫu"))
    (with_it,) = proposed(office, day=WEDNESDAY).drafts
    assert with_it.seconds - without.seconds >= 60 * 60


def test_what_stays_behind_says_how_many_minutes_would_be_enough(office: Store) -> None:
    put(office, "551000-01", working_time=WorkingTime(longest_minutes=60))
    arrivals.arrived(office, *crowd(40))
    left = proposed(office).left
    assert left
    prices = [each.price for each in left if each.price]
    assert {price.remedy for price in prices} == {Remedy.LONGER_HOURS}
    least = min(price.minutes for price in prices)
    put(office, "551000-01", working_time=WorkingTime(longest_minutes=60 + least))
    assert len(proposed(office).left) < len(left), "the cheapest of them goes along for its price"
    words = left[0].next_step({"buuta1": "Bình"})
    assert words.startswith("Để ngày sau")
    assert "làm thêm" in words


# --- the measure ------------------------------------------------------------------------------------------------------


def test_a_small_day_of_a_province_is_proposed_without_a_breach() -> None:
    outcome = bench_day.run(deliveries=60, territories=8, processes=1)
    assert outcome.is_good, outcome
    assert outcome.promised > 25
    assert outcome.breaches == 0


def test_a_small_day_moves_nobody_else_when_one_thing_changes() -> None:
    outcome = bench_replan.run(deliveries=60, territories=8, each=1, seconds=0, improve=0)
    assert outcome.is_good, outcome
    assert [each.kind for each in outcome.changes] == ["absent", "result", "road"]
