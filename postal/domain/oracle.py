"""An independent judge of custody: reads raw facts, knows nothing of `Item`, and says where the first promise broke.

It is written from the rules of hand-over alone, so that a fault in the life cycle of an item cannot hide itself: a
custodian stays until the one it was offered to takes it, who gives and who takes are two people who answer for either
side, and what two people did at once shows as two facts with one number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

_OFFER_ENDS = frozenset({"Declined", "Recalled"})
_NEEDS_OFFER = _OFFER_ENDS | {"Accepted", "SignedOnPaper"}
_NEEDS_NO_OFFER = frozenset({"HandedOver", "Moved", "Delivered", "Voided", "Packed"})
_TAKES = frozenset({"Moved", "TakenOver", "FoundInBag"})
_LEAVES_BAG = {"Unpacked": "to", "Disputed": "holder"}
_ENDS_OFFER = _NEEDS_OFFER | _TAKES | _LEAVES_BAG.keys() | {"Packed"}
_BEGINS = frozenset({"Registered", "BagStarted"})
_ENDS = frozenset({"Delivered", "Voided"})
_CLAIM = "Claimed"
_CLONE = "label_clone"
"""Of two labels with one code the thing stays with who was last signed for, not with who scanned one of them."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One row of the event table: its stream, its number in it, what happened, and the bare data.

    `is_overtaken` is set for what was done at a screen before a device told what stands before it in the story.
    """

    stream: str
    version: int
    kind: str
    data: Mapping[str, Any]
    is_overtaken: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """Where custody broke: two holders, none, or a step nobody was entitled to."""

    stream: str
    version: int
    what: str


def custody_violations(
    facts: Iterable[Fact], *, positions: Iterable[Fact] = (), bags: Iterable[Fact] = ()
) -> list[Violation]:
    """Judge the facts of items and bags, each ordered by stream and version; `positions` say who answered for which.

    Whoever answers for a bag answers for what is in it, so what comes out of a bag goes to somebody who had the bag.
    """
    people = _people_of(positions)
    had: dict[str, set[str]] = {}
    found: list[Violation] = []
    for family in (bags, facts):
        for stream, of_one in groupby(family, key=lambda fact: fact.stream):
            judged = _judge_stream(list(of_one), people=people, had=had)
            found.extend(judged.violations)
            had[stream] = judged.holders
    return found


@dataclass(frozen=True, kw_only=True, slots=True)
class _Judged:
    violations: list[Violation]
    holders: set[str]


def _people_of(positions: Iterable[Fact]) -> dict[str, set[str]]:
    """Return the accounts that ever held each position.

    When exactly somebody held it is not asked: positions and items have numbers of their own, and two databases order
    what happens at the same moment differently.
    """
    people: dict[str, set[str]] = {}
    for fact in positions:
        people.setdefault(f"position {fact.stream}", set()).add(str(fact.data["holder"]))
    return people


def _judge_stream(facts: list[Fact], *, people: Mapping[str, set[str]], had: Mapping[str, set[str]]) -> _Judged:
    first = facts[0]
    found = _numbering(facts)
    if first.kind not in _BEGINS:
        found.append(_broken(first, "nobody holds it: the stream does not begin with its registration"))
        return _Judged(violations=found, holders=set())
    judge = _Judge(holder=_key(first.data["custodian"]), people=people, had=had)
    for fact in facts[1:]:
        found.extend(judge.hear(fact))
    return _Judged(violations=found, holders=judge.holders)


def _numbering(facts: list[Fact]) -> list[Violation]:
    """Find facts that share a number (two people at once) and numbers that are missing."""
    found = []
    for before, fact in pairwise(facts):
        if fact.version == before.version:
            found.append(_broken(fact, f"two holders: {before.kind} and {fact.kind} both claim this step"))
        elif fact.version != before.version + 1:
            found.append(_broken(fact, f"a step is missing after {before.version}"))
    return found


class _Judge:
    """Follows one envelope from hand to hand."""

    def __init__(self, *, holder: str, people: Mapping[str, set[str]], had: Mapping[str, set[str]]) -> None:
        self.holder = holder
        self.holders = {holder}
        self.people = people
        self.had = had
        self.offered_to = ""
        self.offered_by = ""
        self.record = ""
        self.is_over = False

    def hear(self, fact: Fact) -> list[Violation]:
        """Return what is wrong with the next fact, and follow it; a claim gives nobody anything.

        What is overtaken was checked against another story and has happened: nobody is blamed for it.
        """
        if fact.kind == _CLAIM or (fact.is_overtaken and self._is_gone(fact)):
            return []
        wrong = [] if fact.is_overtaken else self._objections(fact)
        self._follow(fact)
        return [_broken(fact, what) for what in wrong]

    def _is_gone(self, fact: Fact) -> bool:
        """Tell whether an envelope is missed in a bag from which, as a device told later, somebody had taken it."""
        return fact.kind == "Disputed" and self.holder != f"bag {fact.data['bag']}"

    def _objections(self, fact: Fact) -> list[str]:
        wrong = []
        if self.is_over:
            wrong.append(f"{fact.kind} after the citizen had it")
        if fact.kind in _NEEDS_OFFER and not self.offered_to:
            wrong.append(f"two holders: {fact.kind} without an offer, {self.holder} never gave it")
        if fact.kind in _NEEDS_NO_OFFER and self.offered_to:
            wrong.append(f"two holders: {fact.kind} while it is offered to {self.offered_to}")
        if fact.kind == "SignedOnPaper" and self.offered_to and _key(fact.data["to"]) != self.offered_to:
            wrong.append(f"signed by {_key(fact.data['to'])}, offered to {self.offered_to}")
        if fact.kind in _NEEDS_OFFER and self.offered_to and fact.data.get("record", "") != self.record:
            wrong.append(f"{fact.kind} on record {fact.data.get('record')}, offered on {self.record}")
        if fact.kind in _LEAVES_BAG:
            wrong += self._wrong_bag(fact)
        return [*wrong, *self._wrong_people(fact)]

    def _wrong_bag(self, fact: Fact) -> list[str]:
        """Return why an envelope cannot come out of a bag like this: it was not in it, or nobody had the bag."""
        bag, to = fact.data["bag"], _key(fact.data[_LEAVES_BAG[fact.kind]])
        if self.holder != f"bag {bag}":
            return [f"{fact.kind} from bag {bag}, but {self.holder} has it"]
        return [] if to in self.had.get(bag, set()) else [f"{fact.kind} to {to}, who never had bag {bag}"]

    def _wrong_people(self, fact: Fact) -> list[str]:
        """Return why whoever recorded a fact was not the one to do it."""
        account = _account(fact)
        if fact.kind == "Accepted" and self.offered_to:
            wrong = [f"{account} gave it and took it"] if account and account == self.offered_by else []
            return [*wrong, *self._stranger(account, self.offered_to)]
        if fact.kind in ("HandedOver", "Moved", "Delivered", "Voided", "Packed"):
            return self._stranger(account, self.holder)
        is_taking = fact.kind == "TakenOver" and fact.data.get("told") != _CLONE
        return self._stranger(account, _key(fact.data["to"])) if is_taking else []

    def _stranger(self, account: str, custodian: str) -> list[str]:
        """Object to somebody who never answered for a custodian; of a position nobody ever took, nothing is known."""
        kind, _, key = custodian.partition(" ")
        known = {key} if kind == "person" else self.people.get(custodian)
        return [] if known is None or not account or account in known else [f"{account} never held {custodian}"]

    def _follow(self, fact: Fact) -> None:
        if fact.kind == "HandedOver":
            self.offered_to = _key(fact.data["to"])
            self.offered_by = _account(fact)
            self.record = fact.data.get("record", "")
            return
        if fact.kind in ("Accepted", "SignedOnPaper"):
            self.holder = self.offered_to or self.holder
        if fact.kind in _TAKES:
            self.holder = _key(fact.data["to"])
        if fact.kind == "Packed":
            self.holder = f"bag {fact.data['bag']}"
        if fact.kind in _LEAVES_BAG:
            self.holder = _key(fact.data[_LEAVES_BAG[fact.kind]])
        self.holders.add(self.holder)
        if fact.kind in _ENDS_OFFER:
            self.offered_to = ""
        self.is_over = self.is_over or fact.kind in _ENDS


def _account(fact: Fact) -> str:
    """Return who recorded a fact, empty where it does not say."""
    by: Mapping[str, Any] = fact.data.get("by", {})
    return str(by.get("account", ""))


def _key(custodian: Mapping[str, Any]) -> str:
    return f"{custodian['kind']} {custodian['key']}"


def _broken(fact: Fact, what: str) -> Violation:
    return Violation(stream=fact.stream, version=fact.version, what=what)
