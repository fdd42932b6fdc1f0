"""When a dossier is due, and why: derived each time from the limit, the start, the pauses and the calendar."""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import calendars, clocks
from postal.domain.calendars import WorkCalendar
from postal.domain.clocks import Due, Pause, PausePolicy, Standing, Step
from postal.domain.dossier import Dossier
from postal.domain.places import UnknownPlace
from postal.domain.procedures import ProcedureVersion, UnknownProcedure
from postal.store import Reader

STATE = "state"
POST = "post"


@dataclass(frozen=True, kw_only=True, slots=True)
class DueView:
    """The statutory clock of a dossier as people read it.

    `due_at` is derived, `promised_at` is what stands on the appointment slip; `differs` says that they are two days.
    `shown_at` is the date people are told: the promise on the slip, and the derived date once the clock has stood, for
    a slip written before papers were missing promises nothing any more. `standing` says that the clock stands (a
    supplement is awaited). `late_days` counts working days, 0 when in time.
    """

    due_at: datetime | None
    promised_at: datetime | None
    shown_at: datetime | None
    provisional: bool
    standing: bool
    limit: str
    start_basis: str
    steps: tuple[Step, ...]
    late_days: int
    is_at_risk: bool

    @property
    def differs(self) -> bool:
        """Tell whether the derived due day and the promised day are two different days."""
        if self.due_at is None or self.promised_at is None:
            return False
        return calendars.local(self.due_at).date() != calendars.local(self.promised_at).date()


class Rules:
    """What the clocks of some dossiers count by, read once for all of them."""

    def __init__(self, reader: Reader, dossiers: Iterable[Dossier]) -> None:
        self._reference = reader.reference
        self._versions = reader.reference.procedure_versions((d.procedure, d.procedure_version) for d in dossiers)

    @functools.cached_property
    def calendar(self) -> WorkCalendar:
        """The state's calendar. Raises: UnknownPlace when nobody has loaded it."""
        return self._reference.calendar(STATE)

    def procedure_name(self, dossier: Dossier) -> str:
        """Return what the procedure was called when the dossier was received; its code when nobody knows it."""
        try:
            return self.version(dossier).name
        except UnknownProcedure:
            return dossier.procedure

    def version(self, dossier: Dossier) -> ProcedureVersion:
        """Return the procedure's version a dossier was received under. Raises: UnknownProcedure."""
        try:
            return self._versions[dossier.procedure, dossier.procedure_version]
        except KeyError:
            raise UnknownProcedure(procedure=dossier.procedure) from None


def of_dossier(reader: Reader, dossier: Dossier, *, at: datetime) -> DueView:
    """Return the statutory clock of a dossier at an instant."""
    return due_view(dossier, rules=Rules(reader, [dossier]), at=at)


def due_view(dossier: Dossier, *, rules: Rules, at: datetime) -> DueView:
    """Return the statutory clock of one of the dossiers that the rules were read for."""
    answer = _answer(dossier, rules)
    due_at = answer.due_at if isinstance(answer, Due) else None
    shown = due_at if dossier.pauses else dossier.promised_at or due_at
    ended = dossier.ended_at or at
    return DueView(
        due_at=due_at,
        promised_at=dossier.promised_at,
        shown_at=shown,
        provisional=isinstance(answer, Due) and answer.provisional,
        standing=isinstance(answer, Standing),
        limit=str(dossier.limit) if dossier.limit else "",
        start_basis=dossier.start_basis,
        steps=answer.steps if answer else (),
        late_days=0 if isinstance(answer, Standing) else _late_days(rules, shown, at=ended),
        is_at_risk=dossier.ended_at is None and _is_at_risk(rules, shown, at=at),
    )


def _late_days(rules: Rules, due_at: datetime | None, *, at: datetime) -> int:
    """Return how many working days after the due day it is; 0 on the due day itself and when nothing is due."""
    if due_at is None:
        return 0
    due_on, today = calendars.local(due_at).date(), calendars.local(at).date()
    if today <= due_on:
        return 0
    return max(1, rules.calendar.working_days_between(due_on, today))


def _is_at_risk(rules: Rules, due_at: datetime | None, *, at: datetime) -> bool:
    """Tell whether the last working day before the due day has come, when an apology would be owed."""
    if due_at is None:
        return False
    due_on, today = calendars.local(due_at).date(), calendars.local(at).date()
    return clocks.apology_by(due_on, rules.calendar) <= today <= due_on


def _answer(dossier: Dossier, rules: Rules) -> Due | Standing | None:
    if dossier.started_at is None:
        return None
    try:
        calendar, version = rules.calendar, rules.version(dossier)
    except (UnknownPlace, UnknownProcedure):
        return None
    if version.same_day:
        return _same_day(dossier.started_at, dossier.pauses, calendar=calendar)
    if dossier.limit is None:
        return None
    return clocks.due_with_pauses(
        dossier.limit,
        started_at=dossier.started_at,
        pauses=dossier.pauses,
        policy=dossier.policy or PausePolicy.NONE,
        calendar=calendar,
    )


def _same_day(started_at: datetime, pauses: Sequence[Pause], *, calendar: WorkCalendar) -> Due | Standing:
    """Return when a same-day procedure is due: on the day on which the last missing paper came."""
    last = pauses[-1] if pauses else None
    if last is not None and last.until is None:
        return Standing(since=last.since, used=0, unit_of_used="ngày", steps=())
    begins = last.until if last is not None and last.until is not None else started_at
    return clocks.same_day(begins, calendar=calendar)
