"""The last mile: who is visited in which order, what may be given to whom, and how a day ends."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from postal.domain import item, run, status
from postal.domain.dossier import AgencyStatus
from postal.domain.events import AttemptReason, Receiver
from postal.domain.handover import NothingToHandOver
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import NotNow
from postal.domain.people import CustodianKind, Role
from postal.domain.permissions import Forbidden
from postal.domain.run import DayGone, DeliveryRun, NotAtItsOffice, NotForCitizen, RunState
from postal.domain.status import Status
from postal.services import custody, delivery, invitations, navigation, planning
from postal.store import Store
from postal.store.registers import Notice
from postal.store.tables import FileRow, table_of
from tests import arrivals, cast
from tests.arrivals import binh, hanh, tam, vy, yen

TOMORROW = date(2026, 11, 17)


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store with the postmen of the central office."""
    arrivals.keep_postmen(seeded)
    return seeded


def give(store: Store, code: str, run_code: str, **changed: object) -> Item:
    """Deliver an item at the door as it should be done, but for what is changed."""
    how = {
        "receiver": Receiver.ADDRESSEE,
        "identity_checked": True,
        "authorisation_shown": False,
        "proof": b"a signature",
        "media_type": "image/png",
        "by": binh,
        "at": cast.after(hours=1),
        **changed,
    }
    return delivery.deliver(store, code, run_code=run_code, **how)  # type: ignore[arg-type]


def miss(store: Store, code: str, run_code: str, **changed: object) -> Item:
    """Record a visit in vain."""
    how = {
        "reason": AttemptReason.NOBODY_THERE,
        "next_on": TOMORROW,
        "proof": b"",
        "media_type": "",
        "by": binh,
        "at": cast.after(hours=1),
        **changed,
    }
    return delivery.fail_attempt(store, code, run_code=run_code, **how)  # type: ignore[arg-type]


def item_of(store: Store, code: str) -> Item:
    with store.read() as reader:
        found = reader.thing(Item, code)
    assert found is not None
    return found


def word_of(store: Store, code: str) -> Status:
    with store.begin(at=cast.monday) as ledger:
        dossier = ledger.dossier(ledger.item(code).dossier)
        return status.word(dossier, ledger.items_of(dossier.code))


def told(store: Store) -> list[Notice]:
    """Return the messages owed to citizens about a result."""
    with store.read(at=cast.after(days=9)) as reader:
        return [notice for notice in reader.notices.due(limit=99) if not notice.fact.startswith("pin_")]


# --- planning ---------------------------------------------------------------------------------------------------------


def test_a_run_visits_communes_in_the_order_of_its_territory(office: Store) -> None:
    second, first, third = arrivals.arrived(office, tam, hanh, vy)
    planned = arrivals.planned(office)
    assert [stop.commune for stop in planned.stops] == ["20242", "20242", "20257"]
    assert {stop.items for stop in planned.stops[:2]} == {(first,), (third,)}
    assert planned.stops[2].items == (second,)
    assert [stop.number for stop in planned.stops] == [1, 2, 3]
    assert planned.metres > 0


def test_several_results_for_one_door_are_one_stop(office: Store) -> None:
    same_door = replace(hanh, name="Lê Văn Hiếu", address="15  bạch đằng - Tổ 3")
    codes = arrivals.arrived(office, hanh, same_door)
    (stop,) = arrivals.planned(office).stops
    assert stop.items == tuple(codes)


def test_the_same_street_in_another_commune_is_another_door(office: Store) -> None:
    arrivals.arrived(office, hanh, replace(hanh, commune="20257"))
    assert len(arrivals.planned(office).stops) == 2


def test_a_stop_says_how_far_off_its_point_may_be(office: Store) -> None:
    arrivals.arrived(office, hanh)
    (stop,) = arrivals.planned(office).stops
    assert stop.lat is not None
    assert stop.uncertainty_m is not None
    assert stop.uncertainty_m > 500


def test_the_run_of_a_day_is_driven_by_the_postman_of_the_territory(office: Store) -> None:
    arrivals.arrived(office, hanh)
    planned = arrivals.planned(office)
    assert (planned.postman, planned.territory, planned.office) == ("buuta1", "551000-01", cast.OFFICE)


