"""How fast a desk's list of its work opens when it is full, as one JSON line: `python -m bench.desk`."""

import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from postal.domain.events import ReturnWay, Service
from postal.domain.supplements import AskedPaper
from postal.queries import desk
from postal.services import agency, catalogue, custody, registration
from postal.services.registration import PaperEntry, Registration
from postal.store import Store, sqlite_url
from tests import cast, databases

DAYS = 10
A_DAY = desk.MOST_ROWS // DAYS
REPEATS = 5
PROCEDURES = ("1.004873", "2.000635", "1.004884", "1.001193", "1.014027", "1.004837")
"""All are decided at the commune; the desk has received half of them, and asked for a supplement now and then."""

draw = random.Random(11).randrange


def main() -> None:
    """Print how many rows the list has, and the seconds of its first opening and of the middle one of several."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(sqlite_url(Path(folder) / "desk.db"), secret_key=databases.SECRET_KEY)
        try:
            _fill(store)
            first, *others = (_open(store) for _ in range(REPEATS + 1))
        finally:
            store.close()
    figures = {"rows": first[0], "first_seconds": first[1], "seconds": statistics.median(took for _, took in others)}
    print(json.dumps(figures))


def _open(store: Store) -> tuple[int, float]:
    begun = time.perf_counter()
    page = desk.desk_page(store, actor=cast.xuan, at=cast.after(days=DAYS))
    return sum(len(group.lines) for group in page.groups), round(time.perf_counter() - begun, 4)


def _fill(store: Store) -> None:
    store.migrate()
    catalogue.seed(store, at=cast.monday)
    for day in range(DAYS):
        made = [_registered(store, number, day=day) for number in range(A_DAY)]
        _carry(store, [at_counter.item.code for at_counter in made if at_counter.item], day=day)
        for number, at_counter in enumerate(made):
            _work_on(store, at_counter.dossier.code, number, day=day)


def _registered(store: Store, number: int, *, day: int) -> registration.AtCounter:
    form = Registration(
        service=Service.BOTH,
        procedure=PROCEDURES[number % len(PROCEDURES)],
        sender=cast.khanh,
        case_commune="20242",
        return_way=ReturnWay.HOME,
        papers=(PaperEntry(name="Tờ khai", originals=1), PaperEntry(name="Giấy tờ kèm theo", copies=2)),
        why_incomplete="đủ theo trang của cơ quan",
        seal=f"{day}{number:05}",
        postage=30_000,
        postage_basis="bảng giá",
    )
    return registration.register(store, form, by=cast.lan, at=cast.after(days=day), below=draw)


def _carry(store: Store, items: Sequence[str], *, day: int) -> None:
    """Hand items to transport and on to the commune's desk."""
    on_the_way, there = cast.after(days=day, hours=1), cast.after(days=day, hours=2)
    record = custody.offer(store, items, to=cast.transport, by=cast.lan, at=on_the_way, below=draw)
    custody.accept(store, record.code, by=cast.tai, at=on_the_way)
    record = custody.offer(store, items, to=cast.commune_desk, by=cast.tai, at=there, below=draw)
    custody.accept(store, record.code, by=cast.xuan, at=there)


def _work_on(store: Store, code: str, number: int, *, day: int) -> None:
    if number % 2:
        return
    official = f"H48.17-2611{16 + day}-{number + 1:04}"
    agency.receive(store, code, official_code=official, by=cast.xuan, at=cast.after(days=day, hours=3))
    agency.take_into_work(store, code, by=cast.xuan, at=cast.after(days=day, hours=4))
    if number % 8 == 0:
        asked_at = cast.after(days=day, hours=5)
        due_on = cast.post_calendar.add_working_days(asked_at.date(), 10)
        papers = [AskedPaper(name="Giấy khai sinh")]
        agency.ask_supplement(store, code, papers=papers, due_on=due_on, by=cast.xuan, at=asked_at)


if __name__ == "__main__":
    main()
