"""Dossiers at the terminal: registering a file, printing, tracking as a citizen would."""

import csv
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from sqlalchemy import select

from postal.domain.dossier import Dossier
from postal.domain.item import Item
from postal.store import Store
from postal.store.tables import DossierRow, ItemRow, table_of
from tests import cast
from tests.cli.conftest import Terminal

ROW: dict[str, Any] = {
    "service": "both",
    "procedure": "1.004873",
    "case_commune": "20242",
    "return_way": "home",
    "name": "Nguyễn Văn Khánh",
    "identity_number": "049 205 000 137",
    "phone": "0500 123 456",
    "address": "12 Trần Phú (dữ liệu giả)",
    "commune": "20242",
    "papers": [{"name": "Tờ khai", "originals": 1}, {"name": "Bản sao", "copies": 2}],
    "weight_g": 120,
    "seal": "881245",
    "postage": 30000,
    "postage_basis": "Bảng cước",
}


def rows_file(folder: Path, *rows: dict[str, Any]) -> str:
    """Write rows as JSON and return where."""
    path = folder / "rows.json"
    path.write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    return str(path)


def first(store: Store, kind: type[Dossier] | type[Item]) -> Any:
    """Return the newest thing of a kind."""
    table = table_of(DossierRow if kind is Dossier else ItemRow)
    order = table.c.opened_at.desc() if kind is Dossier else table.c.last_at.desc()
    with store.read() as reader:
        return reader.things(kind, select(table.c.state).order_by(order).limit(1))[0]  # type: ignore[type-var]


# --- registering ------------------------------------------------------------------------------------------------------


def test_a_file_of_dossiers_is_registered_row_by_row(
    terminal: Terminal, living: Path, tmp_path: Path, opened: Callable[[], Store]
) -> None:
    file = rows_file(tmp_path, ROW, {**ROW, "phone": "123456789"}, {**ROW, "commune": "", "seal": "881246"}, ROW)
    said = terminal("register", file, "--as", "quay1", "--errors", str(tmp_path / "errors.csv"), "--json")
    assert said.code == 1
    assert (said.json["registered"], said.json["failed"]) == (2, 2)
    assert [row["error"] for row in said.json["rows"]][
        1
    ] == "Số điện thoại phải có 10 số, bắt đầu bằng 0. Đang có 9 số."
    assert said.json["rows"][2]["code"] == "no_return_address"
    store = opened()
    with store.read() as reader:
        dossier = reader.thing(Dossier, said.json["rows"][0]["dossier"])
        item = reader.thing(Item, said.json["rows"][0]["item"])
        sender = reader.people.of([said.json["rows"][0]["dossier"]])
    assert dossier is not None
    assert item is not None
    assert (dossier.desk, item.seal, item.weight_g) == ("MC-20242", "881245", 120)
    assert next(iter(sender.values())).phone == "+84500123456"
    with (tmp_path / "errors.csv").open(encoding="utf-8-sig") as errors:
        kept_out = list(csv.DictReader(errors))
    assert [row["phone"] for row in kept_out] == ["123456789", "0500 123 456"]
    assert all(row["Lỗi"] for row in kept_out)


def test_the_same_file_again_registers_nothing_twice(terminal: Terminal, living: Path, tmp_path: Path) -> None:
    file = rows_file(tmp_path, ROW)
    once = terminal("register", file, "--as", "quay1", "--json").json
    again = terminal("register", file, "--as", "quay1", "--json").json
    assert once["rows"][0]["dossier"] == again["rows"][0]["dossier"]


def test_a_spreadsheet_can_be_registered_too(terminal: Terminal, living: Path, tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    flat = {**ROW, "papers": "Tờ khai: 1/0/0; Bản sao: 0/0/2"}
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(flat))
        writer.writeheader()
        writer.writerow(flat)
        writer.writerow({**flat, "papers": "Tờ khai 1"})
        writer.writerow({**flat, "postage": "30.000"})
        writer.writerow({**flat, "service": "fly"})
    said = terminal("register", str(path), "--as", "quay1")
    assert "Đã nhận 1 hồ sơ, 3 dòng lỗi." in said.out
    assert "Dòng 3: Cột papers" not in said.out
    assert "Dòng 2: Cột papers: “Tờ khai 1” không dùng được" in said.out
    assert "Dòng 3: Cột postage" in said.out
    assert "Dòng 4: Cột service: “fly” không dùng được. Chọn send, receive, both." in said.out


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (("rows.json", "{"), "Không đọc được tệp"),
        (("rows.json", '{"a": 1}'), "không phải danh sách hồ sơ"),
        (("rows.csv", "name,colour\nA,red\n"), "không biết cột colour"),
    ],
)
def test_a_file_that_is_no_list_is_refused(
    terminal: Terminal, living: Path, tmp_path: Path, file: tuple[str, str], sentence: str
) -> None:
    name, content = file
    (tmp_path / name).write_text(content, encoding="utf-8")
    said = terminal("register", str(tmp_path / name), "--as", "quay1")
    assert said.code == 1
    assert sentence in said.err


def test_somebody_without_a_counter_registers_nothing(terminal: Terminal, living: Path, tmp_path: Path) -> None:
    said = terminal("register", rows_file(tmp_path, ROW), "--as", "buuta1", "--json")
    assert (said.code, said.json["rows"][0]["code"]) == (1, "forbidden")


# --- printing ---------------------------------------------------------------------------------------------------------


