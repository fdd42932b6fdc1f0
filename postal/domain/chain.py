"""The chain of custody read out of what was recorded: commands at a screen, and facts from devices that were offline.

A command was checked when it was recorded, so commands keep the order of their numbers. A device's fact (`Claimed`
without `why`) has happened, whenever we hear of it; here it gets its place and its meaning, so that the same facts in
any order of arrival give the same state. Nothing in here looks at a clock. docs/decisions/0012-order-of-facts.md.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import Generic, NamedTuple, Protocol, Self, TypeVar

from postal.domain import handover
from postal.domain.copying import replace
from postal.domain.events import (
    Accepted,
    Claimed,
    Corrected,
    Declined,
    Event,
    FactKind,
    HandedOver,
    Misfit,
    Moved,
    Recalled,
    Sighted,
    SignedOnPaper,
    TakenOver,
    Unpacked,
)
from postal.domain.people import Custodian

ALTERNATIONS = 4
"""So many takings, turn by turn between the same two, look like two labels with one code (D9)."""


class Step(NamedTuple):
    """One row of a stream. `parents` are the numbers of the events its device knew, None where it does not say."""

    version: int
    event: Event
    id: bytes = b""
    device: str = ""
    device_seq: int = 0
    parents: tuple[bytes, ...] | None = None

    @property
    def teller(self) -> str:
        """Return whose own count orders it: the device's, or that of the account where no device has a name."""
        return self.device or self.event.by.account

    @property
    def is_fact(self) -> bool:
        """Tell whether it is the bare fact of a device."""
        return isinstance(self.event, Claimed) and self.event.why is None


class Read(NamedTuple):
    """A step and the event it amounts to; `is_struck` when it was corrected and counts for nothing."""

    step: Step
    event: Event
    is_struck: bool = False


class Held(Protocol):
    """What has one custodian: an item or a bag."""

    @property
    def custodian(self) -> Custodian: ...

    @property
    def offered_to(self) -> Custodian | None: ...

    @property
    def offered_by(self) -> str: ...

    @property
    def record(self) -> str: ...

    @property
    def is_final(self) -> bool: ...

    def may(self, kind: type[Event]) -> bool: ...

    def evolve(self, event: Event) -> Self: ...


H = TypeVar("H", bound=Held)
Begin = Callable[[str, Event], H]


def is_plain(events: Iterable[Event]) -> bool:
    """Tell whether events stand as they were recorded: no bare fact among them, and none corrected."""
    return not any((isinstance(e, Claimed) and e.why is None) or isinstance(e, Corrected) for e in events)


def told(code: str, steps: Sequence[Step], *, begin: Begin[H]) -> list[Event]:
    """Return what happened to one thing, in order, every fact as the event it amounts to, without what was struck."""
    if is_plain(step.event for step in steps):
        return [step.event for step in steps]
    return [each.event for each in read(code, steps, begin=begin) if not each.is_struck]


def state_of(code: str, steps: Sequence[Step], *, begin: Begin[H]) -> H:
    """Return the state the steps of one stream make; its version counts every step, also what was struck."""
    first, *rest = told(code, steps, begin=begin)
    thing = begin(code, first)
    for event in rest:
        thing = thing.evolve(event)
    return replace(thing, version=len(steps))


def read(code: str, steps: Sequence[Step], *, begin: Begin[H]) -> list[Read]:
    """Return every step of a stream with its meaning: what counts in the order it counts, then what was struck."""
    wrong = {step.event.version for step in steps if isinstance(step.event, Corrected)}
    counted = [step for step in steps if step.version not in wrong or step.version == 1]
    struck = [step for step in steps if step.version in wrong and step.version != 1]
    reads = _Chain(code, counted, begin=begin, struck=struck).read()
    return [*reads, *(Read(step=step, event=step.event, is_struck=True) for step in struck)]


class Link(NamedTuple):
    """What places a step without saying what happened: its number, its causes; `is_fact` for a device's."""

    version: int
    id: bytes
    teller: str
    device_seq: int
    parents: tuple[bytes, ...] | None
    is_fact: bool


