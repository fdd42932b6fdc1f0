"""The account of originals in words: each line by the name it came in under, and where its papers are now."""

from collections.abc import Sequence
from dataclasses import dataclass

from postal.domain import contents, originals
from postal.domain.dossier import Dossier
from postal.domain.item import Item
from postal.domain.originals import OwedLine
from postal.store import Reader


@dataclass(frozen=True, kw_only=True, slots=True)
class OriginalLine:
    """Originals of one line: how many came in, and how many are where now. `source` names the line in forms."""

    source: str
    name: str
    came: int
    to_send: int
    on_the_way: int
    back: int
    settled: int
    owed: int


def lines(reader: Reader, dossier: Dossier, items: Sequence[Item], *, sees_names: bool) -> tuple[OriginalLine, ...]:
    """Return every line of originals to be given back; who may not read names gets numbers."""
    owed = originals.account(dossier, items)
    names = _names(reader, dossier, items) if owed and sees_names else {}
    return tuple(_line(each, names) for each in owed)


def _names(reader: Reader, dossier: Dossier, items: Sequence[Item]) -> dict[str, tuple[str, ...]]:
    """Return the names of the papers inside each envelope."""
    texts = reader.texts.get([contents.text_of(dossier, item) for item in items])
    return {item.code: contents.read(texts.get(contents.text_of(dossier, item), "")) for item in items}


def _line(owed: OwedLine, names: dict[str, tuple[str, ...]]) -> OriginalLine:
    item, _, line = owed.source.partition("/")
    return OriginalLine(
        source=owed.source,
        name=contents.name(names.get(item, ()), int(line)),
        came=owed.came,
        to_send=owed.to_send,
        on_the_way=owed.on_the_way,
        back=owed.back,
        settled=owed.settled,
        owed=owed.owed,
    )
