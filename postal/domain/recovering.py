"""Papers that the authority wants back from the receiver: their names, as the sealed text keeps them."""

import json
from collections.abc import Sequence


def written(names: Sequence[str]) -> str:
    """Return names of papers as a text to be kept sealed, empty for none."""
    return json.dumps(list(names), ensure_ascii=False) if names else ""


def names(text: str, *, count: int) -> tuple[str, ...]:
    """Return as many names as there are papers, by number where the text was erased or names fewer.

    >>> names('["Giấy phép lái xe cũ"]', count=2)
    ('Giấy phép lái xe cũ', 'Giấy tờ thứ 2')
    """
    known = [str(name) for name in json.loads(text)][:count] if text else []
    return (*known, *(f"Giấy tờ thứ {number}" for number in range(len(known) + 1, count + 1)))