def link_of(step: Step) -> Link:
    """Return what places a step."""
    return Link(step.version, step.id, step.teller, step.device_seq, step.parents, step.is_fact)


def knows_all(new: Link, links: Sequence[Link]) -> bool:
    """Tell whether a fact that just arrived knew everything that is recorded: it is then the end of the story.

    The first step of a story need not be among the `links`: everybody knew it. Where it cannot be sure it says no; the
    story read from its beginning gives the same, only later.
    """
    if not links:
        return True
    if not _is_told_in_turn([*links, new]):
        return False
    return _is_known_link_by_link(new, links) or _is_known_at_all(new, links)


def _is_told_in_turn(links: Sequence[Link]) -> bool:
    """Tell whether nobody claims to come after what was recorded later: only so can two claim to know each other.

    Such a circle is broken somewhere, and who names a fact of it does not know all that the fact names.
    """
    told: dict[str, tuple[int, bytes]] = {}
    there, awaited = set[bytes](), set[bytes]()
    for _, number, teller, device_seq, parents, is_fact in links:
        if number in awaited:
            return False
        there.add(number)
        for parent in parents or ():
            if parent not in there:
                awaited.add(parent)
        if is_fact:
            count = (device_seq, number)
            if told.get(teller, count) > count:
                return False
            told[teller] = count
    return True


def _is_known_link_by_link(new: Link, links: Sequence[Link]) -> bool:
    """Tell whether each knew the one before it, back to a command, which knew all before it, or to the first step."""
    following = new
    for link in reversed(links):
        is_told_now = following is new and new.parents is None  # that one knew every command
        if not _is_cause(link, following) and (link.is_fact or not is_told_now):
            return False
        if not link.is_fact:
            return True
        following = link
    return True


def _is_cause(one: Link, other: Link) -> bool:
    """Tell whether a fact comes after another step by its own word: it names it, or its device told it before."""
    return (other.parents is not None and one.id in other.parents) or _is_earlier(one, other)


def _is_known_at_all(new: Link, links: Sequence[Link]) -> bool:
    by_id = {link.id: link for link in links}
    known, ahead, up_to = set[int](), [new], 0
    while ahead:
        link = ahead.pop()
        if not link.is_fact:
            up_to = max(up_to, link.version)
            continue
        causes = [by_id[parent] for parent in link.parents or () if parent in by_id]
        causes += [each for each in links if _is_earlier(each, link)]
        if link is new and new.parents is None:
            causes += [each for each in links if not each.is_fact]
        ahead += [each for each in causes if each.version not in known]
        known.update(each.version for each in causes)
    return all(link.version in known or link.version <= up_to for link in links)


def _is_earlier(one: Link, other: Link) -> bool:
    """Tell whether one device told both and the one before the other."""
    if not one.is_fact or one.teller != other.teller:
        return False
    return (one.device_seq, one.id) < (other.device_seq, other.id)


def conflicts(reads: Iterable[Read]) -> list[tuple[Misfit, Step]]:
    """Return what does not fit in a stream, with the step that shows it; what merely repeats is no conflict."""
    return [
        (why, each.step) for each in reads if not each.is_struck and (why := misfit_of(each.event)) and why in CONFLICTS
    ]


CONFLICTS = frozenset(
    {
        Misfit.NOT_THE_HOLDER,
        Misfit.NOT_OFFERED,
        Misfit.AFTER_THE_END,
        Misfit.IN_BAG,
        Misfit.ACCEPT_WITHOUT_OFFER,
        Misfit.DOUBLE_CUSTODY,
        Misfit.LABEL_CLONE,
        Misfit.NO_POSITION,
    }
)
"""The misfits somebody has to look at. `ALREADY_HOLDS` and its like tell the same thing twice."""


def misfit_of(event: Event) -> Misfit | None:
    """Return what is wrong with a step as it was read, None when nothing is."""
    if isinstance(event, Claimed):
        return event.why
    return event.told if isinstance(event, TakenOver) else None


# --- the order --------------------------------------------------------------------------------------------------------


