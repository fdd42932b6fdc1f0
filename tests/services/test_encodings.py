"""A file in any Unicode or the old Vietnamese code page is read right; wrong letters never come in."""

import csv
import io
import unicodedata

import pytest

from postal.services import importing

HEADER = "code,name,issuer,executor,field\n"
ROW = "1.001193,Thủ tục đăng ký khai sinh,Bộ Tư pháp,,Hộ tịch\n"
TEXT = HEADER + ROW


def old_code_page(text: str) -> bytes:
    """Return text as Windows-1258 has it: the tone after its vowel."""
    out = []
    for letter in text:
        parts = unicodedata.normalize("NFD", letter)
        tone = next((mark for mark in parts[1:] if mark in "\u0300\u0301\u0303\u0309\u0323"), "")
        base = unicodedata.normalize("NFC", parts.replace(tone, "") if tone else parts)
        out.append(base + tone)
    return "".join(out).encode("cp1258")


def names(content: bytes | str) -> list[str]:
    report = importing.read_procedures(content)
    assert report.errors == ()
    return [version.name for version in report.rows]


@pytest.mark.parametrize(
    "content",
    [
        TEXT.encode(),
        TEXT.encode("utf-8-sig"),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-16-be"),
        b"\xfe\xff" + TEXT.encode("utf-16-be"),
        TEXT.encode("utf-32"),
        old_code_page(TEXT),
        TEXT.replace(",", ";").encode(),
        TEXT.replace(",", "\t").encode("utf-16"),
        unicodedata.normalize("NFD", TEXT).encode(),
    ],
)
def test_the_same_file_in_every_way_a_spreadsheet_saves_it_says_the_same(content: bytes) -> None:
    assert names(content) == ["Thủ tục đăng ký khai sinh"]


def test_rows_of_another_encoding_are_named_and_the_rest_comes_in() -> None:
    foreign = old_code_page("1.000656,Thủ tục đăng ký khai tử,Bộ Tư pháp,,Hộ tịch\n")
    content = TEXT.encode() + foreign
    report = importing.read_procedures(content)
    assert [version.code for version in report.rows] == ["1.001193"]
    assert [(error.row, "không cùng bảng mã" in error.message) for error in report.errors] == [(3, True)]
    kept = next(csv.DictReader(io.StringIO(importing.error_file(content, report.errors).decode("utf-8-sig"))))
    assert kept["name"] == "Thủ tục đăng ký khai tử"


@pytest.mark.parametrize(
    "name",
    ["Thủ tục đăng ký khai sinh".encode().decode("cp1252", "replace"), "Th? t?c ??ng k? khai sinh", "Th\ufffd tục"],
)
def test_letters_that_were_lost_before_are_refused_at_their_row(name: str) -> None:
    report = importing.read_procedures(f"{TEXT}1.000656,{name},Bộ Tư pháp,,Hộ tịch\n".encode())
    assert len(report.rows) == 1
    assert [(error.row, error.column) for error in report.errors] == [(3, "name")]
    assert "đã hỏng trước khi nhập" in report.errors[0].message


@pytest.mark.parametrize("name", ["Cấp «giấy á»", "Hỏi: có hay không?", "https://dichvucong.gov.vn/x?a=b?c=d", "Ã"])
def test_honest_letters_are_not_taken_for_lost_ones(name: str) -> None:
    assert names(f"{HEADER}1.000656,{name},Bộ Tư pháp,,Hộ tịch\n".encode()) == [name]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (TEXT.encode("utf-16")[:-1], "bị cắt giữa chừng"),
        (HEADER.encode() + b"1.001193,Th\xf1 t\xf4c \xae\xa8ng k\xfd,B\xe9 T\xad ph\xb8p,,H\xe9 t\xdech\n", "TCVN3"),
        (b"\x00\x01\x02\x03", "ký tự rỗng"),
        (b"PK\x03\x04 khong phai", "Không mở được"),
        (b"\xd0\xcf\x11\xe0 xls", "kiểu .xlsx"),
    ],
)
def test_a_file_that_cannot_be_read_is_answered_not_guessed(content: bytes, says: str) -> None:
    report = importing.read_procedures(content)
    assert report.rows == ()
    assert report.errors
    assert says in report.errors[0].message


def test_signs_that_nobody_sees_are_dropped() -> None:
    assert names(f"{HEADER}1.000656,\u202egnờ\u202c đăng\u200b ký\ufeff,Bộ Tư pháp,,Hộ tịch\n".encode()) == [
        "gnờ đăng ký"
    ]
