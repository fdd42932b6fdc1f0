"""Trying the product out: a living demo, and many journeys to measure."""

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from postal.cli import answers, opening
from postal.cli.answers import Json
from postal.domain.refusals import Refused

if TYPE_CHECKING:
    from postal.store import Store


class NotInProduction(Refused):
    """Made-up data stays out of a database that serves people."""

    code = "not_in_production"
    vi = "POSTAL_PRODUCTION=1: không tạo dữ liệu giả trong máy chạy thật. Dùng một máy và một cơ sở dữ liệu khác."
    en = "POSTAL_PRODUCTION=1: no made-up data on a machine that serves people."


@dataclass(frozen=True, kw_only=True, slots=True)
class Measured:
    """What a simulation did. `seconds` is the journeys alone, `cpu_seconds` what they cost on a busy machine; making
    tables, catalogue and accounts is `setup_seconds`."""

    dossiers: int
    delivered: int
    by_status: dict[str, int]
    handovers: int
    discrepancies: int
    custody_violations: int
    items: dict[str, int]
    closed: int
    not_closed: int
    originals_came: int
    originals_owed: int
    fees_collected: int
    fees_remitted: int
    fees_refunded: int
    fees_left: int
    mismatches: int
    seconds: float
    cpu_seconds: float
    dossiers_per_second: float
    database: str
    events: int
    events_per_second: float
    days: int
    still_on_the_way: int
    setup_seconds: float
    seed: int
    ok: bool


Seed = Annotated[int, typer.Option(help="Số gieo: cùng số thì cùng dữ liệu.")]


def demo(
    if_empty: Annotated[
        bool, typer.Option("--if-empty", help="Đã có hồ sơ thì không làm gì, và không coi là lỗi.")
    ] = False,
    seed: Seed = 2026,
    dossiers: Annotated[int, typer.Option(help="Số hồ sơ.", min=1, max=20_000)] = 400,
    as_json: Json = False,
) -> None:
    """Tạo hai tuần hồ sơ giả đi qua đúng các dịch vụ thật, kết thúc vào lúc này, còn việc cho mọi màn hình."""
    from postal.services import demo as demonstration
    from postal.services.demonstration.staff import PASSWORD

    if opening.settings().production:
        raise NotInProduction
    chance = random.Random(seed)  # noqa: S311 - made-up data repeats itself on purpose
    with opening.store(token_bytes=chance.randbytes) as store:
        if if_empty and _has_dossiers(store):
            answers.give({"made": False}, ["Đã có hồ sơ, giữ nguyên dữ liệu."], as_json=as_json)
            return
        made = demonstration.make(
            store,
            chance=chance,
            now=opening.now(),
            dossiers=dossiers,
            progress=answers.progress("Đang tạo dữ liệu giả", total=dossiers),
        )
    answers.give(
        {"made": True, "dossiers": made.citizens, "days": made.days, "seed": seed},
        [f"Đã tạo {made.citizens} hồ sơ giả trong {made.days} ngày làm việc. Mật khẩu mọi tài khoản: {PASSWORD}"],
        as_json=as_json,
    )


