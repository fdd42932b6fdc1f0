"""The coordinator's board: what a person changes in a proposed day of rounds, step by step, and takes back again.

A stop is named by its first thing. Each action returns a step and changes nothing; `after` folds the steps into the
proposal as it stands. Taking back is a further step, so nothing that was done is forgotten.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from postal.domain import calendars, codes
from postal.domain.calendars import WorkCalendar
from postal.domain.events import PlannedStop
from postal.domain.people import Author
from postal.domain.proposal import Draft, LeftBehind, Proposal, Why
from postal.domain.refusals import Refused


class StepKind(Enum):
    """What somebody did on the board."""

    MOVED = "moved"
    REORDERED = "reordered"
    LOCKED = "locked"
    UNLOCKED = "unlocked"
    NEXT_DAY = "next_day"
    PLANNED_AGAIN = "planned_again"
    UNDONE = "undone"


STEP_NAMES: dict[StepKind, str] = {
    StepKind.MOVED: "Chuyển tuyến",
    StepKind.REORDERED: "Đổi thứ tự",
    StepKind.LOCKED: "Giữ cố định",
    StepKind.UNLOCKED: "Bỏ giữ cố định",
    StepKind.NEXT_DAY: "Chuyển sang ngày làm việc kế tiếp",
    StepKind.PLANNED_AGAIN: "Tính lại phương án",
    StepKind.UNDONE: "Hoàn tác",
}


class NothingSelected(Refused):
    """A change is about at least one stop."""

    code = "nothing_selected"
    vi = "Chưa chọn điểm nào. Đánh dấu ít nhất một điểm trong bảng rồi làm lại."
    en = "No stop is selected. Tick at least one in the table, then do it again."


class UnknownStop(Refused):
    """A change is about stops of this proposal."""

    code = "unknown_stop"
    vi = "Điểm {stop} không có trong phương án này. Tải lại trang rồi chọn lại."
    en = "Stop {stop} is not in this proposal. Load the page again and select it anew."


class UnknownRoute(Refused):
    """A stop moves to a run of this proposal."""

    code = "unknown_route"
    vi = "Không có tuyến “{route}” trong phương án này. Chọn một tuyến trong danh sách."
    en = "There is no route “{route}” in this proposal. Choose one of the list."


class OfficeElsewhere(Refused):
    """A stop stays with the office that has its things."""

    code = "office_elsewhere"
    vi = "Điểm {stop} ở bưu cục khác với tuyến {route}. Chọn tuyến của cùng bưu cục, hoặc chuyển bưu gửi đi trước."
    en = "Stop {stop} lies at another office than route {route}. Choose a route of the same office."


class StopLocked(Refused):
    """What somebody locked stays on its run until it is unlocked."""

    code = "stop_locked"
    vi = "Điểm {stop} đang giữ cố định trên tuyến. Bỏ giữ cố định rồi chuyển."
    en = "Stop {stop} is locked to its route. Unlock it first."


class NotOnRoute(Refused):
    """Only what is on a run has an order there, or a lock."""

    code = "not_on_route"
    vi = "Điểm {stop} chưa nằm trên tuyến nào. Chuyển điểm vào một tuyến trước."
    en = "Stop {stop} is on no route yet. Move it to a route first."


class NothingChanges(Refused):
    """A change changes something."""

    code = "nothing_changes"
    vi = "Các điểm đã chọn đã ở đúng chỗ đó rồi. Chọn chỗ khác hoặc điểm khác."
    en = "The selected stops are there already. Choose another place or other stops."


class LegalDay(Refused):
    """No stop moves past the last day the law or a promise gives it."""

    code = "legal_day"
    vi = "Không chuyển {stop} sang {day}: hạn là {due}. Bỏ chọn điểm đó rồi làm lại, chưa điểm nào bị chuyển."
    en = "{stop} cannot move to {day}: it is due on {due}. Keep it on this day or unselect it; nothing was moved."


class MovedMeanwhile(Refused):
    """Two who change one board at once: the second sees what the first did before going on."""

    code = "board_moved"
    vi = "{name} vừa sửa phương án lúc {clock} ({what}). Thay đổi của bạn chưa được ghi. Xem bảng mới rồi làm lại."
    en = "{name} changed the proposal at {clock}. Your change was not kept. Look at the new table, then repeat it."


class NothingToUndo(Refused):
    """What was done can be taken back, back to the first proposal."""

    code = "nothing_to_undo"
    vi = "Không còn bước nào để hoàn tác. Phương án đang như lúc mới lập."
    en = "There is nothing left to undo. The proposal is as it was made."


class AlreadyAccepted(Refused):
    """An accepted proposal has become runs; it is changed there."""

    code = "already_accepted"
    vi = "Phương án này đã được chấp nhận. Mở chuyến rồi đề nghị chuyển điểm từ đó."
    en = "This proposal was accepted already. Open the run and offer the stop from there."


class TwoRunsAtOnce(Refused):
    """One postman, and so one vehicle, drives one run at a time."""

    code = "two_runs_at_once"
    vi = "Hai chuyến cùng một bưu tá/xe: {first} và {second} cùng giao {postman} trong một lúc. Đổi bưu tá một chuyến."
    en = "Two runs with one postman: {first} and {second} are both given to {postman} at one time. Change one."


# --- steps ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Changed:
    """A run of the proposal after a step, by its place in the list."""

    number: int
    draft: Draft


@dataclass(frozen=True, kw_only=True, slots=True)
class Later:
    """A thing that goes out on a later day; `due_on` is the last day it may, if there is one."""

    thing: str
    day: date
    due_on: date | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Step:
    """What one action made of the board: the runs it touched and, where they changed, all that stays behind.

    `put_off` are things that wait for a later day from now on, `freed` those that no longer do. `used` is what the
    proposal rests on besides. `whole` replaces the proposal, where it was planned again.
    """

    kind: StepKind
    stops: tuple[str, ...] = ()
    drafts: tuple[Changed, ...] = ()
    left: tuple[LeftBehind, ...] | None = None
    put_off: tuple[Later, ...] = ()
    freed: tuple[Later, ...] = ()
    used: tuple[tuple[str, int], ...] = ()
    whole: Proposal | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A step as it was taken, with who and when; `number` counts from 1."""

    number: int
    step: Step
    by: Author
    at: datetime