class _Chain(Generic[H]):
    """Puts the facts of one stream between its commands and says what each amounts to.

    `states` and `reads` follow `order` as far as they were asked for; what comes after a newly placed fact is dropped.
    What is `struck` counts for nothing, but who knew it knew also what it knew. `seen` remembers by version what the
    commands were checked against: without it, each would ask anew for all before it, and they for all before them.
    """

    def __init__(
        self,
        code: str,
        steps: Sequence[Step],
        *,
        begin: Begin[H],
        struck: Sequence[Step] = (),
        seen: dict[int, H] | None = None,
    ) -> None:
        self.code = code
        self.begin = begin
        self.struck = struck
        self.seen = {} if seen is None else seen
        self.first, *rest = sorted(steps, key=lambda step: step.version)
        self.commands = [step for step in rest if not step.is_fact]
        self.facts = [step for step in rest if step.is_fact]
        self.by_version = {step.version: step for step in rest}
        self.before = self._causes([*steps, *struck])
        own = [(one.version, other.version) for one, other in pairwise(_by_teller(self.facts)) if _is_own(one, other)]
        self.own_after = dict(own)
        self.own_before = {other: one for one, other in own}
        self.heard = self._first_heard()
        for fact in self.facts:
            if fact.parents is None:
                self.before[fact.version] += [c.version for c in self.commands if c.version < self.heard[fact.version]]
        self.order = [self.first, *self.commands]
        self.states = [begin(code, self.first.event)]
        self.reads = [Read(step=self.first, event=self.first.event)]

    def read(self) -> list[Read]:
        """Return the steps in their order, each with the event it amounts to."""
        for fact in self._by_cause():
            self._put(fact, self._place(fact))
        self._read_up_to(len(self.order))
        return self.reads

    def _put(self, fact: Step, place: int) -> None:
        self.order.insert(place, fact)
        del self.states[place:], self.reads[place:]

    def _read_up_to(self, count: int) -> None:
        """Read the first steps of the order and note the state after each."""
        while len(self.states) < count:
            step, thing = self.order[len(self.states)], self.states[-1]
            event = self._of_fact(thing, step) if step.is_fact else self._of_command(thing, step)
            self.states.append(thing.evolve(event))
            self.reads.append(Read(step=step, event=event))

    # --- causes

    def _causes(self, steps: Sequence[Step]) -> dict[int, list[int]]:
        """Return for each fact what it comes after by its own word: its parents, its device's fact before it."""
        by_id = {step.id: step.version for step in steps if step.id}
        told = _by_teller(step for step in steps if step.is_fact)
        named = {fact.version: [by_id[each] for each in fact.parents or () if each in by_id] for fact in told}
        for one, other in pairwise(told):
            if _is_own(one, other):
                named[other.version].append(one.version)
        known = self._known_by_struck(named)
        return {
            fact.version: [v for each in named[fact.version] for v in known.get(each, [each])] for fact in self.facts
        }

    def _known_by_struck(self, named: Mapping[int, list[int]]) -> dict[int, list[int]]:
        """Return for each struck step what counts of what it knew."""
        gone = {step.version: step for step in self.struck}
        found = {}
        for version in gone:
            known, ahead = set[int](), [version]
            while ahead:
                step = gone[ahead.pop()]
                causes = named[step.version] if step.is_fact else []
                if not step.is_fact or step.parents is None:
                    causes = [*causes, *(each.version for each in self.commands if each.version < step.version)]
                ahead += [each for each in causes if each in gone and each not in known]
                known.update(causes)
            found[version] = [each for each in known if each not in gone]
        return found

    def _first_heard(self) -> dict[int, int]:
        """Return for each fact the version from which on commands knew it: its own, or of an earlier one that knew it.

        Who knew what a device told later knew what it had told before, also when that comes to us only now.
        """
        heard = {fact.version: fact.version for fact in self.facts}
        for fact in sorted(self.facts, key=lambda step: step.version):
            ahead = [fact.version]
            while ahead:
                for earlier in self.before.get(ahead.pop(), []):
                    if heard.get(earlier, 0) > fact.version:
                        heard[earlier] = fact.version
                        ahead.append(earlier)
        return heard

    def _by_cause(self) -> list[Step]:
        """Return the facts so that each comes after those it knew; where two know nothing of each other, by number.

        What an earlier command knew comes first: a command is read with all that it knew in its place. Facts that claim
        to know each other are broken apart by number as well: the order is total whatever is sent.
        """
        facts = {step.version: step for step in self.facts}
        waits = {version: {*self.before[version]} & facts.keys() - {version} for version in facts}
        knew_it: dict[int, list[int]] = {version: [] for version in facts}
        for version, causes in waits.items():
            for cause in causes:
                knew_it[cause].append(version)
        versions = [command.version for command in self.commands]
        rank = {version: (bisect_left(versions, self.heard[version]), fact.id) for version, fact in facts.items()}
        ready = [(*rank[version], version) for version, causes in waits.items() if not causes]
        heapify(ready)
        numbered = deque(sorted(facts, key=lambda version: rank[version]))
        placed: list[Step] = []
        while waits:
            version = heappop(ready)[-1] if ready else _first_in_circle(numbered, waits)
            if waits.pop(version, None):
                self._break_out(version, placed, waits=waits, knew_it=knew_it)
            placed.append(facts[version])
            self._unlink(version)
            for later in knew_it[version]:
                if later in waits:
                    waits[later].discard(version)
                    if not waits[later]:
                        heappush(ready, (*rank[later], later))
        return placed

    def _break_out(
        self, version: int, placed: Iterable[Step], *, waits: Mapping[int, set[int]], knew_it: Mapping[int, list[int]]
    ) -> None:
        """Let a fact out of a circle after what its device told before, and the next one wait for what it did not."""
        fact, later, earlier = self.by_version[version], self.own_after.get(version, 0), self.own_before.get(version, 0)
        self.before[version] += [each.version for each in placed if _is_own(each, fact) and _is_told_before(each, fact)]
        if later in waits and earlier in waits:
            waits[later].add(earlier)
            knew_it[earlier].append(later)
            self.before[later].append(earlier)

    def _unlink(self, version: int) -> None:
        """Take a placed fact out of the row of what its device told."""
        later, earlier = self.own_after.pop(version, 0), self.own_before.pop(version, 0)
        for links, one, other in ((self.own_before, later, earlier), (self.own_after, earlier, later)):
            links.pop(one, None)
            if one and other:
                links[one] = other

    def _ancestors(self, step: Step) -> set[int]:
        """Return the versions of everything a step knew, directly or through others."""
        known: set[int] = set()
        ahead = [step]
        while ahead:
            new = {*self._knew(ahead.pop())} - known
            known |= new
            ahead += [self.by_version[version] for version in new if version in self.by_version]
        return known

    def _knew(self, step: Step) -> list[int]:
        if step.is_fact:
            return self.before[step.version]
        return [version for version in self.by_version if version < step.version]

    # --- places

    def _place(self, fact: Step) -> int:
        """Return where a fact goes: the earliest place where it fits between what it knew and what knew it."""
        known = {1, *self.before[fact.version]}
        start = 1 + max(index for index, step in enumerate(self.order) if step.version in known)
        heard = self.heard[fact.version]
        knew_it = (i for i, s in enumerate(self.order) if i >= start and not s.is_fact and s.version > heard)
        end = next(knew_it, len(self.order))
        for index in range(start, end + 1):
            self._read_up_to(index)
            if _fits(self.states[index - 1], fact.event):
                return index
        while start < end and self.order[start].is_fact:
            start += 1
        return start

    # --- meanings

    def _of_fact(self, thing: H, step: Step) -> Event:
        assert isinstance(step.event, Claimed)
        return amounts_to(thing, step.event) or self._not_offered(thing, step, step.event)

    def _not_offered(self, thing: H, step: Step, claim: Claimed) -> Event:
        """Return what it is that somebody has what nobody offered him: told twice, or possession, and what is wrong."""
        if step.parents is None and self._is_told_again(claim):
            return replace(claim, why=Misfit.ALREADY_TAKEN)
        if not thing.may(TakenOver):
            return replace(claim, why=Misfit.NOT_OFFERED)
        to, takings = claim.hands[0], self._takings()
        why = self._without_offer(step, to, takings)
        if why is Misfit.LABEL_CLONE:
            return _taken(claim, to=next(t.to for t in reversed(takings) if t.is_proven), told=why)
        return _taken(claim, to=to, told=why)

    def _is_told_again(self, claim: Claimed) -> bool:
        """Tell whether the last offer to the teller was signed for: the fact is then the same taking, told late."""
        happened = [each.event for each in self.reads]
        offers = [e for e in happened if isinstance(e, HandedOver) and _has(claim, e.to)]
        if not offers:
            return False
        end = handover.end_of(happened, record=offers[-1].record)
        is_taking = isinstance(end, TakenOver) and end.to.is_same_as(offers[-1].to)
        return isinstance(end, Accepted | SignedOnPaper) or is_taking

    def _without_offer(self, step: Step, to: Custodian, takings: Sequence["_Taking"]) -> Misfit:
        """Return what is wrong with a taking nobody offered: unknown to each other, a copied label, or just that."""
        if _alternates(takings, to):
            return Misfit.LABEL_CLONE
        last = takings[-1].step
        is_concurrent = last.version != 1 and last.version not in self._ancestors(step)
        return Misfit.DOUBLE_CUSTODY if is_concurrent else Misfit.ACCEPT_WITHOUT_OFFER

    def _takings(self) -> list["_Taking"]:
        """Return who got the thing by which step, as far as the order is read."""
        found = [_Taking(step=self.first, to=self.states[0].custodian, is_proven=True)]
        for each, thing in zip(self.reads[1:], self.states[1:], strict=False):
            if not thing.custodian.is_same_as(found[-1].to):
                is_proven = isinstance(each.event, Accepted | SignedOnPaper | Moved | Unpacked)
                found.append(_Taking(step=each.step, to=thing.custodian, is_proven=is_proven))
        return found

    def _of_command(self, thing: H, step: Step) -> Event:
        """Return a command as it stands after facts it did not know; most commands stand as they were."""
        late = (s.is_fact and s.version > step.version for s in self.order[: len(self.states)])
        if not isinstance(step.event, _CUSTODY) or not any(late):
            return step.event
        seen = self._seen(step)
        if _is_alike(thing.custodian, seen.custodian) and _is_alike(thing.offered_to, seen.offered_to):
            return step.event
        return _overtaken(
            thing, seen, step.event, is_own=self._takings()[-1].step.event.by.account == step.event.by.account
        )

    def _seen(self, step: Step) -> H:
        """Return the state a command was checked against when it was recorded."""
        if step.version not in self.seen:
            earlier = [self.first, *(s for version, s in self.by_version.items() if version < step.version)]
            struck = [each for each in self.struck if each.version < step.version]
            chain = _Chain(self.code, earlier, begin=self.begin, struck=struck, seen=self.seen)
            chain.read()
            self.seen[step.version] = chain.states[-1]
        return self.seen[step.version]