def test_a_label_is_printed_by_its_code_or_its_dossiers(
    terminal: Terminal, living: Path, tmp_path: Path, opened: Callable[[], Store]
) -> None:
    item = first(opened(), Item)
    out = tmp_path / "labels" / "l.pdf"
    assert terminal("label", item.code, "--out", str(out)).code == 0
    page = pypdfium2.PdfDocument(out)[0]
    assert [round(side * 25.4 / 72) for side in page.get_size()] == [50, 30]
    said = terminal("label", item.dossier, "--out", str(out), "--json")
    assert item.code in said.json["labels"]


def test_a_receipt_of_today_has_both_copies_and_is_noted(terminal: Terminal, living: Path, tmp_path: Path) -> None:
    made = terminal("register", rows_file(tmp_path, ROW), "--as", "quay1", "--json").json["rows"][0]["dossier"]
    out = tmp_path / "r.pdf"
    said = terminal("receipt", made, "--out", str(out), "--json")
    assert (said.code, said.json["copies"]) == (0, ["citizen", "post"])
    assert len(pypdfium2.PdfDocument(out)) >= 2


def test_the_citizens_copy_of_an_old_dossier_is_not_printed_again(
    terminal: Terminal, living: Path, tmp_path: Path, opened: Callable[[], Store]
) -> None:
    store = opened()
    table = table_of(DossierRow)
    with store.read() as reader:
        oldest = reader.things(
            Dossier, select(table.c.state).where(table.c.status == 10).order_by(table.c.opened_at).limit(1)
        )[0]
    said = terminal("receipt", oldest.code, "--out", str(tmp_path / "r.pdf"), "--json")
    assert said.json["copies"] == ["post"]
    assert "cấp lại tại quầy" in said.err


def test_a_dossier_the_post_never_registered_has_no_receipt(
    terminal: Terminal, living: Path, tmp_path: Path, opened: Callable[[], Store]
) -> None:
    with opened().begin(at=cast.monday) as ledger:
        ledger.begin(Dossier, cast.DOSSIER, replace(cast.opened(), office=""))
    said = terminal("receipt", cast.DOSSIER, "--out", str(tmp_path / "r.pdf"))
    assert said.code == 1
    assert "không nộp qua bưu điện" in said.err


@pytest.mark.parametrize("command", ["label", "receipt"])
def test_an_unknown_code_prints_nothing(terminal: Terminal, living: Path, tmp_path: Path, command: str) -> None:
    out = tmp_path / "x.pdf"
    said = terminal(command, "7K2M4-9RTBQ", "--out", str(out))
    assert (said.code, out.exists()) == (1, False)
    assert "7K2M4-9RTBQ" in said.err


# --- tracking ---------------------------------------------------------------------------------------------------------


def test_a_code_alone_shows_how_far_it_is_and_nothing_more(
    terminal: Terminal, living: Path, opened: Callable[[], Store]
) -> None:
    said = terminal("track", first(opened(), Dossier).code, "--json")
    assert said.code == 0
    assert said.json["level"] == "code"
    assert said.json["step"] in range(6)
    assert (said.json["procedure"], said.json["name"], said.json["status"]) == ("", "", None)


def test_secret_and_pin_show_more_and_never_a_full_name(
    terminal: Terminal, living: Path, tmp_path: Path, opened: Callable[[], Store]
) -> None:
    made = terminal("register", rows_file(tmp_path, ROW), "--as", "quay1", "--json").json["rows"][0]["dossier"]
    store = opened()
    with store.read() as reader:
        receipt = reader.receipts.current(made)
    assert receipt is not None
    by_qr = terminal("track", f"HTTPS://HOSO.EXAMPLE.VN/{receipt.secret}", "--json").json
    assert (by_qr["level"], by_qr["status"], by_qr["procedure"]) == ("qr", "accepted", "")
    by_pin = terminal("track", made, "--pin", receipt.pin, "--json")
    assert by_pin.json["level"] == "pin"
    assert "tình trạng hôn nhân" in by_pin.json["procedure"]
    assert "Nguyễn Văn Khánh" not in by_pin.out
    assert "bước 1/5" in terminal("track", made, "--pin", receipt.pin).out


def test_the_terminal_tells_of_a_new_day_as_the_page_does_and_why_to_whoever_has_the_pin(
    terminal: Terminal, living: Path, opened: Callable[[], Store]
) -> None:
    with opened().read() as reader:
        dossiers = reader.things(Dossier, select(table_of(DossierRow).c.state))
        sorry = next(dossier for dossier in dossiers if dossier.extension is not None)
        receipt = reader.receipts.current(sorry.code)
    assert receipt is not None
    closed = terminal("track", receipt.secret).out
    assert "xin lỗi và hẹn lại" in closed
    assert "Lý do: thêm --pin để xem." in closed
    open_to_all = terminal("track", receipt.secret, "--pin", receipt.pin).out
    assert "Ủy ban nhân dân phường Hải Châu xin lỗi và hẹn lại" in open_to_all
    assert "Lý do: Phải xác minh với nơi cư trú trước đây" in open_to_all
    assert "chưa đúng" in terminal("track", receipt.secret, "--pin", "000000").err


@pytest.mark.parametrize(
    ("code", "pin", "sentence"),
    [
        ("7K2M4-9RTBQ", "", "Mã tra cứu hoặc mã PIN chưa đúng."),
        ("7K2M4-9RTBQ", "000000", "Mã tra cứu hoặc mã PIN chưa đúng."),
        ("7" * 29, "", "Mã tra cứu hoặc mã PIN chưa đúng."),
        ("7K2M4-9RTBP", "", "Mã sai 1 ký tự"),
    ],
)
def test_every_miss_gets_one_sentence_except_a_wrong_check_symbol(
    terminal: Terminal, living: Path, code: str, pin: str, sentence: str
) -> None:
    said = terminal("track", code, "--pin", pin)
    assert said.code == 1
    assert sentence in said.err
