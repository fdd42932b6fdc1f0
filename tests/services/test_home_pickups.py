"""Papers fetched at the door: who may be promised a visit, what the postman takes on, and one end for each visit."""

import random
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from postal.domain import events, status
from postal.domain.calendars import VIETNAM
from postal.domain.codes import CodeKind
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import AttemptReason, Evidence, ItemKind, ReceptionMode, Service
from postal.domain.home_pickup import (
    HomePickup,
    NothingToFetch,
    PickupExists,
    PickupOnDayOff,
    PickupState,
    WrongWindow,
)
from postal.domain.item import Item, NoProof, NotSealed
from postal.domain.lifecycle import LabelBound, NotNow, Overtaken
from postal.domain.permissions import Forbidden
from postal.domain.places import OutsideEveryTerritory
from postal.domain.run import DayGone
from postal.domain.supplements import AskedPaper, NotAskedFor
from postal.services import agency, custody, home_pickups, registration, supplements
from postal.services.agency import NotCompetent
from postal.services.arranging import NoDoor
from postal.services.home_pickups import MissingAtDoor, NoCancelReason
from postal.services.registration import FetchedOnlyToBeSent, NoPapers, NotYetHere, PaperEntry
from postal.services.supplements import BroughtPaper
from postal.store import Store
from postal.store.registers import RequestMismatch
from tests import cast
from tests.services.test_registration import BIRTH_NOTICE, DECLARATION, form

Below = Callable[[int], int]

TUESDAY = date(2026, 11, 17)
SUNDAY = date(2026, 11, 22)
LISTED = (replace(DECLARATION, originals=0), replace(BIRTH_NOTICE, originals=0))
"""The papers as the clerk lists them on the phone: names, nothing counted."""


@pytest.fixture
def below() -> Below:
    return random.Random(11).randrange


def by_phone(store: Store, below: Below, **changes: Any) -> registration.AtCounter:
    """Register a dossier whose papers are still at the sender's home."""
    given: dict[str, Any] = {"papers": LISTED, "seal": "", "weight_g": None, "pickup_on": TUESDAY}
    return registration.register(store, form(**{**given, **changes}), by=cast.lan, at=cast.monday, below=below)


ASKED = (AskedPaper(name="Giấy xác nhận cư trú"), AskedPaper(name="Ảnh chân dung"))


def asked_for_more(store: Store, below: Below) -> str:
    """Return a dossier whose desk asked for two more papers."""
    made = registration.register(store, form(), by=cast.lan, at=cast.monday, below=below)
    assert made.item is not None
    record = custody.offer(store, [made.item.code], to=cast.commune_desk, by=cast.lan, at=cast.monday, below=below)
    custody.accept(store, record.code, by=cast.xuan, at=cast.after(hours=1))
    until = date(2026, 11, 30)
    agency.ask_supplement(store, made.dossier.code, papers=ASKED, due_on=until, by=cast.xuan, at=cast.after(hours=2))
    return made.dossier.code


def ask(store: Store, dossier: str, below: Below, **changes: Any) -> HomePickup:
    given: dict[str, Any] = {"day": TUESDAY, "by": cast.lan, "at": cast.after(hours=3), "below": below}
    return home_pickups.ask(store, dossier=dossier, **{**given, **changes})


def make(store: Store, pickup: str, below: Below, **changes: Any) -> Item:
    given: dict[str, Any] = {
        "run": cast.RUN,
        "papers": (DECLARATION, BIRTH_NOTICE),
        "seal": "770001",
        "proof_id": "ab" * 32,
        "by": cast.nam,
        "at": cast.after(days=1),
        "below": below,
    }
    with store.begin(at=cast.after(days=1)) as ledger:
        return home_pickups.make(ledger, ledger.home_pickup(pickup), **{**given, **changes})


def pickup_of(store: Store, code: str) -> HomePickup:
    with store.begin(at=cast.monday) as ledger:
        return ledger.home_pickup(code)


def word_of(store: Store, dossier: str) -> status.Status:
    with store.begin(at=cast.monday) as ledger:
        return status.word(ledger.dossier(dossier), ledger.items_of(dossier))


def told(store: Store, dossier: str) -> list[str]:
    with store.read(at=cast.after(days=30)) as reader:
        return [notice.fact.split("_")[0] for notice in reader.notices.due(limit=99) if notice.dossier == dossier]


