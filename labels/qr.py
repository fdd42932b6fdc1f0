"""QR symbols at error correction level M, as modules, as one vector path and as dots."""

import io
from collections.abc import Iterator
from dataclasses import dataclass

import qrcode
from PIL import Image

from labels import payload as payloads

QUIET_ZONE = 4
"""Light modules around a symbol (ISO/IEC 18004, 9.1)."""

Point = tuple[int, int]
"""A corner of a module, in modules from the top left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Symbol:
    """A symbol without its quiet zone: `rows` from the top, True is dark."""

    payload: str
    version: int
    rows: tuple[tuple[bool, ...], ...]

    @property
    def modules(self) -> int:
        """Modules along one side, quiet zone included."""
        return len(self.rows) + 2 * QUIET_ZONE


def symbol(payload: str) -> Symbol:
    """Return the smallest symbol of level M that carries the payload; digits and capitals alone keep it small.

    Raises: Unprintable.
    """
    code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M, border=0)
    code.add_data(payloads.alphanumeric(payload), optimize=0)
    code.make(fit=True)
    rows = tuple(tuple(bool(module) for module in row) for row in code.get_matrix())
    return Symbol(payload=payload, version=(len(rows) - 17) // 4, rows=rows)


def svg(symbol: Symbol) -> str:
    """Return the symbol with its quiet zone as an SVG of one path, one unit a module.

    The path follows the outlines of the dark areas, so that no seam between modules shows at any resolution.
    """
    side = symbol.modules
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" width="{side}" height="{side}" '
        f'shape-rendering="crispEdges"><path fill-rule="evenodd" d="{path(symbol)}"/></svg>'
    )


def path(symbol: Symbol) -> str:
    """Return the outlines of the dark areas as SVG path data, quiet zone included, one unit a module."""
    return "".join(_drawn(outline) for outline in _outlines(symbol.rows))


def png(symbol: Symbol, *, dots: int) -> bytes:
    """Return the symbol with its quiet zone as a 1-bit PNG of exactly `dots` by `dots` dots a module."""
    side = symbol.modules
    image = Image.new("1", (side, side), 1)
    for y, row in enumerate(symbol.rows):
        for x, dark in enumerate(row):
            if dark:
                image.putpixel((x + QUIET_ZONE, y + QUIET_ZONE), 0)
    content = io.BytesIO()
    image.resize((side * dots, side * dots), Image.Resampling.NEAREST).save(content, "PNG", optimize=True)
    return content.getvalue()


def _drawn(corners: list[Point]) -> str:
    """Return one closed outline; relative steps along the axes keep it short."""
    (x, y), *rest = corners
    steps = [f"M{x + QUIET_ZONE} {y + QUIET_ZONE}"]
    for next_x, next_y in rest:
        steps.append(f"h{next_x - x}" if next_y == y else f"v{next_y - y}")
        x, y = next_x, next_y
    return "".join(steps) + "z"


def _outlines(rows: tuple[tuple[bool, ...], ...]) -> Iterator[list[Point]]:
    """Return each closed outline as its corners: every edge has dark on its right and is used once."""
    following = _edges(rows)
    while following:
        start = next(iter(following))
        corners, here, heading = [start], start, (0, 0)
        while True:
            ahead = _take(following, here, heading)
            step = (ahead[0] - here[0], ahead[1] - here[1])
            if step == heading:
                corners[-1] = ahead
            else:
                corners.append(ahead)
            here, heading = ahead, step
            if here == start:
                break
        yield corners[:-1]


def _edges(rows: tuple[tuple[bool, ...], ...]) -> dict[Point, list[Point]]:
    """Return the edges between dark and light, as the ends that follow each beginning."""
    dark = {(x, y) for y, row in enumerate(rows) for x, is_dark in enumerate(row) if is_dark}
    edges: dict[Point, list[Point]] = {}
    for x, y in sorted(dark, key=lambda cell: (cell[1], cell[0])):
        for beyond, begin, end in (
            ((x, y - 1), (x, y), (x + 1, y)),
            ((x + 1, y), (x + 1, y), (x + 1, y + 1)),
            ((x, y + 1), (x + 1, y + 1), (x, y + 1)),
            ((x - 1, y), (x, y + 1), (x, y)),
        ):
            if beyond not in dark:
                edges.setdefault(begin, []).append(end)
    return edges


def _take(following: dict[Point, list[Point]], here: Point, heading: Point) -> Point:
    """Use up one edge that begins here; where two dark modules touch at a corner, turn right, so they stay apart."""
    ends = following[here]
    right = (here[0] - heading[1], here[1] + heading[0])
    end = right if right in ends else ends[0]
    ends.remove(end)
    if not ends:
        del following[here]
    return end
