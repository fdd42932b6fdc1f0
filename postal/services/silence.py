"""Ask the last holder about what nobody has heard of, once; and end the question when something is heard."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from postal.domain import codes, incident
from postal.domain.codes import CodeKind
from postal.domain.events import IncidentKind, IncidentOpened, Outcome
from postal.domain.incident import Incident
from postal.domain.lifecycle import Overtaken
from postal.domain.people import Actor, Custodian
from postal.store import Ledger, Store

WATCH = Actor(account="hệ thống", name="Hệ thống", place="", roles=frozenset())
"""Who asks by the clock: no account has a space in its name."""


class Question(Protocol):
    """What is asked: of whom, about what, and the version it was silent at."""

    @property
    def kind(self) -> IncidentKind: ...

    @property
    def about(self) -> str: ...

    @property
    def version(self) -> int: ...

    @property
    def owner(self) -> str: ...

    @property
    def other(self) -> str: ...

    @property
    def holder(self) -> Custodian | None: ...

    @property
    def expected(self) -> str: ...


class Over(Protocol):
    """A question that something has ended, and how."""

    @property
    def incident(self) -> str: ...

    @property
    def outcome(self) -> Outcome: ...


def ask(
    store: Store, questions: Sequence[Question], *, at: datetime, below: Callable[[int], int]
) -> tuple[Incident, ...]:
    """Open the record of every question that is still one, in one transaction."""
    if not questions:
        return ()
    with store.begin(at=at) as ledger:
        still = [each for each in questions if _is_still_silent(ledger, each)]
        firsts = [(codes.mint(CodeKind.INCIDENT, below=below).text, _opened(each, at=at)) for each in still]
        return tuple(ledger.begin_all(Incident, firsts)) if firsts else ()


def end(store: Store, over: Sequence[Over], *, at: datetime) -> int:
    """End what something has answered and return how many; what somebody ended meanwhile stays as he did."""
    ended = 0
    for each in over:
        try:
            with store.begin(at=at) as ledger:
                found = ledger.incident(each.incident)
                if found.is_open:
                    ledger.append(found, found.ended_by_fact(each.outcome, by=WATCH, at=at))
                    ended += 1
        except Overtaken:
            continue
    return ended


def _is_still_silent(ledger: Ledger, question: Question) -> bool:
    """Tell whether nothing happened since it was found silent, and nobody else has asked."""
    if question.kind is IncidentKind.BAG_OVERDUE:
        version = ledger.dispatch(question.about).version
    else:
        item = ledger.known_items([question.about]).get(question.about)
        version = item.version if item else ledger.bag(question.about).version
    known = ledger.incidents_about([question.about])
    return version == question.version and not any(i.is_open and i.kind is question.kind for i in known)


def _opened(question: Question, *, at: datetime) -> IncidentOpened:
    return incident.open_incident(
        question.kind,
        about=question.about,
        owner=question.owner,
        other=question.other,
        holder=question.holder,
        expected=question.expected,
        by=WATCH,
        at=at,
    )
