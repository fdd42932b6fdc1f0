"""An independent judge of custody: reads raw facts, knows nothing of `Item`, and says where the first promise broke.

It is written from the rules of hand-over alone, so that a fault in the life cycle of an item cannot hide itself: a
custodian stays until the one it was offered to takes it, and what two people did at once shows as two facts with one
number.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import Any

_OFFER_ENDS = frozenset({"Declined", "Recalled"})
_NEEDS_OFFER = _OFFER_ENDS | {"Accepted", "SignedOnPaper"}
_NEEDS_NO_OFFER = frozenset({"HandedOver", "Moved", "Delivered", "Voided"})
_TAKES = frozenset({"Moved", "TakenOver"})
_ENDS = frozenset({"Delivered", "Voided"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One row of the event table: its stream, its number in it, what happened, and the bare data."""

    stream: str
    version: int
    kind: str
    data: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Violation:
    """Where custody broke: two holders, none, or a step nobody was entitled to."""

    stream: str
    version: int
    what: str


def custody_violations(facts: Iterable[Fact]) -> list[Violation]:
    """Judge the facts of items, which come ordered by stream and version."""
    return [
        violation
        for _, of_one in groupby(facts, key=lambda fact: fact.stream)
        for violation in _judge_stream(list(of_one))
    ]


def _judge_stream(facts: list[Fact]) -> list[Violation]:
    first = facts[0]
    found = _numbering(facts)
    if first.kind != "Registered":
        return [*found, _broken(first, "nobody holds it: the stream does not begin with its registration")]
    judge = _Judge(holder=_key(first.data["custodian"]))
    for fact in facts[1:]:
        found.extend(judge.hear(fact))
    return found


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

    def __init__(self, *, holder: str) -> None:
        self.holder = holder
        self.offered_to = ""
        self.is_over = False

    def hear(self, fact: Fact) -> list[Violation]:
        """Return what is wrong with the next fact, and follow it."""
        wrong = self._objections(fact)
        self._follow(fact)
        return [_broken(fact, what) for what in wrong]

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
        return wrong

    def _follow(self, fact: Fact) -> None:
        if fact.kind == "HandedOver":
            self.offered_to = _key(fact.data["to"])
            return
        if fact.kind in ("Accepted", "SignedOnPaper"):
            self.holder = self.offered_to or self.holder
        if fact.kind in _TAKES:
            self.holder = _key(fact.data["to"])
        if fact.kind in _NEEDS_OFFER | _TAKES:
            self.offered_to = ""
        self.is_over = self.is_over or fact.kind in _ENDS


def _key(custodian: Mapping[str, Any]) -> str:
    return f"{custodian['kind']} {custodian['key']}"


def _broken(fact: Fact, what: str) -> Violation:
    return Violation(stream=fact.stream, version=fact.version, what=what)