def after(first: Proposal, steps: Iterable[Taken]) -> Proposal:
    """Return a proposal as its steps left it."""
    found = first
    for taken in in_force(steps):
        found = _apply(found, taken.step)
    return found


def in_force(steps: Iterable[Taken]) -> list[Taken]:
    """Return the steps that nobody took back."""
    found: list[Taken] = []
    for taken in steps:
        if taken.step.kind is not StepKind.UNDONE:
            found.append(taken)
        elif found:
            found.pop()
    return found


def _apply(found: Proposal, step: Step) -> Proposal:
    if step.whole is not None:
        return step.whole
    changed = {each.number: each.draft for each in step.drafts}
    return replace(
        found,
        drafts=tuple(changed.get(n, draft) for n, draft in enumerate(found.drafts)),
        left=found.left if step.left is None else step.left,
        used=tuple(sorted({*found.used, *step.used})),
    )


# --- actions ----------------------------------------------------------------------------------------------------------


def move(found: Proposal, stops: Collection[str], *, to: int, at_position: int | None = None) -> Step:
    """Put stops on another run, at a position from 1, else at its end; they keep their order among themselves.

    What stayed behind may come along where its `stop` is known. With a position, the order is by hand from then on.

    Raises: NothingSelected, UnknownStop, UnknownRoute, StopLocked, OfficeElsewhere, NothingChanges.
    """
    chosen = _Chosen(found, stops)
    if not 0 <= to < len(found.drafts):
        raise UnknownRoute(route=to + 1)
    target = found.drafts[to]
    chosen.must_be_free(but=to if at_position is not None else None)
    chosen.must_lie_at(target)
    if chosen.routes() == {to} and not chosen.left and at_position is None:
        raise NothingChanges
    moved = chosen.stops()
    rest = [stop for stop in target.stops if stop.name not in chosen.names]
    at = len(rest) if at_position is None else max(0, min(at_position - 1, len(rest)))
    by_hand = target.by_hand or at_position is not None
    drafts = chosen.without() | {to: _with(target, [*rest[:at], *moved, *rest[at:]], by_hand=by_hand)}
    left = tuple(each for each in found.left if each.name not in chosen.names)
    return Step(
        kind=StepKind.MOVED,
        stops=tuple(stop.name for stop in moved),
        drafts=_changed(drafts),
        left=left if chosen.left else None,
        freed=_put_off_of(chosen.left),
    )


