"""How much of a planned day moves after one change, as one JSON line with `ok`: `python -m bench.replan`.

The day is that of `bench.day`: one province, 1,000 results, 40 rounds, promised hours. It is planned and made better,
and then one thing changes, several times each and always from that plan: a postman is absent, a result comes in that
was not there, a road between two communes is closed. Each is planned anew as the page does when it is asked what would
be if, everybody else free to change.

**Other stops** are those the change does not name: for an absent postman all but his own, for a result all there were,
for a closed road all but those nobody can reach any more. A stop **moves** when another postman has it than before, or
none. `moved_percent` is the worst share of all changes and may be 5; `reordered_percent` tells, apart, how many of the
stops that stay leave their turn among them. `broken` counts other stops that the law or a promise ties to the day and
that were on a run in time before and are not any more: none may be. `placed` tells that a result that came in is on a
run; a road that changes nothing shows in `kilometres`.

The judge compares the two proposals stop by stop with its own code; it takes nothing from the product's comparison.
"""

import argparse
import json
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from itertools import pairwise
from pathlib import Path

from bench import day as province
from postal.domain.events import PlannedStop
from postal.domain.proposal import Draft, Proposal
from postal.domain.whatif import Added, Closed, Question
from postal.services import improving, planning, solving
from postal.store import Store, sqlite_url
from routes import depots
from tests import cast, databases

MOST_PERCENT = 5.0


@dataclass(kw_only=True, slots=True)
class Change:
    """What one change did to the others."""

    kind: str
    others: int
    moved: int
    reordered: int
    left: int
    broken: int
    placed: bool
    kilometres: float
    seconds: float


@dataclass(kw_only=True, slots=True)
class Outcome:
    """What was measured."""

    stops: int = 0
    runs: int = 0
    kilometres: float = 0.0
    moved_percent: float = 0.0
    reordered_percent: float = 0.0
    broken: int = 0
    longest_seconds: float = 0.0
    peak_mb: int = 0
    changes: list[Change] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Tell whether few others moved, and none of them lost what it was promised."""
        all_placed = bool(self.changes) and all(each.placed for each in self.changes)
        return all_placed and self.moved_percent <= MOST_PERCENT and not self.broken


def main() -> None:
    """Plan the day, change one thing after the other, print what was found, and fail when it is not good."""
    asked = argparse.ArgumentParser(prog="bench.replan", description="How much of a day moves after one change.")
    asked.add_argument("--deliveries", type=int, default=1000)
    asked.add_argument("--territories", type=int, default=40)
    asked.add_argument("--each", type=int, default=4, help="changes of each kind")
    asked.add_argument("--seconds", type=int, default=10, help="for planning anew")
    asked.add_argument("--improve", type=int, default=20, help="for planning the day before")
    asked.add_argument("--seed", type=int, default=1)
    asked.add_argument("--json", action="store_true", help="accepted; the answer is always one JSON line")
    given = asked.parse_args()
    outcome = run(
        deliveries=given.deliveries,
        territories=given.territories,
        each=given.each,
        seconds=given.seconds,
        improve=given.improve,
        seed=given.seed,
    )
    print(json.dumps({**asdict(outcome), "ok": outcome.is_good}))
    raise SystemExit(0 if outcome.is_good else 1)


def run(*, deliveries: int, territories: int, each: int, seconds: int, improve: int, seed: int = 1) -> Outcome:
    """Plan a day, ask what would be if, and judge the answers."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store.open(sqlite_url(Path(folder) / "replan.db"), secret_key=databases.SECRET_KEY)
        try:
            bench = _Bench(store, below=cast.below(seed))
            bench.fill(deliveries=deliveries, territories=territories, seed=seed)
            return bench.measure(each=each, seconds=seconds, improve=improve, seed=seed)
        finally:
            store.close()


class _Bench:
    def __init__(self, store: Store, *, below: Callable[[int], int]) -> None:
        self._store, self._below = store, below

    def fill(self, *, deliveries: int, territories: int, seed: int) -> None:
        """Let the results of the day come in."""
        province.World(self._store, territories=territories, chance=random.Random(seed)).fill(deliveries)

    def measure(self, *, each: int, seconds: int, improve: int, seed: int) -> Outcome:
        """Plan the day, change one thing after the other, and judge what came of it."""
        where = f"{planning.PROVINCE}{province.PROVINCE}"
        first = planning.propose_day(self._store, where, day=province.DAY, by=province.coordinator, at=province.EVENING)
        before = self._answer(first, None, seconds=improve)
        outcome = Outcome(stops=len(_stops(before)), runs=len(before.drafts), kilometres=_kilometres(before))
        for kind, base, question in _questions(before, each=each, chance=random.Random(seed)):
            begun = time.perf_counter()
            after = self._answer(base, question, seconds=seconds)
            took = time.perf_counter() - begun
            outcome.changes.append(_judged(kind, question, base, after, seconds=round(took, 2)))
        return _summed(outcome)

    def _answer(self, base: Proposal, question: Question | None, *, seconds: int) -> Proposal:
        """Return the answer to a question about a proposal, as a worker finds it, in this process."""
        at, by = province.EVENING, province.coordinator
        number = planning.keep_proposal(self._store, base, by=by, at=at, below=self._below)
        solving.ask(self._store, number, by=by, at=at, below=self._below, seconds=seconds, question=question)
        claimed = solving.claim(self._store, worker="bench", at=at)
        assert claimed is not None
        prepared = solving.prepare(self._store, claimed, at=at)
        return improving.result_of(prepared, depots.plan_all(improving.task_of(prepared), lambda _: False)).proposal


