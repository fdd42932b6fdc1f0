"""Two plans of one day side by side: which stops change hands, why, and what the day comes to in either."""

from bisect import bisect_left
from dataclasses import dataclass
from enum import Enum

from postal.domain.events import PlannedStop
from postal.domain.proposal import Draft, Proposal
from postal.domain.whatif import Question

LEFT = ""
"""Stands for the run of what is on none."""


class Because(Enum):
    """Why a stop changes hands."""

    DRIVER_ABSENT = "driver_absent"
    ADDED = "added"
    LEFT_OUT = "left_out"
    ROAD_CLOSED = "road_closed"
    NOW_FITS = "now_fits"
    MAKES_ROOM = "makes_room"
    SHORTER = "shorter"


BECAUSE_NAMES: dict[Because, str] = {
    Because.DRIVER_ABSENT: "bưu tá đang giữ tuyến vắng mặt",
    Because.ADDED: "điểm mới thêm",
    Because.LEFT_OUT: "không xếp được",
    Because.ROAD_CLOSED: "tránh đường bị chặn, đi theo tuyến này gần hơn",
    Because.NOW_FITS: "trước đây chưa xếp được, nay còn chỗ",
    Because.MAKES_ROOM: "chuyển bớt cho tuyến vừa nhận thêm điểm",
    Because.SHORTER: "đi theo tuyến này gần hơn",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A stop that changes hands, named by its first thing. Runs are named by who drives them, LEFT is none.

    `why` is the reason in words.
    """

    stop: str
    commune: str
    before: str
    after: str
    because: Because
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Figures:
    """What a day comes to. `most` and `least` are the longest and the shortest day of a driver, in seconds."""

    stops: int
    metres: int
    seconds: int
    late: int
    left: int
    left_promised: int
    most: int
    least: int

    @property
    def difference(self) -> int:
        """Return the seconds between the longest and the shortest day."""
        return self.most - self.least


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison:
    """What would change from one plan to another; `reordered` counts stops that keep their run and change places."""

    before: Figures
    after: Figures
    changes: tuple[Change, ...]
    reordered: int

    @property
    def stops(self) -> int:
        """Return how many stops there are in all."""
        return self.after.stops + self.after.left


def compare(before: Proposal, after: Proposal, *, question: Question | None = None) -> Comparison:
    """Return what changes from one plan of a day to another, each with its reason."""
    was, is_now = _Places(before), _Places(after)
    moved = [name for name in is_now.driver if was.driver.get(name, LEFT) != is_now.driver[name]]
    reasons = _Reasons(was, is_now, moved=moved, question=question)
    return Comparison(
        before=figures_of(before),
        after=figures_of(after),
        changes=tuple(
            Change(
                stop=name,
                commune=is_now.commune[name],
                before=was.driver.get(name, LEFT),
                after=is_now.driver[name],
                because=(because := reasons.of(name)),
                why=is_now.left.get(name) or BECAUSE_NAMES[because],
            )
            for name in moved
        ),
        reordered=sum(_reordered(was, is_now, driver) for driver in is_now.order),
    )


def figures_of(proposal: Proposal) -> Figures:
    """Return what a proposal comes to. Somebody with two runs has one day."""
    hours: dict[str, int] = {}
    for draft in proposal.drafts:
        hours[driver_of(draft)] = hours.get(driver_of(draft), 0) + draft.seconds
    left = [each for each in proposal.left if each.until is None]
    return Figures(
        stops=sum(len(draft.stops) for draft in proposal.drafts),
        metres=sum(draft.metres for draft in proposal.drafts),
        seconds=sum(draft.seconds for draft in proposal.drafts),
        late=sum(len(draft.late) for draft in proposal.drafts),
        left=len(left),
        left_promised=sum(each.is_promised for each in left),
        most=max(hours.values(), default=0),
        least=min(hours.values(), default=0),
    )


def driver_of(draft: Draft) -> str:
    """Return who drives a run; where nobody is named, the round stands for him."""
    return draft.postman or draft.territory


class _Places:
    """Where each stop of a plan is, by the thing it is named after."""

    def __init__(self, proposal: Proposal) -> None:
        self.driver: dict[str, str] = {}
        self.commune: dict[str, str] = {}
        self.order: dict[str, list[str]] = {}
        for draft in proposal.drafts:
            self.order.setdefault(driver_of(draft), []).extend(stop.name for stop in draft.stops)
            for stop in draft.stops:
                self._put(stop, driver_of(draft))
        self.left = {each.name: each.reason for each in proposal.left}
        for each in proposal.left:
            self.driver[each.name], self.commune[each.name] = LEFT, each.commune

    def _put(self, stop: PlannedStop, driver: str) -> None:
        self.driver[stop.name], self.commune[stop.name] = driver, stop.commune


class _Reasons:
    """Why stops change hands, from what was asked and from what else moves."""

    def __init__(self, was: _Places, is_now: _Places, *, moved: list[str], question: Question | None) -> None:
        self._was, self._now = was, is_now
        self._absent = set(question.absent) if question else set[str]()
        self._is_closed = bool(question and question.closed)
        forced = [name for name in moved if self._plain(name) is not None]
        self._fuller = {is_now.driver[name] for name in forced} - {LEFT}

    def of(self, name: str) -> Because:
        """Return why a stop changes hands."""
        return self._plain(name) or self._from_others(name)

    def _plain(self, name: str) -> Because | None:
        if name not in self._was.driver:
            return Because.ADDED
        if self._was.driver[name] in self._absent:
            return Because.DRIVER_ABSENT
        if self._now.driver[name] == LEFT:
            return Because.LEFT_OUT
        return Because.NOW_FITS if self._was.driver[name] == LEFT else None

    def _from_others(self, name: str) -> Because:
        if self._is_closed:
            return Because.ROAD_CLOSED
        return Because.MAKES_ROOM if self._was.driver[name] in self._fuller else Because.SHORTER


def _reordered(was: _Places, is_now: _Places, driver: str) -> int:
    """Return how many stops of a driver are not where the others, left in their order, would have them."""
    old = {name: at for at, name in enumerate(was.order.get(driver, []))}
    kept = [old[name] for name in is_now.order[driver] if name in old]
    return len(kept) - _longest_rising(kept)


def _longest_rising(numbers: list[int]) -> int:
    """Return the length of the longest rising part of a row of numbers that differ."""
    ends: list[int] = []
    for number in numbers:
        at = bisect_left(ends, number)
        ends[at : at + 1] = [number]
    return len(ends)