def _by_teller(facts: Iterable[Step]) -> list[Step]:
    return sorted(facts, key=lambda step: (step.teller, step.device_seq, step.id))


def _is_own(one: Step, other: Step) -> bool:
    return one.teller == other.teller


def _is_told_before(one: Step, other: Step) -> bool:
    return (one.device_seq, one.id) < (other.device_seq, other.id)


def _first_in_circle(numbered: deque[int], waits: Mapping[int, set[int]]) -> int:
    """Return the first fact in a circle: it claims to know what claims to know it, through others as well.

    What is in none is dropped from `numbered`: it never will be in one.
    """
    for _ in range(len(numbered)):
        version = numbered[0]
        if version in waits and _is_in_circle(version, waits):
            return version
        numbered.popleft()
    raise AssertionError("some fact is always first")


def _is_in_circle(version: int, waits: Mapping[int, set[int]]) -> bool:
    known, ahead = set[int](), [version]
    while ahead:
        new = waits[ahead.pop()] - known
        known |= new
        ahead += new
    return version in known


@dataclass(frozen=True, kw_only=True, slots=True)
class _Taking:
    """A change of custody: by which step, to whom, and whether two sides signed for it."""

    step: Step
    to: Custodian
    is_proven: bool


def _alternates(takings: Sequence[_Taking], to: Custodian) -> bool:
    """Tell whether this taking is the fourth in turn between two, of whom nobody gave it to the other since the first.

    The first may well have been signed for: one of the two labels is the right one.
    """
    last = takings[1 - ALTERNATIONS :]
    turns = [*(each.to for each in last), to]
    if len(turns) < ALTERNATIONS or turns[0].is_same_as(turns[1]) or any(each.is_proven for each in last[1:]):
        return False
    return all(one.is_same_as(other) for one, other in zip(turns, turns[2:], strict=False))


