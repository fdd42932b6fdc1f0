"""An independent judge of originals: reads raw facts, knows nothing of `originals`, and says who still owes what.

It is written from the rules alone: what came in to be given back comes back to the citizen once, in an envelope he
signed for or the one it came in, or is settled with a reason; and a dossier that is closed owes nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from postal.domain.oracle import Fact, Violation

KINDS = ("Registered", "Delivered", "Voided", "OriginalsSettled", "DossierClosed")
"""The kinds of event this judge reads."""

_OUT = ("outbound", "supplement")


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """How many originals came in, went back, were settled otherwise, are still owed; and where a rule broke."""

    came: int
    back: int
    settled: int
    owed: int
    violations: tuple[Violation, ...]


def judge(facts: Iterable[Fact]) -> Judgement:
    """Judge facts of items and dossiers, in any order that keeps each stream's own."""
    bench = _Bench()
    for fact in facts:
        bench.hear(fact)
    return bench.judgement()


class _Bench:
    """Counts every line of every dossier."""

    def __init__(self) -> None:
        self.envelopes: dict[str, Mapping[str, Any]] = {}
        self.ends: dict[str, str] = {}
        self.settled: dict[str, int] = defaultdict(int)
        self.closed: dict[str, int] = {}

    def hear(self, fact: Fact) -> None:
        """Follow the next fact."""
        match fact.kind:
            case "Registered":
                self.envelopes[fact.stream] = fact.data
            case "Delivered" | "Voided":
                self.ends[fact.stream] = fact.kind
            case "OriginalsSettled":
                self.settled[str(fact.data["source"])] += int(fact.data["count"])
            case "DossierClosed":
                self.closed[fact.stream] = fact.version

    def judgement(self) -> Judgement:
        """Return the finding."""
        came, back = self._came(), self._back()
        owed = {line: count - back.get(line, 0) - self.settled.get(line, 0) for line, count in came.items()}
        return Judgement(
            came=sum(came.values()),
            back=sum(back.values()),
            settled=sum(self.settled.values()),
            owed=sum(count for count in owed.values() if count > 0),
            violations=tuple(self._violations(owed, back)),
        )

    def _came(self) -> dict[str, int]:
        """Return the originals of each line (`ITEM/line`) that came in to be given back."""
        alive = {code: data for code, data in self.envelopes.items() if self.ends.get(code) != "Voided"}
        return {
            f"{code}/{paper['line']}": paper["originals"]
            for code, data in alive.items()
            if data["kind"] in _OUT
            for paper in _to_return(data)
        }

    def _back(self) -> dict[str, int]:
        """Return the originals of each line that the citizen signed for."""
        found: dict[str, int] = defaultdict(int)
        for code in (code for code, end in self.ends.items() if end == "Delivered"):
            data = self.envelopes[code]
            for paper in _to_return(data):
                line = f"{code}/{paper['line']}" if data["kind"] in _OUT else paper.get("source", "")
                found[line] += paper["originals"]
        found.pop("", None)
        return found

    def _violations(self, owed: Mapping[str, int], back: Mapping[str, int]) -> Iterable[Violation]:
        for line, count in sorted(owed.items()):
            if count < 0:
                yield _broken(line, f"{-count} originals more went back than came in")
            code = line.partition("/")[0]
            dossier = str(self.envelopes[code]["dossier"])
            if count > 0 and dossier in self.closed:
                yield Violation(stream=dossier, version=self.closed[dossier], what=f"closed while {line} owes {count}")
        for line in sorted({*back, *self.settled} - set(owed)):
            yield _broken(line, "an original went back that never came in")


def _to_return(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [paper for paper in data["papers"] if paper["to_return"] and paper["originals"]]


def _broken(line: str, what: str) -> Violation:
    return Violation(stream=line.partition("/")[0], version=0, what=f"{line}: {what}")
