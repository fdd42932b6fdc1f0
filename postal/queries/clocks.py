"""When a dossier is due, and why: derived each time from the limit, the start, the pauses and the calendar."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from postal.domain import calendars, clocks, spans
from postal.domain.calendars import WorkCalendar
from postal.domain.clocks import Due, Standing, Step
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
    a slip written before papers were missing promises nothing any more. A new day named with an apology, `extended_at`
    in the stead of `extended_from`, is told while it holds. `standing` says that the clock stands. `late_days` counts
    working days, 0 when in time; a limit in hours `is_past_hour` on its last day already.
    `apology_by` is the last day for an apology, None when there is none to give any more.
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
    counting: str = ""
    is_start_verified: bool = True
    extended_at: datetime | None = None
    extended_from: datetime | None = None
    apology_by: date | None = None
    is_past_hour: bool = False

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
    by_law, answer = _answers(dossier, rules)
    due_at = by_law.due_at if isinstance(by_law, Due) else None
    moved_at = answer.due_at if isinstance(answer, Due) and answer is not by_law else None
    shown = moved_at or spans.told(dossier, due_at) or (None if dossier.pauses else dossier.promised_at)
    is_over, ended = dossier.clock_ended_at is not None, dossier.clock_ended_at or at
    has_stopped = isinstance(answer, Standing)
    shown = None if has_stopped else shown
    last = None if shown is None else _apology_by(rules, dossier, shown)
    late_days = _late_days(rules, shown, at=ended)
    is_hourly = answer is by_law and spans.is_in_hours(dossier) and not rules.version(dossier).same_day
    return DueView(
        due_at=None if has_stopped else due_at,
        promised_at=dossier.promised_at,
        shown_at=shown,
        provisional=isinstance(answer, Due) and answer.provisional,
        standing=has_stopped and not is_over,
        limit=_limit(dossier, rules) if answer else str(dossier.limit or ""),
        start_basis=dossier.start_basis,
        steps=answer.steps if answer else (),
        late_days=late_days,
        is_at_risk=not is_over and _is_at_risk(shown, last, at=at),
        counting=clocks.COUNTING_NAMES[(dossier.rule or clocks.BY_LAW).counting] if answer else "",
        is_start_verified=spans.start_of(dossier).is_verified,
        extended_at=moved_at,
        extended_from=dossier.extension.was_due_at if dossier.extension and moved_at else None,
        apology_by=None if is_over or dossier.extension else last,
        is_past_hour=not late_days and is_hourly and shown is not None and ended > shown,
    )


def days_after(reader: Reader, day: date, *, at: datetime) -> int:
    """Return how many working days of the state have passed after a day."""
    return reader.reference.calendar(STATE).working_days_between(day, calendars.local(at).date())


def _limit(dossier: Dossier, rules: Rules) -> str:
    return "trong ngày" if rules.version(dossier).same_day else str(dossier.limit or "")


def _late_days(rules: Rules, due_at: datetime | None, *, at: datetime) -> int:
    """Return how many working days after the due day it is; 0 on the due day itself and when nothing is due."""
    if due_at is None:
        return 0
    due_on, today = calendars.local(due_at).date(), calendars.local(at).date()
    if today <= due_on:
        return 0
    return max(1, rules.calendar.working_days_between(due_on, today))


def _is_at_risk(due_at: datetime | None, apology_by: date | None, *, at: datetime) -> bool:
    """Tell whether the last working day before the due day has come, when an apology would be owed."""
    if due_at is None or apology_by is None:
        return False
    return apology_by <= calendars.local(at).date() <= calendars.local(due_at).date()


def _apology_by(rules: Rules, dossier: Dossier, due_at: datetime) -> date:
    started_on = calendars.local(dossier.started_at).date() if dossier.started_at else None
    return clocks.apology_by(calendars.local(due_at).date(), rules.calendar, not_before=started_on)


def _answers(dossier: Dossier, rules: Rules) -> tuple[Due | Standing | None, Due | Standing | None]:
    """Return when it is due by law, and when it is after a new day that the authority named."""
    if dossier.started_at is None:
        return None, None
    try:
        calendar, version = rules.calendar, rules.version(dossier)
    except (UnknownPlace, UnknownProcedure):
        return None, None
    by_law = spans.lawful(dossier, same_day=version.same_day, calendar=calendar)
    return by_law, spans.in_force(dossier, by_law, calendar=calendar)
