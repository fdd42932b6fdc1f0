"""Item labels on A4 sheets for an office printer: L7160, 21 labels of 63.5 x 38.1 mm."""

from collections.abc import Sequence

from labels import label, typesetting
from labels.label import ItemLabel

PER_SHEET = 21
MOST_OFFSET_MM = 3.0
"""A printer that draws further off than this needs service; the label would leave its cell."""


def sheet_pdf(labels: Sequence[ItemLabel], *, start: int = 1, offset_x_mm: float = 0, offset_y_mm: float = 0) -> bytes:
    """Return A4 pages with the labels from position `start` on; positions run left to right, then down.

    Offsets move everything right and down, to meet a printer that draws beside the cells.
    Raises: ValueError, for a position outside 1-21, an offset beyond 3 mm, or no label; Unprintable.
    """
    if not labels:
        raise ValueError("There is no label to print.")
    if not 1 <= start <= PER_SHEET:
        raise ValueError(f"A sheet has positions 1 to {PER_SHEET}, not {start}.")
    if not all(abs(offset) <= MOST_OFFSET_MM for offset in (offset_x_mm, offset_y_mm)):
        raise ValueError(f"An offset is at most {MOST_OFFSET_MM} mm.")
    return typesetting.pdf(
        "sheet",
        {
            "labels": [label.typeset(each) for each in labels],
            "start": start,
            "offset_x_um": round(offset_x_mm * 1000),
            "offset_y_um": round(offset_y_mm * 1000),
        },
    )
