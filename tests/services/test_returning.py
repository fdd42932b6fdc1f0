"""Back to the authority: on lawful grounds only, with everything, and never past a citizen who comes in time."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest

from postal.domain import item, run
from postal.domain.dossier import AgencyStatus, Dossier
from postal.domain.events import DeclaredUndeliverable, Delivered, Event, Ground, Receiver
from postal.domain.item import Custody, Item
from postal.domain.lifecycle import NotNow, Overtaken
from postal.domain.people import Actor
from postal.domain.permissions import Forbidden
from postal.domain.places import NoSuccessor
from postal.domain.refusals import Refused
from postal.services import custody, delivery, invitations, results, returning
from postal.services.results import ResultEntry
from postal.services.returning import NoRefusalRecord
from postal.store import Store
from postal.store.registers import Notice
from tests import arrivals, cast
from tests.arrivals import hanh, tam

FRIDAY = cast.after(days=4)
WEDNESDAY = cast.after(days=9)
OVER = cast.after(days=16)
"""Wednesday 2/12/2026, the day after the time of both invitations ran out."""

PICKED = [Ground.ADDRESS, Ground.MOVED, Ground.NOT_FOUND, Ground.REFUSED]
RECORD = "Lê Thị Hạnh, căn cước 048190000016, đã ký biên bản"


@pytest.fixture
def office(seeded: Store) -> Store:
    """Return a store with the postmen of the central office."""
    arrivals.keep_postmen(seeded)
    return seeded


def waiting(store: Store, *, times: int = 2, serial: int = 1) -> str:
    """Return a result at Lan's counter whose citizen was invited so many times, until 1/12/2026."""
    (code,) = arrivals.arrived(store, hanh, serial=serial)
    below = arrivals.below(f"counter {serial}")
    record = custody.offer(store, [code], to=cast.counter, by=cast.hung, at=cast.monday, below=below)
    custody.accept(store, record.code, by=cast.lan, at=cast.monday)
    for at in (FRIDAY, WEDNESDAY)[:times]:
        invitations.hold_for_pickup(store, code, until=date(2026, 12, 1), by=cast.lan, at=at)
    return code


def waiting_from_the_centre(store: Store) -> str:
    """Return a result of the provincial centre at Lan's counter, twice invited for."""
    entry = ResultEntry(code="H48-261101-0009", papers=(), seal="881009", receiver=tam)
    (made,) = results.register_results(store, [entry], by=cast.hoa, at=cast.monday, below=arrivals.below(90))
    record = custody.offer(store, [made.code], to=cast.counter, by=cast.hoa, at=cast.monday, below=arrivals.below(91))
    custody.accept(store, record.code, by=cast.lan, at=cast.monday)
    for at in (FRIDAY, WEDNESDAY):
        invitations.hold_for_pickup(store, made.code, until=date(2026, 12, 1), by=cast.lan, at=at)
    return made.code


def declared(store: Store, code: str, ground: Ground, **changed: object) -> Item:
    """Declare an item undeliverable as it should be done, but for what is changed."""
    how = {
        "reason": "Hàng xóm nói đã dọn đi",
        "record": RECORD if ground is Ground.REFUSED else "",
        "by": cast.lan,
        "at": WEDNESDAY,
        **changed,
    }
    return returning.declare_undeliverable(store, code, ground=ground, **how)  # type: ignore[arg-type]


def given(store: Store, code: str, *, at: datetime = OVER, by: Actor = cast.lan) -> Item:
    return delivery.deliver_at_counter(
        store,
        code,
        receiver=Receiver.ADDRESSEE,
        identity_checked=True,
        authorisation_shown=False,
        proof=b"a signature",
        media_type="image/png",
        by=by,
        at=at,
    )


def merge(store: Store, old: str, *, into: str, last_day: date = date(2026, 11, 20)) -> None:
    """Let an authority end, continued by another one if `into` names it."""
    with store.begin(at=FRIDAY) as ledger:
        place = ledger.reference.place(old)
        ledger.reference.put_place(replace(place, valid_to=last_day, successor=into))


