"""The desk's list: what waits here, each line with its own procedure and date, read at one go."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine, event

from postal.domain import calendars
from postal.domain.events import ReturnWay, Service
from postal.queries import desk
from postal.services import agency, custody, registration
from postal.services.registration import PaperEntry, Registration
from postal.store import Store
from tests import cast

NAMES = {
    "1.004873": "Thủ tục cấp Giấy xác nhận tình trạng hôn nhân",
    "1.004884": "Thủ tục đăng ký lại khai sinh",
}
"""What the commune decides in three and in five calendar days."""


def arrived(store: Store, count: int, *, seed: int) -> list[str]:
    """Return dossiers of two procedures, received at the commune's desk on Monday."""
    procedures = [list(NAMES)[number % 2] for number in range(count)]
    made = [_registered(store, procedure, seed=seed * 100 + n) for n, procedure in enumerate(procedures)]
    items = [at_counter.item.code for at_counter in made if at_counter.item]
    _carry(store, items, seed=seed)
    codes = [at_counter.dossier.code for at_counter in made]
    for number, code in enumerate(codes, start=1):
        official = f"H48.17-261116-{seed}{number:03}"
        agency.receive(store, code, official_code=official, by=cast.xuan, at=cast.after(hours=3))
    return codes


def _registered(store: Store, procedure: str, *, seed: int) -> registration.AtCounter:
    form = Registration(
        service=Service.BOTH,
        procedure=procedure,
        sender=cast.khanh,
        case_commune="20242",
        return_way=ReturnWay.HOME,
        papers=(PaperEntry(name="Tờ khai", originals=1),),
        why_incomplete="đủ theo trang của cơ quan",
        seal="881245",
    )
    return registration.register(store, form, by=cast.lan, at=cast.monday, below=cast.below(seed))


def _carry(store: Store, items: list[str], *, seed: int) -> None:
    record = custody.offer(store, items, to=cast.transport, by=cast.lan, at=cast.monday, below=cast.below(seed))
    custody.accept(store, record.code, by=cast.tai, at=cast.after(hours=1))
    record = custody.offer(store, items, to=cast.commune_desk, by=cast.tai, at=cast.monday, below=cast.below(seed + 50))
    custody.accept(store, record.code, by=cast.xuan, at=cast.after(hours=2))


def lines_of(store: Store, *, days: int = 0) -> dict[str, desk.DeskLine]:
    page = desk.desk_page(store, actor=cast.xuan, at=cast.after(days=days, hours=4))
    return {line.code: line for group in page.groups for line in group.lines}


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the SELECTs that are sent to any database."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            seen.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def test_each_line_has_its_own_procedure_and_date(seeded: Store) -> None:
    arrived(seeded, 2, seed=1)
    found = {line.procedure: line for line in lines_of(seeded).values()}
    assert found.keys() == set(NAMES.values())
    shown = [found[name].shown_at for name in NAMES.values()]
    assert [calendars.local(at).day for at in shown if at] == [19, 23], "Saturday moves the second to Monday"


def test_lateness_is_counted_in_working_days_line_by_line(seeded: Store) -> None:
    arrived(seeded, 2, seed=1)
    late = {line.procedure: line.late_days for line in lines_of(seeded, days=7).values()}
    assert late == {NAMES["1.004873"]: 2, NAMES["1.004884"]: 0}


def test_a_long_list_asks_the_database_no_more_often_than_a_short_one(seeded: Store) -> None:
    arrived(seeded, 2, seed=1)
    with statements() as for_two:
        assert len(lines_of(seeded)) == 2
    arrived(seeded, 10, seed=2)
    with statements() as for_twelve:
        assert len(lines_of(seeded)) == 12
    assert len(for_twelve) == len(for_two) < 15
