"""Runs at the terminal: a run's list and way as a file, and the day of an office in charts."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from postal.cli import answers, catalogue, opening
from postal.cli.answers import Json
from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Role
from postal.domain.refusals import Refused
from postal.domain.run import DeliveryRun

if TYPE_CHECKING:
    from postal.store import Store

TERMINAL = "terminal"


class UnknownKind(Refused):
    """A file is written in the kind that its name ends with."""

    code = "unknown_file_kind"
    vi = "Không ghi được tệp “{kind}”. Đặt tên tệp kết thúc bằng một trong: {known}."
    en = "There is no file of the kind “{kind}”. End the name of the file with one of: {known}."


def sheet(
    code: Annotated[str, typer.Argument(help="Mã chuyến phát (bắt đầu bằng R).")],
    out: Annotated[Path, typer.Option(help="Tệp để ghi: .pdf, .csv, .xlsx, .gpx hoặc .geojson.", dir_okay=False)],
    as_json: Json = False,
) -> None:
    """Ghi danh sách phát của một chuyến (có tên và địa chỉ), hoặc đường đi của chuyến."""
    from postal.services import audit

    wanted, at, kind = codes.parse(code, kind=CodeKind.RUN).text, opening.now(), out.suffix.lower().lstrip(".")
    if kind not in _WRITERS:
        raise UnknownKind(kind=kind, known=", ".join(_WRITERS))
    with opening.store() as store:
        content = _WRITERS[kind](store, wanted, at)
        audit.note(store, account=TERMINAL, place="", what="run_printed", subject=wanted, at=at)
    answers.write(out, content)
    answers.give(
        {"file": str(out), "run": wanted}, [f"Đã ghi chuyến {codes.shown(wanted)} vào {out}."], as_json=as_json
    )


def charts(
    office: Annotated[str, typer.Argument(help="Mã bưu cục.")],
    out: Annotated[Path, typer.Option(help="Tệp PDF để ghi.", dir_okay=False)],
    day: Annotated[str, typer.Option(help="Ngày, dạng 2026-11-23; bỏ trống là hôm nay.")] = "",
    as_json: Json = False,
) -> None:
    """Ghi biểu đồ các chuyến trong ngày của một bưu cục, mỗi biểu đồ kèm bảng số liệu."""
    from postal.printing import records
    from postal.queries import day_charts

    with opening.store() as store:
        on = catalogue.instant(day).date() if day else None
        page = day_charts.charts_page(store, actor=_operator(office), at=opening.now(), day=on, office=office)
    answers.write(out, records.charts_pdf(page))
    told = {"file": str(out), "runs": page.runs, "says": {each.key: each.says for each in page.charts.charts}}
    lines = [f"{each.title}: {each.says}" for each in page.charts.charts]
    answers.give(told, [*lines, f"Đã ghi {len(lines)} biểu đồ vào {out}."], as_json=as_json)


def _listed(store: "Store", code: str, at: datetime, *, kind: str) -> bytes:
    from postal.printing import records
    from postal.queries import runsheets

    with store.read() as reader:
        found = reader.thing(DeliveryRun, code)
    if found is None:
        raise UnknownCode(thing=codes.shown(code))
    page = runsheets.sheet_page(store, code, actor=_operator(found.office), at=at)
    writers = {"pdf": records.runsheet_pdf, "csv": records.runsheet_csv, "xlsx": records.runsheet_xlsx}
    return writers[kind](page)


def _way(store: "Store", code: str, *, kind: str) -> bytes:
    from postal.services import navigation

    return navigation.of_run(store, code, kind=kind, is_near=True).encode()


_WRITERS: dict[str, Callable[["Store", str, datetime], bytes]] = {
    "pdf": lambda store, code, at: _listed(store, code, at, kind="pdf"),
    "csv": lambda store, code, at: _listed(store, code, at, kind="csv"),
    "xlsx": lambda store, code, at: _listed(store, code, at, kind="xlsx"),
    "gpx": lambda store, code, _: _way(store, code, kind="gpx"),
    "geojson": lambda store, code, _: _way(store, code, kind="geojson"),
}
"""How a run is written, by the end of the file's name."""


def _operator(place: str) -> Actor:
    """Return whoever runs this machine as somebody acting at a place: he holds the keys of the data anyway."""
    return Actor(account=TERMINAL, name="Quản trị máy chủ", place=place, roles=frozenset({Role.CONTROLLER}))