# --- what a fact amounts to -------------------------------------------------------------------------------------------

_CUSTODY = (HandedOver, Accepted, SignedOnPaper, Declined, Recalled, Moved)
"""The commands that only make sense for one holder and one addressee."""


def amounts_to(thing: Held, claim: Claimed) -> Event | None:
    """Return what a fact amounts to where it stands; None when only the whole story says it (nobody offered it)."""
    if thing.is_final:
        return replace(claim, why=Misfit.AFTER_THE_END)
    match claim.fact:
        case FactKind.HANDED_OVER:
            return _handed_over(thing, claim)
        case FactKind.ACCEPTED:
            return _accepted(thing, claim)
        case FactKind.DECLINED:
            return _declined(thing, claim)
        case FactKind.MOVED:
            return _moved(thing, claim)
        case FactKind.SIGHTED:
            return _sighted(thing, claim)


def _accepted(thing: Held, claim: Claimed) -> Event | None:
    if not claim.hands:
        return replace(claim, why=Misfit.NO_POSITION)
    if (offered_to := _addressee(thing, claim)) is not None:
        if claim.by.account != thing.offered_by:
            return Accepted(record=thing.record, by=claim.by, occurred_at=claim.occurred_at)
        return _taken(claim, to=offered_to, told=None)  # one account on both sides proves no more than that
    return replace(claim, why=Misfit.ALREADY_HOLDS) if _has(claim, thing.custodian) else None


