"""A line of a record that somebody took over meanwhile does not stop the others."""

from datetime import datetime

from postal.domain.events import DeclineReason, Evidence
from postal.domain.handover import HandoverRecord
from postal.domain.item import Custody, Item
from postal.domain.people import Actor
from postal.services import custody
from postal.store import Store
from tests import cast, envelopes


def offered(store: Store) -> tuple[HandoverRecord, list[str]]:
    """Return a record over three envelopes of which the controller took over the first."""
    codes = envelopes.at_the_counter(store, 3)
    record = custody.offer(store, codes, to=cast.transport, by=cast.lan, at=cast.monday, below=cast.below(1))
    custody.take_over(
        store, codes[0], to=cast.second_counter, reason="Người gửi rút lại", by=cast.minh, at=cast.after(minutes=5)
    )
    return record, codes


def test_the_rest_of_a_record_can_be_signed_for(store: Store) -> None:
    record, codes = offered(store)
    signed = custody.accept(store, record.code, by=cast.tai, at=cast.after(minutes=9))
    assert signed.accepted == tuple(codes[1:])
    assert signed.declined == ((codes[0], DeclineReason.NOT_MINE),)
    assert envelopes.holder_of(store, codes[1:]) == {cast.transport.key}
    assert envelopes.holder_of(store, codes[:1]) == {cast.second_counter.key}


def test_the_rest_of_a_record_can_be_recalled(store: Store) -> None:
    record, codes = offered(store)
    custody.recall(store, record.code, by=cast.lan, at=cast.after(minutes=9))
    assert envelopes.holder_of(store, codes[1:]) == {cast.counter.key}
    assert _custodies(store, codes) == {Custody.HELD}


def test_the_rest_of_a_record_can_be_signed_on_paper(store: Store) -> None:
    record, codes = offered(store)
    signed = _on_paper(store, record.code, by=cast.lan, at=cast.after(hours=2))
    assert (signed.accepted, signed.evidence) == (tuple(codes[1:]), Evidence.C)
    assert envelopes.holder_of(store, codes[:1]) == {cast.second_counter.key}


def _on_paper(store: Store, code: str, *, by: Actor, at: datetime) -> HandoverRecord:
    signed_at = cast.after(hours=1)
    return custody.sign_on_paper(store, code, signed_at=signed_at, signer="Người nhận", photo=b"", by=by, at=at)


def _custodies(store: Store, codes: list[str]) -> set[Custody]:
    with store.read() as reader:
        return {item.custody for item in reader.many(Item, codes).values()}