def test_somebody_may_stand_in_for_the_postman(office: Store) -> None:
    arrivals.arrived(office, hanh)
    planned = planning.plan_run(
        office,
        "551000-01",
        day=cast.today,
        postman="buuta2",
        by=cast.minh,
        at=cast.monday,
        below=arrivals.below(1),
    )
    assert planned.postman == "buuta2"


@pytest.mark.parametrize("postman", ["nobody-of-this-name", "lan"])
def test_a_run_needs_a_postman_who_can_sign(office: Store, postman: str) -> None:
    arrivals.arrived(office, hanh)
    with pytest.raises(run.NoPostman, match="Hải Châu"):
        planning.plan_run(
            office,
            "551000-01",
            day=cast.today,
            postman=postman,
            by=cast.minh,
            at=cast.monday,
            below=arrivals.below(1),
        )


def test_a_territory_without_a_postman_has_no_run(office: Store) -> None:
    coordinator = replace(cast.minh, roles=frozenset({Role.COORDINATOR}))
    with pytest.raises(run.NoPostman, match="Chọn bưu tá"):
        planning.plan_run(office, "564200-01", day=cast.today, by=coordinator, at=cast.monday, below=arrivals.below(1))


def test_a_disabled_postman_drives_nothing(office: Store) -> None:
    arrivals.arrived(office, hanh)
    with office.begin(at=cast.monday) as ledger:
        ledger.accounts.set_active("buuta1", is_active=False)
    with pytest.raises(run.NoPostman):
        arrivals.planned(office)


def test_a_run_without_results_is_not_planned(office: Store) -> None:
    with pytest.raises(run.NothingToDeliver):
        arrivals.planned(office)


def test_what_one_planned_run_has_no_second_run_takes(office: Store) -> None:
    first = arrivals.arrived(office, hanh)
    assert arrivals.planned(office).items == tuple(first)
    with pytest.raises(run.NothingToDeliver):
        arrivals.planned(office, seed=6)
    second = arrivals.arrived(office, tam, serial=20)
    assert arrivals.planned(office, seed=7).items == tuple(second)


def test_what_a_run_that_was_never_driven_had_is_planned_again_the_next_day(office: Store) -> None:
    codes = arrivals.arrived(office, hanh)
    arrivals.planned(office)
    again = planning.plan_run(
        office, "551000-01", day=TOMORROW, by=cast.minh, at=cast.after(days=1), below=arrivals.below(8)
    )
    assert again.items == tuple(codes)


def test_only_what_rests_at_the_office_for_a_door_is_planned(office: Store) -> None:
    on_the_road, kept, missing, ready = (
        arrivals.arrived(office, replace(hanh, address=f"{n} Quang Trung"), serial=n)[0] for n in range(1, 5)
    )
    collected = arrivals.sorted_in(office, [arrivals.for_the_counter(office)])
    custody.offer(office, [on_the_road], to=cast.transport, by=cast.hung, at=cast.monday, below=arrivals.below(4))
    invitations.hold_for_pickup(office, kept, until=TOMORROW, by=cast.hung, at=cast.monday)
    custody.report_missing(office, missing, by=cast.hung, at=cast.monday)
    planned = arrivals.planned(office)
    assert planned.items == (ready,)
    assert collected[0] not in planned.items