def reorder(found: Proposal, stops: Collection[str], *, offset: int) -> Step:
    """Move stops up (below 0) or down on their own runs, as far as their ends.

    Raises: NothingSelected, UnknownStop, NotOnRoute, NothingChanges.
    """
    chosen = _Chosen(found, stops)
    chosen.must_be_on_routes()
    drafts = {}
    for number in chosen.routes():
        before = found.drafts[number]
        order = _shifted(before.stops, chosen.names, offset)
        if order != list(before.stops):
            drafts[number] = _with(before, order, by_hand=True)
    if not drafts:
        raise NothingChanges
    return Step(kind=StepKind.REORDERED, stops=chosen.in_order(), drafts=_changed(drafts))


def lock(found: Proposal, stops: Collection[str]) -> Step:
    """Keep stops on their runs, also when the day is planned again.

    Raises: NothingSelected, UnknownStop, NotOnRoute, NothingChanges.
    """
    return _locking(found, stops, kind=StepKind.LOCKED, change=lambda old, names: old | names)


def unlock(found: Proposal, stops: Collection[str]) -> Step:
    """Let stops go. Raises: NothingSelected, UnknownStop, NotOnRoute, NothingChanges."""
    return _locking(found, stops, kind=StepKind.UNLOCKED, change=lambda old, names: old - names)


def to_next_working_day(found: Proposal, stops: Collection[str], *, calendar: WorkCalendar) -> Step:
    """Leave stops out of this day; they come up on the next working day of the post. All of them or none.

    Raises: NothingSelected, UnknownStop, StopLocked, LegalDay, NothingChanges.
    """
    chosen, day = _Chosen(found, stops), calendar.next_working_day(found.day)
    chosen.must_be_free()
    moved = chosen.stops()
    for stop in moved:
        if stop.due_on is not None and stop.due_on < day:
            raise LegalDay(stop=codes.shown(stop.name), day=calendars.written(day), due=calendars.written(stop.due_on))
    if all(each.until == day for each in chosen.left) and not chosen.routes():
        raise NothingChanges
    stays = [each for each in found.left if each.name not in chosen.names]
    waits = {each.name for each in chosen.left if each.until == day}
    put_off = tuple(
        Later(thing=thing, day=day, due_on=stop.due_on)
        for stop in moved
        if stop.name not in waits
        for thing in stop.things
    )
    return Step(
        kind=StepKind.NEXT_DAY,
        stops=tuple(stop.name for stop in moved),
        drafts=_changed(chosen.without()),
        left=(*stays, *(chosen.put_off(stop, until=day) for stop in moved)),
        put_off=put_off,
    )


def planned_again(new: Proposal, *, instead_of: Proposal) -> Step:
    """Replace the proposal by one that was worked out anew, what-if or improved.

    What the new one has on its runs waits for no later day any more, and what it moves to one does.
    """
    before, after = _put_off_of(instead_of.left), _put_off_of(new.left)
    later = {each.thing for each in after}
    return Step(
        kind=StepKind.PLANNED_AGAIN,
        whole=new,
        put_off=tuple(each for each in after if each not in before),
        freed=tuple(each for each in before if each.thing not in later),
    )


def undo(steps: Sequence[Taken]) -> Step:
    """Take back the last step that is in force. Raises: NothingToUndo."""
    standing = in_force(steps)
    if not standing:
        raise NothingToUndo
    last = standing[-1].step
    return Step(kind=StepKind.UNDONE, stops=last.stops, put_off=last.freed, freed=last.put_off)


def _locking(
    found: Proposal,
    stops: Collection[str],
    *,
    kind: StepKind,
    change: Callable[[set[str], set[str]], set[str]],
) -> Step:
    chosen = _Chosen(found, stops)
    chosen.must_be_on_routes()
    drafts = {}
    for number in chosen.routes():
        before = found.drafts[number]
        names = {stop.name for stop in before.stops} & chosen.names
        locked = tuple(sorted(change(set(before.locked), names)))
        if locked != before.locked:
            drafts[number] = replace(before, locked=locked)
    if not drafts:
        raise NothingChanges
    return Step(kind=kind, stops=chosen.in_order(), drafts=_changed(drafts))


# --- what a new plan keeps --------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Carried:
    """A new proposal with what was settled in an old one; `fit` names by run the stops whose place is still open."""

    proposal: Proposal
    fit: Mapping[int, tuple[str, ...]]


