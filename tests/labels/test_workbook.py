"""The list as a workbook: text stays text, codes and phones keep every digit, names keep their letters."""

import csv
import dataclasses
import io
import re
import zipfile
from xml.etree import ElementTree as ET

import pytest

from labels import workbook
from labels.runsheet import RunStop
from tests.labels import forms

_NS = {"m": "http://schemas.openxmlformats.org/spreadsheetml/2006/main"}


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        return {name: packed.read(name).decode() for name in packed.namelist() if name.endswith(".xml")}


def cells(content: bytes) -> dict[str, str | float]:
    """Return every cell by its address, texts as texts and numbers as numbers."""
    found = parts(content)
    texts = ["".join(t.itertext()) for t in ET.fromstring(found["xl/sharedStrings.xml"]).findall("m:si", _NS)]  # noqa: S314 - our own file
    sheet = ET.fromstring(found["xl/worksheets/sheet1.xml"])  # noqa: S314 - as above
    shown: dict[str, str | float] = {}
    for cell in sheet.iter(f"{{{_NS['m']}}}c"):
        value = cell.find("m:v", _NS)
        if value is not None and value.text is not None:
            shown[cell.attrib["r"]] = texts[int(value.text)] if cell.attrib.get("t") == "s" else float(value.text)
    return shown


def test_each_thing_is_a_row_with_money_as_a_number_and_codes_as_text() -> None:
    found = cells(workbook.runsheet_xlsx(forms.RUN))
    assert [found[f"{column}4"] for column in "ABCDFHI"] == [
        1.0,
        "Giao kết quả",
        "P3FHJ-8QXV9",
        "Nguyễn Thị Hồng Nhung",
        "0905 550 101",
        1.0,
        30000.0,
    ]
    assert (found["B5"], found["G5"], found["J5"]) == ("Lấy giấy tờ", "08:00 – 10:00", 1.0)
    assert [found[f"{column}3"] for column in "ABC"] == ["TT", "Việc", "Mã"]


@pytest.mark.parametrize("text", ["=1+1", "+84905", "-2", "@SUM(A1)", "=HYPERLINK('http://x')", "http://example.org"])
def test_nothing_a_citizen_is_called_becomes_a_formula_or_a_link(text: str) -> None:
    stop = dataclasses.replace(forms.STOP, receiver=text, address=text, phone=text, note=text)
    content = workbook.runsheet_xlsx(dataclasses.replace(forms.RUN, stops=(stop,)))
    assert [cells(content)[f"{column}4"] for column in "DEFM"] == [text] * 4
    assert not any(re.search(r"<f>|<hyperlink", part) for name, part in parts(content).items() if "worksheets" in name)


def test_the_same_list_as_plain_rows_calculates_nothing() -> None:
    stop = dataclasses.replace(forms.STOP, receiver="=1+1", phone="+84905", arrives="08:05")
    content = workbook.runsheet_csv(dataclasses.replace(forms.RUN, stops=(stop,)))
    assert content.startswith(b"\xef\xbb\xbf")
    header, only = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    row = dict(zip(header, only, strict=True))
    assert (row["Người nhận"], row["Điện thoại"], row["Giờ đến dự kiến"]) == ("'=1+1", "'+84905", "08:05")
    assert (row["TT"], row["Mã"], row["Tiền thu (đ)"]) == ("1", "P3FHJ-8QXV9", "30000")


def test_letters_are_put_together_and_control_characters_left_out() -> None:
    stop = dataclasses.replace(forms.STOP, receiver="Đa\u0300 Na\u0306\u0303ng\x00\x0b", address="x" * 40_000)
    found = cells(workbook.runsheet_xlsx(dataclasses.replace(forms.RUN, stops=(stop,))))
    assert found["D4"] == "Đà Nẵng"
    assert len(str(found["E4"])) == workbook.LONGEST_CELL


def test_what_is_unknown_stays_empty() -> None:
    bare = RunStop(order=1, code="P3FHJ8QXV9", receiver="", address="", count=0)
    found = cells(workbook.runsheet_xlsx(dataclasses.replace(forms.RUN, stops=(bare,))))
    assert [found.get(address, "") for address in ("D4", "F4", "H4", "I4", "J4")] == [""] * 5