def _questions(before: Proposal, *, each: int, chance: random.Random) -> Iterator[tuple[str, Proposal, Question]]:
    """Yield the changes: what kind, the plan it changes, and what is asked about it."""
    busy = sorted(draft.postman for draft in before.drafts if len(draft.stops) >= 5 and not draft.part)
    for postman in chance.sample(busy, each):
        yield "absent", before, Question(absent=(postman,), keeps_rest=False)
    alone = sorted(name for name, stop in _stops(before).items() if len(stop.things) == 1)
    for name in chance.sample(alone, each):
        yield "result", _without(before, name), Question(added=(Added(thing=name),), keeps_rest=False)
    for draft in chance.sample([draft for draft in before.drafts if _legs(draft.stops)], each):
        one, other = chance.choice(_legs(draft.stops))
        yield "road", before, Question(closed=(Closed(commune=one, other=other, radius_m=1_500),), keeps_rest=False)


def _without(before: Proposal, name: str) -> Proposal:
    """Return a plan as it was before a result came in."""
    return replace(before, drafts=tuple(_shorter(draft, name) for draft in before.drafts))


def _shorter(draft: Draft, name: str) -> Draft:
    kept = [stop for stop in draft.stops if stop.things[0] != name]
    number = {stop.number: place for place, stop in enumerate(kept, start=1)}
    return replace(
        draft,
        stops=tuple(replace(stop, number=number[stop.number]) for stop in kept),
        late=tuple(replace(late, number=number[late.number]) for late in draft.late if late.number in number),
    )


def _legs(stops: Sequence[PlannedStop]) -> list[tuple[str, str]]:
    """Return the ways of a run that lead from one commune to another."""
    return sorted({(one.commune, other.commune) for one, other in pairwise(stops) if one.commune != other.commune})


# --- judging ----------------------------------------------------------------------------------------------------------


def _stops(proposal: Proposal) -> dict[str, PlannedStop]:
    return {stop.things[0]: stop for draft in proposal.drafts for stop in draft.stops}


def _order(proposal: Proposal) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for draft in proposal.drafts:
        found.setdefault(draft.postman, []).extend(stop.things[0] for stop in draft.stops)
    return found


def _kilometres(proposal: Proposal) -> float:
    return round(sum(draft.metres for draft in proposal.drafts) / 1000, 1)


def _judged(kind: str, question: Question, before: Proposal, after: Proposal, *, seconds: float) -> Change:
    was = {name: postman for postman, names in _order(before).items() for name in names}
    now = {name: postman for postman, names in _order(after).items() for name in names}
    shut = {each.things[0] for each in after.left if each.why.value == "road_closed"}
    others = [name for name in was if was[name] not in question.absent and name not in shut]
    tied = {name for name, stop in _stops(before).items() if _is_tied(stop, before)}
    late_before, late_after = _late(before), _late(after)
    return Change(
        kind=kind,
        others=len(others),
        moved=sum(now.get(name) != was[name] for name in others),
        reordered=sum(_out_of_turn(names, _order(after).get(postman, [])) for postman, names in _order(before).items()),
        left=sum(name not in now for name in others),
        broken=sum(
            name in tied and name not in late_before and (name not in now or name in late_after) for name in others
        ),
        placed=all(each.thing in now for each in question.added),
        kilometres=_kilometres(after),
        seconds=seconds,
    )


def _is_tied(stop: PlannedStop, proposal: Proposal) -> bool:
    return stop.closes_at is not None or (stop.due_on is not None and stop.due_on <= proposal.day)


def _late(proposal: Proposal) -> set[str]:
    return {draft.stops[late.number - 1].things[0] for draft in proposal.drafts for late in draft.late}


def _out_of_turn(before: Sequence[str], after: Sequence[str]) -> int:
    """Return how many of the stops a postman keeps must leave their turn so that the others keep theirs."""
    place = {name: at for at, name in enumerate(before)}
    kept = [place[name] for name in after if name in place]
    longest = [1] * len(kept)
    for at, mine in enumerate(kept):
        longest[at] += max((longest[n] for n in range(at) if kept[n] < mine), default=0)
    return len(kept) - max(longest, default=0)


def _summed(outcome: Outcome) -> Outcome:
    outcome.moved_percent = max(round(100 * each.moved / each.others, 2) for each in outcome.changes)
    outcome.reordered_percent = max(round(100 * each.reordered / each.others, 2) for each in outcome.changes)
    outcome.broken = sum(each.broken for each in outcome.changes)
    outcome.longest_seconds = max(each.seconds for each in outcome.changes)
    outcome.peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return outcome


if __name__ == "__main__":
    main()
