"""What driven rounds taught the plans of an office: the figures, what they rest on, and who set them back."""

from dataclasses import dataclass
from datetime import date, datetime

from postal.domain.people import Actor, Role
from postal.domain.places import Place
from postal.domain.refusals import Refused
from postal.domain.run import RunElsewhere

WINDOW_DAYS = 60
"""So many days back a run still teaches: roads, posts and people change."""

ENOUGH_RUNS = 10
"""From so many runs on a territory has figures of its own; below, those of its office stand for it."""

LONGEST_REASON = 256


class NoReasonToPin(Refused):
    """Who sets learned figures aside says why."""

    code = "no_reason_to_pin"
    vi = "Chưa ghi lý do. Ghi vì sao dùng mức thường (hoặc dùng lại mức đã học) rồi lưu."
    en = "Say why the usual figures are to be used, or the learned ones again."


class NothingLearned(Refused):
    """Only what was learned can be set aside."""

    code = "nothing_learned"
    vi = "{office} chưa học được gì từ các chuyến đã đi, nên kế hoạch đang dùng mức thường."
    en = "{office} has not learned anything from its runs yet; plans use the usual figures."


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundFigures:
    """What a plan reckons with: road over straight line, km/h, seconds at a door and for each further thing there."""

    detour: float
    speed_kmh: float
    door_seconds: int
    further_seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Learned:
    """What the runs of an office, or of one territory of it (else empty), taught about one kind of vehicle by a day.

    `hops` are the ways between two doors that counted, `left_out` those that could not be true, `odometers` the runs
    whose kilometres were read. `before` is what plans reckoned with until then.
    """

    office: str
    territory: str
    kind: str
    worked_on: date
    figures: RoundFigures
    before: RoundFigures
    runs: int
    hops: int
    hops_of_several: int
    odometers: int
    left_out: int
    first_on: date
    last_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class Pinned:
    """The usual figures were put in the stead of the learned ones for an office and a kind of vehicle."""

    office: str
    kind: str
    account: str
    since: datetime
    reason: str


def must_plan_for(place: Place, *, by: Actor) -> None:
    """A controller looks at the figures of the own office; the coordinator at every office's. Raises: RunElsewhere."""
    if by.place != place.code and Role.COORDINATOR not in by.roles:
        raise RunElsewhere(thing="Số liệu tuyến phát", office=place.name)