# --- a promise --------------------------------------------------------------------------------------------------------


def test_a_dossier_registered_on_the_phone_has_no_envelope_and_no_promised_day_until_its_papers_are_fetched(
    seeded: Store, below: Below
) -> None:
    made = by_phone(seeded, below)
    assert (made.item, made.dossier.expected_at_desk_on, made.dossier.lane) == (None, None, "")
    assert made.pickup is not None
    assert (made.pickup.state, made.pickup.day, made.pickup.kind) == (PickupState.ASKED, TUESDAY, ItemKind.OUTBOUND)
    assert (made.pickup.office, made.pickup.commune) == (cast.OFFICE, "20242")
    assert word_of(seeded, made.dossier.code) is status.Status.AWAITING_PAPERS
    assert "pickup" in told(seeded, made.dossier.code)


def test_the_same_form_sent_twice_is_one_dossier_with_one_visit(seeded: Store, below: Below) -> None:
    first = by_phone(seeded, below, request="r-1")
    again = by_phone(seeded, below, request="r-1")
    assert (again.dossier.code, again.pickup) == (first.dossier.code, first.pickup)


@pytest.mark.parametrize(
    "already", [{"seal": "881245"}, {"weight_g": 120}, {"papers": (DECLARATION,)}, {"label": "P3FHJ8QXV9"}]
)
def test_what_is_still_at_home_cannot_be_counted_weighed_or_sealed(
    seeded: Store, below: Below, already: dict[str, Any]
) -> None:
    with pytest.raises(NotYetHere):
        by_phone(seeded, below, **already)


@pytest.mark.parametrize(
    "service",
    [
        {"service": Service.RECEIVE, "papers": (), "official_code": "H48.17-261116-0001"},
        {"mode": ReceptionMode.B, "official_code": "H48.17-261116-0001"},
    ],
)
def test_a_postman_fetches_only_what_the_post_sends_to_a_desk(
    seeded: Store, below: Below, service: dict[str, Any]
) -> None:
    with pytest.raises(FetchedOnlyToBeSent):
        by_phone(seeded, below, **service)


def test_papers_that_were_asked_for_later_are_fetched_too(seeded: Store, below: Below) -> None:
    dossier = asked_for_more(seeded, below)
    opens, closes = datetime(2026, 11, 17, 8, tzinfo=VIETNAM), datetime(2026, 11, 17, 10, tzinfo=VIETNAM)
    pickup = ask(seeded, dossier, below, opens_at=opens, closes_at=closes, note="nhà cuối ngõ")
    assert (pickup.kind, pickup.opens_at, pickup.closes_at) == (ItemKind.SUPPLEMENT, opens, closes)
    with seeded.begin(at=cast.monday) as ledger:
        assert ledger.texts.get([pickup.note]) == {pickup.note: "nhà cuối ngõ"}
        assert [due.code for due in ledger.home_pickups_due(cast.OFFICE, on=TUESDAY)] == [pickup.code]


def test_nobody_is_sent_out_on_a_day_off_and_the_next_working_day_is_named(seeded: Store, below: Below) -> None:
    with pytest.raises(PickupOnDayOff, match="23/11/2026"):
        ask(seeded, asked_for_more(seeded, below), below, day=SUNDAY)


def test_nobody_is_sent_out_on_a_day_that_has_passed(seeded: Store, below: Below) -> None:
    with pytest.raises(DayGone):
        ask(seeded, asked_for_more(seeded, below), below, day=date(2026, 11, 13))


@pytest.mark.parametrize(
    ("opens", "closes"),
    [((17, 10), (17, 8)), ((18, 8), (18, 10)), ((17, 8), None), (None, (17, 8)), ((17, 8), (17, 8))],
)
def test_a_promised_window_lies_within_its_day_and_begins_before_it_ends(
    seeded: Store, below: Below, opens: tuple[int, int] | None, closes: tuple[int, int] | None
) -> None:
    window = [datetime(2026, 11, *end, tzinfo=VIETNAM) if end else None for end in (opens, closes)]
    with pytest.raises(WrongWindow):
        ask(seeded, asked_for_more(seeded, below), below, opens_at=window[0], closes_at=window[1])


def test_a_promised_window_is_not_over_yet(seeded: Store, below: Below) -> None:
    dossier = asked_for_more(seeded, below)
    window = {"opens_at": cast.after(hours=1), "closes_at": cast.after(hours=2)}
    with pytest.raises(WrongWindow):
        ask(seeded, dossier, below, day=cast.today, **window)


