"""The account of originals: what a dossier owes back to the citizen, line by line, until zero (QĐ 45/2016 Đ.9)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from postal.domain import codes
from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind, PaperCount
from postal.domain.item import Custody, Item
from postal.domain.refusals import Refused

TO_THE_AUTHORITY = frozenset({ItemKind.OUTBOUND, ItemKind.SUPPLEMENT})
"""What brings a citizen's papers to the authority."""


class NotOwed(Refused):
    """Only what came in and was not given back yet is owed."""

    code = "not_owed"
    vi = "Hồ sơ {dossier} chỉ còn nợ {owed} bản chính ở dòng này, không trả được {count}. Đếm lại giấy tờ."
    en = "Dossier {dossier} owes {owed} originals of this line; {count} cannot be given back. Count again."


@dataclass(frozen=True, kw_only=True, slots=True)
class OwedLine:
    """Originals of one line: `came` in, `on_the_way` back in an envelope, `back` with the citizen, `settled` otherwise.

    `source` names the line by the envelope it came in, `ITEM/line`.
    """

    source: str
    came: int
    on_the_way: int = 0
    back: int = 0
    settled: int = 0

    @property
    def owed(self) -> int:
        """Return how many are not with the citizen yet and not settled otherwise."""
        return self.came - self.back - self.settled

    @property
    def to_send(self) -> int:
        """Return how many no envelope brings back yet."""
        return self.owed - self.on_the_way


def source_of(item: str, line: int) -> str:
    """Return how a line of an envelope is named in the account.

    >>> source_of("P3FHJ8QXV9", 2)
    'P3FHJ8QXV9/2'
    """
    return f"{item}/{line}"


def account(dossier: Dossier, items: Iterable[Item]) -> tuple[OwedLine, ...]:
    """Return what is owed, a line for every paper that came in as an original to be given back."""
    alive = [item for item in items if item.custody is not Custody.VOIDED]
    back = [(item, paper) for item in alive if item.kind not in TO_THE_AUTHORITY for paper in _owed_papers(item)]
    return tuple(_line(dossier, source, came, back) for source, came in _came(alive))


def owed(dossier: Dossier, items: Iterable[Item]) -> int:
    """Return how many originals the dossier still owes."""
    return sum(line.owed for line in account(dossier, items))


def must_be_owed(dossier: Dossier, items: Iterable[Item], papers: Iterable[PaperCount]) -> None:
    """Refuse to send back more of a line than is still to be sent.

    Raises: NotOwed.
    """
    to_send = {line.source: line.to_send for line in account(dossier, items)}
    for paper in papers:
        left = to_send.get(paper.source, 0)
        if paper.to_return and paper.source and paper.originals > left:
            raise NotOwed(dossier=codes.shown(dossier.code), owed=left, count=paper.originals)


def _came(items: Iterable[Item]) -> Iterator[tuple[str, int]]:
    for item in items:
        if item.kind in TO_THE_AUTHORITY:
            for paper in _owed_papers(item):
                yield source_of(item.code, paper.line), paper.originals


def _owed_papers(item: Item) -> list[PaperCount]:
    return [paper for paper in item.papers if paper.to_return and paper.originals]


def _line(dossier: Dossier, source: str, came: int, back: Iterable[tuple[Item, PaperCount]]) -> OwedLine:
    mine = [(item, paper.originals) for item, paper in back if paper.source == source]
    given = sum(count for item, count in mine if item.custody is Custody.DELIVERED)
    settled = sum(event.count for event in dossier.settled if event.source == source)
    return OwedLine(
        source=source,
        came=came,
        on_the_way=sum(count for _, count in mine) - given,
        back=given,
        settled=settled,
    )
