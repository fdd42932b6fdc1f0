"""The steps of an item or bag, which of them may be struck, and why the others may not."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from postal.domain import codes, corrections, permissions
from postal.domain.bag import Bag
from postal.domain.chain import Read
from postal.domain.events import Corrected, HandedOver
from postal.domain.item import Item
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import access, items, timeline
from postal.queries.timeline import Line
from postal.store import Reader, Store

GOES_WITH_ITS_END = "Chọn dòng ký nhận hoặc không nhận của lần bàn giao này: hai dòng bị gạch cùng nhau."


@dataclass(frozen=True, kw_only=True, slots=True)
class StepLine:
    """A step with whether it may be struck; `why` says why it is safe, or what to do instead."""

    line: Line
    may: bool
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CorrectionsPage:
    """The steps of one thing, the newest first, and the form for the one that was chosen."""

    code: str
    what: str
    href: str
    holder: str
    steps: tuple[StepLine, ...]
    chosen: StepLine | None
    takes_offer: bool
    shows_texts: bool
    errors: dict[str, str] = field(default_factory=dict)
    typed: dict[str, str] = field(default_factory=dict)


def corrections_page(store: Store, code: str, *, actor: Actor, version: int = 0) -> CorrectionsPage:
    """Return the steps of an item or bag for a place that took part. Raises: UnknownCode, Forbidden, NotParty."""
    permissions.require(actor, Permission.CORRECT)
    with store.read() as reader:
        thing: Item | Bag | None = reader.thing(Item, code) or reader.thing(Bag, code)
        if thing is None:
            raise UnknownCode(thing=codes.shown(code))
        is_party = _takes_part(reader, thing, actor)
        if not is_party:
            raise items.NotParty(thing=codes.shown(code))
        steps = _steps(reader, thing, sees_texts=permissions.may(actor, Permission.SEE_PERSONAL_DATA))
        chosen = next((step for step in steps if step.line.version == version and not step.line.struck), None)
        return CorrectionsPage(
            code=code,
            what="Bưu gửi" if isinstance(thing, Item) else "Túi",
            href=f"/items/{code}" if isinstance(thing, Item) else f"/bags/{code}",
            holder=str(thing.custodian),
            steps=steps,
            chosen=chosen,
            takes_offer=chosen is not None and _takes_offer(reader, code, version),
            shows_texts=any(step.line.detail or step.line.struck for step in steps),
        )


def refused(page: CorrectionsPage, *, sentence: str, typed: dict[str, str]) -> CorrectionsPage:
    """Return the page with why nothing was struck, and what was typed but the password."""
    kept = {name: value for name, value in typed.items() if name != "password"}
    return replace(page, errors={"reason": sentence}, typed=kept)


def _takes_part(reader: Reader, thing: Item | Bag, actor: Actor) -> bool:
    if isinstance(thing, Item):
        return items.takes_part(reader, thing, actor) and not access.watches_all(actor)
    places = {thing.origin, thing.destination.place, thing.custodian.place}
    return actor.place in places | {event.by.place for *_, event in reader.events([thing.code])}


def _steps(reader: Reader, thing: Item | Bag, *, sees_texts: bool) -> tuple[StepLine, ...]:
    told = {read.step.version: read for _, _, read in reader.reads([thing.code])}
    ended = _ended_offers(told.values())
    lines = [line for line in timeline.lines(reader, [thing.code], sees_texts=sees_texts) if line.stream == thing.code]
    found = []
    for line in reversed(lines):
        read = told[line.version]
        rule = corrections.rule_of(read.event)
        may = rule.may and not read.is_struck and not isinstance(read.event, Corrected)
        why = GOES_WITH_ITS_END if line.version in ended else rule.why
        found.append(StepLine(line=line, may=may, why=why))
    return tuple(found)


def _ended_offers(told: Iterable[Read]) -> set[int]:
    """Return the versions of the offers that somebody ended: they go with their end."""
    found: set[int] = set()
    offer = 0
    for read in told:
        if isinstance(read.event, HandedOver):
            offer = read.step.version
        elif isinstance(read.event, corrections.ENDS_OFFER):
            found.add(offer)
    return found


def _takes_offer(reader: Reader, code: str, version: int) -> bool:
    """Tell whether the step is the end of an offer, which is struck with it."""
    return any(
        read.step.version == version and isinstance(read.event, corrections.ENDS_OFFER)
        for _, _, read in reader.reads([code])
    )
