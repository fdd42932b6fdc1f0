"""An upgrade from before the way back: states are folded again and the books begin with what was collected."""

import json
from datetime import datetime
from typing import Any

from alembic import command
from sqlalchemy import text

from postal.domain import money
from postal.domain.dossier import Dossier
from postal.domain.events import Collected, Event, HeldForPickup, MoneyLedger, Payment, Refunded
from postal.domain.item import Item
from postal.services import verification
from postal.store import Store, codec, migrations
from tests import cast, databases

_NEW_EVENT_FIELDS = {
    "into", "receipt", "run", "out_of", "contents", "to_recover", "recover", "received_from", "evidence",
}  # fmt: skip
_NEW_STATE_FIELDS = {
    "invited_on", "to_recover", "recover", "received_from", "ground", "settled", "closed_at", "fees_payee", "recovered",
}  # fmt: skip


def test_an_upgrade_folds_every_state_again_and_begins_the_books(empty_database_url: str) -> None:
    store = Store.open(empty_database_url, secret_key=databases.SECRET_KEY)
    try:
        _upgrade_to(store, "0003")
        paid = Collected(
            ledger=MoneyLedger.POSTAGE, amount=30_000, payment=Payment.CASH, basis="bảng cước", **_by(cast.monday)
        )
        back = Refunded(ledger=MoneyLedger.POSTAGE, amount=5_000, reason="", **_by(cast.after(hours=1)))
        later = Collected(ledger=MoneyLedger.FEES, amount=9_000, payment=Payment.LATER, basis="", **_by(cast.monday))
        _write_as_before(store, "dossier", cast.case(), [cast.opened(), paid, back, later])
        held = HeldForPickup(until=cast.today, **_by(cast.monday))
        registered = cast.registered(custodian=cast.sorting, by=cast.hung, destination=cast.to_the_citizen)
        _write_as_before(store, "item", cast.result(), [registered, held])

        store.migrate()

        assert verification.verify(store).is_sound
        with store.read() as reader:
            dossier, item = reader.thing(Dossier, cast.DOSSIER), reader.thing(Item, cast.ITEM)
            till = money.till(cast.counter.key)
            assert reader.books.balance(till, MoneyLedger.POSTAGE) == 25_000
            assert reader.books.totals() == {
                (till, MoneyLedger.POSTAGE): 25_000,
                (money.citizen(cast.DOSSIER), MoneyLedger.POSTAGE): -25_000,
            }
        assert dossier is not None
        assert item is not None
        assert (dossier.postage.balance, dossier.fees.owed) == (25_000, 9_000)
        assert item.invited_on == (cast.today,)
    finally:
        store.close()


def test_migrating_again_folds_nothing_twice(store: Store) -> None:
    store.migrate()
    store.migrate()
    with store.read() as reader:
        assert reader.books.totals() == {}


def _by(at: datetime) -> dict[str, Any]:
    return {"by": cast.lan.as_author(), "occurred_at": at}


def _upgrade_to(store: Store, revision: str) -> None:
    settings = migrations.config()
    with store.database.writing() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, revision)


def _write_as_before(store: Store, family: str, thing: Item | Dossier, happened: list[Event]) -> None:
    """Write events and a state as an older version did: without the fields that came later."""
    with store.database.writing() as connection:
        for version, event in enumerate(happened, start=1):
            data = {k: v for k, v in json.loads(codec.dumps(event)).items() if k not in _NEW_EVENT_FIELDS}
            connection.execute(
                text(
                    "INSERT INTO event (id, stream, version, family, kind, data, occurred_at, recorded_at, account, "
                    "place, device) VALUES (:id, :stream, :version, :family, :kind, :data, :at, :at, :account, :place, "
                    "'')"
                ),
                {
                    "id": f"{thing.code}{version:06d}".encode(),
                    "stream": thing.code,
                    "version": version,
                    "family": family,
                    "kind": type(event).__name__,
                    "data": json.dumps(data, ensure_ascii=False),
                    "at": event.occurred_at.isoformat(sep=" ") if store.name == "sqlite" else event.occurred_at,
                    "account": event.by.account,
                    "place": event.by.place,
                },
            )
        state = {k: v for k, v in json.loads(codec.dumps(thing)).items() if k not in _NEW_STATE_FIELDS}
        _state_row(connection, thing, json.dumps(state, ensure_ascii=False))


def _state_row(connection: Any, thing: Item | Dossier, state: str) -> None:
    at = cast.monday if connection.dialect.name != "sqlite" else cast.monday.isoformat(sep=" ")
    if isinstance(thing, Dossier):
        connection.execute(
            text(
                "INSERT INTO dossier (code, version, status, procedure, office, desk, department, official_code, "
                "opened_at, state) VALUES (:code, 1, 1, '', '', '', '', '', :at, :state)"
            ),
            {"code": thing.code, "at": at, "state": state},
        )
        return
    connection.execute(
        text(
            "INSERT INTO item (code, version, kind, dossier, custody, custodian_key, custodian_place, offered_to, "
            "destination, trouble, postal_number, last_at, state) VALUES (:code, 1, 'result', '', 'held', '', '', '', "
            "'', '', '', :at, :state)"
        ),
        {"code": thing.code, "at": at, "state": state},
    )
