"""Two who write about the same things in different orders: one is told so, nobody waits for ever."""

import threading
from datetime import timedelta

import pytest

from postal.domain.item import Item
from postal.domain.lifecycle import Overtaken
from postal.store import Store
from tests import cast, databases, envelopes
from tests.cast import hung, lan, monday


def _move(store: Store, things: list[Item], barrier: threading.Barrier, seen: list[BaseException]) -> None:
    """Move things one call after the other, each waiting for the other thread in between."""
    try:
        with store.begin(at=monday) as ledger:
            for thing in things:
                ledger.append(thing, thing.take_over(to=cast.sorting, reason="", by=hung, at=monday))
                barrier.wait(timeout=5)
    except (Overtaken, threading.BrokenBarrierError) as error:
        seen.append(error)
        barrier.abort()


@databases.ON_POSTGRESQL
def test_of_two_transactions_that_wait_for_each_other_one_is_overtaken(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 2)
    with store.read() as reader:
        first, second = (reader.many(Item, codes)[code] for code in codes)
    barrier, seen = threading.Barrier(2), list[BaseException]()
    threads = [
        threading.Thread(target=_move, args=(store, order, barrier, seen))
        for order in ([first, second], [second, first])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert any(isinstance(error, Overtaken) for error in seen)


def test_many_at_once_in_another_order_never_wait_for_each_other(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 30)
    outcomes: list[str] = []

    def move(order: list[str]) -> None:
        with store.read() as reader:
            known = reader.many(Item, codes)
        ready.wait(timeout=5)
        try:
            with store.begin(at=monday + timedelta(minutes=1)) as ledger:
                ledger.append_all(
                    [(known[c], known[c].take_over(to=cast.counter, reason="", by=lan, at=monday)) for c in order]
                )
            outcomes.append("won")
        except Overtaken:
            outcomes.append("overtaken")

    ready = threading.Barrier(2)
    threads = [threading.Thread(target=move, args=(order,)) for order in (codes, codes[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert sorted(outcomes) == ["overtaken", "won"]


def test_a_refusal_names_the_things_somebody_else_was_quicker_with(store: Store) -> None:
    codes = envelopes.at_the_counter(store, 5)
    with store.begin(at=monday) as ledger:
        stale = ledger.items(codes)
        ledger.append_all([(i, i.report_damaged(by=lan, at=monday)) for i in stale])
    with pytest.raises(Overtaken, match="…"), store.begin(at=monday) as ledger:
        ledger.append_all([(i, i.report_damaged(by=lan, at=monday)) for i in stale])