def test_an_address_outside_every_territory_is_refused_by_name(seeded: Store, below: Below) -> None:
    far = replace(cast.khanh, commune="25270")
    with pytest.raises(OutsideEveryTerritory, match="Lộc Ninh"):
        by_phone(seeded, below, sender=far)
    assert_nothing_kept(seeded)


def assert_nothing_kept(store: Store) -> None:
    with store.begin(at=cast.monday) as ledger:
        assert ledger.home_pickups_due(cast.OFFICE, on=date(2030, 1, 1)) == []


def test_a_sender_without_an_address_is_asked_to_come(seeded: Store, below: Below) -> None:
    with pytest.raises(NoDoor):
        by_phone(seeded, below, sender=replace(cast.khanh, address=""))


def test_a_dossier_that_waits_for_nothing_gets_no_visit(seeded: Store, below: Below) -> None:
    made = registration.register(seeded, form(), by=cast.lan, at=cast.monday, below=below)
    with pytest.raises(NothingToFetch, match="Mới đăng ký"):
        ask(seeded, made.dossier.code, below)


def test_a_second_visit_is_not_promised_while_one_is(seeded: Store, below: Below) -> None:
    dossier = asked_for_more(seeded, below)
    first = ask(seeded, dossier, below, request="r-1")
    assert ask(seeded, dossier, below, request="r-1") == first
    with pytest.raises(RequestMismatch):
        ask(seeded, dossier, below, request="r-1", day=date(2026, 11, 18))
    with pytest.raises(PickupExists, match="17/11/2026"):
        ask(seeded, dossier, below, request="r-2")


def test_who_may_not_arrange_visits_arranges_none(seeded: Store, below: Below) -> None:
    dossier = asked_for_more(seeded, below)
    with pytest.raises(Forbidden):
        ask(seeded, dossier, below, by=cast.hung)
    with pytest.raises(Forbidden):
        home_pickups.cancel(seeded, ask(seeded, dossier, below).code, reason="x", by=cast.nam, at=cast.after(hours=4))


# --- at the door ------------------------------------------------------------------------------------------------------


def test_the_postman_answers_for_the_envelope_from_the_moment_he_took_it(seeded: Store, below: Below) -> None:
    made = by_phone(seeded, below)
    assert made.pickup
    envelope = make(seeded, made.pickup.code, below, weight_g=90)
    assert envelope.custodian.is_same_as(cast.nam_on_his_run)
    assert (envelope.kind, envelope.seal, envelope.weight_g) == (ItemKind.OUTBOUND, "770001", 90)
    assert envelope.destination.place == cast.COMMUNE_DESK
    assert [paper.originals for paper in envelope.papers] == [1, 1]
    fetched = pickup_of(seeded, made.pickup.code)
    assert (fetched.state, fetched.item) == (PickupState.MADE, envelope.code)
    assert word_of(seeded, made.dossier.code) is status.Status.ACCEPTED
    assert "fetched" in told(seeded, made.dossier.code)


def test_what_was_fetched_goes_on_from_the_office_like_anything_else(seeded: Store, below: Below) -> None:
    made = by_phone(seeded, below)
    assert made.pickup
    envelope = make(seeded, made.pickup.code, below)
    back = custody.offer(seeded, [envelope.code], to=cast.sorting, by=cast.nam, at=cast.after(days=1), below=below)
    custody.accept(seeded, back.code, by=cast.hung, at=cast.after(days=1, hours=1))
    on = custody.offer(seeded, [envelope.code], to=cast.transport, by=cast.hung, at=cast.after(days=1), below=below)
    custody.accept(seeded, on.code, by=cast.tai, at=cast.after(days=1, hours=2))
    with seeded.begin(at=cast.monday) as ledger:
        moved = ledger.item(envelope.code)
    assert (moved.custodian.key, moved.has_left, moved.evidence) == (cast.transport.key, True, Evidence.A)
    assert word_of(seeded, made.dossier.code) is status.Status.DEPARTED