def _fits(thing: Held, event: Event) -> bool:
    """Tell whether a fact is the next thing one would expect here."""
    assert isinstance(event, Claimed)
    if thing.is_final:
        return False
    match event.fact:
        case FactKind.HANDED_OVER | FactKind.MOVED:
            is_his_to = event.fact is FactKind.HANDED_OVER or (event.to is not None and _has(event, event.to))
            return is_his_to and _has(event, thing.custodian) and not _is_alike(event.to, thing.custodian)
        case FactKind.ACCEPTED | FactKind.DECLINED:
            return _addressee(thing, event) is not None
        case FactKind.SIGHTED:
            return True


def _handed_over(thing: Held, claim: Claimed) -> Event:
    if claim.to is None or not _has(claim, thing.custodian):
        return replace(claim, why=Misfit.NOT_THE_HOLDER)
    if claim.to.is_same_as(thing.custodian):
        return replace(claim, why=Misfit.GIVEN_TO_HOLDER)
    if thing.offered_to is not None:
        return replace(claim, why=Misfit.OFFER_STANDS)
    if not thing.may(HandedOver):
        return replace(claim, why=Misfit.IN_BAG)
    if _has(claim, claim.to):
        return Moved(to=claim.to, by=claim.by, occurred_at=claim.occurred_at)
    return HandedOver(to=claim.to, record=claim.record, by=claim.by, occurred_at=claim.occurred_at)


def _declined(thing: Held, claim: Claimed) -> Event:
    if claim.reason is None or _addressee(thing, claim) is None:
        return replace(claim, why=Misfit.NOT_OFFERED)
    return Declined(record=thing.record, reason=claim.reason, by=claim.by, occurred_at=claim.occurred_at)