def item_of(store: Store, code: str) -> Item:
    with store.read() as reader:
        found = reader.thing(Item, code)
    assert found is not None
    return found


def dossier_of(store: Store, code: str) -> Dossier:
    with store.read() as reader:
        found = reader.thing(Dossier, item_of(store, code).dossier)
    assert found is not None
    return found


def kinds_of(store: Store, code: str) -> list[str]:
    with store.read() as reader:
        return [type(event).__name__ for _, _, _, event in reader.events([code])]


def told(store: Store) -> list[Notice]:
    with store.read(at=cast.after(days=40)) as reader:
        return [notice for notice in reader.notices.due(limit=99) if notice.fact.startswith("sent_back")]


# --- grounds ----------------------------------------------------------------------------------------------------------


def test_after_two_invitations_whose_time_is_over_a_result_goes_back_without_another_reason(office: Store) -> None:
    code = waiting(office)
    back = declared(office, code, Ground.TWO_INVITATIONS, reason="", at=OVER)
    assert (back.goes_back, back.custodian, back.destination.place) == (True, cast.counter, cast.COMMUNE_DESK)


@pytest.mark.parametrize(("times", "at"), [(1, OVER), (2, WEDNESDAY), (2, cast.after(days=15))])
def test_two_invitations_are_derived_and_never_picked(office: Store, times: int, at: datetime) -> None:
    code = waiting(office, times=times)
    with pytest.raises(item.GroundNotPicked):
        declared(office, code, Ground.TWO_INVITATIONS, at=at)
    assert not item_of(office, code).goes_back


@pytest.mark.parametrize("ground", PICKED)
def test_the_other_grounds_say_what_happened_and_the_words_are_sealed(office: Store, ground: Ground) -> None:
    code = waiting(office, times=0)
    with pytest.raises((item.NoGroundReason, NoRefusalRecord)):
        declared(office, code, ground, reason=" ", record="")
    back = declared(office, code, ground)
    assert (back.ground, back.goes_back) == (ground, True)


def test_a_refusal_is_recorded_with_who_refused_and_his_signature(office: Store) -> None:
    code = waiting(office, times=0)
    with pytest.raises(NoRefusalRecord, match="không chịu ký thì ghi rõ"):
        declared(office, code, Ground.REFUSED, record="")
    declared(office, code, Ground.REFUSED)
    with office.read() as reader:
        (event,) = [e for _, _, _, e in reader.events([code]) if isinstance(e, DeclaredUndeliverable)]
        assert RECORD in reader.texts.get([event.reason])[event.reason]
    assert "048190000016" not in repr(event)


def test_nothing_is_sent_back_by_who_may_not_or_does_not_hold_it(office: Store) -> None:
    code = waiting(office)
    with pytest.raises(Forbidden):
        declared(office, code, Ground.MOVED, by=cast.tai)
    with pytest.raises(item.NotCustodian):
        declared(office, code, Ground.MOVED, by=cast.hung)
    with pytest.raises(item.NotCustodian):
        declared(office, code, Ground.MOVED, by=cast.sen)


def test_papers_for_the_authority_are_not_declared_undeliverable(office: Store) -> None:
    (at_desk,) = arrivals.registered(office, hanh)
    head = replace(cast.minh, positions=frozenset({cast.commune_desk.key}))
    with pytest.raises(run.NotAtItsOffice):
        declared(office, at_desk.code, Ground.MOVED, by=head)


def test_what_goes_back_is_declared_once_and_the_citizen_told_once(office: Store) -> None:
    code = waiting(office)
    declared(office, code, Ground.MOVED)
    with pytest.raises(item.GoesBack):
        declared(office, code, Ground.TWO_INVITATIONS, at=OVER)
    (notice,) = told(office)
    assert (notice.about, "bưu điện trả lại" in notice.text) == (code, True)