def simulate(
    dossiers: Annotated[int, typer.Option(help="Số hồ sơ.", min=1, max=200_000)],
    seed: Seed = 1,
    database: Annotated[str, typer.Option(help="Cơ sở dữ liệu trống; mặc định là tệp SQLite tạm.")] = "",
    as_json: Json = False,
) -> None:
    """Cho nhiều hồ sơ đi trọn đường qua các dịch vụ thật, rồi để sổ sự việc tự chứng minh không có hai người giữ."""
    from postal.queries import figures
    from postal.services import verification

    chance = random.Random(seed)  # noqa: S311 - a simulation repeats itself on purpose
    with _empty_store(database, token_bytes=chance.randbytes) as store:
        played = _play(store, dossiers=dossiers, chance=chance)
        found = figures.figures(store)
        proof = verification.verify(store)
        name = store.name
    fees = next(sums for sums in proof.money if sums.ledger == "fees")
    everything_ended = not (found.open or proof.originals_owed or fees.held or played.still_on_the_way)
    told = Measured(
        dossiers=found.dossiers,
        delivered=found.delivered,
        by_status=found.by_status,
        handovers=found.handovers,
        discrepancies=found.discrepancies,
        custody_violations=len(proof.custody_violations),
        items=found.items,
        closed=found.closed,
        not_closed=found.open,
        originals_came=proof.originals_came,
        originals_owed=proof.originals_owed,
        fees_collected=fees.collected,
        fees_remitted=fees.remitted,
        fees_refunded=fees.refunded,
        fees_left=fees.held,
        mismatches=len(proof.mismatches) + len(proof.money_violations) + len(proof.originals_violations),
        seconds=round(played.seconds, 3),
        cpu_seconds=round(played.cpu_seconds, 3),
        dossiers_per_second=round(found.dossiers / played.seconds, 1),
        database=name,
        events=found.events,
        events_per_second=round(found.events / played.seconds, 1),
        days=played.days,
        still_on_the_way=played.still_on_the_way,
        setup_seconds=round(played.setup_seconds, 3),
        seed=seed,
        ok=proof.is_sound and everything_ended,
    )
    answers.give(told, _lines(told), as_json=as_json)
    if not told.ok:
        raise typer.Exit(1)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Played:
    """How long it took, and what the simulation itself says."""

    seconds: float
    cpu_seconds: float
    setup_seconds: float
    days: int
    still_on_the_way: int


def _play(store: "Store", *, dossiers: int, chance: random.Random) -> _Played:
    from postal.services import catalogue, simulation

    begun = time.perf_counter()
    store.migrate()
    catalogue.seed(store, at=opening.now())
    everybody = simulation.prepare(store, chance=chance)
    ready, worked = time.perf_counter(), time.process_time()
    done = simulation.run(everybody, dossiers=dossiers, progress=answers.progress("Đang cho hồ sơ đi", total=dossiers))
    return _Played(
        seconds=time.perf_counter() - ready,
        cpu_seconds=time.process_time() - worked,
        setup_seconds=ready - begun,
        days=done.days,
        still_on_the_way=done.still_on_the_way,
    )


@contextmanager
def _empty_store(url: str, *, token_bytes: Callable[[int], bytes]) -> Iterator["Store"]:
    """Open a database to play in: a temporary file, or one by its URL that holds no dossier yet."""
    from postal.services.demo import DemoNotEmpty

    with (
        tempfile.TemporaryDirectory(prefix="postal-") as folder,
        opening.any_store(url or f"sqlite:///{folder}/simulation.db", token_bytes=token_bytes) as store,
    ):
        if url and not store.migration_pending() and _has_dossiers(store):
            raise DemoNotEmpty
        yield store


def _has_dossiers(store: "Store") -> bool:
    with store.read() as reader:
        return reader.has_dossiers()


def _lines(told: Measured) -> Iterator[str]:
    yield f"{told.dossiers} hồ sơ, {told.delivered} đã phát, {told.handovers} biên bản giao nhận."
    yield f"{told.discrepancies} dòng không khớp, {told.custody_violations} lỗi người giữ, {told.mismatches} lỗi sổ."
    yield f"Đã đóng {told.closed} hồ sơ, còn mở {told.not_closed}."
    yield f"Bản chính phải trả {told.originals_came}, còn nợ {told.originals_owed}."
    money = (told.fees_collected, told.fees_remitted, told.fees_refunded, told.fees_left)
    yield "Phí, lệ phí: thu {} đ, nộp cơ quan {} đ, hoàn {} đ, còn giữ {} đ.".format(*money)
    speed = f"{told.dossiers_per_second} hồ sơ, {told.events_per_second} sự việc mỗi giây"
    yield f"{told.seconds} giây trên {told.database}: {speed}."
    yield from (f"  {word}: {many}" for word, many in told.by_status.items())
