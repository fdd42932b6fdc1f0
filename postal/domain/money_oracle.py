"""An independent judge of money: reads raw facts in the order they came, knows nothing of `money` and its postings.

It is written from the rules alone, so that a fault in the books cannot hide itself: nobody gives what he has not got,
what two people counted moves once, fees reach the authority once, a receipt is written once.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from postal.domain.oracle import Fact, Violation

_FEES, _POSTAGE = "fees", "postage"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sums:
    """Where every đồng of a ledger is: what came in is what went back, was remitted, lies here, or is a difference."""

    ledger: str
    collected: int
    refunded: int
    remitted: int
    held: int
    differences: int

    @property
    def is_even(self) -> bool:
        """Tell whether nothing is missing and nothing too much."""
        return self.collected + self.differences == self.refunded + self.remitted + self.held


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """What the judge found: where a rule broke, the sums of both ledgers, and what lies in each till by his count."""

    violations: tuple[Violation, ...]
    sums: tuple[Sums, ...]
    held: Mapping[tuple[str, str], int]


def judge(facts: Iterable[Fact]) -> Judgement:
    """Judge facts about money, which come in the order in which they were recorded."""
    bench = _Bench()
    violations = [violation for fact in facts for violation in bench.hear(fact)]
    return Judgement(
        violations=(*violations, *bench.unsettled()),
        sums=tuple(bench.sums(ledger) for ledger in (_POSTAGE, _FEES)),
        held=bench.held(),
    )


class _Bench:
    """Follows the money from hand to hand."""

    def __init__(self) -> None:
        self.fees: dict[tuple[str, str], int] = defaultdict(int)
        self.lies: dict[tuple[str, str], int] = defaultdict(int)
        self.flows: dict[tuple[str, str], int] = defaultdict(int)
        self.offers: dict[str, Fact] = {}
        self.settled: set[str] = set()
        self.reached: dict[tuple[str, str], int] = {}
        self.noted: set[tuple[str, str]] = set()
        self.receipts: set[str] = set()

    def hear(self, fact: Fact) -> list[Violation]:
        """Return what is wrong with the next fact, and follow it."""
        return [_broken(fact, what) for what in _RULES[fact.kind](self, fact)]

    def unsettled(self) -> Iterator[Violation]:
        """Yield fees that an authority signed for and no dossier knows of."""
        for cash, dossier in sorted(set(self.reached) - self.noted):
            yield Violation(stream=dossier, version=0, what=f"the authority signed {cash}, the dossier does not say so")

    def sums(self, ledger: str) -> Sums:
        """Return where the money of a ledger is."""
        return Sums(
            ledger=ledger,
            collected=self.flows["collected", ledger],
            refunded=self.flows["refunded", ledger],
            remitted=self.flows["remitted", ledger],
            held=sum(amount for (_, kind), amount in self.lies.items() if kind == ledger),
            differences=self.flows["difference", ledger],
        )

    def held(self) -> dict[tuple[str, str], int]:
        """Return what lies in each till and bank account by (where, ledger); empty ones are absent."""
        return {key: amount for key, amount in self.lies.items() if amount}

    # --- one kind of fact each ----------------------------------------------------------------------------------------

    def collected(self, fact: Fact) -> Iterator[str]:
        """Money came in."""
        data, ledger = fact.data, str(fact.data["ledger"])
        if data["payment"] == "later":
            return
        place = data["by"]["place"]
        where = f"bank:{place}" if data["payment"] == "transfer" else _till(data.get("into"), place)
        self.flows["collected", ledger] += data["amount"]
        self._put(where, ledger, fact.stream, data["amount"])
        receipt = data.get("receipt", "")
        if receipt and receipt in self.receipts:
            yield f"receipt {receipt} was written twice"
        self.receipts.add(receipt)

    def refunded(self, fact: Fact) -> Iterator[str]:
        """Money went back."""
        data, ledger = fact.data, str(fact.data["ledger"])
        where = _till(data.get("out_of"), data["by"]["place"])
        self.flows["refunded", ledger] += data["amount"]
        self._put(where, ledger, fact.stream, -data["amount"])
        if data.get("out_of"):
            yield from self._overdrawn(where, ledger, fact.stream)

    def offered(self, fact: Fact) -> Iterator[str]:
        """Money was offered."""
        self.offers[fact.stream] = fact
        if fact.data["receiver"]["side"] == "authority" and fact.data["postage"]:
            yield "postage was handed to an authority"

    def accepted(self, fact: Fact) -> Iterator[str]:
        """Somebody counted and signed; never who gave it."""
        offer = self.offers.get(fact.stream)
        if offer is not None and offer.data["by"]["account"] == fact.data["by"]["account"]:
            yield f"{fact.data['by']['account']} gave the money and took it"
        yield from self.passed(fact)

    def recalled(self, fact: Fact) -> Iterator[str]:
        """An offer was taken back."""
        if fact.stream in self.settled:
            yield "taken back after it was signed for"
        self.settled.add(fact.stream)

    def counted(self, fact: Fact) -> Iterator[str]:
        """A till was counted."""
        data = fact.data
        for ledger in (_POSTAGE, _FEES):
            difference = data[f"{ledger}_counted"] - data[f"{ledger}_expected"]
            self.flows["difference", ledger] += difference
            self._put(fact.stream, ledger, "", difference)
            if difference and not data.get("reason"):
                yield f"{difference} đ of {ledger} differ and nobody says why"

    def remitted(self, fact: Fact) -> Iterator[str]:
        """A dossier says that its fees reached the authority."""
        key = (str(fact.data["cash"]), fact.stream)
        if key in self.noted:
            yield f"remitted twice with {key[0]}"
        if self.reached.get(key) != fact.data["amount"]:
            yield f"remitted {fact.data['amount']} đ, the authority signed for {self.reached.get(key, 0)} đ"
        self.noted.add(key)

    # --- helpers ------------------------------------------------------------------------------------------------------

    def passed(self, fact: Fact) -> Iterator[str]:
        """Move what was offered, once."""
        offer = self.offers.get(fact.stream)
        if offer is None or fact.stream in self.settled:
            yield "money moved that nobody offered" if offer is None else "the same money moved twice"
            return
        self.settled.add(fact.stream)
        source, target = _where(offer.data["giver"]), _where(offer.data["receiver"])
        parts = [(_POSTAGE, "", offer.data["postage"]), *((_FEES, code, amount) for code, amount in offer.data["fees"])]
        for ledger, dossier, amount in parts:
            self._put(source, ledger, dossier, -amount)
            self._arrive(fact.stream, target, ledger, dossier, amount)
        for ledger, dossier, _ in parts:
            yield from self._overdrawn(source, ledger, dossier)

    def _arrive(self, cash: str, target: str, ledger: str, dossier: str, amount: int) -> None:
        if target:
            self._put(target, ledger, dossier, amount)
        elif amount:
            self.flows["remitted", ledger] += amount
            self.reached[cash, dossier] = self.reached.get((cash, dossier), 0) + amount

    def _put(self, where: str, ledger: str, dossier: str, amount: int) -> None:
        self.lies[where, ledger] += amount
        if ledger == _FEES:
            self.fees[where, dossier] += amount

    def _overdrawn(self, where: str, ledger: str, dossier: str) -> Iterator[str]:
        """Object when somebody gave what he had not: of the ledger, or of this dossier's fees."""
        left, of_dossier = self.lies[where, ledger], self.fees.get((where, dossier), 0)
        if left < 0:
            yield f"{where} gave {-left} đ of {ledger} that it did not have"
        elif ledger == _FEES and dossier and of_dossier < 0:
            yield f"{where} gave {-of_dossier} đ of fees of {dossier} that it did not have"


_RULES: Mapping[str, Callable[[_Bench, Fact], Iterable[str]]] = {
    "Collected": _Bench.collected,
    "Refunded": _Bench.refunded,
    "Remitted": _Bench.remitted,
    "CashOffered": _Bench.offered,
    "CashAccepted": _Bench.accepted,
    "CashSignedOnPaper": _Bench.passed,
    "CashRecalled": _Bench.recalled,
    "TillCounted": _Bench.counted,
}
KINDS = tuple(_RULES)
"""The facts that are about money."""


def _till(key: str | None, place: str) -> str:
    """Return where cash lies; before tills had names it was the first counter of the office."""
    return key if key and key.startswith("bank:") else f"till:{key or f'{place}:counter'}"


def _where(custodian: Mapping[str, Any]) -> str:
    """Return the till of a custodian, empty for an authority, where money is no longer with the post."""
    return "" if custodian["side"] == "authority" else _till(custodian["key"], custodian["place"])


def _broken(fact: Fact, what: str) -> Violation:
    return Violation(stream=fact.stream, version=fact.version, what=what)
