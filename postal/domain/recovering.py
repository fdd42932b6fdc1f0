"""Papers that the authority wants back from the receiver: their names, as the sealed texts keep them."""

import json
from collections.abc import Sequence


def written(names: Sequence[str]) -> str:
    """Return names of papers as the contents of an envelope are kept."""
    return json.dumps(list(names), ensure_ascii=False)


def names(text: str, *, count: int) -> tuple[str, ...]:
    """Return the names of the papers of an item's list, one a line; by number what was erased or has no name.

    >>> names("Giấy phép lái xe cũ", count=2)
    ('Giấy phép lái xe cũ', 'Giấy tờ thứ 2')
    """
    known = [line.strip() for line in text.splitlines() if line.strip()][:count]
    return (*known, *(f"Giấy tờ thứ {number}" for number in range(len(known) + 1, count + 1)))
