"""One of two who accept the same items at the same moment: `python -m tests.store.racing URL ACCOUNT [blind]`.

It reads every item first, then takes heat after heat of them: it waits at the barrier and accepts each in a transaction
of its own, with what it read, in an order of its own. One order for both lets whoever is a step ahead win everything.
Who is blind writes the state of an item without looking whether somebody else has written it meanwhile.
"""

import json
import random
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select, update

from postal.domain.item import Item
from postal.domain.lifecycle import Overtaken
from postal.store import Store
from postal.store.ledger import FAMILIES, Family, Ledger, columns_of
from tests import cast, databases

RECEIVERS = {"hoa": cast.hoa, "binh": cast.binh}
HEAT = 50
"""Items between two barriers, so that both are at the same ones all the time."""


def main() -> None:
    """Race, and print how many were won and lost as JSON."""
    url, account, *how = sys.argv[1:]
    if how == ["blind"]:
        vars(Ledger)["_update_states"]  # the name must be the ledger's own, or nothing would be blind
        setattr(Ledger, "_update_states", _write_without_looking)  # noqa: B010 - mypy wants the very same signature
    store = Store.open(url, secret_key=databases.SECRET_KEY)
    try:
        outcomes = [won for heat in _heats(_offered(store)) for won in _run(store, heat, account=account)]
    finally:
        store.close()
    _say(json.dumps({"won": outcomes.count(True), "lost": outcomes.count(False)}))


def _write_without_looking(self: Ledger, family: Family, things: Sequence[Any], before: Mapping[str, int]) -> None:
    for each in things:
        row = update(family.table).where(family.table.c.code == each.code)
        self._connection.execute(row.values(**columns_of(each)))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _offered(store: Store) -> list[Item]:
    table = FAMILIES[Item].table
    with store.read() as reader:
        return reader.things(Item, select(table.c.state).where(table.c.custody == "offered").order_by(table.c.code))


def _heats(things: list[Item]) -> list[list[Item]]:
    return [things[at : at + HEAT] for at in range(0, len(things), HEAT)]


def _run(store: Store, heat: list[Item], *, account: str) -> list[bool]:
    """Accept the items of a heat once both are at the barrier."""
    own_order = random.Random(f"{account} {heat[0].code}").sample(heat, len(heat))
    _say("ready")
    sys.stdin.readline()
    return list(_accept_each(store, own_order, account=account))


def _accept_each(store: Store, things: list[Item], *, account: str) -> Iterator[bool]:
    by = RECEIVERS[account]
    for thing in things:
        event = thing.accept(by=by, at=cast.after(hours=1))
        try:
            with store.begin(at=cast.after(hours=1)) as ledger:
                ledger.append(thing, event)
        except Overtaken:
            yield False
        else:
            yield True


if __name__ == "__main__":
    main()
