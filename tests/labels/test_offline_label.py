"""The symbol a browser keeps: drawn from its rows alone it is read as any other."""

import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from labels import bars, offline_label, payload, qr

DOTS = 4
codes = st.text(alphabet=payload.ALPHABET, min_size=10, max_size=10)


def drawn(rows: tuple[str, ...]) -> Image.Image:
    """Draw the rows as a browser does: four pixels a module, the quiet zone around them."""
    side = len(rows)
    image = Image.new("L", ((side + 2 * qr.QUIET_ZONE) * DOTS,) * 2, 255)
    for y, row in enumerate(rows):
        for x in range(side):
            if int(row, 16) >> (side - 1 - x) & 1:
                left, top = (x + qr.QUIET_ZONE) * DOTS, (y + qr.QUIET_ZONE) * DOTS
                image.paste(0, (left, top, left + DOTS, top + DOTS))
    return image


@settings(max_examples=30)
@given(codes)
def test_any_code_is_read_from_the_rows_that_a_browser_draws(code: str) -> None:
    (found,) = zxingcpp.read_barcodes(drawn(offline_label.symbol_rows(code)))
    assert found.text == code


def test_a_symbol_is_21_rows_of_six_digits() -> None:
    rows = offline_label.symbol_rows("P3FHJ-8QXV9")
    assert [len(row) for row in rows] == [6] * 21
    assert rows == offline_label.symbol_rows("P3FHJ8QXV9")


@settings(max_examples=30)
@given(codes)
def test_any_code_is_read_from_its_bars(code: str) -> None:
    symbol = bars.symbol(code)
    image = Image.new("L", (symbol.modules * 3, 60), 255)
    for x, dark in enumerate(symbol.row):
        if dark:
            image.paste(0, ((x + bars.QUIET_ZONE) * 3, 0, (x + bars.QUIET_ZONE + 1) * 3, 60))
    (found,) = zxingcpp.read_barcodes(image)
    assert found.text == code