def test_papers_of_a_supplement_answer_the_lines_of_the_request_and_may_come_in_parts(
    seeded: Store, below: Below
) -> None:
    dossier = asked_for_more(seeded, below)
    pickup = ask(seeded, dossier, below)
    envelope = make(seeded, pickup.code, below, papers=(PaperEntry(name="ảnh chân dung", copies=2),))
    assert envelope.kind is ItemKind.SUPPLEMENT
    assert [(paper.line, paper.asked, paper.copies) for paper in envelope.papers] == [(1, 2, 2)]
    rest = ask(seeded, dossier, below, at=cast.after(days=1, hours=1), day=date(2026, 11, 18))
    with pytest.raises(NotAskedFor):
        make(seeded, rest.code, below, papers=(PaperEntry(name="Ảnh chân dung", copies=2),))
    with pytest.raises(NotAskedFor):
        make(seeded, rest.code, below, papers=(PaperEntry(name="Sổ đỏ", originals=1),))
    make(seeded, rest.code, below, papers=(PaperEntry(name="Giấy xác nhận cư trú", originals=1),))
    with pytest.raises(NothingToFetch):
        ask(seeded, dossier, below, at=cast.after(days=1, hours=2), day=date(2026, 11, 19))


def test_first_papers_that_lack_something_stay_at_home(seeded: Store, below: Below) -> None:
    pickup = by_phone(seeded, below).pickup
    assert pickup
    with pytest.raises(MissingAtDoor, match="Giấy chứng sinh"):
        make(seeded, pickup.code, below, papers=(DECLARATION,))
    with pytest.raises(NoPapers):
        make(seeded, pickup.code, below, papers=LISTED)
    assert pickup_of(seeded, pickup.code).state is PickupState.ASKED


def test_an_envelope_leaves_the_door_sealed_and_with_a_proof(seeded: Store, below: Below) -> None:
    pickup = by_phone(seeded, below).pickup
    assert pickup
    with pytest.raises(NotSealed):
        make(seeded, pickup.code, below, seal="")
    with pytest.raises(NoProof):
        make(seeded, pickup.code, below, proof_id="")
    label = next(cast.codes_of(CodeKind.ITEM))
    assert make(seeded, pickup.code, below, label=label).code == label
    other = by_phone(seeded, below).pickup
    assert other
    with pytest.raises(LabelBound):
        make(seeded, other.code, below, label=label)
    assert pickup_of(seeded, other.code).state is PickupState.ASKED


def test_a_visit_that_found_nobody_is_tried_again_on_a_working_day(seeded: Store, below: Below) -> None:
    pickup = by_phone(seeded, below).pickup
    assert pickup
    friday = cast.after(days=4)
    with seeded.begin(at=friday) as ledger:
        given: dict[str, Any] = {"run": cast.RUN, "reason": AttemptReason.NOBODY_THERE, "by": cast.nam, "at": friday}
        with pytest.raises(PickupOnDayOff):
            home_pickups.fail(ledger, ledger.home_pickup(pickup.code), next_on=SUNDAY, **given)
        failed = home_pickups.fail(ledger, ledger.home_pickup(pickup.code), **given)
    assert (failed.state, failed.day, failed.attempts) == (PickupState.ASKED, date(2026, 11, 23), 1)


# --- one end ----------------------------------------------------------------------------------------------------------


def test_a_cancelled_visit_frees_the_dossier_for_another(seeded: Store, below: Below) -> None:
    dossier = asked_for_more(seeded, below)
    first = ask(seeded, dossier, below)
    with pytest.raises(NoCancelReason):
        home_pickups.cancel(seeded, first.code, reason="", by=cast.lan, at=cast.after(hours=4))
    home_pickups.cancel(seeded, first.code, reason="khách tự mang đến", by=cast.lan, at=cast.after(hours=4))
    with pytest.raises(NotNow):
        make(seeded, first.code, below)
    assert ask(seeded, dossier, below).state is PickupState.ASKED


@pytest.mark.parametrize("end", [agency.withdraw, agency.stop, agency.refuse], ids=lambda end: end.__name__)
def test_no_postman_goes_for_papers_of_a_dossier_that_has_ended(seeded: Store, below: Below, end: Any) -> None:
    dossier = asked_for_more(seeded, below)
    pickup = ask(seeded, dossier, below)
    end(seeded, dossier, reason="khách đổi ý", by=cast.xuan, at=cast.after(hours=4))
    with seeded.begin(at=cast.after(hours=5)) as ledger:
        assert ledger.home_pickup(pickup.code).state is PickupState.CANCELLED
        told = {notice.fact for notice in ledger.notices.due(limit=50)}
    assert f"pickup_off_{pickup.code}" in told


