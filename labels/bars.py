"""Code 128 (ISO/IEC 15417): the same code for scanners that read lines only, as modules and as one vector path."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

import zxingcpp
from PIL import Image

from labels import payload as payloads

QUIET_ZONE = 10
"""Light modules before and behind the bars (ISO/IEC 15417, 4.4)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """The modules of a symbol from left to right without its quiet zones: True is dark."""

    payload: str
    row: tuple[bool, ...]

    @property
    def modules(self) -> int:
        """Modules along the symbol, quiet zones included."""
        return len(self.row) + 2 * QUIET_ZONE


def symbol(payload: str) -> Bars:
    """Return the bars that carry the payload.

    Raises: Unprintable.
    """
    code = zxingcpp.create_barcode(payloads.alphanumeric(payload), zxingcpp.BarcodeFormat.Code128)
    picture = Image.fromarray(code.to_image(scale=1, add_quiet_zones=False))
    return Bars(payload=payload, row=tuple(picture.getpixel((x, 0)) == 0 for x in range(picture.width)))


def svg(bars: Bars, *, height: int) -> str:
    """Return the bars with their quiet zones as an SVG of one path, one unit a module, `height` modules high."""
    path = "".join(f"M{left} 0h{width}v{height}h-{width}z" for left, width in _dark(bars.row))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {bars.modules} {height}" width="{bars.modules}" '
        f'height="{height}" shape-rendering="crispEdges"><path d="{path}"/></svg>'
    )


def _dark(row: tuple[bool, ...]) -> Iterator[tuple[int, int]]:
    """Return where each bar begins and how wide it is."""
    left = QUIET_ZONE
    for is_dark, modules in groupby(row):
        width = len(list(modules))
        if is_dark:
            yield left, width
        left += width
