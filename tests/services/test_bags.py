"""Bags: one event moves fifty envelopes; a count says what was missing, too much, torn or astray, never in silence."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from postal.domain import bag, item, policies
from postal.domain.bag import BagState
from postal.domain.codes import CodeKind
from postal.domain.events import Condition, DeclineReason, Destination, IncidentKind
from postal.domain.handover import RecordState
from postal.domain.item import Custody, Trouble
from postal.domain.lifecycle import NotNow, Overtaken, UnknownCode
from postal.domain.permissions import Forbidden
from postal.domain.policies import PolicyName, WholeBag
from postal.domain.refusals import Refused
from postal.queries import handovers
from postal.services import bags, custody
from postal.services import policies as policy_services
from postal.store import Ledger, Store
from postal.store.tables import EventRow, table_of
from tests import cast, envelopes
from tests.bagging import SEAL, Bagging
from tests.cast import counter, desk, hoa, lan, sen, small_counter, small_sorting, tai, transport


@pytest.fixture
def bagging(seeded: Store) -> Iterator[Bagging]:
    """Return a store with bags in it, which is sound after each test."""
    made = Bagging(seeded)
    yield made
    assert made.is_sound()


def count_of_events(store: Store) -> int:
    with store.read() as reader:
        return int(reader.scalar(select(func.count()).select_from(table_of(EventRow))))


# --- packing and carrying ---------------------------------------------------------------------------------------------


def test_one_event_of_the_bag_moves_fifty_envelopes(bagging: Bagging) -> None:
    items = bagging.envelopes(50)
    code = bagging.packed(items)
    record = bagging.offered([code], to=transport, by=lan, at=cast.after(minutes=10))
    before = count_of_events(bagging.store)
    custody.accept(bagging.store, record.code, by=tai, at=cast.after(minutes=20))
    assert count_of_events(bagging.store) == before + 2, "the record's signature and the bag's"
    assert envelopes.holder_of(bagging.store, items) == {transport.key}
    assert {bagging.item(each).custody for each in items} == {Custody.BAGGED}


def test_a_bag_of_fifty_is_counted_in_one_transaction(bagging: Bagging) -> None:
    items = bagging.envelopes(50)
    code = bagging.packed(items)
    record = bagging.brought(code, at=cast.after(hours=1))
    custody.accept(bagging.store, record.code, by=hoa, at=cast.after(hours=1))
    found = bagging.received(code, items, at=cast.after(hours=2))
    assert (found.bag.state, found.incidents) == (BagState.EMPTIED, ())
    assert envelopes.holder_of(bagging.store, items) == {desk.key}
    assert {bagging.item(each).custody for each in items} == {Custody.HELD}


def test_what_is_packed_leaves_the_hands_of_nobody_until_the_bag_does(bagging: Bagging) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    assert envelopes.holder_of(bagging.store, items) == {counter.key}
    with pytest.raises(NotNow, match="nằm trong túi"):
        custody.offer(bagging.store, items[:1], to=transport, by=lan, at=cast.monday, below=bagging.below)
    with pytest.raises(NotNow, match=r"Túi .*đã niêm phong"):
        bags.take_out(bagging.store, code, items[:1], by=lan, at=cast.monday)


def test_a_bag_is_packed_whole_or_not_at_all(bagging: Bagging) -> None:
    right = bagging.envelopes(2)
    wrong = bagging.envelopes(1, destination=cast.to_the_citizen)
    started = bags.start(
        bagging.store, code=next(bagging.bags), destination=cast.to_the_desk, custodian=counter, by=lan, at=cast.monday
    )
    with pytest.raises(item.OtherDestination):
        bags.pack(bagging.store, started.code, [*right, *wrong], by=lan, at=cast.monday)
    assert bagging.bag(started.code).contents == ()
    assert {bagging.item(each).custody for each in right} == {Custody.HELD}


def test_what_was_taken_out_again_is_loose_and_the_empty_bag_can_be_voided(bagging: Bagging) -> None:
    items = bagging.envelopes(1)
    code = next(bagging.bags)
    bags.start(bagging.store, code=code, destination=cast.to_the_desk, custodian=counter, by=lan, at=cast.monday)
    bags.pack(bagging.store, code, items, by=lan, at=cast.monday)
    with pytest.raises(bag.NotEmpty):
        bags.void(bagging.store, code, by=lan, at=cast.monday)
    bags.take_out(bagging.store, code, items, by=lan, at=cast.monday)
    assert bagging.item(items[0]).bag == ""
    assert bags.void(bagging.store, code, by=lan, at=cast.monday).state is BagState.VOIDED


def test_photos_of_the_seal_are_kept_from_both_ends(bagging: Bagging) -> None:
    items, code = bagging.envelopes(1), next(bagging.bags)
    bags.start(bagging.store, code=code, destination=cast.to_the_desk, custodian=counter, by=lan, at=cast.monday)
    sealed = bags.seal(bagging.store, code, items=items, seal=SEAL, photo=b"seal", by=lan, at=cast.monday)
    with bagging.store.read() as reader:
        kept = reader.files.get(sealed.photo)
    assert kept is not None
    assert kept.content == b"seal"


def test_a_postman_packs_no_bag_and_receives_none(bagging: Bagging) -> None:
    code = bagging.packed(bagging.envelopes(1))
    with pytest.raises(Forbidden, match="Nhận túi"):
        bagging.received(code, [], by=cast.nam)
    with pytest.raises(Forbidden, match="Đóng túi"):
        bags.void(bagging.store, code, by=cast.nam, at=cast.monday)


# --- signing and the legal time ---------------------------------------------------------------------------------------


def test_the_legal_submission_time_is_when_the_desk_signed_for_the_bag_not_when_it_counted(bagging: Bagging) -> None:
    items = bagging.envelopes(3)
    code = bagging.packed(items)
    record = bagging.brought(code, at=cast.after(minutes=50))
    custody.accept(bagging.store, record.code, by=hoa, at=cast.after(hours=1))
    bagging.received(code, items, at=cast.after(hours=3))
    assert {bagging.item(each).signed_over_at for each in items} == {cast.after(hours=1)}


def test_a_bag_signed_for_in_ink_has_the_time_on_the_paper(bagging: Bagging) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    record = bagging.brought(code, at=cast.after(minutes=50))
    custody.sign_on_paper(
        bagging.store, record.code, signed_at=cast.after(hours=1), signer="", photo=b"", by=tai, at=cast.after(hours=4)
    )
    bagging.received(code, items, at=cast.after(hours=5))
    first = bagging.item(items[0])
    assert (first.signed_over_at, first.evidence.value) == (cast.after(hours=1), "C")


def test_who_opens_a_bag_that_was_offered_signs_for_its_line_and_the_others_wait(bagging: Bagging) -> None:
    first, second = bagging.envelopes(2), bagging.envelopes(2)
    one, other = bagging.packed(first), bagging.packed(second, seal="701235")
    record = bagging.brought(one, other, at=cast.after(hours=1))
    bagging.received(one, first, at=cast.after(hours=2))
    assert bagging.record(record.code).state is RecordState.OFFERED
    assert bagging.item(first[0]).signed_over_at == cast.after(hours=2)
    assert envelopes.holder_of(bagging.store, second) == {transport.key}
    bagging.received(other, second, at=cast.after(hours=3), seal_seen="701235")
    signed = bagging.record(record.code)
    assert (signed.state, signed.accepted) == (RecordState.ACCEPTED, (one, other))
    assert bagging.item(second[0]).signed_over_at == cast.after(hours=3)


def test_what_is_left_of_a_record_can_be_recalled_when_one_bag_was_taken(bagging: Bagging) -> None:
    first, second = bagging.envelopes(1), bagging.envelopes(1)
    one, other = bagging.packed(first), bagging.packed(second)
    record = bagging.brought(one, other, at=cast.after(hours=1))
    bagging.received(one, first)
    custody.recall(bagging.store, record.code, by=tai, at=cast.after(hours=3))
    assert (bagging.bag(one).custodian, bagging.bag(other).custodian) == (desk, transport)
    recalled = bagging.record(record.code)
    assert (recalled.state_name, recalled.accepted) == ("bên giao đã thu hồi một phần", (one,))
    assert (recalled.signed_at, recalled.receiver_account) == (cast.after(hours=2), hoa.account)
    page = handovers.record_page(bagging.store, record.code, actor=hoa)
    assert [line.outcome for line in page.lines] == ["Đã nhận", "Đã thu hồi"]
    assert (page.taken, page.total) == (1, 2)
    assert "1/2 túi đã ký nhận trước đó vẫn giữ nguyên" in handovers.signed_by(page)


def test_nobody_opens_what_was_offered_to_somebody_else(bagging: Bagging) -> None:
    items = bagging.envelopes(1)
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(hours=1))
    with pytest.raises(item.NotAddressee):
        bagging.received(code, items, by=cast.xuan)
    with pytest.raises(item.NotCustodian):
        bagging.received(bagging.packed(bagging.envelopes(1)), [], by=hoa)


def test_a_declined_bag_stays_with_the_giver_and_what_is_in_it_is_missing(bagging: Bagging) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    record = bagging.brought(code, at=cast.after(hours=1))
    custody.accept(bagging.store, record.code, declined={code: DeclineReason.MISSING}, by=hoa, at=cast.after(hours=2))
    assert envelopes.holder_of(bagging.store, items) == {transport.key}
    assert {bagging.item(each).trouble for each in items} == {Trouble.MISSING}
    bags.find(bagging.store, code, by=tai, at=cast.after(hours=3))
    assert {bagging.item(each).trouble for each in items} == {None}


def test_a_bag_is_reported_missing_and_taken_over_with_everything_in_it(bagging: Bagging) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    bags.report_missing(bagging.store, code, by=lan, at=cast.after(hours=1))
    assert {bagging.item(each).trouble for each in items} == {Trouble.MISSING}
    bags.take_over(
        bagging.store, code, to=cast.second_counter, reason="Thấy ở kho", by=cast.minh, at=cast.after(hours=2)
    )
    assert envelopes.holder_of(bagging.store, items) == {cast.second_counter.key}
    assert {bagging.item(each).trouble for each in items} == {None}


# --- differences ------------------------------------------------------------------------------------------------------


def test_what_is_missing_under_an_unhurt_seal_is_asked_of_the_packer(bagging: Bagging) -> None:
    items = bagging.envelopes(3)
    code = bagging.packed(items)
    custody.accept(bagging.store, bagging.brought(code, at=cast.after(hours=1)).code, by=hoa, at=cast.after(hours=1))
    found = bagging.received(code, items[:2])
    lost = bagging.item(items[2])
    assert (lost.custodian, lost.trouble, lost.bag) == (counter, Trouble.MISSING, "")
    (record,) = found.incidents
    assert (record.kind, record.about, record.owner, record.other) == (
        IncidentKind.MISSING,
        items[2],
        cast.OFFICE,
        cast.DESK,
    )
    assert record.due_at == cast.after(hours=6)


def test_what_is_missing_under_a_broken_seal_is_asked_of_the_last_carrier_and_the_seal_is_written_down(
    bagging: Bagging,
) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(hours=1))
    found = bagging.received(code, items[:1], seal_seen="701243")
    assert bagging.item(items[1]).custodian == transport
    assert [each.kind for each in found.incidents] == [IncidentKind.MISSING, IncidentKind.SEAL_MISMATCH]
    seal = found.incidents[1]
    assert (seal.about, seal.expected, seal.seen) == (code, SEAL, "701243")


def test_what_belongs_to_another_bag_is_taken_here_and_not_missed_there(bagging: Bagging) -> None:
    first, second = bagging.envelopes(2), bagging.envelopes(2)
    one, other = bagging.packed(first), bagging.packed(second)
    bagging.brought(one, other, at=cast.after(hours=1))
    found = bagging.received(one, [*first, second[0]])
    assert [(each.kind, each.about) for each in found.incidents] == [(IncidentKind.EXTRA, second[0])]
    assert (bagging.item(second[0]).custodian, bagging.item(second[0]).bag) == (desk, "")
    later = bagging.received(other, second[1:], at=cast.after(hours=3))
    assert (later.bag.missing, later.incidents) == ((), ())


def test_what_was_offered_elsewhere_and_lies_in_a_bag_is_no_longer_waited_for(bagging: Bagging) -> None:
    inside, loose = bagging.envelopes(1), bagging.envelopes(1)
    code = bagging.packed(inside)
    bagging.brought(code, at=cast.after(hours=1))
    record = bagging.offered(loose, to=transport, by=lan, at=cast.after(hours=1))
    bagging.received(code, [*inside, *loose])
    signed = custody.accept(bagging.store, record.code, by=tai, at=cast.after(hours=4))
    assert signed.declined == ((loose[0], DeclineReason.NOT_MINE),)
    assert bagging.item(loose[0]).custodian == desk


def test_torn_and_astray_envelopes_are_taken_and_each_has_its_record(bagging: Bagging) -> None:
    items = bagging.envelopes(3)
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(hours=1))
    conditions = {items[0]: Condition.SOUND, items[1]: Condition.DAMAGED, items[2]: Condition.WRONG_PLACE}
    found = bagging.received(code, conditions)
    assert [(each.kind, each.owner) for each in found.incidents] == [
        (IncidentKind.DAMAGED, cast.OFFICE),
        (IncidentKind.WRONG_PLACE, cast.OFFICE),
    ]
    assert [bagging.item(each).trouble for each in items] == [None, Trouble.DAMAGED, Trouble.MISROUTED]
    assert envelopes.holder_of(bagging.store, items) == {desk.key}


def test_a_code_nobody_knows_is_written_down_and_nothing_that_names_a_person(bagging: Bagging) -> None:
    items = bagging.envelopes(1)
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(hours=1))
    stranger = next(cast.codes_of(CodeKind.ITEM, seed=999))
    unknown = [stranger, "RR123456785VN", "049205000137", "Nguyễn Văn Khánh"]
    found = bagging.received(code, items, unknown=unknown)
    assert {each.kind for each in found.incidents} == {IncidentKind.UNKNOWN_ITEM}
    assert [(each.about, each.seen) for each in found.incidents] == [
        (stranger, ""),
        (code, "RR123456785VN"),
        (code, ""),
        (code, ""),
    ]


def test_an_envelope_found_by_its_code_that_is_known_to_nobody_is_an_unknown_one(bagging: Bagging) -> None:
    items = bagging.envelopes(1)
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(hours=1))
    stranger = next(cast.codes_of(CodeKind.ITEM, seed=999))
    found = bagging.received(code, [*items, stranger])
    assert [(each.kind, each.about) for each in found.incidents] == [(IncidentKind.UNKNOWN_ITEM, stranger)]


def test_what_reached_its_citizen_and_lies_in_a_bag_again_is_only_written_down(bagging: Bagging) -> None:
    items, voided = bagging.envelopes(1), bagging.envelopes(1)
    with bagging.store.begin(at=cast.monday) as ledger:
        thing = ledger.item(voided[0])
        ledger.append(thing, thing.void(reason="t", by=lan, at=cast.monday))
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(hours=1))
    found = bagging.received(code, [*items, *voided])
    assert [(each.kind, each.about) for each in found.incidents] == [(IncidentKind.EXTRA, voided[0])]
    assert bagging.item(voided[0]).custody is Custody.VOIDED


def test_an_item_that_was_taken_over_on_the_way_is_neither_in_the_bag_nor_missed(bagging: Bagging) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    record = bagging.brought(code, at=cast.after(hours=1))
    custody.take_over(
        bagging.store, items[0], to=cast.second_counter, reason="Rơi ở kho", by=cast.minh, at=cast.after(hours=1)
    )
    custody.accept(bagging.store, record.code, by=hoa, at=cast.after(hours=2))
    assert envelopes.holder_of(bagging.store, items) == {cast.second_counter.key, desk.key}
    found = bagging.received(code, items[1:], at=cast.after(hours=3))
    assert (found.bag.missing, found.incidents) == ((), ())


def test_the_count_of_a_bag_is_answered_once(bagging: Bagging) -> None:
    items = bagging.envelopes(1)
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(hours=1))
    bagging.received(code, items)
    with pytest.raises(NotNow, match="đã kiểm đếm xong"):
        bagging.received(code, items, at=cast.after(hours=3))
    with pytest.raises(UnknownCode):
        bagging.received("T222222222", [])


# --- hubs -------------------------------------------------------------------------------------------------------------


def test_a_hub_opens_a_transit_bag_and_packs_on_what_goes_further(bagging: Bagging) -> None:
    for_desk, for_citizen = bagging.envelopes(2), bagging.envelopes(1, destination=cast.to_the_citizen)
    hub = Destination(place=cast.SMALL_OFFICE, name=cast.UNIT_NAMES[cast.SMALL_OFFICE])
    first = bagging.packed([*for_desk, *for_citizen], destination=hub, is_transit=True)
    bagging.carried(first)
    bagging.offered([first], to=small_sorting, by=tai, at=cast.after(hours=3))
    sorter = replace(sen, account="tam", positions=frozenset({small_sorting.key}))
    bagging.received(first, [*for_desk, *for_citizen], by=sorter, at=cast.after(hours=4))
    second = bagging.packed(for_desk, custodian=small_sorting, by=sorter, at=cast.after(hours=5), seal="702000")
    custody.accept(
        bagging.store,
        bagging.offered([second], to=transport, by=sorter, at=cast.after(hours=6)).code,
        by=tai,
        at=cast.after(hours=6),
    )
    bagging.offered([second], to=desk, by=tai, at=cast.after(hours=7))
    bagging.received(second, for_desk, at=cast.after(hours=8), seal_seen="702000")
    assert {bagging.item(each).signed_over_at for each in for_desk} == {cast.after(hours=8)}
    assert bagging.item(for_citizen[0]).custodian == small_sorting
    assert small_counter.place == cast.SMALL_OFFICE


# --- the whole bag ----------------------------------------------------------------------------------------------------


def decided(bagging: Bagging, value: WholeBag) -> None:
    policy_services.set_policy(
        bagging.store, PolicyName.WHOLE_BAG, value=value.value, basis="Quy chế 12", by=hoa, at=cast.monday
    )


def test_a_place_that_decided_nothing_counts_every_envelope(bagging: Bagging) -> None:
    items = bagging.envelopes(7)
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(hours=1))
    with pytest.raises(policies.WholeBagNotAllowed):
        bagging.received(code, [], unchecked=items)
    assert bagging.bag(code).state is BagState.OFFERED, "nothing was signed"


def test_a_whole_bag_is_received_after_its_sample_and_the_rest_is_unchecked_until_touched(bagging: Bagging) -> None:
    items = bagging.envelopes(7)
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(hours=1))
    decided(bagging, WholeBag.SAMPLE)
    sample = policies.sample(bagging.bag(code), items)
    with pytest.raises(policies.SampleNotSeen, match="Còn 1 bưu gửi"):
        bagging.received(code, sample[1:], unchecked=items)
    found = bagging.received(code, sample, unchecked=items)
    unseen = [each for each in items if each not in sample]
    assert (set(found.bag.unchecked), found.incidents) == (set(unseen), ())
    assert {each for each in items if not bagging.item(each).is_checked} == set(unseen)
    assert {bagging.item(each).signed_over_at for each in items} == {cast.after(hours=2)}
    assert custody.sight(bagging.store, unseen[0], by=hoa, at=cast.after(hours=3))
    assert not custody.sight(bagging.store, unseen[0], by=hoa, at=cast.after(hours=4)), "it is seen already"
    assert not custody.sight(bagging.store, unseen[1], by=lan, at=cast.after(hours=3)), "she is elsewhere"
    assert not custody.sight(bagging.store, "P222222222", by=hoa, at=cast.after(hours=3))


def test_a_bag_with_a_broken_seal_is_never_received_whole(bagging: Bagging) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(hours=1))
    decided(bagging, WholeBag.ALWAYS)
    with pytest.raises(policies.SealNotSame):
        bagging.received(code, [], unchecked=items, seal_seen="701243")
    bagging.received(code, [], unchecked=items)
    assert not bagging.item(items[0]).is_checked


def test_who_leads_a_place_decides_for_it_and_nobody_else(bagging: Bagging) -> None:
    with pytest.raises(Forbidden, match="Đặt cách làm"):
        policy_services.set_policy(
            bagging.store, PolicyName.WHOLE_BAG, value="always", basis="", by=lan, at=cast.monday
        )
    decided(bagging, WholeBag.SAMPLE)
    decided(bagging, WholeBag.ALWAYS)
    with bagging.store.read() as reader:
        found = reader.policies.get(cast.DESK, PolicyName.WHOLE_BAG)
        assert found is not None
        assert (found.value, found.basis, found.account) == ("always", "Quy chế 12", "hoa")
        assert reader.policies.whole_bag(cast.OFFICE) is WholeBag.OFF


# --- races ------------------------------------------------------------------------------------------------------------


def at_once(monkeypatch: pytest.MonkeyPatch, *steps: object) -> list[object]:
    """Take two steps so that both have read the bag before either writes, where the database lets them."""
    read, both = Ledger.bag, threading.Barrier(2)

    def waiting(ledger: Ledger, code: str) -> bag.Bag:
        found = read(ledger, code)
        try:
            both.wait(timeout=0.5)
        except threading.BrokenBarrierError:
            both.reset()
        return found

    def outcome(step: object) -> object:
        try:
            return step()  # type: ignore[operator]
        except Refused as refused:
            return refused

    with monkeypatch.context() as patch, ThreadPoolExecutor(2) as pool:
        patch.setattr(Ledger, "bag", waiting)
        return list(pool.map(outcome, steps))


def test_of_two_who_receive_one_bag_at_once_one_does(bagging: Bagging, monkeypatch: pytest.MonkeyPatch) -> None:
    items = bagging.envelopes(5)
    code = bagging.packed(items)
    bagging.brought(code, at=cast.after(hours=1))
    told = at_once(
        monkeypatch,
        lambda: bagging.received(code, items, by=hoa),
        lambda: bagging.received(code, items[:4], by=cast.binh),
    )
    late = [each for each in told if isinstance(each, Refused)]
    assert len(late) == 1
    assert isinstance(late[0], NotNow | Overtaken | item.NotAddressee | item.NotCustodian)
    assert bagging.bag(code).state is BagState.EMPTIED


def test_two_who_each_take_the_last_but_one_bag_of_a_record_leave_it_signed(
    bagging: Bagging, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = bagging.envelopes(1), bagging.envelopes(1)
    one, other = bagging.packed(first), bagging.packed(second)
    record = bagging.brought(one, other, at=cast.after(hours=1))
    told = at_once(
        monkeypatch,
        lambda: bagging.received(one, first, by=hoa),
        lambda: bagging.received(other, second, by=cast.binh),
    )
    assert not [each for each in told if isinstance(each, Refused)]
    assert bagging.record(record.code).state is RecordState.ACCEPTED


def test_an_item_taken_over_while_its_bag_is_signed_for_has_one_holder(
    bagging: Bagging, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = bagging.envelopes(2)
    code = bagging.packed(items)
    record = bagging.brought(code, at=cast.after(hours=1))

    def taken_over() -> object:
        return custody.take_over(
            bagging.store, items[0], to=cast.second_counter, reason="Rơi", by=cast.minh, at=cast.after(hours=2)
        )

    def signed() -> object:
        return custody.accept(bagging.store, record.code, by=hoa, at=cast.after(hours=2))

    with ThreadPoolExecutor(2) as pool:
        told = [future.exception() for future in (pool.submit(taken_over), pool.submit(signed))]
    assert all(error is None or isinstance(error, Overtaken) for error in told)
    if told[1] is not None:
        signed()
    if told[0] is not None:
        taken_over()
    assert bagging.item(items[0]).custodian == cast.second_counter
    assert bagging.item(items[1]).custodian == desk