def test_another_day_that_was_asked_for_is_waited_for(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    (code,) = started.items
    miss(office, code, started.code, reason=AttemptReason.ANOTHER_DAY, next_on=date(2026, 11, 20))
    record = delivery.hand_back(office, started.code, by=binh, at=cast.after(hours=8), below=arrivals.below(3))
    assert record is not None
    custody.accept(office, record.code, by=cast.hung, at=cast.after(hours=8))
    with pytest.raises(run.NothingToDeliver):
        planning.plan_run(
            office, "551000-01", day=TOMORROW, by=cast.minh, at=cast.after(hours=9), below=arrivals.below(8)
        )
    friday = planning.plan_run(
        office, "551000-01", day=date(2026, 11, 20), by=cast.minh, at=cast.after(hours=9), below=arrivals.below(9)
    )
    assert friday.items == (code,)


def test_a_head_of_office_plans_for_the_own_office_and_the_coordinator_for_all(office: Store) -> None:
    arrivals.arrived(office, hanh)
    elsewhere = replace(cast.minh, place=cast.SMALL_OFFICE)
    how = {"day": cast.today, "at": cast.monday, "below": arrivals.below(1)}
    with pytest.raises(run.RunElsewhere, match="Bưu cục Trung tâm"):
        planning.plan_run(office, "551000-01", by=elsewhere, **how)  # type: ignore[arg-type]
    coordinator = replace(elsewhere, roles=frozenset({Role.COORDINATOR}))
    assert planning.plan_run(office, "551000-01", by=coordinator, **how).items  # type: ignore[arg-type]


def test_a_postman_plans_nothing(office: Store) -> None:
    with pytest.raises(Forbidden):
        planning.plan_run(office, "551000-01", day=cast.today, by=binh, at=cast.monday, below=arrivals.below(1))


def test_no_run_is_planned_for_a_day_gone_by(office: Store) -> None:
    arrivals.arrived(office, hanh)
    with pytest.raises(DayGone):
        planning.plan_run(
            office, "551000-01", day=date(2026, 11, 15), by=cast.minh, at=cast.monday, below=arrivals.below(1)
        )


# --- leaving ----------------------------------------------------------------------------------------------------------


def test_custody_passes_to_the_postman_when_he_signs_and_not_before(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    planned = arrivals.planned(office)
    delivery.hand_to_postman(office, planned.code, by=cast.hung, at=cast.monday, below=arrivals.below(3))
    assert item_of(office, code).custodian == cast.sorting
    with pytest.raises(run.NotSignedFor, match="còn 1 bưu gửi"):
        delivery.start_run(office, planned.code, by=binh, at=cast.monday)


def test_a_postman_does_not_leave_with_nothing(office: Store) -> None:
    arrivals.arrived(office, hanh)
    planned = arrivals.planned(office)
    with pytest.raises(run.NothingInHand):
        delivery.start_run(office, planned.code, by=binh, at=cast.monday)


def test_only_what_the_sorter_holds_is_handed_to_the_postman(office: Store) -> None:
    at_sorting, at_counter = arrivals.arrived(office, hanh, tam)
    record = custody.offer(office, [at_counter], to=cast.counter, by=cast.hung, at=cast.monday, below=arrivals.below(4))
    custody.accept(office, record.code, by=cast.lan, at=cast.monday)
    planned = arrivals.planned(office)
    assert set(planned.items) == {at_sorting, at_counter}
    handed = delivery.hand_to_postman(office, planned.code, by=cast.hung, at=cast.monday, below=arrivals.below(5))
    assert handed is not None
    assert handed.items == (at_sorting,)
    assert str(handed.receiver) == "Bưu tá Trương Công Bính"
    with pytest.raises(NothingToHandOver):
        delivery.hand_to_postman(office, planned.code, by=cast.hung, at=cast.monday, below=arrivals.below(6))


def test_where_sorter_and_postman_are_one_person_it_is_one_internal_step(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    planned = arrivals.planned(office)
    both = replace(binh, positions=frozenset({cast.sorting.key}), roles=frozenset({Role.POSTMAN, Role.SORTING}))
    assert delivery.hand_to_postman(office, planned.code, by=both, at=cast.monday, below=arrivals.below(5)) is None
    assert str(item_of(office, code).custodian) == arrivals.in_hand_of(binh)
    delivery.start_run(office, planned.code, by=both, at=cast.monday)
    assert delivery.hand_back(office, planned.code, by=both, at=cast.after(hours=8), below=arrivals.below(5)) is None
    assert item_of(office, code).custodian.key == cast.sorting.key


def test_another_office_hands_nothing_to_our_postman(office: Store) -> None:
    arrivals.arrived(office, hanh)
    planned = arrivals.planned(office)
    with pytest.raises(run.RunElsewhere):
        delivery.hand_to_postman(office, planned.code, by=cast.sen, at=cast.monday, below=arrivals.below(5))


def test_starting_tells_each_citizen_once_that_the_postman_comes(office: Store) -> None:
    arrivals.on_the_way(office, hanh, tam)
    assert sorted(notice.to for notice in told(office)) == [hanh.phone, tam.phone]
    assert all("hôm nay bưu tá đi phát" in notice.text for notice in told(office))


def test_the_dossier_says_out_for_delivery_while_the_postman_has_the_result(office: Store) -> None:
    (code,) = arrivals.on_the_way(office, hanh).items
    assert word_of(office, code) is Status.OUT_FOR_DELIVERY


def test_a_run_starts_on_its_day_and_by_its_postman(office: Store) -> None:
    arrivals.arrived(office, hanh)
    planned = arrivals.signed_for(office, arrivals.planned(office))
    with pytest.raises(run.NotPostman):
        delivery.start_run(office, planned.code, by=yen, at=cast.monday)
    with pytest.raises(NotNow, match="16/11/2026"):
        delivery.start_run(office, planned.code, by=binh, at=cast.after(days=1))


# --- at the door ------------------------------------------------------------------------------------------------------


def test_a_delivered_result_is_the_citizens_and_the_dossier_is_returned(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    (code,) = started.items
    delivered = give(office, code, started.code)
    assert delivered.custody is Custody.DELIVERED
    assert delivered.custodian.kind is CustodianKind.CITIZEN
    with office.begin(at=cast.monday) as ledger:
        dossier = ledger.dossier(delivered.dossier)
    assert (dossier.status, dossier.returned_at) == (AgencyStatus.RETURNED, cast.after(hours=1))
    assert word_of(office, code) is Status.DELIVERED
    assert [notice.fact for notice in told(office)].count("delivered") == 1


def test_the_proof_is_kept_sealed_and_the_event_has_only_its_number(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    (code,) = started.items
    give(office, code, started.code, proof=b"ink", media_type="image/jpeg")
    with office.read() as reader:
        (event,) = [e for _, _, _, e in reader.events([code]) if type(e).__name__ == "Delivered"]
        kept = reader.files.get(event.proof)  # type: ignore[attr-defined]
    assert kept is not None
    assert (kept.content, kept.media_type) == (b"ink", "image/jpeg")
    assert event.run == started.code  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"identity_checked": False}, item.NoIdentityCheck),
        ({"receiver": Receiver.DELEGATE}, item.NoAuthorisation),
        ({"receiver": Receiver.ORGANISATION}, item.NoAuthorisation),
        ({"proof": b""}, item.NoProof),
        ({"by": yen}, run.NotPostman),
        ({"by": cast.lan}, Forbidden),
    ],
)
def test_nothing_is_given_without_what_the_law_asks(
    office: Store, changed: dict[str, object], refusal: type[Exception]
) -> None:
    started = arrivals.on_the_way(office, hanh)
    (code,) = started.items
    with pytest.raises(refusal):
        give(office, code, started.code, **changed)
    assert str(item_of(office, code).custodian) == arrivals.in_hand_of(binh)
    assert word_of(office, code) is Status.OUT_FOR_DELIVERY
    with office.read() as reader:
        assert reader.scalar(select(func.count()).select_from(table_of(FileRow))) == 0


def test_a_delegate_with_paper_gets_it(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    (code,) = started.items
    delivered = give(office, code, started.code, receiver=Receiver.DELEGATE, authorisation_shown=True)
    assert delivered.custody is Custody.DELIVERED


def test_nothing_is_delivered_before_the_run_started_or_after_it_ended(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    planned = arrivals.signed_for(office, arrivals.planned(office))
    with pytest.raises(NotNow, match="chưa đi"):
        give(office, code, planned.code)
    delivery.start_run(office, planned.code, by=binh, at=cast.monday)
    give(office, code, planned.code)
    delivery.close_run(office, planned.code, by=binh, at=cast.after(hours=8))
    with pytest.raises(NotNow, match="đã kết thúc ngày"):
        give(office, code, planned.code)


def test_a_result_is_given_once(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    (code,) = started.items
    give(office, code, started.code)
    with pytest.raises(NotNow):
        give(office, code, started.code)


def test_what_was_not_planned_on_the_run_is_not_delivered_on_it(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    (stray,) = arrivals.arrived(office, tam, serial=30)
    record = custody.offer(
        office,
        [stray],
        to=item_of(office, started.items[0]).custodian,
        by=cast.hung,
        at=cast.monday,
        below=arrivals.below(3),
    )
    custody.accept(office, record.code, by=binh, at=cast.monday)
    with pytest.raises(run.NotOnRun):
        give(office, stray, started.code)


def test_papers_for_the_authority_are_not_delivered_to_the_citizen(office: Store) -> None:
    with office.begin(at=cast.monday) as ledger:
        ledger.begin(Item, cast.ITEM, cast.registered())
    with pytest.raises(NotForCitizen, match="Trung tâm Phục vụ hành chính công"):
        delivery.deliver_at_counter(
            office,
            cast.ITEM,
            receiver=Receiver.ADDRESSEE,
            identity_checked=True,
            authorisation_shown=False,
            proof=b"ink",
            media_type="image/png",
            by=cast.lan,
            at=cast.monday,
        )


def test_a_visit_in_vain_leaves_the_item_with_the_postman_and_says_so(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    (code,) = started.items
    missed = miss(office, code, started.code)
    assert (missed.attempts, missed.next_attempt_on) == (1, TOMORROW)
    assert str(missed.custodian) == arrivals.in_hand_of(binh)
    assert word_of(office, code) is Status.DELIVERY_FAILED
    give(office, code, started.code, at=cast.after(hours=3))
    assert word_of(office, code) is Status.DELIVERED


def test_the_next_visit_lies_ahead(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    with pytest.raises(DayGone, match="15/11/2026"):
        miss(office, started.items[0], started.code, next_on=date(2026, 11, 15))
    assert miss(office, started.items[0], started.code, next_on=cast.today).next_attempt_on == cast.today


def test_nobody_else_records_a_visit(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    with pytest.raises(run.NotPostman):
        miss(office, started.items[0], started.code, by=yen)


# --- the end of the day -----------------------------------------------------------------------------------------------


def test_a_day_ends_when_everything_left_was_signed_back_in(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, tam, vy)
    first, second, third = started.items
    give(office, first, started.code)
    miss(office, second, started.code)
    at = cast.after(hours=8)
    with pytest.raises(run.StillOnRun, match="còn 2 bưu gửi"):
        delivery.close_run(office, started.code, by=binh, at=at)
    record = delivery.hand_back(office, started.code, by=binh, at=at, below=arrivals.below(3))
    assert record is not None
    assert set(record.items) == {second, third}
    with pytest.raises(run.StillOnRun, match="còn 2 bưu gửi"):
        delivery.close_run(office, started.code, by=binh, at=at)
    custody.accept(office, record.code, by=cast.hung, at=at)
    closed = delivery.close_run(office, started.code, by=binh, at=at)
    assert (closed.state, closed.delivered, closed.returned) == (RunState.CLOSED, 1, 2)
    assert word_of(office, second) is Status.DELIVERY_FAILED
    assert word_of(office, third) is Status.RESULT_COLLECTED


def test_what_came_back_is_planned_for_the_next_day(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    miss(office, started.items[0], started.code)
    record = delivery.hand_back(office, started.code, by=binh, at=cast.after(hours=8), below=arrivals.below(3))
    assert record is not None
    custody.accept(office, record.code, by=cast.hung, at=cast.after(hours=8))
    delivery.close_run(office, started.code, by=binh, at=cast.after(hours=8))
    again = planning.plan_run(
        office, "551000-01", day=TOMORROW, by=cast.minh, at=cast.after(days=1), below=arrivals.below(8)
    )
    assert again.items == started.items


def test_a_postman_ends_only_his_own_day(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    with pytest.raises(run.NotPostman):
        delivery.hand_back(office, started.code, by=yen, at=cast.after(hours=8), below=arrivals.below(3))
    give(office, started.items[0], started.code)
    with pytest.raises(run.NotPostman):
        delivery.close_run(office, started.code, by=yen, at=cast.after(hours=8))


# --- at the office ----------------------------------------------------------------------------------------------------


def test_a_result_waits_at_the_office_and_the_citizen_is_invited(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    until = date(2026, 11, 20)
    held = invitations.hold_for_pickup(office, code, until=until, by=cast.hung, at=cast.monday)
    assert held.pickup_until == until
    assert word_of(office, code) is Status.AT_POST_OFFICE
    (notice,) = told(office)
    assert "mời đến Bưu cục Trung tâm Đà Nẵng nhận trước 20/11" in notice.text
    assert notice.about == code


def test_a_second_invitation_is_a_second_message(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    for days in (4, 9):
        until = cast.today + timedelta(days=days - 2 if days > 4 else days)
        invitations.hold_for_pickup(office, code, until=until, by=cast.hung, at=cast.after(days=days - 4))
    assert len(told(office)) == 2


def test_a_result_waits_only_where_it_was_sent(office: Store) -> None:
    (at_desk,) = arrivals.registered(office, hanh)
    head = replace(cast.minh, positions=frozenset({cast.commune_desk.key}))
    with pytest.raises(NotAtItsOffice, match="Bưu cục Trung tâm"):
        invitations.hold_for_pickup(office, at_desk.code, until=TOMORROW, by=head, at=cast.monday)


def test_a_result_in_the_postmans_hands_does_not_wait_at_the_office(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh)
    both = replace(binh, roles=frozenset({Role.POSTMAN, Role.SORTING}))
    with pytest.raises(NotAtItsOffice):
        invitations.hold_for_pickup(office, started.items[0], until=TOMORROW, by=both, at=cast.monday)


def test_the_desk_does_not_hold_results_for_the_post(office: Store) -> None:
    (at_desk,) = arrivals.registered(office, hanh)
    with pytest.raises(Forbidden):
        invitations.hold_for_pickup(office, at_desk.code, until=TOMORROW, by=cast.xuan, at=cast.monday)


def test_an_invitation_for_yesterday_is_none(office: Store) -> None:
    (code,) = arrivals.arrived(office, hanh)
    with pytest.raises(DayGone):
        invitations.hold_for_pickup(office, code, until=date(2026, 11, 15), by=cast.hung, at=cast.monday)


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"identity_checked": False}, item.NoIdentityCheck),
        ({"receiver": Receiver.DELEGATE}, item.NoAuthorisation),
        ({"proof": b""}, item.NoProof),
        ({"by": cast.hung}, Forbidden),
        ({"by": cast.minh}, item.NotCustodian),
    ],
)
def test_the_counter_gives_by_the_same_rules_as_the_door(
    office: Store, changed: dict[str, object], refusal: type[Exception]
) -> None:
    (code,) = arrivals.sorted_in(office, [arrivals.for_the_counter(office)])
    record = custody.offer(office, [code], to=cast.counter, by=cast.hung, at=cast.monday, below=arrivals.below(4))
    custody.accept(office, record.code, by=cast.lan, at=cast.monday)
    invitations.hold_for_pickup(office, code, until=TOMORROW, by=cast.lan, at=cast.monday)
    how = {
        "receiver": Receiver.ADDRESSEE,
        "identity_checked": True,
        "authorisation_shown": False,
        "proof": b"ink",
        "media_type": "image/png",
        "by": cast.lan,
        "at": cast.after(days=1),
    }
    with pytest.raises(refusal):
        delivery.deliver_at_counter(office, code, **{**how, **changed})  # type: ignore[arg-type]
    assert word_of(office, code) is Status.AT_POST_OFFICE
    delivery.deliver_at_counter(office, code, **how)  # type: ignore[arg-type]
    assert word_of(office, code) is Status.DELIVERED


def test_the_whole_of_a_run_replays_to_what_is_kept(office: Store) -> None:
    started = arrivals.on_the_way(office, hanh, tam)
    give(office, started.items[0], started.code)
    with office.read() as reader:
        kept = reader.thing(DeliveryRun, started.code)
        happened = [event for _, _, _, event in reader.events([started.code])]
    assert run.replay(started.code, happened) == kept


def test_navigation_carries_points_and_communes_and_nobody(office: Store) -> None:
    planned = (arrivals.arrived(office, hanh, tam), arrivals.planned(office))[1]
    gpx = navigation.of_run(office, planned.code, kind="gpx")
    assert gpx.count("<rtept") == len(planned.stops) + 2
    assert "Phường Hải Châu" in gpx
    assert hanh.name not in gpx
    assert "Bạch Đằng" not in gpx
