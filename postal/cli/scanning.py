"""Papers at the terminal: taking in what a scanner wrote, and forgetting the people of a dossier."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from postal.cli import answers, opening
from postal.cli.answers import Json

if TYPE_CHECKING:
    from postal.services.scan_folder import Looked

EVERY_SECONDS = 3.0


def scans(
    folder: Annotated[Path, typer.Argument(help="Thư mục máy quét để tệp vào; thư mục con mang mã bưu cục, Một cửa.")],
    once: Annotated[bool, typer.Option("--once", help="Xem một lượt rồi dừng.")] = False,
    as_json: Json = False,
) -> None:
    """Nhận tệp quét trong thư mục: tách theo nhãn, trang không khớp để riêng; tệp xong chuyển vào done hoặc held."""
    from postal.services import scan_folder

    files = opening.files()
    with opening.store() as store:
        while True:
            looked = scan_folder.look(store, files, folder, at=opening.now())
            if once or looked.files or looked.known or looked.refused or looked.stuck:
                answers.give(looked, _told(looked), as_json=as_json)
            if once:
                return
            time.sleep(EVERY_SECONDS)


def erase(
    code: Annotated[str, typer.Argument(help="Mã hồ sơ.")],
    yes: Annotated[bool, typer.Option("--yes", help="Xóa ngay, không hỏi lại.")] = False,
    as_json: Json = False,
) -> None:
    """Xóa dữ liệu cá nhân của một hồ sơ đã xong: người, ghi chú, ảnh, tệp số hóa. Không lấy lại được."""
    from postal.domain import codes
    from postal.domain.codes import CodeKind
    from postal.services import erasing

    parsed = codes.parse(code, kind=CodeKind.DOSSIER)
    if not yes:
        typer.confirm(f"Xóa hẳn dữ liệu cá nhân của hồ sơ {parsed}?", abort=True)
    with opening.store() as store:
        erased = erasing.erase(store, opening.files(), parsed.text, account="cli", at=opening.now())
    answers.give(erased, [f"Đã xóa dữ liệu cá nhân của hồ sơ {parsed}, {erased.files} tệp số hóa."], as_json=as_json)


def _told(looked: "Looked") -> list[str]:
    lines = [
        f"Nhận {looked.files} tệp, {looked.pages} trang; {looked.held_pages} trang chờ người xem ở /digitise/held."
    ]
    if looked.known:
        lines.append(f"{looked.known} tệp đã nhận trước đó, không nhận lần nữa.")
    if looked.waiting:
        lines.append(f"{looked.waiting} tệp còn đang được ghi, để lượt sau.")
    aside = [f"ĐỂ RIÊNG  {name}: {why}" for name, why in looked.refused]
    return [*lines, *aside, *(f"KẸT  {name}: {why}" for name, why in looked.stuck)]