def _moved(thing: Held, claim: Claimed) -> Event:
    if claim.to is None or not _has(claim, thing.custodian):
        return replace(claim, why=Misfit.NOT_THE_HOLDER)
    if claim.to.is_same_as(thing.custodian):
        return replace(claim, why=Misfit.GIVEN_TO_HOLDER)
    if not _has(claim, claim.to):  # nobody gets what he did not sign for: only between one's own positions
        return replace(claim, why=Misfit.NO_POSITION)
    if not thing.may(Moved):
        return replace(claim, why=Misfit.IN_BAG if thing.offered_to is None else Misfit.OFFER_STANDS)
    return Moved(to=claim.to, by=claim.by, occurred_at=claim.occurred_at)


def _sighted(thing: Held, claim: Claimed) -> Event:
    if not thing.may(Sighted):
        return replace(claim, why=Misfit.IN_BAG)
    return Sighted(by=claim.by, occurred_at=claim.occurred_at)


def _taken(claim: Claimed, *, to: Custodian, told: Misfit | None) -> TakenOver:
    return TakenOver(to=to, reason="", told=told, by=claim.by, occurred_at=claim.occurred_at)


def _overtaken(thing: Held, seen: Held, event: Event, *, is_own: bool) -> Event:
    """Return what a command amounts to once it is known that somebody else had the thing by then.

    `is_own` when who gave the command got the thing himself last, with another of his positions: it is still his.
    """
    by, at = event.by, event.occurred_at
    is_lost = not is_own and not _is_alike(thing.custodian, seen.custodian)
    match event:
        case HandedOver(to=to) | Moved(to=to) if not is_lost and to.is_same_as(thing.custodian):
            kind = FactKind.HANDED_OVER if isinstance(event, HandedOver) else FactKind.MOVED
            hands = (seen.custodian,)
            return Claimed(fact=kind, why=Misfit.GIVEN_TO_HOLDER, hands=hands, to=to, by=by, occurred_at=at)
        case HandedOver(to=to) if is_lost:
            why = Misfit.NOT_THE_HOLDER
            hands = (seen.custodian,)
            return Claimed(fact=FactKind.HANDED_OVER, why=why, hands=hands, to=to, by=by, occurred_at=at)
        case Moved(to=to) if is_lost:
            why = Misfit.NOT_THE_HOLDER
            hands = (seen.custodian,)
            return Claimed(fact=FactKind.MOVED, why=why, hands=hands, to=to, by=by, occurred_at=at)
        case HandedOver(to=to) | Moved(to=to) if thing.offered_to is not None:
            kind = FactKind.HANDED_OVER if isinstance(event, HandedOver) else FactKind.MOVED
            hands = (seen.custodian,)
            return Claimed(fact=kind, why=Misfit.OFFER_STANDS, hands=hands, to=to, by=by, occurred_at=at)
        case Accepted() | SignedOnPaper() if seen.offered_to is not None and not _is_offered_to(thing, seen.offered_to):
            if seen.offered_to.is_same_as(thing.custodian):
                why = Misfit.ALREADY_HOLDS
                return Claimed(fact=FactKind.ACCEPTED, why=why, to=seen.offered_to, by=by, occurred_at=at)
            return TakenOver(to=seen.offered_to, reason="", told=Misfit.ACCEPT_WITHOUT_OFFER, by=by, occurred_at=at)
        case Recalled() | Declined() if not _is_alike(thing.offered_to, seen.offered_to):
            why = Misfit.NOT_OFFERED
            return Claimed(fact=FactKind.DECLINED, why=why, to=seen.offered_to, by=by, occurred_at=at)
        case _:
            return event


def _addressee(thing: Held, claim: Claimed) -> Custodian | None:
    """Return to whom the thing is offered, when the teller of a fact acted for him."""
    return thing.offered_to if thing.offered_to is not None and _has(claim, thing.offered_to) else None


def _has(claim: Claimed, custodian: Custodian) -> bool:
    for hand in claim.hands:  # noqa: SIM110 - a generator would take longer than the few hands there are
        if hand.is_same_as(custodian):
            return True
    return False


def _is_offered_to(thing: Held, custodian: Custodian) -> bool:
    return custodian.is_same_as(thing.offered_to)


def _is_alike(one: Custodian | None, other: Custodian | None) -> bool:
    return one is other or (one is not None and one.is_same_as(other))
