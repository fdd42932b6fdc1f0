"""Keeping the house: tables, reference data, messages, proofs that all is well."""

import sys
import tomllib
from pathlib import Path

import typer

from postal.cli import answers, opening
from postal.cli.answers import Json

_PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def migrate(as_json: Json = False) -> None:
    """Tạo hoặc nâng cấp các bảng của cơ sở dữ liệu; không bao giờ lùi."""
    with opening.any_store() as store:
        was_pending = store.migration_pending()
        store.migrate()
        words = "Đã nâng cấp cơ sở dữ liệu." if was_pending else "Cơ sở dữ liệu đã ở phiên bản mới nhất."
        answers.give({"database": store.name, "migrated": was_pending}, [words], as_json=as_json)


def seed(as_json: Json = False) -> None:
    """Nạp danh mục kèm theo sản phẩm; cái đã có thì giữ nguyên."""
    from postal.services import catalogue

    with opening.store() as store:
        new = catalogue.seed(store, at=opening.now())
    counted = {
        "đơn vị hành chính": new.units,
        "bưu cục, Một cửa, cơ quan": new.places,
        "tuyến chuyển": new.lanes,
        "tuyến phát": new.territories,
        "thủ tục": new.procedures,
        "lịch làm việc": new.calendars,
    }
    words = ", ".join(f"{many} {what}" for what, many in counted.items() if many)
    answers.give(new, [f"Đã nạp {words}." if words else "Danh mục đã có đủ, không nạp thêm gì."], as_json=as_json)


def verify(as_json: Json = False) -> None:
    """Đối chiếu toàn bộ sổ sự việc với trạng thái đang lưu, và tìm bưu gửi có hai người giữ hoặc không ai giữ."""
    from postal.services import verification

    with opening.store() as store:
        found = verification.verify(store, shelf=opening.files())
    answers.give(found, verification.told(found), as_json=as_json)
    if not found.is_sound:
        raise typer.Exit(1)


def version(as_json: Json = False) -> None:
    """In phiên bản của sản phẩm và của Python."""
    number = tomllib.loads(_PROJECT.read_text(encoding="utf-8"))["project"]["version"]
    python = sys.version.split()[0]
    answers.give({"version": number, "python": python}, [f"{number} (Python {python})"], as_json=as_json)


def doctor(as_json: Json = False) -> None:
    """Khám máy: cơ sở dữ liệu, danh mục, phông chữ để in, khóa bí mật, lịch năm nay."""
    from postal.cli import checkup

    found = checkup.examine()
    lines = [f"{'ĐẠT ' if check.is_well else 'HỎNG'}  {check.name}: {check.words}" for check in found]
    answers.give({"is_well": all(check.is_well for check in found), "checks": found}, lines, as_json=as_json)
    if not all(check.is_well for check in found):
        raise typer.Exit(1)
