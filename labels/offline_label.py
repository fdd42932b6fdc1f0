"""The symbol of a code that is handed out before it is used: short enough to keep a hundred in a browser."""

from labels import payload, qr


def symbol_rows(code: str) -> tuple[str, ...]:
    """Return the QR symbol of a code, one hexadecimal number a row, without the quiet zone of four modules.

    There are as many rows as modules along a side; the lowest bit of a row is its rightmost module, 1 is dark. So a
    browser draws the module in column x where `parseInt(row, 16) >> (rows.length - 1 - x) & 1`.
    Raises: Unprintable.

    >>> symbol_rows("P3FHJ-8QXV9")[0]
    '1fd47f'
    """
    return tuple(_hexadecimal(row) for row in qr.symbol(payload.item_code(code)).rows)


def _hexadecimal(row: tuple[bool, ...]) -> str:
    digits = -(-len(row) // 4)
    return f"{int(''.join('1' if dark else '0' for dark in row), 2):0{digits}x}"
