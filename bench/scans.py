"""How fast stacks are taken apart and labels found, as one JSON line: `python -m bench.scans`."""

import json
import time

from postal.services import sheets
from tests import cast, scanned
from tests.scanned import Sheet

PAGES = 50
EVERY = 5
"""A label stands on one of so many pages."""


def main() -> None:
    """Print pages a second of a PDF from a program, a grey PDF and a black and white TIFF of a scanner at 200 dpi."""
    made = scanned.stack([Sheet(label=cast.ITEM if number % EVERY == 0 else "") for number in range(PAGES)])
    kinds = {"pdf": made, "scanned_pdf": scanned.as_scanned_pdf(made), "tiff": scanned.as_tiff(made)}
    figures: dict[str, object] = {"pages": PAGES}
    is_right = True
    for name, content in kinds.items():
        begun = time.perf_counter()
        leaves = sheets.read(content)
        figures[f"{name}_pages_per_second"] = round(len(leaves) / (time.perf_counter() - begun), 1)
        figures[f"{name}_labels"] = sum(bool(leaf.labels) for leaf in leaves)
        is_right = is_right and figures[f"{name}_labels"] == PAGES // EVERY
    print(json.dumps({"ok": is_right, **figures}))


if __name__ == "__main__":
    main()
