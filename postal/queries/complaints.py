"""Complaints about the post: the form with its law, those of a dossier, the citizen's date."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from postal.domain import calendars, codes, permissions
from postal.domain.clocks import Due, Step
from postal.domain.complaint import TOPIC_NAMES
from postal.domain.dossier import Dossier
from postal.domain.incident import OUTCOME_NAMES, Incident
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.queries import access, timeline
from postal.store import Reader, Store, legs
from postal.store import complaints as measured


@dataclass(frozen=True, kw_only=True, slots=True)
class ComplaintForm:
    """The form that takes a complaint; `due` is by when it would be answered, `window` until when one may complain."""

    dossier: str
    about: str
    things: tuple[tuple[str, str], ...]
    topics: tuple[tuple[str, str], ...]
    owner: str
    due_on: date
    provisional: bool
    steps: tuple[Step, ...]
    window: Step
    is_over: bool
    request: str
    typed: Mapping[str, str] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ComplaintLine:
    """A complaint as a line of its dossier's page; `href` is empty for whoever is no side of it."""

    code: str
    href: str
    about: str
    topic: str
    opened_at: datetime
    due_on: date
    is_overdue: bool
    outcome: str


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerDue:
    """By when the post answers the citizen's oldest open complaint, and whether that day has passed."""

    on: date
    is_past: bool


def form_page(store: Store, about: str, *, actor: Actor, at: datetime, request: str) -> ComplaintForm:
    """Return the form for a dossier the actor may look at, or an item of it. Raises: Forbidden, UnknownCode."""
    permissions.require(actor, Permission.TAKE_COMPLAINT)
    with store.read(at=at) as reader:
        dossier, chosen = measured.concerned(reader, about)
        items = reader.items_of(dossier.code)
        access.must_see(actor, dossier, items)
        carriage = measured.carriage(reader, dossier, chosen)
        due = carriage.answer_due(at, calendar=reader.reference.calendar(legs.POST))
        owner = dossier.office or actor.place
        names = reader.reference.places([owner])
        return ComplaintForm(
            dossier=dossier.code,
            about=about,
            things=_things(dossier, items),
            topics=tuple((topic.value, name) for topic, name in TOPIC_NAMES.items()),
            owner=names[owner].name if owner in names else owner,
            due_on=due.due_on,
            provisional=due.provisional,
            steps=due.steps,
            window=carriage.window,
            is_over=carriage.until is not None and calendars.local(at).date() > carriage.until,
            request=request,
        )


def refused(page: ComplaintForm, *, fields: Mapping[str, str], typed: Mapping[str, str]) -> ComplaintForm:
    """Return the form with what was wrong beside the fields, and what was typed still there."""
    return replace(page, errors=fields, typed=typed)


def of_dossier(reader: Reader, dossier: Dossier, items: Sequence[Item]) -> list[Incident]:
    """Return the complaints about a dossier and its items, open and answered, oldest first."""
    return measured.of_things(reader, [dossier.code, *(item.code for item in items)])


def lines(
    reader: Reader, dossier: Dossier, items: Sequence[Item], *, actor: Actor, at: datetime
) -> tuple[ComplaintLine, ...]:
    """Return the complaints of a dossier as its page shows them."""
    sees_all = access.watches_all(actor)
    return tuple(
        ComplaintLine(
            code=each.code,
            href=f"/incidents/{each.code}" if sees_all or each.concerns(actor.place) else "",
            about=each.about,
            topic=TOPIC_NAMES[each.topic] if each.topic else "",
            opened_at=each.opened_at,
            due_on=calendars.local(each.due_at).date(),
            is_overdue=each.is_overdue(at=at),
            outcome=OUTCOME_NAMES[each.outcome].capitalize() if each.outcome else "",
        )
        for each in of_dossier(reader, dossier, items)
    )


def answer_due(reader: Reader, dossier: Dossier, items: Sequence[Item], *, at: datetime) -> AnswerDue | None:
    """Return by when the post answers the first open complaint of a dossier, None where none is open."""
    open_ = [each for each in of_dossier(reader, dossier, items) if each.is_open]
    if not open_:
        return None
    first = min(open_, key=lambda each: each.due_at)
    return AnswerDue(on=calendars.local(first.due_at).date(), is_past=first.is_overdue(at=at))


def due_of(reader: Reader, dossier: Dossier, items: Sequence[Item], found: Incident) -> Due:
    """Return when a complaint is due with its steps; the day that was given when it was taken stays."""
    about = [item for item in items if item.code == found.about] or items
    calendar = reader.reference.calendar(legs.POST)
    derived = measured.carriage(reader, dossier, about).answer_due(found.opened_at, calendar=calendar)
    given = calendars.local(found.due_at)
    if derived.due_at == given:
        return derived
    told = Step(text=f"Ngày đã báo khi nhận khiếu nại: {calendars.written(given.date())}. Tính theo ngày đã báo.")
    return replace(derived, due_at=given, steps=(*derived.steps, told))


def _things(dossier: Dossier, items: Sequence[Item]) -> tuple[tuple[str, str], ...]:
    envelopes = ((i.code, f"Bưu gửi {codes.shown(i.code)}: {timeline.KINDS[i.kind]}") for i in items)
    return ((dossier.code, f"Cả hồ sơ {codes.shown(dossier.code)}"), *envelopes)
