"""A symbol is the same as modules, as a drawing and as dots, and a decoder that is not ours reads it."""

import io
import re

import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labels import payload, qr

ITEM = "7K2M49RTBQ"
RECEIPT = payload.receipt_url("https://hoso.example.vn", "7K2M49RTBQP3FHJ8QXV9T9C4N7MBK")
codes = st.text(alphabet=payload.ALPHABET, min_size=10, max_size=10)


def read(png: bytes) -> zxingcpp.Barcode:
    (code,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("L"))
    return code


@pytest.mark.parametrize(("carried", "version", "side"), [(ITEM, 1, 29), (RECEIPT, 3, 37)])
def test_a_symbol_has_the_version_its_payload_needs(carried: str, version: int, side: int) -> None:
    symbol = qr.symbol(carried)
    assert (symbol.version, symbol.modules) == (version, side)
    assert payload.version(carried) == version


@settings(max_examples=30)
@given(codes)
def test_any_code_comes_back_from_its_dots_at_level_m(code: str) -> None:
    found = read(qr.png(qr.symbol(code), dots=4))
    assert (found.text, found.ec_level) == (code, "M")


@pytest.mark.parametrize("dots", [1, 3, 4, 8])
def test_every_module_is_a_whole_number_of_dots(dots: int) -> None:
    symbol = qr.symbol(ITEM)
    image = Image.open(io.BytesIO(qr.png(symbol, dots=dots)))
    assert (image.mode, image.size) == ("1", (29 * dots, 29 * dots))
    for y in range(29 * dots):
        for x in range(29 * dots):
            row, column = y // dots - 4, x // dots - 4
            inside = 0 <= row < 21 and 0 <= column < 21
            assert (image.getpixel((x, y)) == 0) == (inside and symbol.rows[row][column])


@pytest.mark.parametrize("carried", [ITEM, RECEIPT])
def test_the_drawing_covers_exactly_the_dark_modules(carried: str) -> None:
    symbol = qr.symbol(carried)
    crossings = upright_edges(qr.path(symbol))
    for y, row in enumerate(symbol.rows):
        for x, dark in enumerate(row):
            left_of_it = [edge for edge, top, bottom in crossings if edge <= x + 4 and top <= y + 4 < bottom]
            assert (len(left_of_it) % 2 == 1) == dark


def upright_edges(path: str) -> list[tuple[int, int, int]]:
    """Return the upright edges of the outlines as x, top, bottom; `z` closes an outline by one, or by none."""
    edges = []
    for outline in re.findall(r"M(\d+) (\d+)([^z]*)z", path):
        first_x, first_y = x, y = int(outline[0]), int(outline[1])
        for way, steps in re.findall(r"([hv])(-?\d+)", outline[2]):
            if way == "h":
                x += int(steps)
            else:
                edges.append((x, min(y, y + int(steps)), max(y, y + int(steps))))
                y += int(steps)
        if y != first_y:
            assert x == first_x
            edges.append((x, min(y, first_y), max(y, first_y)))
    return edges


def test_what_no_symbol_may_carry_is_refused() -> None:
    with pytest.raises(payload.Unprintable):
        qr.symbol("https://lower.case")
