"""The flats of a block are one parking stop of a plan, and doors of their own for whoever looks, moves and delivers."""

from collections import Counter
from dataclasses import replace

import pytest

from postal.domain.proposal import Proposal
from postal.services import board, improving, planning, solving
from postal.services.solving import Prepared
from postal.store import Store
from routes import depots
from tests import arrivals, cast
from tests.arrivals import hanh, vy
from tests.services.test_solving import coordinator, kept

FLATS = [replace(hanh, name=f"Nhà {number}", address=f"Căn hộ {number}, chung cư Sơn Trà") for number in range(1, 5)]
WEST = "20209"


@pytest.fixture
def block(seeded: Store) -> tuple[str, ...]:
    """Return the results for four flats of a block and one for another round."""
    arrivals.keep_postmen(seeded)
    return tuple(arrivals.arrived(seeded, *FLATS, replace(vy, commune=WEST)))


def planned(store: Store) -> str:
    made = planning.propose_day(store, cast.OFFICE, day=cast.today, by=coordinator, at=cast.monday)
    return planning.keep_proposal(store, made, by=coordinator, at=cast.monday, below=arrivals.below("plan"))


def prepared(store: Store, number: str) -> Prepared:
    asked = solving.ask(store, number, by=coordinator, at=cast.monday, below=arrivals.below("ask"), seconds=1)
    with store.read() as reader:
        found = reader.solvings.get(asked)
    assert found is not None
    return solving.prepare(store, found, at=cast.monday)


def better(ready: Prepared) -> Proposal:
    """Return the first answer of what would go on improving."""
    return improving.result_of(ready, depots.plan_all(improving.task_of(ready), lambda _: True)).proposal


def things(found: Proposal) -> list[tuple[str, ...]]:
    return [draft.things for draft in found.drafts]


def test_flats_are_stops_of_their_own_one_after_the_other(seeded: Store, block: tuple[str, ...]) -> None:
    found = kept(seeded, planned(seeded)).proposal
    (own,) = (draft for draft in found.drafts if block[0] in draft.things)
    assert sorted(own.things) == sorted(block[:4])
    times = [stop.arrives_at for stop in own.stops]
    assert times == sorted(set(times)), "each door has its own time"


def test_a_flat_that_was_moved_to_another_run_stays_there_and_takes_none_along(
    seeded: Store, block: tuple[str, ...]
) -> None:
    number = planned(seeded)
    before = kept(seeded, number).proposal
    (away,) = (at for at, draft in enumerate(before.drafts) if block[4] in draft.things)
    board.move(seeded, number, [block[1]], to=away, seen=0, by=coordinator, at=cast.monday)
    board.lock(seeded, number, [block[1]], seen=1, by=coordinator, at=cast.monday)
    ready = prepared(seeded, number)
    priors = [known for depot in improving.task_of(ready).depots if depot.prior for known in depot.prior.routes]
    assert max(Counter(key for known in priors for key in known.stops).values()) == 1
    after = better(ready)
    assert sorted(thing for some in things(after) for thing in some) == sorted(block)
    (with_flat,) = (draft for draft in after.drafts if block[1] in draft.things)
    assert set(with_flat.things) == {block[1], block[4]}
    assert with_flat.locked == (block[1],)
