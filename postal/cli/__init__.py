"""The terminal door: `python main.py <command>`. Every command answers in Vietnamese, or in JSON for machines.

Exit codes: 0 done, 1 a rule said no or something was found, 2 the command line itself was wrong.
"""

import sys
from collections.abc import Callable, Sequence

import typer
from typer.exceptions import TyperException

from postal.cli import catalogue, competence, counter, house, people, prints, rounds, scanning, tracking, trying
from postal.domain.refusals import Refused

app = typer.Typer(
    help="Hồ sơ qua bưu chính: máy chủ, dữ liệu, tài khoản, in ấn, tra cứu, tính hạn, chạy thử.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
users = typer.Typer(
    help="Tài khoản: thêm, liệt kê, đổi mật khẩu, khóa, mở.", no_args_is_help=True, rich_markup_mode=None
)
imports = typer.Typer(help="Nhập danh mục từ tệp CSV, báo lỗi từng dòng.", no_args_is_help=True, rich_markup_mode=None)
routes = typer.Typer(
    help="Tuyến phát: danh sách, đường đi và biểu đồ ra tệp.", no_args_is_help=True, rich_markup_mode=None
)
exports = typer.Typer(help="Ghi danh mục ra tệp để nhập lại được.", no_args_is_help=True, rich_markup_mode=None)

COMMANDS: dict[str, Callable[..., None]] = {
    "migrate": house.migrate,
    "seed": house.seed,
    "verify": house.verify,
    "doctor": house.doctor,
    "version": house.version,
    "register": counter.register,
    "label": prints.label,
    "receipt": prints.receipt,
    "form": prints.form,
    "track": tracking.track,
    "due": catalogue.due,
    "competent": competence.competent,
    "demo": trying.demo,
    "simulate": trying.simulate,
    "scans": scanning.scans,
    "erase": scanning.erase,
}
USER_COMMANDS: dict[str, Callable[..., None]] = {
    "add": people.add,
    "list": people.list_all,
    "passwd": people.passwd,
    "disable": people.disable,
    "enable": people.enable,
}
IMPORT_COMMANDS: dict[str, Callable[..., None]] = {
    "procedures": catalogue.import_procedures,
    "offices": catalogue.import_offices,
    "authorities": catalogue.import_authorities,
    "territories": catalogue.import_territories,
    "tariffs": catalogue.import_tariffs,
    "lanes": competence.import_lanes,
    "delegations": competence.import_delegations,
    "successions": competence.import_successions,
}

EXPORT_COMMANDS: dict[str, Callable[..., None]] = {
    "procedures": catalogue.export_procedures,
    "tariffs": catalogue.export_tariffs,
}
ROUTE_COMMANDS: dict[str, Callable[..., None]] = {
    "sheet": rounds.sheet,
    "charts": rounds.charts,
}

_GROUPS = (
    (app, COMMANDS),
    (users, USER_COMMANDS),
    (imports, IMPORT_COMMANDS),
    (exports, EXPORT_COMMANDS),
    (routes, ROUTE_COMMANDS),
)
for _group, _commands in _GROUPS:
    for _name, _command in _commands.items():
        _group.command(_name)(_command)
app.add_typer(users, name="user")
app.add_typer(imports, name="import")
app.add_typer(exports, name="export")
app.add_typer(routes, name="route")

_MISUSE = {
    "NoSuchOption": "không có tùy chọn {what}",
    "NoSuchCommand": "không có lệnh này",
    "MissingParameter": "thiếu {what}",
    "BadParameter": "giá trị của {what} không dùng được",
    "BadOptionUsage": "tùy chọn {what} thiếu giá trị",
    "FileError": "không mở được tệp {what}",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    try:
        answer = app(args=None if arguments is None else list(arguments), standalone_mode=False)
    except Refused as refused:
        _say(str(refused))
        return 1
    except TyperException as misuse:
        _say(f"Lệnh chưa đúng: {_misuse(misuse)}. Thêm --help để xem cách dùng. ({misuse.format_message()})")
        return misuse.exit_code
    except typer.Abort:
        _say("Đã dừng.")
        return 1
    return answer if isinstance(answer, int) else 0


def _misuse(error: TyperException) -> str:
    """Return what is wrong with the command line; the library tells it in English only."""
    words = _MISUSE.get(type(error).__name__, "không có lệnh hoặc tham số này")
    return words.format(what=_named(error))


def _named(error: TyperException) -> str:
    parameter = getattr(error, "param", None)
    if parameter is not None:
        return str(parameter.get_error_hint())
    return str(getattr(error, "option_name", "") or getattr(error, "filename", "") or "tham số")


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)
