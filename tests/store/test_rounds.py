"""One run has a thing at a time: claims, what is free again, and what an older database had planned."""

from datetime import timedelta
from typing import Any

import pytest
from alembic import command
from sqlalchemy import insert, text

from postal.domain import run
from postal.domain.events import PlannedStop, RunStarted
from postal.domain.proposal import AlreadyPlanned
from postal.domain.run import DeliveryRun
from postal.store import Store, migrations
from postal.store.ledger import columns_of
from postal.store.tables import RunRow, table_of
from tests import cast, databases

TOMORROW = cast.today + timedelta(days=1)
OTHER = "R8G3K5PQJ8"


def planned(*items: str, code: str = cast.RUN) -> DeliveryRun:
    """Return a run with these items at one door."""
    event = run.plan(
        office=cast.OFFICE,
        territory="551000-01",
        day=cast.today,
        postman="nam",
        stops=(PlannedStop(number=1, commune="20242", items=items),),
        metres=1000,
        by=cast.minh,
        at=cast.monday,
    )
    return run.begin(code, event)


def keep(store: Store, found: DeliveryRun) -> None:
    with store.begin(at=cast.monday) as ledger:
        event = run.plan(
            office=found.office,
            territory=found.territory,
            day=found.day,
            postman=found.postman,
            stops=found.stops,
            metres=found.metres,
            by=cast.minh,
            at=cast.monday,
        )
        ledger.rounds.claim(found.items, run=found.code, on=found.day)
        ledger.begin(DeliveryRun, found.code, event)


def test_a_planned_run_keeps_its_things_on_its_day_and_no_later(store: Store) -> None:
    keep(store, planned("P1", "P2"))
    with store.read() as reader:
        assert reader.rounds.spoken_for(["P1", "P2", "P3"], on=cast.today) == {"P1": cast.RUN, "P2": cast.RUN}
        assert reader.rounds.spoken_for(["P1"], on=TOMORROW) == {}


def test_a_thing_of_another_run_is_refused_and_nothing_of_the_claim_stays(store: Store) -> None:
    keep(store, planned("P1"))
    with pytest.raises(AlreadyPlanned):
        keep(store, planned("P0", "P1", code=OTHER))
    with store.read() as reader:
        assert reader.rounds.spoken_for(["P0", "P1"], on=cast.today) == {"P1": cast.RUN}


def test_what_a_run_that_was_driven_had_is_free_for_the_next(store: Store) -> None:
    keep(store, planned("P1"))
    with store.begin(at=cast.monday) as ledger:
        driven = ledger.run(cast.RUN)
        ledger.append(driven, RunStarted(by=cast.nam.as_author(), occurred_at=cast.monday))
    keep(store, planned("P1", code=OTHER))
    with store.read() as reader:
        assert reader.rounds.spoken_for(["P1"], on=cast.today) == {"P1": OTHER}


def test_an_upgrade_speaks_for_what_was_planned_before_it(empty_database_url: str) -> None:
    store = Store.open(empty_database_url, secret_key=databases.SECRET_KEY)
    try:
        _upgrade_to(store, "0004")
        with store.database.writing() as connection:
            for found in (planned("P1", "P2"), planned("P2", "P3", code=OTHER)):
                connection.execute(insert(table_of(RunRow)), [{"code": found.code, **columns_of(found)}])
        _upgrade_to(store, "0005")
        with store.database.reading() as connection:
            rows: Any = connection.execute(text("SELECT thing, run FROM planned ORDER BY thing")).all()
        claimed = {row.thing: row.run for row in rows}
        assert set(claimed) == {"P1", "P2", "P3"}
        assert claimed["P1"] == cast.RUN
        assert claimed["P3"] == OTHER
    finally:
        store.close()


def _upgrade_to(store: Store, revision: str) -> None:
    settings = migrations.config()
    with store.database.writing() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)
