"""What becomes of a made-up case: drawn once, when the citizen comes in, and played out by everybody later."""

import random
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum

from postal.domain.events import Ground, ItemKind, ReceptionMode, ReturnWay, Service
from postal.services.registration import PaperEntry


class Ending(Enum):
    """How a case ends at the counter or at the authority."""

    RESOLVED = "resolved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    TURNED_BACK = "turned_back"
    VOIDED = "voided"


class Mishap(Enum):
    """What goes wrong on the way to the desk."""

    MISSING = "missing"
    DAMAGED = "damaged"
    WRONG_DESK = "wrong_desk"


NEVER = 10_000
"""More days than anybody waits."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Plan:
    """What will happen to a case. Days are days of work; `NEVER` leaves the case where it is.

    Asked papers may come in two halves, or be fetched at home as the first ones may. `late_fee` is due when the result
    is given, `recovers` old papers are got back then. On a `ground` it cannot be delivered after the first visit. One
    that `is_apologised` gets a new day from the head of its desk before it is late. A stranger never came to a counter:
    the post first hears of him when the authority gives it his result.
    """

    service: Service = Service.BOTH
    mode: ReceptionMode = ReceptionMode.A
    return_way: ReturnWay = ReturnWay.HOME
    ending: Ending = Ending.RESOLVED
    days_at_authority: int = 2
    days_for_papers: int | None = None
    days_for_payment: int | None = None
    failed_visits: int = 0
    days_until_fetched: int = 1
    mishap: Mishap | None = None
    days_of_mishap: int = 1
    brings_in_halves: bool = False
    papers_fetched_at_home: bool = False
    begins_at_home: bool = False
    pays_at_post: bool = True
    late_fee: int = 0
    recovers: int = 0
    wants_slip: bool = False
    is_taken_over: bool = False
    is_stranger: bool = False
    ground: Ground | None = None
    is_apologised: bool = False


def drawn(chance: random.Random) -> Plan:
    """Return an ordinary fate: most go well, a few do not."""
    service = chance.choices((Service.BOTH, Service.RECEIVE, Service.SEND), weights=(86, 9, 5))[0]
    sends = service is not Service.RECEIVE
    mode = ReceptionMode.B if sends and chance.random() < 0.08 else ReceptionMode.A
    receives = service is not Service.SEND
    return Plan(
        service=service,
        mode=mode,
        return_way=_return_way(chance, service),
        ending=_ending(chance) if sends else Ending.RESOLVED,
        days_at_authority=chance.choices(range(8), weights=(20, 24, 20, 12, 9, 6, 5, 4))[0],
        days_for_papers=chance.randrange(1, 4) if sends and chance.random() < 0.07 else None,
        days_for_payment=chance.randrange(1, 3) if sends and chance.random() < 0.06 else None,
        failed_visits=chance.choices((0, 1, 2, 3), weights=(80, 13, 5, 2))[0],
        days_until_fetched=chance.choices((1, 2, 3, NEVER), weights=(50, 30, 15, 5))[0],
        mishap=_mishap(chance) if sends else None,
        days_of_mishap=chance.choices((1, 2, NEVER), weights=(60, 30, 10))[0],
        brings_in_halves=chance.random() < 0.4,
        papers_fetched_at_home=chance.random() < 0.25,
        begins_at_home=sends and mode is ReceptionMode.A and chance.random() < 0.05,
        pays_at_post=chance.random() < 0.7,
        late_fee=chance.choice((20_000, 75_000, 135_000)) if receives and chance.random() < 0.15 else 0,
        recovers=chance.choice((1, 1, 2)) if receives and chance.random() < 0.08 else 0,
        wants_slip=sends and receives and mode is ReceptionMode.A and chance.random() < 0.1,
        is_taken_over=chance.random() < 0.25,
        is_stranger=chance.random() < 0.03,
        ground=chance.choice(_PICKED_GROUNDS) if receives and chance.random() < 0.02 else None,
    )


_PICKED_GROUNDS = (Ground.ADDRESS, Ground.MOVED, Ground.NOT_FOUND, Ground.REFUSED)


def coming_to_an_end(plan: Plan) -> Plan:
    """Return a fate in which nothing stays for ever: what is missing is found again."""
    return replace(plan, days_of_mishap=min(plan.days_of_mishap, 3))


def _return_way(chance: random.Random, service: Service) -> ReturnWay:
    if service is Service.SEND:
        return ReturnWay.DESK
    return ReturnWay.POST_OFFICE if chance.random() < 0.1 else ReturnWay.HOME


def _ending(chance: random.Random) -> Ending:
    return chance.choices(tuple(Ending), weights=(88, 3, 2, 2, 3, 2))[0]


def _mishap(chance: random.Random) -> Mishap | None:
    return chance.choice(tuple(Mishap)) if chance.random() < 0.02 else None


class Stage(Enum):
    """Whose turn it is with a case."""

    ON_THE_WAY = "on_the_way"
    ARRIVED = "arrived"
    RECEIVED = "received"
    IN_WORK = "in_work"
    WAITS_FOR_PAPERS = "waits_for_papers"
    WAITS_FOR_PAYMENT = "waits_for_payment"
    ON_THE_WAY_BACK = "on_the_way_back"
    WAITS_FOR_CITIZEN = "waits_for_citizen"
    OVER = "over"


@dataclass(kw_only=True, slots=True)
class Case:
    """A made-up case on its way. `due_on` is when whoever has it does the next thing."""

    plan: Plan
    dossier: str
    office: str
    desk: str
    department: str
    procedure: str
    official_code: str = ""
    item: str = ""
    home: str = ""
    stage: Stage = Stage.ON_THE_WAY
    due_on: date = date.min
    mishap: Mishap | None = None
    mishap_noticed: bool = False
    asked_for: tuple[str, ...] = ()
    brought: int = 0
    supplements: set[str] = field(default_factory=set)
    at_home: tuple[PaperEntry, ...] = ()
    is_promised_visit: bool = False
    has_added_papers: bool = False
    has_paid: bool = False
    has_paid_here: bool = False
    envelopes: list["Homebound"] = field(default_factory=list)

    @property
    def asked(self) -> int:
        """Return how many papers the authority asked for."""
        return len(self.asked_for)

    @property
    def has_all_papers(self) -> bool:
        """Tell whether everything that was asked for has reached the desk."""
        return self.asked > 0 and self.brought >= self.asked and not self.supplements

    @property
    def is_over(self) -> bool:
        """Tell whether nobody has anything to do for it any more."""
        return self.stage is Stage.OVER and all(each.stage is Stage.OVER for each in self.envelopes)


@dataclass(kw_only=True, slots=True)
class Homebound:
    """An envelope on its way to the citizen; `due_on` is when he comes for it."""

    code: str
    kind: ItemKind
    case: Case
    stage: Stage = Stage.ON_THE_WAY_BACK
    due_on: date = date.min
    failed_visits: int = 0
    goes_back: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """An envelope somebody has to bring somewhere, not before a day, loose or in a `bag`.

    `goes_to_hub` when a van has just collected it.
    """

    code: str
    to: str
    case: Case
    ready_on: date = date.min
    goes_to_hub: bool = False
    bag: str = ""
