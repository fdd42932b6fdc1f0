"""Taking results over at a centre: which authority gives, which position takes, each line; and what was taken."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from postal.domain import codes
from postal.domain.events import Evidence
from postal.domain.handover import HandoverRecord, RecordState
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Custodian, Side
from postal.domain.places import Level, Place, PlaceKind
from postal.queries import items, receivers, results
from postal.queries.items import Choice, NotParty
from postal.queries.receivers import Receiver
from postal.queries.results import LinesForm, RegisteredResult, ResultList
from postal.store import Reader, Store
from postal.store.tables import HandoverRow, table_of

MOST_DESKS = 6
_RECENT_RECORDS = 40


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakePage(LinesForm):
    """The form of a take-over, with the values a form sends: the chosen `desk` and `to`, the `offered` first desk."""

    desks: tuple[Receiver, ...]
    found: tuple[Receiver, ...]
    words: str
    desk: str
    offered: str
    tos: tuple[Choice, ...]
    to: str

    @property
    def taking(self) -> int:
        """Return how many lines are to be taken: those that were not left out."""
        return sum(f"{line.key}-out" not in self.typed for line in self.lines)

    @property
    def known(self) -> int:
        """Return how many lines are dossiers the post knows."""
        return sum(line.is_known for line in self.lines)


@dataclass(frozen=True, kw_only=True, slots=True)
class IntakeDone:
    """A list that was taken over: its record, its results, what is still to be done."""

    record: str
    state: str
    giver: str
    receiver: str
    signed_at: datetime | None
    evidence: str
    waits_for_confirmation: bool
    lines: tuple[RegisteredResult, ...]

    @property
    def items(self) -> str:
        """Return the codes of all envelopes, as the address of a print names them."""
        return ",".join(line.item for line in self.lines)

    @property
    def unsealed(self) -> int:
        """Return how many envelopes have no seal yet; they cannot be handed on."""
        return sum(not line.is_sealed for line in self.lines)

    @property
    def lacking(self) -> int:
        """Return for how many nobody knows yet who gets it."""
        return sum(line.lacks_receiver for line in self.lines)


def intake_page(
    store: Store,
    text: str,
    *,
    actor: Actor,
    typed: Mapping[str, str],
    request: str,
    errors: Mapping[str, str] | None = None,
) -> IntakePage:
    """Return the form: the codes one a line, and the authority that probably gives them. Raises: TooManyLines."""
    with store.read() as reader:
        mine = [c for c in receivers.custodians_of(reader, actor) if c.side is Side.POST]
        desks = tuple(_Desks(reader, actor=actor, mine=mine, text=text, chosen=typed.get("desk", "")).likely())
        desk = next((d for d in desks if d.value == typed.get("desk")), desks[0] if desks else None)
        found = _list(reader, text, desk=desk, actor=actor, typed=typed)
    words = typed.get("words", "")
    tos = tuple(Choice(value=receivers.value_of(custodian), name=custodian.name) for custodian in mine)
    return IntakePage(
        codes=found.codes,
        lines=found.lines,
        twice=found.twice,
        asks_receiver=False,
        request=request,
        errors=errors or {},
        typed=typed,
        desks=desks,
        found=_named(store, words, actor=actor, mine=mine, shown=desks),
        words=words,
        desk=desk.value if desk else "",
        offered=desks[0].value if desks else "",
        tos=tos,
        to=next((to.value for to in tos if to.value == typed.get("to")), tos[0].value if tos else ""),
    )


def done_page(store: Store, code: str, *, actor: Actor) -> IntakeDone:
    """Return a list that was taken over, for its two parties. Raises: UnknownCode, NotParty."""
    with store.read() as reader:
        record = reader.thing(HandoverRecord, code)
        if record is None:
            raise UnknownCode(thing=codes.shown(code))
        if actor.place not in (record.giver.place, record.receiver.place):
            raise NotParty(thing=f"Biên bản {codes.shown(code)}")
        return IntakeDone(
            record=record.code,
            state=record.state_name,
            giver=str(record.giver),
            receiver=str(record.receiver),
            signed_at=record.signed_at,
            evidence=items.evidence_name(record.evidence or Evidence.C),
            waits_for_confirmation=record.state is RecordState.ON_PAPER,
            lines=results.taken(reader, record.items),
        )


def _list(reader: Reader, text: str, *, desk: Receiver | None, actor: Actor, typed: Mapping[str, str]) -> ResultList:
    place = receivers.custodian_in(reader, desk.value).place if desk else ""
    return results.result_list(reader, text, desk=place, actor=actor, typed=typed, for_the_post=True)


def _named(
    store: Store, words: str, *, actor: Actor, mine: Sequence[Custodian], shown: Sequence[Receiver]
) -> tuple[Receiver, ...]:
    """Return authorities somebody looks for by name, without those that are offered already."""
    if not words or not mine:
        return ()
    seen = {receiver.value for receiver in shown}
    found = receivers.named(store, words, giver=mine[0], actor=actor, side=Side.AUTHORITY)
    return tuple(receiver for receiver in found if receiver.value not in seen)


class _Desks:
    """Looks for the authority that probably gives the results, the likeliest first."""

    def __init__(self, reader: Reader, *, actor: Actor, mine: Sequence[Custodian], text: str, chosen: str) -> None:
        self.reader = reader
        self.actor = actor
        self.mine = mine
        self.text = text
        self.chosen = chosen

    def likely(self) -> list[Receiver]:
        """Return a few authorities, each once; the chosen one is among them."""
        found: dict[str, Receiver] = {}
        for custodian, why in self._all():
            value = receivers.value_of(custodian)
            found.setdefault(value, Receiver(value=value, name=custodian.name, why=why, is_own=False))
        first = list(found.values())[:MOST_DESKS]
        kept = found.get(self.chosen)
        return first if kept is None or kept in first else [*first, kept]

    def _all(self) -> Iterator[tuple[Custodian, str]]:
        yield from self._at(self._of_the_list(), "có hồ sơ trong danh sách")
        yield from self._recent()
        yield from self._at(self._near(), "cùng địa bàn")
        if self.chosen:
            custodian = receivers.custodian_in(self.reader, self.chosen)
            if custodian.side is Side.AUTHORITY:
                yield custodian, "đã chọn"

    def _of_the_list(self) -> list[Place]:
        """Return the desks of the dossiers on the list, the one with most of them first."""
        known = results.known_dossiers(self.reader, self.text)
        counted = Counter(dossier.desk for dossier in known if dossier.desk)
        found = self.reader.reference.places(counted)
        return [found[code] for code, _ in counted.most_common() if code in found]

    def _recent(self) -> Iterator[tuple[Custodian, str]]:
        table = table_of(HandoverRow)
        taken = table.c.receiver_key.in_([custodian.key for custodian in self.mine])
        last = select(table.c.state).where(taken).order_by(table.c.offered_at.desc()).limit(_RECENT_RECORDS)
        givers = [r.giver for r in self.reader.things(HandoverRecord, last) if r.giver.side is Side.AUTHORITY]
        yield from ((giver, "thường giao") for giver in givers)

    def _near(self) -> list[Place]:
        """Return the centre of the province and the desk of the own commune."""
        home = self.reader.reference.places([self.actor.place]).get(self.actor.place)
        if home is None or home.province_code is None:
            return []
        desks = self.reader.reference.places_of(home.province_code, kinds=(PlaceKind.DESK,))
        return [d for d in desks if d.level is Level.PROVINCE] + [d for d in desks if d.unit == home.unit]

    def _at(self, found: Sequence[Place], why: str) -> Iterator[tuple[Custodian, str]]:
        for custodians in receivers.positions_of(self.reader, found).values():
            yield from ((custodian, why) for custodian in custodians[:1] if custodian.side is Side.AUTHORITY)
