"""The catalogue at the terminal: importing lists, and telling when something is due."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from postal.cli import answers, opening
from postal.cli.answers import Json
from postal.domain.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from postal.domain.calendars import WorkCalendar
    from postal.domain.clocks import Due, Limit
    from postal.domain.procedures import ProcedureVersion
    from postal.services.catalogue import Imported
    from postal.services.importing import RowError


class WrongTime(Refused):
    """A time is given as ISO 8601 writes it."""

    code = "wrong_time"
    vi = "Không đọc được thời điểm “{text}”. Viết như 2026-11-20T09:00:00+07:00; không ghi múi giờ là giờ Việt Nam."
    en = "“{text}” is no time. Write it like 2026-11-20T09:00:00+07:00."


class NothingToCount(Refused):
    """Either a procedure or a limit says how much time there is."""

    code = "nothing_to_count"
    vi = "Chưa biết thời hạn. Thêm --procedure MÃ, hoặc --limit SỐ --unit working|calendar|hours."
    en = "The limit is unknown. Give --procedure CODE, or --limit N --unit working|calendar|hours."


class LimitUnknown(Refused):
    """The list gives no limit that can be counted."""

    code = "limit_unknown"
    vi = "Thủ tục {procedure} chưa có thời hạn đã xác minh ({text}). Xem quyết định công bố rồi dùng --limit và --unit."
    en = "Procedure {procedure} has no verified limit ({text}). Use --limit and --unit."


class UnknownEnding(Refused):
    """The end of a file's name says how it is written."""

    code = "unknown_ending"
    vi = "Không ghi được tệp đuôi {ending}. Dùng .xlsx, .zip hoặc .csv."
    en = "A file ending in {ending} cannot be written. Use .xlsx, .zip or .csv."


class LimitUnit(StrEnum):
    """What a limit is counted in."""

    WORKING = "working"
    CALENDAR = "calendar"
    HOURS = "hours"


class Mode(StrEnum):
    """Who receives for the authority."""

    A = "A"
    B = "B"