def settled_in(old: Proposal) -> tuple[str, ...]:
    """Return the stops that somebody locked to their runs."""
    return tuple(name for draft in old.drafts for name in draft.locked)


def carried(old: Proposal, new: Proposal) -> Carried:
    """Return a new proposal with the locks, the orders by hand and what was moved to a later day of an old one.

    A run that the new one has not any more lets its stops go; so does a stop that is nowhere in the new one.
    """
    found, fit = replace(new, left=(*new.left, *_still_later(old, new))), dict[int, tuple[str, ...]]()
    for draft in old.drafts:
        number = _same_run(draft, found)
        if number is None:
            continue
        found, away = _held(found, draft.locked, number=number)
        before = [stop.name for stop in draft.stops] if draft.by_hand else []
        if before:
            found = _ordered(found, before, number=number)
        moved = {each for name in away for each in _whereabouts(new, name)}
        fit |= {other: () for other in moved if other not in fit}
        if away or before:
            names = (stop.name for stop in found.drafts[number].stops)
            fit[number] = tuple(name for name in names if (name not in before if before else name in away))
    there = [{stop.name for stop in draft.stops} for draft in found.drafts]
    return Carried(
        proposal=found, fit={n: tuple(each for each in names if each in there[n]) for n, names in fit.items()}
    )


def _still_later(old: Proposal, new: Proposal) -> list[LeftBehind]:
    there = {thing for draft in new.drafts for thing in draft.things} | {t for each in new.left for t in each.things}
    return [each for each in old.left if each.until is not None and there.isdisjoint(each.things)]


def _same_run(draft: Draft, found: Proposal) -> int | None:
    same = (n for n, each in enumerate(found.drafts) if (each.territory, each.part) == (draft.territory, draft.part))
    return next(same, None)


def _whereabouts(found: Proposal, name: str) -> list[int]:
    return [n for n, draft in enumerate(found.drafts) if any(stop.name == name for stop in draft.stops)]


def _held(found: Proposal, names: Iterable[str], *, number: int) -> tuple[Proposal, tuple[str, ...]]:
    """Lock stops to a run, those from elsewhere put at its end; return also which came from elsewhere."""
    on_runs = {stop.name: n for n, draft in enumerate(found.drafts) for stop in draft.stops}
    known = {*on_runs, *(each.name for each in found.left if each.stop is not None)}
    held = [name for name in names if name in known]
    away = tuple(name for name in held if on_runs.get(name) != number)
    if away:
        found = _apply(found, move(found, away, to=number))
    locked = replace(found.drafts[number], locked=tuple(sorted({*found.drafts[number].locked, *held})))
    return _put(found, locked, number=number), away


def _ordered(found: Proposal, before: Sequence[str], *, number: int) -> Proposal:
    """Put the stops of a run into the order somebody gave them, what is new behind them."""
    place = {name: at for at, name in enumerate(before)}
    stops = sorted(found.drafts[number].stops, key=lambda stop: place.get(stop.name, len(place)))
    return _put(found, _with(found.drafts[number], stops, by_hand=True), number=number)


def _put(found: Proposal, draft: Draft, *, number: int) -> Proposal:
    return _apply(found, Step(kind=StepKind.MOVED, drafts=(Changed(number=number, draft=draft),)))


# --- parts ------------------------------------------------------------------------------------------------------------


