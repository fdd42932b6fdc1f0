"""Many journeys through the same services: each comes to an end, and the same seed plays the same ones."""

import random
from pathlib import Path

from sqlalchemy import select

from postal.domain.item import Custody, Item
from postal.domain.run import DeliveryRun, RunState
from postal.domain.status import Status
from postal.queries import figures
from postal.services import catalogue, simulation, verification
from postal.services.demonstration import cases, world
from postal.services.demonstration.cases import Ending, Plan
from postal.store import Store
from postal.store.tables import EventRow, ItemRow, RunRow, table_of
from tests import databases


def played(store: Store, *, dossiers: int, seed: int = 1) -> simulation.Simulated:
    """Play journeys in a store that has tables only."""
    catalogue.seed(store, at=world.clock(simulation.BEGINS_ON, 6))
    everybody = simulation.prepare(store, chance=random.Random(seed))
    return simulation.run(everybody, dossiers=dossiers)


def opened(path: Path, *, seed: int) -> Store:
    """Return an empty store whose ids come from a seed."""
    chance = random.Random(seed)
    store = Store.open(f"sqlite:///{path}", secret_key=databases.SECRET_KEY, token_bytes=chance.randbytes)
    store.migrate()
    return store


def ledger(store: Store) -> list[tuple[object, ...]]:
    """Return every row of the ledger."""
    table = table_of(EventRow)
    with store.read() as reader:
        return [tuple(row) for row in reader.rows(select(table).order_by(table.c.seq))]


def test_every_journey_comes_to_an_end(store: Store) -> None:
    done = played(store, dossiers=20)
    assert done.citizens == 20
    assert done.still_on_the_way == 0
    found = figures.figures(store)
    assert found.dossiers == 20
    assert found.delivered > 10
    assert sum(found.by_status.values()) == found.dossiers
    assert set(found.by_status) <= {
        word.value
        for word in (
            Status.DELIVERED, Status.REFUSED, Status.WITHDRAWN, Status.STOPPED, Status.TURNED_BACK, Status.VOIDED,
            Status.PAPERS_DELIVERED,
        )
    }  # fmt: skip


def test_every_run_is_closed_and_no_postman_keeps_anything(store: Store) -> None:
    played(store, dossiers=12)
    with store.read() as reader:
        runs = reader.things(DeliveryRun, select(table_of(RunRow).c.state))
        items = reader.things(Item, select(table_of(ItemRow).c.state))
    assert runs
    assert all(run.state is RunState.CLOSED for run in runs)
    assert not [item for item in items if item.custodian.key.startswith("buuta") and item.custody is Custody.HELD]
    assert not [item for item in items if item.misfits]


def test_every_kind_of_envelope_travels_and_nothing_is_left_open(store: Store) -> None:
    done = played(store, dossiers=40)
    found, proof = figures.figures(store), verification.verify(store)
    assert done.still_on_the_way == 0
    assert all(found.items.values()), found.items
    assert (found.open, proof.originals_owed) == (0, 0)
    assert proof.originals_came > 0
    assert proof.is_sound, verification.told(proof)
    fees = next(sums for sums in proof.money if sums.ledger == "fees")
    assert fees.collected == fees.remitted + fees.refunded > 0
    assert fees.held == 0


def test_the_same_seed_plays_the_same_journeys(tmp_path: Path) -> None:
    one, two = opened(tmp_path / "one.db", seed=4), opened(tmp_path / "two.db", seed=4)
    played(one, dossiers=8, seed=4)
    played(two, dossiers=8, seed=4)
    assert ledger(one) == ledger(two)
    one.close()
    two.close()


def test_fates_are_mixed() -> None:
    chance = random.Random(1)
    plans: list[Plan] = [cases.drawn(chance) for _ in range(2000)]
    assert {plan.ending for plan in plans} == set(Ending)
    assert 0.8 < sum(plan.ending is Ending.RESOLVED for plan in plans) / 2000 < 0.95
    assert 10 < sum(plan.mishap is not None for plan in plans) < 100
    assert any(plan.failed_visits >= 2 and plan.days_until_fetched == cases.NEVER for plan in plans)
