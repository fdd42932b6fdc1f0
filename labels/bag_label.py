"""The label of a bag: 100 x 150 mm, where it goes readable at two metres, its code for every sort of scanner."""

from collections.abc import Sequence
from dataclasses import dataclass

from labels import bars, payload, record, typesetting

BAR_HEIGHT = 44
"""Of the Code 128, in modules: 16.5 mm at 0.375 mm a module."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BagLabel:
    """What hangs on a bag: places and figures, nothing about people or procedures."""

    code: str
    """Ten symbols, with or without hyphen; QR symbol and bars carry the same."""
    origin: str
    destination: str
    seal: str = ""
    """Empty prints a line to write on, as for every text below but `part`."""
    count: int
    weight_g: int | None = None
    trip: str = ""
    time: str = ""
    part: str = ""
    """Such as 1/2, where the same way takes several bags."""


def bag_label_pdf(labels: Sequence[BagLabel]) -> bytes:
    """Return one page of exactly 100 x 150 mm for each label, in order.

    Raises: Unprintable, if a code is none; ValueError, if there is no label.
    """
    if not labels:
        raise ValueError("There is no bag label to print.")
    return typesetting.pdf("bag-label", {"labels": [_typeset(label) for label in labels]})


def weight(grams: int | None) -> str:
    """Return a weight as people write it, empty where nobody has weighed.

    >>> weight(850), weight(4250), weight(12000), weight(None)
    ('850\\xa0g', '4,25\\xa0kg', '12\\xa0kg', '')
    """
    if grams is None:
        return ""
    if grams < 1000:
        return f"{grams}\N{NO-BREAK SPACE}g"
    kilograms = f"{grams / 1000:.3f}".rstrip("0").rstrip(".").replace(".", ",")
    return f"{kilograms}\N{NO-BREAK SPACE}kg"


def _typeset(label: BagLabel) -> dict[str, typesetting.Json]:
    lines = bars.symbol(payload.item_code(label.code))
    return record.numbered(label.code) | {
        "bars": {"svg": bars.svg(lines, height=BAR_HEIGHT), "modules": lines.modules, "height": BAR_HEIGHT},
        "origin": label.origin,
        "destination": label.destination,
        "seal": label.seal,
        "count": str(label.count),
        "weight": weight(label.weight_g),
        "trip": label.trip,
        "time": label.time,
        "part": label.part,
    }
