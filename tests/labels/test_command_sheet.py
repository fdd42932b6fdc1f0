"""The command sheet: one page, each word above its own symbol, and no two symbols under one beam."""

import re

import pytest
import zxingcpp

from labels import command_sheet
from labels.command_sheet import PrintedCommand
from postal.domain import codes, commands
from postal.domain.commands import Command
from tests.labels import paper

COMMANDS = [PrintedCommand(code=each.value, word=each.label, meaning=each.meaning) for each in Command]
DPI = 203.2
MM = DPI / 25.4


def test_the_sheet_is_one_page_of_a4_and_every_symbol_is_its_command() -> None:
    pdf = command_sheet.command_sheet_pdf(COMMANDS)
    assert paper.sizes_mm(pdf) == [(210.0, 297.0)]
    (page,) = paper.pages(pdf, dpi=DPI)
    found = [commands.of(codes.parse(text)) for text in paper.symbols(page)]
    assert len(found) == len(Command)
    assert set(found) == set(Command)


def test_each_symbol_stands_below_its_own_word() -> None:
    (page,) = paper.pages(command_sheet.command_sheet_pdf(COMMANDS), dpi=DPI)
    found = sorted(zxingcpp.read_barcodes(page.convert("L")), key=_row_then_column)
    assert [symbol.text for symbol in found] == [command.value for command in Command]
    words = paper.text(command_sheet.command_sheet_pdf(COMMANDS))
    places = [words.index(command.label) for command in Command]
    assert places == sorted(places)


def test_symbols_are_25_mm_and_far_enough_apart_not_to_be_scanned_together() -> None:
    (page,) = paper.pages(command_sheet.command_sheet_pdf(COMMANDS), dpi=DPI)
    corners = [symbol.position for symbol in zxingcpp.read_barcodes(page.convert("L"))]
    for corner in corners:
        assert (corner.top_right.x - corner.top_left.x) / MM == pytest.approx(25.2, abs=0.6)
    for one in corners:
        for other in corners:
            if one is not other:
                aside = abs(one.top_left.x - other.top_left.x) / MM - 25.2
                below = abs(one.top_left.y - other.top_left.y) / MM - 25.2
                assert max(aside, below) > 20


def test_the_sheet_is_the_same_each_time_and_names_every_code() -> None:
    pdf = command_sheet.command_sheet_pdf(COMMANDS)
    assert pdf == command_sheet.command_sheet_pdf(COMMANDS)
    shown = re.findall(r"K\w{4}-\w{5}", paper.text(pdf))
    assert sorted(shown) == sorted(str(command.code) for command in Command)
    assert all(paper.fonts(pdf).values())


@pytest.mark.parametrize("count", [0, 17])
def test_a_sheet_has_room_for_sixteen(count: int) -> None:
    with pytest.raises(ValueError, match="16 commands"):
        command_sheet.command_sheet_pdf((COMMANDS * 2)[:count])


def _row_then_column(symbol: zxingcpp.Barcode) -> tuple[int, int]:
    return round(symbol.position.top_left.y / MM / 10), symbol.position.top_left.x
