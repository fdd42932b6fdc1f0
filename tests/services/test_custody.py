"""Hand-overs, four ways; internal moves; exceptions: who answers for an item after each."""

from dataclasses import replace

import pytest

from postal.domain import handover, item
from postal.domain.events import DeclineReason, Evidence
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.item import Custody, Item, Trouble
from postal.domain.lifecycle import NotNow, UnknownCode
from postal.domain.people import Actor, Custodian
from postal.domain.permissions import Forbidden
from postal.services import custody, incidents
from postal.store import Store
from tests import cast, envelopes
from tests.cast import counter, desk, hoa, lan, monday, quan, sen, small_counter, small_sorting, tai, transport

chance = cast.below(seed=7)
PHOTO = b"\xff\xd8 a photo of the signed record"


def offer(store: Store, codes: list[str], *, to: Custodian = transport, by: Actor = lan) -> HandoverRecord:
    """Offer envelopes."""
    return custody.offer(store, codes, to=to, by=by, at=monday, below=chance)


def found(store: Store, code: str) -> Item:
    """Return an item as it is now."""
    with store.read() as reader:
        thing = reader.thing(Item, code)
    assert thing is not None
    return thing


def kept(store: Store, code: str) -> HandoverRecord:
    """Return a record as it is now."""
    with store.read() as reader:
        record = reader.thing(HandoverRecord, code)
    assert record is not None
    return record


# --- offered now, accepted later --------------------------------------------------------------------------------------


def test_custody_stays_with_the_giver_until_the_offer_is_accepted(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 3)
    record = offer(store, codes)
    assert envelopes.holder_of(store, codes) == {counter.key}
    custody.accept(store, record.code, by=tai, at=cast.after(hours=1))
    assert envelopes.holder_of(store, codes) == {transport.key}
    assert kept(store, record.code).signed_at == cast.after(hours=1)


def test_what_was_declined_stays_with_the_giver_and_the_rest_goes(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 3)
    record = offer(store, codes)
    declined = {codes[1]: DeclineReason.MISSING}
    signed = custody.accept(store, record.code, declined=declined, by=tai, at=monday)
    assert signed.accepted == (codes[0], codes[2])
    assert [found(store, code).custodian.key for code in codes] == [transport.key, counter.key, transport.key]
    assert found(store, codes[1]).trouble is Trouble.MISSING


def test_an_item_scanned_twice_is_offered_once(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 2)
    assert offer(store, [*codes, codes[0]]).items == tuple(codes)


def test_a_record_is_signed_once(store: Store) -> None:
    record = offer(store, envelopes.at_the_counter(store, 1))
    custody.accept(store, record.code, by=tai, at=monday)
    with pytest.raises(NotNow):
        custody.accept(store, record.code, by=tai, at=monday)


def test_a_recalled_offer_cannot_be_accepted_and_can_be_made_again(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 2)
    record = offer(store, codes)
    custody.recall(store, record.code, by=lan, at=monday)
    assert envelopes.holder_of(store, codes) == {counter.key}
    with pytest.raises(NotNow, match="bên giao đã thu hồi"):
        custody.accept(store, record.code, by=tai, at=monday)
    assert offer(store, codes, to=desk).receiver == desk


def test_an_offered_item_is_not_offered_again(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 1)
    offer(store, codes)
    with pytest.raises(NotNow, match="đã bàn giao, chờ ký nhận"):
        offer(store, codes, to=desk)


# --- both on one screen -----------------------------------------------------------------------------------------------


def test_both_sign_on_one_screen_each_with_an_account_of_his_own(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 2)
    record = custody.hand_over_together(
        store, codes, to=transport, giver=lan, receiver=tai, at=monday, below=cast.below()
    )
    assert (record.state, record.evidence) == (RecordState.ACCEPTED, Evidence.A)
    assert envelopes.holder_of(store, codes) == {transport.key}


def test_nobody_hands_over_to_himself(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 1)
    both = replace(lan, positions=frozenset({counter.key, transport.key}))
    with pytest.raises(item.SamePerson):
        custody.hand_over_together(store, codes, to=transport, giver=both, receiver=both, at=monday, below=cast.below())
    assert found(store, codes[0]).custody is Custody.HELD


# --- on paper ---------------------------------------------------------------------------------------------------------


def test_a_record_signed_in_ink_moves_custody_at_the_time_written_on_it(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 2)
    record = offer(store, codes, to=desk)
    signed = custody.sign_on_paper(
        store,
        record.code,
        signed_at=cast.after(minutes=40),
        signer="Đặng Thị Hoa",
        photo=PHOTO,
        declined={codes[1]: DeclineReason.DAMAGED},
        by=lan,
        at=cast.after(days=1),
    )
    assert (signed.state, signed.signed_at, signed.evidence) == (
        RecordState.ON_PAPER,
        cast.after(minutes=40),
        Evidence.B,
    )
    taken, left = (found(store, code) for code in codes)
    assert (taken.custodian, taken.signed_over_at) == (desk, cast.after(minutes=40))
    assert (left.custodian, left.trouble) == (counter, Trouble.DAMAGED)
    with store.read() as reader:
        assert reader.texts.get([signed.signer]) == {signed.signer: "Đặng Thị Hoa"}
        photo = reader.files.get(signed.photo)
        assert photo is not None
        assert photo.content == PHOTO