# --- everything at once, and the way to the desk ----------------------------------------------------------------------


def test_everything_that_is_due_at_an_office_goes_back_at_once(office: Store) -> None:
    due, also_due, invited_once = waiting(office), waiting(office, serial=20), waiting(office, times=1, serial=30)
    done = returning.send_back_all(office, cast.OFFICE, by=cast.lan, at=OVER)
    assert ({each.code for each in done.items}, done.refused) == ({due, also_due}, ())
    assert not item_of(office, invited_once).goes_back
    assert returning.send_back_all(office, cast.OFFICE, by=cast.lan, at=OVER).items == ()


def test_only_the_own_office_and_what_one_holds_is_sent_back(office: Store) -> None:
    waiting(office)
    assert returning.send_back_all(office, cast.OFFICE, by=cast.hung, at=OVER).items == ()
    with pytest.raises(run.NotOwnOffice):
        returning.send_back_all(office, cast.OFFICE, by=cast.sen, at=OVER)


def test_the_ordinary_hand_over_brings_it_to_the_desk_and_the_case_is_with_the_authority_again(office: Store) -> None:
    code = waiting(office)
    returning.send_back_all(office, cast.OFFICE, by=cast.lan, at=OVER)
    out = custody.offer(office, [code], to=cast.transport, by=cast.lan, at=OVER, below=arrivals.below(51))
    custody.accept(office, out.code, by=cast.tai, at=OVER)
    there = custody.offer(office, [code], to=cast.commune_desk, by=cast.tai, at=OVER, below=arrivals.below(52))
    custody.accept(office, there.code, by=cast.xuan, at=OVER)
    back = item_of(office, code)
    assert (back.custodian, back.is_at_destination, back.goes_back) == (cast.commune_desk, True, True)
    assert dossier_of(office, code).status is AgencyStatus.RESOLVED, "only the authority moves its own status"


def test_the_desk_may_still_give_what_came_back_to_it(office: Store) -> None:
    code = waiting(office)
    declared(office, code, Ground.MOVED)
    out = custody.offer(office, [code], to=cast.commune_desk, by=cast.lan, at=OVER, below=arrivals.below(51))
    custody.accept(office, out.code, by=cast.xuan, at=OVER)
    assert given(office, code, by=cast.xuan).custody is Custody.DELIVERED


# --- the citizen who comes late ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_declared", [False, True])
def test_who_comes_after_the_time_ran_out_still_gets_it_while_it_is_here(office: Store, is_declared: bool) -> None:
    code = waiting(office)
    if is_declared:
        declared(office, code, Ground.TWO_INVITATIONS, reason="", at=OVER)
    got = given(office, code, at=cast.after(days=17))
    assert (got.custody, got.goes_back, got.destination.place) == (Custody.DELIVERED, False, cast.OFFICE)
    assert dossier_of(office, code).status is AgencyStatus.RETURNED


def test_once_it_left_the_office_it_is_not_given_and_the_sentence_names_who_has_it(office: Store) -> None:
    code = waiting(office)
    declared(office, code, Ground.MOVED)
    record = custody.offer(office, [code], to=cast.transport, by=cast.lan, at=OVER, below=arrivals.below(51))
    with pytest.raises(NotNow):
        given(office, code)
    custody.accept(office, record.code, by=cast.tai, at=OVER)
    driver_at_counter = replace(cast.lan, positions=frozenset({cast.transport.key}))
    with pytest.raises(run.GoneBack, match=r"nay do .* giữ. Mời người dân hỏi Trung tâm Phục vụ hành chính công"):
        given(office, code, by=driver_at_counter)


