"""Keeping the house at the terminal: tables, catalogue, proof, health, and every command's help."""

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from postal import cli
from postal.store import Store
from tests.cli.conftest import Terminal

SAMPLES = Path(__file__).resolve().parent.parent / "data"

EVERY_COMMAND = [
    *((name,) for name in cli.COMMANDS),
    *(("user", name) for name in cli.USER_COMMANDS),
    *(("import", name) for name in cli.IMPORT_COMMANDS),
    *(("export", name) for name in cli.EXPORT_COMMANDS),
]


@pytest.mark.parametrize("command", EVERY_COMMAND, ids=" ".join)
def test_every_command_explains_itself(terminal: Terminal, command: tuple[str, ...], database: Path) -> None:
    said = terminal(*command, "--help")
    assert said.code == 0
    assert "Usage:" in said.out
    assert not database.exists()


def test_migrate_then_seed_then_all_is_well(terminal: Terminal, database: Path) -> None:
    assert terminal("migrate", "--json").json == {"database": "sqlite", "migrated": True}
    assert terminal("migrate", "--json").json == {"database": "sqlite", "migrated": False}
    assert terminal("seed", "--json").json["procedures"] == 23
    assert "đã có đủ" in terminal("seed").out
    said = terminal("doctor", "--json")
    assert (said.code, said.json["is_well"]) == (0, True)


def test_before_migrating_a_command_says_what_to_type(terminal: Terminal) -> None:
    said = terminal("seed")
    assert said.code == 1
    assert "python main.py migrate" in said.err


def test_the_doctor_names_what_is_ill_and_looks_at_the_rest(terminal: Terminal) -> None:
    said = terminal("doctor")
    assert said.code == 1
    assert "HỎNG  Cơ sở dữ liệu: Cơ sở dữ liệu chưa được nâng cấp" in said.out
    assert "ĐẠT   In nhãn" in said.out


def test_verify_proves_an_honest_ledger(terminal: Terminal, living: Path) -> None:
    said = terminal("verify", "--json")
    assert said.code == 0
    assert said.json["mismatches"] == []
    assert said.json["custody_violations"] == []
    assert said.json["events"] > 300


def test_verify_finds_a_row_that_was_edited(terminal: Terminal, living: Path, opened: Callable[[], Store]) -> None:
    store = opened()
    with store.database.writing() as connection:
        connection.execute(text("UPDATE item SET custodian_key = 'x' WHERE code = (SELECT min(code) FROM item)"))
    said = terminal("verify")
    assert said.code == 1
    assert "KHÔNG KHỚP" in said.out


def test_an_import_reports_row_by_row_and_keeps_what_is_right(terminal: Terminal, seeded: Path, tmp_path: Path) -> None:
    bad = tmp_path / "errors.csv"
    sample = str(SAMPLES / "import_offices.csv")
    dry = terminal("import", "offices", sample, "--dry-run", "--json")
    said = terminal("import", "offices", sample, "--errors", str(bad), "--json")
    assert dry.json["dry_run"] is True
    assert (said.code, dry.code) == (1, 1)
    assert said.json["added"] == dry.json["added"] > 0
    assert bad.read_text(encoding="utf-8-sig").splitlines()[0].endswith("Lỗi")
    again = terminal("import", "offices", sample, "--json")
    assert again.json["added"] == 0


def test_an_import_of_procedures_says_what_it_did(terminal: Terminal, seeded: Path) -> None:
    said = terminal("import", "procedures", str(SAMPLES / "import_procedures.csv"))
    assert "dòng mới" in said.out
    assert "Lỗi dòng" in said.out


def test_the_version_is_the_projects(terminal: Terminal) -> None:
    assert terminal("version", "--json").json["version"] == "0.1.0"


def test_a_command_that_is_not_there_exits_with_two(terminal: Terminal) -> None:
    said = terminal("fly")
    assert said.code == 2
    assert "Lệnh chưa đúng" in said.err


def test_the_catalogue_is_exported_and_goes_in_again_unchanged(
    terminal: Terminal, seeded: Path, tmp_path: Path
) -> None:
    for name in ("danh-muc.xlsx", "danh-muc.zip", "thu-tuc.csv"):
        out = tmp_path / name
        assert "Đã ghi 23 phiên bản" in terminal("export", "procedures", str(out)).out
        again = terminal("import", "procedures", str(out), "--json")
        assert (again.json["added"], again.json["changed"], again.json["errors"]) == (0, 0, [])
    assert terminal("export", "procedures", str(tmp_path / "x.pdf")).code == 1


def test_a_dry_run_of_procedures_tells_what_last_month_would_have_been(terminal: Terminal, seeded: Path) -> None:
    said = terminal("import", "procedures", str(SAMPLES / "import_procedures.csv"), "--dry-run")
    assert "Hồ sơ tháng vừa qua của các thủ tục thay đổi: 0." in said.out
    assert "Sẽ nhập: 3 dòng mới" in said.out