def test_ink_without_a_photo_is_the_weakest_evidence_until_the_desk_confirms(store: Store) -> None:
    record = offer(store, envelopes.at_the_counter(store, 1), to=desk)
    paper = custody.sign_on_paper(
        store, record.code, signed_at=cast.after(minutes=1), signer="", photo=b"", by=lan, at=cast.after(hours=1)
    )
    assert paper.evidence is Evidence.C
    confirmed = custody.confirm(store, record.code, by=hoa, at=cast.after(days=1))
    assert (confirmed.state, confirmed.evidence) == (RecordState.CONFIRMED, Evidence.A)


def test_a_signing_time_before_the_record_or_in_the_future_moves_nothing(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 1)
    record = offer(store, codes, to=desk)
    for minutes in (-5, 65):
        with pytest.raises(handover.SignedTooEarly):
            custody.sign_on_paper(
                store,
                record.code,
                signed_at=cast.after(minutes=minutes),
                signer="",
                photo=PHOTO,
                by=lan,
                at=cast.after(hours=1),
            )
    assert envelopes.holder_of(store, codes) == {counter.key}


# --- one record, one giver; all or nothing ----------------------------------------------------------------------------


def test_a_record_has_lines(store: Store) -> None:
    with pytest.raises(handover.NothingToHandOver):
        offer(store, [])


def test_a_record_has_one_giver(store: Store) -> None:
    mine = envelopes.at_the_counter(store, 1)
    other = envelopes.at_the_counter(store, 1, custodian=small_counter, by=sen, seed=2)
    both = replace(lan, positions=frozenset({counter.key, small_counter.key}))
    with pytest.raises(handover.TwoGivers):
        offer(store, [*mine, *other], by=both)
    assert {found(store, code).custody for code in (*mine, *other)} == {Custody.HELD}


def test_one_line_that_cannot_be_offered_stops_the_whole_record(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 2)
    unsealed = envelopes.at_the_counter(store, 1, sealed=False, seed=2)
    with pytest.raises(item.NotSealed):
        offer(store, [*codes, *unsealed])
    assert {found(store, code).custody for code in (*codes, *unsealed)} == {Custody.HELD}
    with pytest.raises(UnknownCode):
        offer(store, [*codes, cast.ITEM])


def test_what_is_not_on_the_record_is_not_signed_for(store: Store) -> None:
    first, second = envelopes.at_the_counter(store, 2)
    record = offer(store, [first])
    with pytest.raises(handover.NotOnRecord):
        custody.accept(store, record.code, declined={second: DeclineReason.MISSING}, by=tai, at=monday)
    assert found(store, first).custody is Custody.OFFERED


# --- one person, several positions; exceptions ------------------------------------------------------------------------


def test_a_one_woman_office_moves_items_in_one_step(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 3, custodian=small_counter, by=sen)
    custody.move(store, codes, to=small_sorting, by=sen, at=monday)
    assert envelopes.holder_of(store, codes) == {small_sorting.key}


def test_taking_over_keeps_why_and_leaves_the_name_out_of_the_ledger(store: Store) -> None:
    code = envelopes.at_the_counter(store, 1)[0]
    head = cast.minh
    taken = custody.take_over(store, code, to=cast.second_counter, reason="Chị Lan ốm", by=head, at=monday)
    assert taken.custodian == cast.second_counter
    with store.read() as reader:
        event = reader.events([code])[-1][3]
        reason = getattr(event, "reason", "")
        assert "Lan" not in repr(event)
        assert reader.texts.get([reason]) == {reason: "Chị Lan ốm"}


def test_trouble_is_reported_and_settled_by_who_answers_for_the_item(store: Store) -> None:
    code = envelopes.at_the_counter(store, 1)[0]
    assert custody.report_missing(store, code, by=lan, at=monday).trouble is Trouble.MISSING
    assert incidents.settle_trouble(store, code, by=lan, at=monday).trouble is None
    assert custody.report_damaged(store, code, by=lan, at=monday).trouble is Trouble.DAMAGED
    with pytest.raises(item.NotCustodian):
        incidents.settle_trouble(store, code, by=tai, at=monday)


def test_an_item_gets_its_seal_at_the_counter(store: Store) -> None:
    code = envelopes.at_the_counter(store, 1, sealed=False)[0]
    assert custody.seal(store, code, seal="881245", by=lan, at=monday).seal == "881245"


# --- who may ----------------------------------------------------------------------------------------------------------


def test_who_has_no_part_in_hand_overs_is_refused(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 1)
    record = offer(store, codes)
    admin = replace(cast.thu, positions=frozenset({counter.key, transport.key}))
    with pytest.raises(Forbidden):
        offer(store, codes, by=admin)
    with pytest.raises(Forbidden):
        custody.accept(store, record.code, by=admin, at=monday)
    with pytest.raises(Forbidden):
        custody.recall(store, record.code, by=admin, at=monday)
    with pytest.raises(Forbidden):
        custody.take_over(store, codes[0], to=transport, reason="x", by=tai, at=monday)
    with pytest.raises(Forbidden):
        custody.sign_on_paper(store, record.code, signed_at=monday, signer="", photo=b"", by=quan, at=monday)
    assert found(store, codes[0]).version == 3