class _Chosen:
    """Stops somebody selected, found on the runs and among what stays behind."""

    def __init__(self, found: Proposal, stops: Collection[str]) -> None:
        if not stops:
            raise NothingSelected
        self.names = set(stops)
        self._found = found
        self._on = {stop.name: n for n, draft in enumerate(found.drafts) for stop in draft.stops}
        self.left = [each for each in found.left if each.name in self.names]
        for name in stops:
            if name not in self._on and all(each.name != name for each in self.left):
                raise UnknownStop(stop=codes.shown(name))

    def routes(self) -> set[int]:
        """Return the runs they are on."""
        return {self._on[name] for name in self.names if name in self._on}

    def in_order(self) -> tuple[str, ...]:
        """Return the names of those on runs, run after run."""
        return tuple(s.name for draft in self._found.drafts for s in draft.stops if s.name in self.names)

    def stops(self) -> list[PlannedStop]:
        """Return the stops, run after run, then what stayed behind. Raises: UnknownStop where one has no stop."""
        on_runs = [s for draft in self._found.drafts for s in draft.stops if s.name in self.names]
        for each in self.left:
            if each.stop is None:
                raise UnknownStop(stop=codes.shown(each.name))
        return on_runs + [each.stop for each in self.left if each.stop is not None]

    def without(self) -> dict[int, Draft]:
        """Return the runs they are on, without them."""
        found = {}
        for number in sorted(self.routes()):
            draft = self._found.drafts[number]
            found[number] = _with(draft, [stop for stop in draft.stops if stop.name not in self.names])
        return found

    def must_be_on_routes(self) -> None:
        """Raises: NotOnRoute."""
        for each in self.left:
            raise NotOnRoute(stop=codes.shown(each.name))

    def must_be_free(self, *, but: int | None = None) -> None:
        """Refuse to take what is locked to a run, apart from one. Raises: StopLocked."""
        for number in sorted(self.routes() - {but}):
            for name in self._found.drafts[number].locked:
                if name in self.names:
                    raise StopLocked(stop=codes.shown(name))

    def must_lie_at(self, target: Draft) -> None:
        """Refuse what another office has. Raises: OfficeElsewhere."""
        offices = {name: self._found.drafts[n].office for name, n in self._on.items() if name in self.names}
        offices |= {each.name: each.office for each in self.left}
        for name, office in sorted(offices.items()):
            if office != target.office:
                raise OfficeElsewhere(stop=codes.shown(name), route=target.territory)

    def put_off(self, stop: PlannedStop, *, until: date) -> LeftBehind:
        """Return a stop as what stays behind until a day."""
        was = next((each for each in self.left if each.name == stop.name), None)
        if was is not None:
            return replace(was, why=Why.NEXT_DAY, until=until)
        draft = self._found.drafts[self._on[stop.name]]
        return LeftBehind(
            office=draft.office,
            territory=draft.territory,
            commune=stop.commune,
            things=stop.things,
            why=Why.NEXT_DAY,
            is_promised=False,
            until=until,
            stop=stop,
        )


def _with(draft: Draft, stops: Sequence[PlannedStop], *, by_hand: bool | None = None) -> Draft:
    """Return a run with other stops, numbered anew; its times are worked out by the caller."""
    names = {stop.name for stop in stops}
    return replace(
        draft,
        stops=tuple(replace(stop, number=n) for n, stop in enumerate(stops, start=1)),
        locked=tuple(name for name in draft.locked if name in names),
        by_hand=draft.by_hand if by_hand is None else by_hand,
    )


def _changed(drafts: Mapping[int, Draft]) -> tuple[Changed, ...]:
    return tuple(Changed(number=number, draft=draft) for number, draft in sorted(drafts.items()))


def _shifted(stops: Sequence[PlannedStop], names: Collection[str], offset: int) -> list[PlannedStop]:
    """Return stops with those named moved up or down together; at an end they stand still."""
    order = list(stops)
    for _ in range(min(abs(offset), len(order))):
        moved = _one_down(order, names) if offset > 0 else _one_down(order[::-1], names)[::-1]
        if moved == order:
            break
        order = moved
    return order


def _one_down(order: list[PlannedStop], names: Collection[str]) -> list[PlannedStop]:
    found = list(order)
    for at in range(len(found) - 2, -1, -1):
        if found[at].name in names and found[at + 1].name not in names:
            found[at], found[at + 1] = found[at + 1], found[at]
    return found


def _put_off_of(left: Iterable[LeftBehind]) -> tuple[Later, ...]:
    return tuple(
        Later(thing=thing, day=each.until, due_on=each.stop.due_on if each.stop else None)
        for each in left
        if each.until
        for thing in each.things
    )


# --- one postman, one run at a time -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True, slots=True)
class Outing:
    """A run that somebody drives in some hours of a day, with what it is called."""

    name: str
    postman: str
    begins_at: datetime
    ends_at: datetime


def must_not_overlap(outings: Iterable[Outing]) -> None:
    """Refuse to give two runs of the same hours to one postman; one after the other he may. Raises: TwoRunsAtOnce."""
    last: dict[str, Outing] = {}
    for each in sorted(outings, key=lambda each: (each.begins_at, each.name)):
        before = last.get(each.postman)
        if before is not None and each.begins_at < before.ends_at:
            raise TwoRunsAtOnce(first=before.name, second=each.name, postman=each.postman)
        if before is None or each.ends_at > before.ends_at:
            last[each.postman] = each