File = Annotated[
    Path, typer.Argument(help="Tệp CSV (UTF-8, UTF-16, Windows-1258) hoặc XLSX.", exists=True, dir_okay=False)
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Chỉ kiểm tra, không ghi gì.")]
Errors = Annotated[Path | None, typer.Option(help="Ghi các dòng lỗi ra tệp CSV, thêm cột “Lỗi”.")]


def import_procedures(file: File, dry_run: DryRun = False, errors: Errors = None, as_json: Json = False) -> None:
    """Nhập thủ tục, giấy tờ hoặc cả hai; thay đổi thành phiên bản mới, hồ sơ cũ giữ phiên bản cũ. CSV, XLSX, ZIP."""
    from postal.services import catalogue

    if dry_run and not as_json:
        _preview(file)
    run_import(catalogue.import_procedures, file, dry_run=dry_run, errors=errors, as_json=as_json)


def _preview(file: Path) -> None:
    """Tell what a file would have done to last month's dossiers."""
    from postal.queries import previews
    from postal.services import catalogue

    at = opening.now()
    with opening.store() as store:
        found = previews.preview(store, catalogue.plan_procedures(store, file.read_bytes(), at=at).changes, at=at)
    print(
        f"Hồ sơ tháng vừa qua của các thủ tục thay đổi: {found.looked_at}. Khác hẹn trả {found.due_dates}, "
        f"khác cơ quan {found.authorities}, khác phí {found.fees}, không gửi được nữa {found.carrying}."
    )


def export_procedures(
    out: Annotated[Path, typer.Argument(help="Tệp .xlsx hoặc .zip (thủ tục và giấy tờ), hoặc .csv.", dir_okay=False)],
    papers: Annotated[bool, typer.Option("--papers", help="Với .csv: giấy tờ thay vì thủ tục.")] = False,
) -> None:
    """Ghi mọi phiên bản thủ tục ra tệp; nhập lại tệp đó không thay đổi gì."""
    from postal.services import exporting

    with opening.store() as store:
        versions = exporting.all_versions(store)
    writers = {
        ".xlsx": exporting.catalogue_xlsx,
        ".zip": exporting.catalogue_zip,
        ".csv": exporting.papers_csv if papers else exporting.procedures_csv,
    }
    if out.suffix not in writers:
        raise UnknownEnding(ending=out.suffix or "không có")
    answers.write(out, writers[out.suffix](versions))
    print(f"Đã ghi {len(versions)} phiên bản vào {out}.")


def export_tariffs(
    out: Annotated[Path, typer.Argument(help="Tệp .csv.", dir_okay=False)],
    fees: Annotated[bool, typer.Option("--fees", help="Phí, lệ phí thay vì cước.")] = False,
) -> None:
    """Ghi bảng giá ra tệp CSV; nhập lại tệp đó không thay đổi gì."""
    from postal.services import tariffs

    with opening.store() as store:
        answers.write(out, tariffs.exported(store, "fees" if fees else "postage"))
    print(f"Đã ghi bảng giá vào {out}.")


def import_offices(file: File, dry_run: DryRun = False, errors: Errors = None, as_json: Json = False) -> None:
    """Nhập bưu cục; danh sách công khai không ghi đè bưu cục đã có."""
    from postal.services import catalogue

    run_import(catalogue.import_offices, file, dry_run=dry_run, errors=errors, as_json=as_json)


def import_authorities(file: File, dry_run: DryRun = False, errors: Errors = None, as_json: Json = False) -> None:
    """Nhập Một cửa và cơ quan giải quyết; cột “successor” ghi nơi kế thừa của cơ quan đã sáp nhập."""
    from postal.services import catalogue

    run_import(catalogue.import_authorities, file, dry_run=dry_run, errors=errors, as_json=as_json)


def import_territories(file: File, dry_run: DryRun = False, errors: Errors = None, as_json: Json = False) -> None:
    """Nhập tuyến phát: xã, thôn, đường theo thứ tự, bưu tá theo ngày, giờ làm việc; tuyến cùng mã được thay."""
    from postal.services import catalogue

    run_import(catalogue.import_territories, file, dry_run=dry_run, errors=errors, as_json=as_json)


def import_tariffs(file: File, dry_run: DryRun = False, errors: Errors = None, as_json: Json = False) -> None:
    """Nhập bảng giá cước hoặc phí, lệ phí; có một dòng sai thì không nhập dòng nào."""
    from postal.services import tariffs

    run_import(tariffs.import_tariffs, file, dry_run=dry_run, errors=errors, as_json=as_json)


def run_import(
    run: "Callable[..., Imported]", file: Path, *, dry_run: bool, errors: Path | None, as_json: bool
) -> None:
    """Import a file, tell what it did, and end with 1 if a row was kept out."""
    from postal.services import importing

    content = file.read_bytes()
    with opening.store() as store:
        done = run(store, content, at=opening.now(), dry_run=dry_run)
    if errors is not None and done.errors:
        for path, sheet, found in _error_files(errors, done):
            answers.write(path, importing.error_file(content, found, sheet=sheet))
    answers.give(done, _report(done), as_json=as_json)
    if done.errors:
        raise typer.Exit(1)


def _error_files(path: Path, done: "Imported") -> "list[tuple[Path, int, tuple[RowError, ...]]]":
    """Return which errors go to which file: a further sheet of a workbook has one of its own."""
    wrong = [sheet for sheet in done.sheets if sheet.errors]
    if not wrong:
        return [(path, 0, done.errors)]
    first, *more = wrong
    others = [(path.with_stem(f"{path.stem}-{sheet.kind}"), sheet.sheet, sheet.errors) for sheet in more]
    return [(path, first.sheet, first.errors), *others]


def _report(done: "Imported") -> list[str]:
    would = "Sẽ nhập" if done.dry_run else "Đã nhập"
    total = f"{would}: {done.added} dòng mới, {done.changed} dòng thay đổi, {done.unchanged} dòng như cũ"
    merged = f", {done.merged} dòng kênh khác của cùng thủ tục" if done.merged else ""
    lines = [f"Đọc {done.read} dòng. {total}{merged}, {len(done.errors)} lỗi."]
    for name, found in (("Lỗi", done.errors), ("Lưu ý", done.notes)):
        lines += [f"{name} dòng {one.row}, cột {one.column}: {one.message}" for one in found]
    return lines


EARLIEST, LATEST = 1990, 2200
"""Years between which a start is taken for meant."""


class Way(StrEnum):
    """How days are counted; each organisation chooses one."""

    CIVIL_CODE = "civil_code"
    HOURS_PRACTICE = "hours_practice"


# --- due dates --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class DueAnswer:
    """When something is due, as the terminal tells it."""

    due: datetime
    due_on: str
    provisional: bool
    received: datetime
    mode: str
    counting: str
    procedure: str
    limit: str
    steps: tuple[dict[str, str], ...]


def due(
    received: Annotated[
        str, typer.Option(help="Thời điểm bắt đầu: hai bên ký (A) hoặc bưu điện cấp giấy tiếp nhận (B).")
    ],
    procedure: Annotated[str, typer.Option(help="Mã thủ tục trong danh mục.")] = "",
    limit: Annotated[int | None, typer.Option(help="Thời hạn, khi không theo thủ tục.", min=1, max=3660)] = None,
    unit: Annotated[LimitUnit, typer.Option(help="Đơn vị của --limit.")] = LimitUnit.WORKING,
    mode: Annotated[Mode, typer.Option(help="A: Một cửa tiếp nhận; B: bưu điện tiếp nhận thay cơ quan.")] = Mode.A,
    counting: Annotated[Way, typer.Option(help="Cách đếm ngày mà cơ quan đã chọn.")] = Way.CIVIL_CODE,
    as_json: Json = False,
) -> None:
    """Tính ngày hẹn trả theo lịch làm việc của cơ quan nhà nước, kèm từng bước giải thích và căn cứ."""
    started_at = instant(received)
    version, calendar = _known(procedure, on=started_at)
    budget = _limit(version, limit, unit)
    answer = _counted(budget, started_at, calendar=calendar, mode=mode, way=counting)
    told = _told(answer, started_at, version, budget, mode, counting)
    lines = [f"Hẹn trả: {_written(answer)}{' (tạm tính)' if answer.provisional else ''}."]
    lines += [f"{n}. {step.text}{f' [{step.basis}]' if step.basis else ''}" for n, step in enumerate(answer.steps, 1)]
    answers.give(told, lines, as_json=as_json)


def _counted(budget: "Limit | None", started_at: datetime, *, calendar: "WorkCalendar", mode: Mode, way: Way) -> "Due":
    """Return when it is due; what started it and which way was counted stand among the steps."""
    from dataclasses import replace

    from postal.domain import clocks
    from postal.domain.clocks import Counting, CountingRule

    start = clocks.SIGNED_AT_DESK if mode is Mode.A else clocks.SLIP_ISSUED_BY_POST
    if budget is None:
        answer = clocks.same_day(started_at, calendar=calendar)
        return replace(answer, steps=(clocks.start_step(started_at, start), *answer.steps))
    rule = CountingRule(counting=Counting(way.value))
    answer = clocks.due(budget, started_at=started_at, calendar=calendar, counting=rule.counting, start=start)
    first, *rest = answer.steps
    return replace(answer, steps=(first, rule.step(budget), *rest))


def instant(text: str) -> datetime:
    """Return a time as ISO 8601 writes it, Vietnam's where it names no zone. Raises: WrongTime."""
    from postal.domain import calendars

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise WrongTime(text=text) from None
    if not EARLIEST <= at.year <= LATEST:
        raise WrongTime(text=text)
    return at.replace(tzinfo=calendars.VIETNAM) if at.tzinfo is None else at


def _limit(version: "ProcedureVersion | None", limit: int | None, unit: LimitUnit) -> "Limit | None":
    """Return the limit to count; None for a procedure that ends on the day."""
    from postal.domain.clocks import Limit, Unit

    if limit is not None:
        return Limit(limit, Unit(unit.value))
    if version is None:
        raise NothingToCount
    if version.limit is None and not version.same_day:
        raise LimitUnknown(procedure=version.code, text=version.limit_text or "danh mục không ghi")
    return None if version.same_day else version.limit


def _known(procedure: str, *, on: datetime) -> "tuple[ProcedureVersion | None, WorkCalendar]":
    """Return the procedure and the state's calendar: the ones kept here, else those the product ships."""
    from postal.domain import calendars, procedures

    day = calendars.local(on).date()
    if has_database():
        with opening.any_store() as store, store.read() as reader:
            version = reader.reference.procedure(procedure, on=day) if procedure else None
            return version, reader.reference.calendar("state")
    from postal.services import shipped

    version = procedures.in_force(shipped.procedures(), code=procedure, on=day) if procedure else None
    return version, calendars.from_csv(shipped.calendars()["state"])


def has_database() -> bool:
    """Tell whether there is a seeded database; a question about dates must not make one."""
    url = opening.settings().database_url
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).exists():
        return False
    with opening.any_store() as store:
        if store.migration_pending():
            return False
        with store.read() as reader:
            return bool(reader.reference.procedures(on=opening.now().date()))


def _told(
    answer: "Due",
    started_at: datetime,
    version: "ProcedureVersion | None",
    budget: "Limit | None",
    mode: Mode,
    way: Way,
) -> DueAnswer:
    return DueAnswer(
        due=answer.due_at,
        due_on=answer.due_on.isoformat(),
        provisional=answer.provisional,
        received=started_at,
        mode=mode.value,
        counting=way.value,
        procedure=version.code if version else "",
        limit=str(budget) if budget else "trong ngày",
        steps=tuple({"text": step.text, "basis": step.basis} for step in answer.steps),
    )


def _written(answer: "Due") -> str:
    from postal.domain import calendars

    return f"{answer.due_at:%H:%M} {calendars.written(answer.due_on)}"
