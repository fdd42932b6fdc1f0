"""The names of the papers in an envelope, in the order of their lines, as the sealed text that keeps them is read."""

import json

from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind
from postal.domain.item import Item


def read(text: str) -> tuple[str, ...]:
    """Return the names of a kept text: a list, or one name a line; an erased text has none.

    >>> read('["Tờ khai", "Sổ cũ"]'), read("Giấy phép cũ"), read("")
    (('Tờ khai', 'Sổ cũ'), ('Giấy phép cũ',), ())
    """
    if text.startswith("["):
        return tuple(str(name) for name in json.loads(text))
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def name(names: tuple[str, ...], line: int) -> str:
    """Return the name of a line, its number where the name may not be read.

    >>> name(("Tờ khai",), 1), name((), 2)
    ('Tờ khai', 'Giấy tờ số 2')
    """
    return names[line - 1] if 0 < line <= len(names) else f"Giấy tờ số {line}"


def text_of(dossier: Dossier, item: Item) -> str:
    """Return the reference of the text that names the papers inside; the first envelope's stand with its dossier."""
    return item.contents or (dossier.contents if item.kind is ItemKind.OUTBOUND else "")
