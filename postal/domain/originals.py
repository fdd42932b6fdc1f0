"""The account of originals: what a dossier owes back to the citizen, line by line, until zero (QĐ 45/2016 Đ.9)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from postal.domain import codes
from postal.domain.dossier import ENDED_WITHOUT_RESULT, Dossier
from postal.domain.events import ItemKind, OriginalsSettled, PaperCount, Settlement
from postal.domain.item import FOR_THE_CITIZEN, Custody, Item
from postal.domain.people import Actor, Side
from postal.domain.refusals import Refused

TO_THE_AUTHORITY = frozenset({ItemKind.OUTBOUND, ItemKind.SUPPLEMENT})
"""What brings a citizen's papers to the authority."""


class NotOwed(Refused):
    """Only what came in and was not given back yet is owed."""

    code = "not_owed"
    vi = "Hồ sơ {dossier} chỉ còn nợ {owed} bản chính ở dòng này, không trả được {count}. Đếm lại giấy tờ."
    en = "Dossier {dossier} owes {owed} originals of this line; {count} cannot be given back. Count again."


class NotArrived(Refused):
    """The authority gives back only what it has: an envelope that never reached it turns round."""

    code = "not_arrived"
    vi = "Bản chính này nằm trong bưu gửi {item}, do {holder} giữ. Nhờ bên đó cho bưu gửi quay về người dân."
    en = "This original is inside {item}, held by {holder}. Ask them to turn that envelope round."


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
    """Return what is owed, a line for every paper that came in as an original to be given back.

    An envelope that never reached the authority and was turned round brings its own lines back.
    """
    alive = [item for item in items if item.custody is not Custody.VOIDED]
    back = [*_put_in(alive), *_turned_round(alive)]
    return tuple(_line(dossier, source, came, back) for source, came in _came(alive))


def owed(dossier: Dossier, items: Iterable[Item]) -> int:
    """Return how many originals the dossier still owes."""
    return sum(max(0, line.owed) for line in account(dossier, items))


def must_be_owed(dossier: Dossier, items: Iterable[Item], papers: Iterable[PaperCount]) -> None:
    """Refuse to send back more of a line than is still to be sent.

    Raises: NotOwed.
    """
    known, wanted = list(items), dict[str, int]()
    for paper in papers:
        if paper.to_return and paper.source and paper.originals:
            wanted[paper.source] = wanted.get(paper.source, 0) + paper.originals
    for source, count in wanted.items():
        _must_be_left(dossier, known, source=source, count=count)


def must_have_arrived(dossier: Dossier, items: Iterable[Item], papers: Iterable[PaperCount]) -> None:
    """Refuse to send back what is inside an envelope that the post is to turn round.

    Raises: NotArrived.
    """
    sources = {paper.source.partition("/")[0] for paper in papers if paper.to_return}
    for item in items:
        if item.code in sources and may_turn_round(dossier, item):
            raise NotArrived(item=codes.shown(item.code), holder=item.custodian)


def settle(
    dossier: Dossier,
    items: Iterable[Item],
    *,
    source: str,
    count: int,
    how: Settlement,
    reason: str,
    by: Actor,
    at: datetime,
) -> OriginalsSettled:
    """Settle originals of a line that no envelope brings back; `reason` is the reference of the text that says why.

    Raises: NotOwed, NotNow.
    """
    dossier.must_allow(OriginalsSettled)
    _must_be_left(dossier, items, source=source, count=count)
    return OriginalsSettled(source=source, count=count, how=how, reason=reason, by=by.as_author(), occurred_at=at)


def may_turn_round(dossier: Dossier, item: Item) -> bool:
    """Tell whether an envelope that never reached the authority is to go back to its citizen."""
    is_with_post = item.custodian.side is Side.POST and not item.is_final
    still_goes_there = item.kind in TO_THE_AUTHORITY and not item.destination.to_citizen
    return dossier.status in ENDED_WITHOUT_RESULT and is_with_post and still_goes_there


def may_be_fetched(dossier: Dossier, item: Item) -> bool:
    """Tell whether an envelope that has come to a desk is the citizen's to fetch there, without the post.

    What he sent there himself he gets back only when it ended without a result; what was recovered from him never.
    """
    kinds = {ItemKind.RESULT, ItemKind.RETURNED}
    if dossier.status in ENDED_WITHOUT_RESULT:
        kinds |= TO_THE_AUTHORITY
    return item.kind in kinds


def _must_be_left(dossier: Dossier, items: Iterable[Item], *, source: str, count: int) -> None:
    left = {line.source: line.to_send for line in account(dossier, items)}.get(source, 0)
    if not 0 < count <= left:
        raise NotOwed(dossier=codes.shown(dossier.code), owed=left, count=count)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Back:
    """Originals of a line inside an envelope that goes to the citizen."""

    source: str
    count: int
    is_delivered: bool


def _came(items: Iterable[Item]) -> Iterator[tuple[str, int]]:
    for item in items:
        if item.kind in TO_THE_AUTHORITY:
            for paper in _owed_papers(item):
                yield source_of(item.code, paper.line), paper.originals


def _put_in(items: Iterable[Item]) -> Iterator[_Back]:
    """Yield what the authority put into an envelope; one that came back to it brings nothing any more."""
    for item in items:
        if item.kind in FOR_THE_CITIZEN and not _is_back_at_the_authority(item):
            for paper in _owed_papers(item):
                yield _Back(source=paper.source, count=paper.originals, is_delivered=_is_delivered(item))


def _turned_round(items: Iterable[Item]) -> Iterator[_Back]:
    for item in items:
        if item.kind in TO_THE_AUTHORITY and (item.destination.to_citizen or _is_delivered(item)):
            for paper in _owed_papers(item):
                source = source_of(item.code, paper.line)
                yield _Back(source=source, count=paper.originals, is_delivered=_is_delivered(item))


def _is_delivered(item: Item) -> bool:
    return item.custody is Custody.DELIVERED


def _is_back_at_the_authority(item: Item) -> bool:
    return item.goes_back and item.custodian.side is Side.AUTHORITY


def _owed_papers(item: Item) -> list[PaperCount]:
    return [paper for paper in item.papers if paper.to_return and paper.originals]


def _line(dossier: Dossier, source: str, came: int, back: Iterable[_Back]) -> OwedLine:
    mine = [known for known in back if known.source == source]
    return OwedLine(
        source=source,
        came=came,
        on_the_way=sum(known.count for known in mine if not known.is_delivered),
        back=sum(known.count for known in mine if known.is_delivered),
        settled=sum(event.count for event in dossier.settled if event.source == source),
    )
