"""What becomes of a made-up case: drawn once, when the citizen comes in, and played out by everybody later."""

import random
from dataclasses import dataclass
from datetime import date
from enum import Enum

from postal.domain.events import ReceptionMode, ReturnWay, Service


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
    """What will happen to a case. Days are days of work; `NEVER` leaves the case where it is."""

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


def drawn(chance: random.Random) -> Plan:
    """Return an ordinary fate: most go well, a few do not."""
    service = chance.choices((Service.BOTH, Service.RECEIVE, Service.SEND), weights=(86, 9, 5))[0]
    sends = service is not Service.RECEIVE
    return Plan(
        service=service,
        mode=ReceptionMode.B if sends and chance.random() < 0.08 else ReceptionMode.A,
        return_way=_return_way(chance, service),
        ending=_ending(chance) if sends else Ending.RESOLVED,
        days_at_authority=chance.choices(range(8), weights=(20, 24, 20, 12, 9, 6, 5, 4))[0],
        days_for_papers=chance.randrange(1, 4) if sends and chance.random() < 0.07 else None,
        days_for_payment=chance.randrange(1, 3) if sends and chance.random() < 0.06 else None,
        failed_visits=chance.choices((0, 1, 2, 3), weights=(80, 13, 5, 2))[0],
        days_until_fetched=chance.choices((1, 2, 3, NEVER), weights=(50, 30, 15, 5))[0],
        mishap=_mishap(chance) if sends else None,
        days_of_mishap=chance.choices((1, 2, NEVER), weights=(60, 30, 10))[0],
    )


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
    result: str = ""
    stage: Stage = Stage.ON_THE_WAY
    due_on: date = date.min
    failed_visits: int = 0
    mishap: Mishap | None = None
    mishap_noticed: bool = False
    has_added_papers: bool = False
    has_paid: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Load:
    """An envelope somebody has to bring somewhere, not before a day; `goes_to_hub` when a van has just collected it."""

    code: str
    to: str
    case: Case
    ready_on: date = date.min
    goes_to_hub: bool = False