def test_no_postman_goes_for_papers_that_were_brought_to_a_counter_meanwhile(seeded: Store, below: Below) -> None:
    dossier = asked_for_more(seeded, below)
    pickup = ask(seeded, dossier, below)
    for line, state in ((1, PickupState.ASKED), (2, PickupState.CANCELLED)):
        brought = [BroughtPaper(asked=line, originals=1)]
        supplements.take_in(seeded, dossier, brought, by=cast.lan, at=cast.after(hours=4), below=below)
        with seeded.begin(at=cast.after(hours=5)) as ledger:
            assert ledger.home_pickup(pickup.code).state is state


def test_an_office_that_has_no_part_in_a_visit_cannot_cancel_it(seeded: Store, below: Below) -> None:
    pickup = by_phone(seeded, below).pickup
    assert pickup is not None
    with pytest.raises(NotCompetent):
        home_pickups.cancel(seeded, pickup.code, reason="nhầm", by=cast.sen, at=cast.after(hours=1))
    with seeded.begin(at=cast.monday) as ledger:
        assert ledger.home_pickup(pickup.code).state is PickupState.ASKED


def test_a_dossier_taken_back_sends_no_postman(seeded: Store, below: Below) -> None:
    made = by_phone(seeded, below, postage=0)
    assert made.pickup
    registration.void(seeded, made.dossier.code, reason="khách đổi ý", by=cast.lan, at=cast.after(hours=1))
    assert pickup_of(seeded, made.pickup.code).state is PickupState.CANCELLED


def test_what_is_no_longer_waited_for_is_not_fetched(seeded: Store, below: Below) -> None:
    dossier = asked_for_more(seeded, below)
    pickup = ask(seeded, dossier, below)
    with seeded.begin(at=cast.monday) as ledger:
        case = ledger.dossier(dossier)
        ledger.append(case, _withdrawn(case))
    with pytest.raises(NothingToFetch):
        make(seeded, pickup.code, below, papers=(PaperEntry(name="Ảnh", copies=1),))


def _withdrawn(case: Dossier) -> events.WithdrawnByCitizen:
    assert case.status is AgencyStatus.SUPPLEMENT
    return events.WithdrawnByCitizen(reason="", by=cast.xuan.as_author(), occurred_at=cast.after(hours=5))


def test_one_who_cancels_and_one_who_takes_the_papers_at_once_have_one_winner(seeded: Store, below: Below) -> None:
    pickups = [by_phone(seeded, below).pickup for _ in range(12)]
    start = threading.Barrier(2)
    outcomes: dict[str, list[bool]] = {"cancel": [], "make": []}

    def race(name: str, act: Callable[[str], object], order: list[str]) -> None:
        for code in order:
            start.wait()
            try:
                act(code)
            except (NotNow, Overtaken):
                outcomes[name].append(False)
            else:
                outcomes[name].append(True)

    codes = [pickup.code for pickup in pickups if pickup]
    draws = random.Random(5).randrange
    at = cast.after(days=1)
    threads = [
        threading.Thread(
            target=race,
            args=("cancel", lambda c: home_pickups.cancel(seeded, c, reason="x", by=cast.lan, at=at), codes),
        ),
        threading.Thread(target=race, args=("make", lambda c: make(seeded, c, draws), codes)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a + b for a, b in zip(outcomes["cancel"], outcomes["make"], strict=True)] == [1] * len(codes)
    for code, was_made in zip(codes, outcomes["make"], strict=True):
        end = pickup_of(seeded, code)
        assert end.state is (PickupState.MADE if was_made else PickupState.CANCELLED)
        assert bool(end.item) == was_made


def test_two_counters_that_promise_the_same_visit_at_once_promise_one(seeded: Store, below: Below) -> None:
    dossiers = [asked_for_more(seeded, below) for _ in range(6)]
    start = threading.Barrier(2)
    promised: list[str] = []

    def promise(seed: int) -> None:
        draws = random.Random(seed).randrange
        for dossier in dossiers:
            start.wait()
            try:
                promised.append(ask(seeded, dossier, draws).dossier)
            except (PickupExists, Overtaken):
                continue

    threads = [threading.Thread(target=promise, args=(seed,)) for seed in (21, 22)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(promised) == sorted(dossiers)