def race(*steps: Callable[[], object]) -> list[BaseException | None]:
    """Let steps go at one moment; return how each ended."""
    ends: list[BaseException | None] = [None] * len(steps)
    barrier = threading.Barrier(len(steps))

    def go(number: int, step: Callable[[], object]) -> None:
        barrier.wait()
        try:
            step()
        except Refused as why:
            ends[number] = why

    threads = [threading.Thread(target=go, args=pair) for pair in enumerate(steps)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return ends


def test_of_giving_it_and_declaring_it_undeliverable_at_one_moment_no_two_win_over_each_other(office: Store) -> None:
    for serial in range(1, 9):
        code = waiting(office, serial=serial * 10)
        taking, sending = race(
            lambda: given(office, code),  # noqa: B023 - run at once
            lambda: declared(office, code, Ground.TWO_INVITATIONS, reason="", at=OVER),  # noqa: B023 - run at once
        )
        assert taking is None or isinstance(taking, Overtaken)
        assert sending is None or isinstance(sending, Overtaken | NotNow | item.NotCustodian)
        kinds = kinds_of(office, code)
        assert kinds.count(Delivered.__name__) == (taking is None)
        assert kinds.count(DeclaredUndeliverable.__name__) == (sending is None)
        if sending is None and taking is None:
            assert kinds[-2:] == [DeclaredUndeliverable.__name__, Delivered.__name__], "he came while it was here"


@pytest.mark.parametrize("first", [Delivered, DeclaredUndeliverable])
def test_who_acts_on_what_he_read_before_is_overtaken_whichever_of_the_two_was_first(
    office: Store, first: type[Event]
) -> None:
    read = item_of(office, waiting(office))
    steps: dict[type[Event], Event] = {
        Delivered: read.deliver(
            receiver=Receiver.ADDRESSEE,
            identity_checked=True,
            authorisation_shown=False,
            proof="photo",
            run="",
            by=cast.lan,
            at=OVER,
        ),
        DeclaredUndeliverable: read.declare_undeliverable(
            ground=Ground.TWO_INVITATIONS, destination=cast.to_the_desk, reason="", by=cast.lan, at=OVER
        ),
    }
    with office.begin(at=OVER) as ledger:
        ledger.append(read, steps.pop(first))
    with pytest.raises(Overtaken), office.begin(at=OVER) as ledger:
        ledger.append(read, steps.popitem()[1])
    assert kinds_of(office, read.code)[-1] == first.__name__


# --- an authority that merged meanwhile -------------------------------------------------------------------------------


def test_what_goes_back_to_an_authority_that_merged_goes_to_who_continues_it(office: Store) -> None:
    code = waiting(office)
    merge(office, cast.COMMUNE_DESK, into="MC-20257")
    merge(office, "MC-20257", into=cast.DESK, last_day=date(2026, 11, 30))
    back = declared(office, code, Ground.TWO_INVITATIONS, reason="", at=OVER)
    assert back.destination.place == cast.DESK
    assert dossier_of(office, code).desk == cast.COMMUNE_DESK, "the dossier keeps who received it"


@pytest.mark.parametrize("into", ["", "MC-99999", cast.COMMUNE_DESK])
def test_who_continues_is_never_invented_and_the_refusal_names_the_old_authority(office: Store, into: str) -> None:
    code = waiting(office)
    merge(office, cast.COMMUNE_DESK, into=into)
    with pytest.raises(
        NoSuccessor, match=r"phường Hải Châu \(MC-20242\) ngừng hoạt động.*Nhờ quản trị ghi nơi kế thừa"
    ):
        declared(office, code, Ground.MOVED)
    assert not item_of(office, code).goes_back


def test_one_whose_authority_nobody_continues_keeps_no_other_from_going_back(office: Store) -> None:
    fine, stuck = waiting(office), waiting_from_the_centre(office)
    merge(office, cast.DESK, into="")
    done = returning.send_back_all(office, cast.OFFICE, by=cast.lan, at=OVER)
    assert [each.code for each in done.items] == [fine]
    assert [(code, type(why)) for code, why in done.refused] == [(stuck, NoSuccessor)]
    merge(office, cast.DESK, into=cast.COMMUNE_DESK)
    assert [each.code for each in returning.send_back_all(office, cast.OFFICE, by=cast.lan, at=OVER).items] == [stuck]
