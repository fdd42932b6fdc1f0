"""Who answers for what, as plainly as it can be told: the judge of the product's custody.

Written from the rules on paper (who gives, who takes, who packs, who opens, and what holds when stories contradict
each other), and importing nothing of the product: lists, dictionaries, and everything told again from the beginning
each time it is asked for. It is slow and short, so that a reader can believe it.

Two things come in. **Commands** are what somebody does at a screen: `Model.do` says whether it was accepted. **Facts**
are what a device tells later about what has already happened: `Model.hear` never refuses one.

The order of what is told about one thing: what was known comes before what knew it; a device's own count; what a device
tells comes before commands that did not know it; between facts that knew nothing of each other their numbers decide.
No clock is ever asked.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

CITIZEN = "citizen"
"""Who answers for what was delivered or given back."""

POST = frozenset({"counter", "sorting", "transport"})
"""The kinds of positions on the side of the post; the others are the authority's."""


@dataclass(frozen=True)
class Person:
    """Somebody and the positions held now; a postman answers for things in his own name as well."""

    name: str
    keys: frozenset[str] = frozenset()
    is_postman: bool = False

    def answers_for(self, key: str) -> bool:
        """Tell whether this person answers for what a custodian holds."""
        return key in self.keys or (self.is_postman and key == self.name)

    @property
    def own(self) -> str:
        """Return what this person takes things with that nobody offered: the first position, or himself on a run."""
        return min(self.keys, default=self.name if self.is_postman else "")


@dataclass(frozen=True, kw_only=True)
class Op:
    """What somebody does at a screen. What a word does not need stays empty."""

    word: str
    who: Person
    things: tuple[str, ...] = ()
    to: str = ""
    record: str = ""
    declined: frozenset[str] = frozenset()
    bag: str = ""
    is_intact: bool = True
    damaged: frozenset[str] = frozenset()
    unchecked: frozenset[str] = frozenset()
    destination: str = ""
    is_transit: bool = False
    step: bytes = b""
    second: Person | None = None


@dataclass(frozen=True, kw_only=True)
class Fact:
    """What a device says has happened. `parents` are the numbers of what it knew, None when it does not say."""

    id: bytes
    device: str
    seq: int
    word: str
    thing: str
    who: Person
    to: str = ""
    parents: tuple[bytes, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Step:
    """One line of the story of one thing; `came` counts what was recorded, `device` is empty for a command."""

    came: int
    id: bytes
    thing: str
    word: str
    who: Person
    to: str = ""
    record: str = ""
    bag: str = ""
    is_intact: bool = True
    device: str = ""
    seq: int = 0
    parents: tuple[bytes, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Record:
    """A hand-over record: who gives, who shall take, what; it is closed once somebody signed or took it back."""

    giver: str
    to: str
    by: str
    things: tuple[str, ...]
    is_closed: bool = False


@dataclass
class State:
    """How a thing stands after a part of its story; `past` is all that the step read now knew of.

    `offered_to` is empty when nothing is offered, `bag` when it is in none. A taking says whether it had been offered.
    """

    past: set[bytes] = field(default_factory=set)
    holder: str = ""
    offered_to: str = ""
    offered_by: str = ""
    record: str = ""
    given_by: str = ""
    is_sealed: bool = False
    is_over: bool = False
    is_open: bool = False
    is_emptied: bool = False
    bag: str = ""
    packer: str = ""
    trouble: str = ""
    offers: list[list[str]] = field(default_factory=list)
    takings: list[tuple[str, Step, bool]] = field(default_factory=list)
    conflicts: list[tuple[str, bytes]] = field(default_factory=list)


class Refused(Exception):
    """A command broke a rule."""


class Model:
    """Everything that was recorded, in the order in which it came."""

    def __init__(self) -> None:
        self.steps: dict[str, list[Step]] = {}
        self.numbers: set[bytes] = set()
        self.records: dict[str, Record] = {}
        self.kinds: dict[str, str] = {}
        self.destinations: dict[str, str] = {}
        self.lists: dict[str, set[str]] = {}
        self.transit: set[str] = set()
        self.struck: set[bytes] = set()
        self.told: dict[str, State] = {}

    # --- asks ---------------------------------------------------------------------------------------------------------

    def holder(self, thing: str) -> str:
        """Return who answers for a thing now: while it is in a bag, who answers for the bag."""
        state = self.state(thing)
        return self.holder(state.bag) if state.bag else state.holder

    def is_offered_to(self, thing: str) -> str:
        """Return to whom a thing is offered, empty when it is not; a bag is offered with what is inside."""
        state = self.state(thing)
        return self.is_offered_to(state.bag) if state.bag else state.offered_to

    def inside(self, thing: str) -> str:
        """Return the bag a thing is in, empty when it is in none."""
        return self.state(thing).bag

    def contents(self, bag: str) -> set[str]:
        """Return the items that are in a bag."""
        return {item for item, kind in self.kinds.items() if kind == "item" and self.inside(item) == bag}

    def conflicts(self, thing: str) -> list[str]:
        """Return what does not fit in the story of a thing, in the order of the story."""
        return [kind for kind, _ in self.state(thing).conflicts]

    def state(self, thing: str) -> State:
        """Tell the story of a thing from its beginning, again whenever there is something new, and return its end."""
        if thing not in self.told:
            self.told[thing] = _told(self.story(thing), _closed(_knew(self._counted(thing))))
        return self.told[thing]

    def story(self, thing: str) -> list[Step]:
        """Return what was recorded about a thing in the order in which it happened, as far as anybody can know.

        Commands stand as they came. A device's fact stands after all that it knew and before the commands that knew it:
        at the first place where it is what one would expect there, else as early as it can.
        """
        steps = self._counted(thing)
        knew = _knew(steps)
        past = _closed(knew)
        story = [step for step in steps if not step.device]
        for fact in _causes_first(steps, knew, past):
            first = 1 + max(at for at, step in enumerate(story) if step.id in knew[fact.id] or at == 0)
            told = (at for at, step in enumerate(story) if at >= first and fact.id in past[step.id])
            last = next(told, len(story))
            fitting = (at for at in range(first, last + 1) if _is_expected(_told(story[:at], past), fact))
            story.insert(next(fitting, _after_facts(story, first, last)), fact)
        return story

    def _counted(self, thing: str) -> list[Step]:
        return [step for step in self.steps[thing] if step.id not in self.struck]

    # --- what comes in ------------------------------------------------------------------------------------------------

    def do(self, op: Op) -> bool:
        """Do what somebody asks for at a screen and return True; return False, nothing done, when a rule says no."""
        try:
            _DO[op.word](self, op)
        except Refused:
            return False
        return True

    def hear(self, facts: Iterable[Fact]) -> None:
        """Keep what devices tell; what was heard before changes nothing."""
        for fact in sorted(facts, key=lambda fact: fact.seq):
            if fact.id not in self.numbers:
                self.keep(
                    fact.word,
                    fact.thing,
                    fact.who,
                    number=fact.id,
                    to=fact.to,
                    device=fact.device,
                    seq=fact.seq,
                    parents=fact.parents,
                )

    def keep(self, word: str, thing: str, who: Person, *, number: bytes = b"", **more: Any) -> None:
        came = len(self.numbers) + 1
        step = Step(came=came, id=number or b"#%d" % came, thing=thing, word=word, who=who, **more)
        self.numbers.add(step.id)
        self.steps.setdefault(thing, []).append(step)
        self.told.pop(thing, None)

    # --- what is needed for a command ---------------------------------------------------------------------------------

    def held(self, thing: str, who: Person) -> State:
        """Return the state of a thing that lies before `who`, not offered, in no bag and not over."""
        _must(thing in self.kinds)
        state = self.state(thing)
        _must(not state.is_over and not state.bag and not state.offered_to and not state.is_emptied)
        _must(who.answers_for(state.holder))
        return state

    def waiting(self, record: str) -> list[str]:
        """Return the lines of a record that still wait for its signature."""
        states = {thing: self.state(thing) for thing in self.records[record].things}
        return [thing for thing, state in states.items() if state.offered_to and state.record == record]


def _must(what: object) -> None:
    if not what:
        raise Refused


# --- the order of what is told ----------------------------------------------------------------------------------------


def _knew(steps: Sequence[Step]) -> dict[bytes, set[bytes]]:
    """Return what each step knew of, and so comes after.

    A command knew everything that was recorded when it was given. A fact knew what it names, and what its own device
    told before it; one that does not say what it knew, the commands that were recorded when it came, or when the first
    came that knew it. Of what other devices told it knew nothing for certain: else the order in which they were heard
    would decide.
    """
    ids, knew = {step.id for step in steps}, {}
    for step in steps:
        own = {other.id for other in steps if other.device == step.device and other.seq < step.seq}
        knew[step.id] = own | set(step.parents or ()) & ids if step.device else set()
    causes, came = _closed(knew), {step.id: step.came for step in steps}
    for step in steps:
        heard = min([step.came, *(came[other] for other, past in causes.items() if step.id in past)])
        if not step.device:
            knew[step.id] = {other.id for other in steps if other.came < step.came}
        elif step.parents is None:
            knew[step.id] |= {other.id for other in steps if not other.device and other.came < heard}
    return knew


def _closed(links: Mapping[bytes, set[bytes]]) -> dict[bytes, set[bytes]]:
    """Return everything that is reached from each by its links and theirs."""
    reached = {each: set(direct) for each, direct in links.items()}
    for through, farther in reached.items():
        for each in reached.values():
            if through in each:
                each.update(farther)
    return reached


def _causes_first(
    steps: Sequence[Step], knew: Mapping[bytes, set[bytes]], past: Mapping[bytes, set[bytes]]
) -> list[Step]:
    """Return the facts in the order in which they are put in place: each after those it knew.

    What more commands knew goes first, so that a command is read with all that it knew; else their numbers decide.
    """
    knowing = {s.id: sum(s.id in past[command.id] for command in steps if not command.device) for s in steps}
    waiting = sorted((step for step in steps if step.device), key=lambda fact: (-knowing[fact.id], fact.id))
    sorted_ = []
    while waiting:
        left = {fact.id for fact in waiting}
        following = next((fact for fact in waiting if not knew[fact.id] & left), waiting[0])
        waiting.remove(following)
        sorted_.append(following)
    return sorted_


def _after_facts(story: Sequence[Step], first: int, last: int) -> int:
    """Return the place after the facts that stand where a story goes on."""
    while first < last and story[first].device:
        first += 1
    return first


def _told(story: Sequence[Step], past: Mapping[bytes, set[bytes]]) -> State:
    """Read a story from its beginning and return how it ends."""
    state = State()
    for step in story:
        state.past = past[step.id]
        _READ[step.word](state, step)
    return state


def _is_expected(state: State, fact: Step) -> bool:
    """Tell whether a fact is what one would expect next: the holder gives, the one who was asked takes or declines."""
    if state.is_over or state.is_emptied:
        return False
    if fact.word == "move" and not fact.who.answers_for(fact.to):
        return False
    if fact.word in ("offer", "move"):
        return fact.who.answers_for(state.holder) and fact.to != state.holder
    return bool(state.offered_to) and fact.who.answers_for(state.offered_to)


def _answering(state: State) -> str:
    return state.holder


# --- how each line of a story is read ---------------------------------------------------------------------------------
# A line is read where it stands, whatever it was when it came: what no longer fits moves nothing and is marked, except
# that who has a thing in his hands holds it.


def _register(state: State, step: Step) -> None:
    state.holder = step.to
    state.packer = step.to
    state.takings.append((step.to, step, True))


def _seal(state: State, _step: Step) -> None:
    state.is_sealed = True
    state.packer = state.holder


def _offer(state: State, step: Step) -> None:
    if _is_too_late(state, step):
        return
    if not step.who.answers_for(state.holder):
        state.conflicts.append(("handover_by_non_holder", step.id))
    elif state.bag:
        state.conflicts.append(("in_bag", step.id))
    elif state.offered_to:
        state.conflicts.append(("offer_stands", step.id))
    elif step.to == state.holder:
        state.conflicts.append(("given_to_holder", step.id))
    elif step.device and step.who.answers_for(step.to):
        _carry(state, step)
    else:
        state.offered_to, state.offered_by, state.record = step.to, step.who.name, step.record
        state.offers.append([step.to, ""])


def _accept(state: State, step: Step) -> None:
    """At a screen one signs for the receiver of the record; a device tells that its owner has it in his hands."""
    if _is_too_late(state, step):
        return
    to = "" if step.device else step.to
    key = to or state.offered_to
    is_asked = bool(key) and state.offered_to == key and step.who.answers_for(key)
    if is_asked and step.who.name != state.offered_by:
        _take(state, step, key, is_offered=True)
    elif is_asked:
        _take(state, step, key, is_offered=False)  # one person on both sides proves no more than that it was taken
    elif state.holder == to if to else step.who.answers_for(state.holder):
        state.conflicts.append(("already_holds", step.id))
    elif not (to or step.who.own):
        state.conflicts.append(("no_position", step.id))
    elif step.device and step.parents is None and _is_told_again(state, step):
        state.conflicts.append(("already_taken", step.id))
    else:
        _seize(state, step, to or step.who.own)


def _is_told_again(state: State, step: Step) -> bool:
    """Tell whether the last offer to this side was taken: one who does not say what he knew tells the same, late."""
    ends = [end for to, end in state.offers if step.who.answers_for(to)]
    return bool(ends) and step.who.answers_for(ends[-1])


def _paper(state: State, step: Step) -> None:
    if _is_too_late(state, step):
        return
    if state.offered_to == step.to:
        _take(state, step, step.to, is_offered=True)
    elif state.holder != step.to:
        _seize(state, step, step.to)


def _decline(state: State, step: Step) -> None:
    """At a screen one answers for the receiver of the record; a device tells that its owner does not take it."""
    if _is_too_late(state, step):
        return
    to = "" if step.device else step.to
    is_for_him = to == state.offered_to if to else step.who.answers_for(state.offered_to)
    if state.offered_to and is_for_him:
        state.offered_to, state.trouble = "", "damaged"
    else:
        state.conflicts.append(("not_offered", step.id))


def _recall(state: State, step: Step) -> None:
    if state.offered_to == step.to:
        state.offered_to = ""
    else:
        state.conflicts.append(("not_offered", step.id))


def _move(state: State, step: Step) -> None:
    if _is_too_late(state, step):
        return
    if not step.who.answers_for(state.holder):
        state.conflicts.append(("handover_by_non_holder", step.id))
    elif step.to == state.holder:
        state.conflicts.append(("given_to_holder", step.id))
    elif step.device and not step.who.answers_for(step.to):
        state.conflicts.append(("no_position", step.id))  # nobody gets what he did not sign for
    elif state.bag:
        state.conflicts.append(("in_bag", step.id))
    elif state.offered_to:
        state.conflicts.append(("offer_stands", step.id))
    else:
        _carry(state, step)


def _take_over(state: State, step: Step) -> None:
    if not _is_too_late(state, step):
        _take(state, step, step.to, is_offered=False)


def _deliver(state: State, _step: Step) -> None:
    state.holder, state.offered_to, state.bag, state.is_over = CITIZEN, "", "", True


def _report(state: State, step: Step) -> None:
    state.trouble = {"missing": "missing", "damaged": "damaged", "found": ""}[step.word]


def _pack(state: State, step: Step) -> None:
    if not _is_too_late(state, step):
        state.bag = step.bag
        state.offered_to = ""


def _take_out(state: State, step: Step) -> None:
    if not _is_too_late(state, step):  # who counts it has it, also where somebody took it out before
        _take(state, step, step.to, is_offered=True)
        state.trouble = state.trouble if step.is_intact else "damaged"


def _dispute(state: State, step: Step) -> None:
    if not _is_too_late(state, step) and state.bag == step.bag:
        _take(state, step, step.to, is_offered=False)
        state.trouble = "missing"
        state.conflicts.append(("missing_on_opening", step.id))


def _find_in_bag(state: State, step: Step) -> None:
    if not _is_too_late(state, step):
        _take(state, step, step.to, is_offered=False)
        state.conflicts.append(("extra_on_opening", step.id))


def _list(_state: State, _step: Step) -> None:
    """What stands on a bag's list is told by the items themselves."""


def _open(state: State, step: Step) -> None:
    state.is_open = True
    if not step.is_intact:
        state.conflicts.append(("seal_broken", step.id))


def _empty(state: State, _step: Step) -> None:
    state.is_emptied = True


def _is_too_late(state: State, step: Step) -> bool:
    """Tell whether all is over: the citizen has it, or the bag was emptied."""
    if state.is_over or state.is_emptied:
        state.conflicts.append(("scan_after_delivery", step.id))
    return state.is_over or state.is_emptied


def _carry(state: State, step: Step) -> None:
    """Carry something to another place of work of one person; what was missing is not found by that."""
    trouble = state.trouble
    _take(state, step, step.to, is_offered=True)
    state.trouble = trouble


def _take(state: State, step: Step, key: str, *, is_offered: bool) -> None:
    if state.offered_to:
        state.offers[-1][1] = key
    if key != state.holder:
        state.given_by = state.holder
        state.takings.append((key, step, is_offered))
    state.holder, state.offered_to, state.bag = key, "", ""
    state.trouble = "" if state.trouble == "missing" else state.trouble


def _seize(state: State, step: Step, key: str) -> None:
    """Take what was not offered: who has it in his hands holds it, and it is marked."""
    _, last, _ = state.takings[-1]
    _take(state, step, key, is_offered=False)
    if _alternates(state):
        state.conflicts.append(("label_clone_suspect", step.id))
        state.holder = next(key for key, _, is_offered in reversed(state.takings) if is_offered)
    elif last.id not in state.past and last.word != "register":
        state.conflicts.append(("double_custody", step.id))
    else:
        state.conflicts.append(("accept_without_offer", step.id))


def _alternates(state: State) -> bool:
    """Tell whether two have it in turns, A, B, A, B, and three times nobody offered it: there are two labels."""
    keys = [key for key, _, _ in state.takings[-4:]]
    unoffered = [is_offered for _, _, is_offered in state.takings[-3:]]
    return len(keys) == 4 and keys[0] == keys[2] != keys[1] == keys[3] and not any(unoffered)


_READ: dict[str, Callable[[State, Step], None]] = {
    "register": _register,
    "seal": _seal,
    "offer": _offer,
    "accept": _accept,
    "decline": _decline,
    "recall": _recall,
    "paper": _paper,
    "move": _move,
    "take over": _take_over,
    "missing": _report,
    "damaged": _report,
    "found": _report,
    "deliver": _deliver,
    "pack": _pack,
    "take out": _take_out,
    "dispute": _dispute,
    "find in bag": _find_in_bag,
    "list": _list,
    "open": _open,
    "empty": _empty,
}


# --- what may be done at a screen -------------------------------------------------------------------------------------


def _do_register(model: Model, op: Op) -> None:
    """Somebody who answers for a place of work takes something in there."""
    (thing,) = op.things
    _must(op.who.answers_for(op.to) and thing not in model.kinds)
    model.kinds[thing] = "item"
    model.destinations[thing] = op.destination
    model.keep("register", thing, op.who, to=op.to)


def _do_seal(model: Model, op: Op) -> None:
    (thing,) = op.things
    _must(model.kinds.get(thing) == "item")
    model.held(thing, op.who)
    model.keep("seal", thing, op.who)


def _do_offer(model: Model, op: Op) -> None:
    """One giver, one receiver, everything sealed that leaves the post's hands; a bag must be closed."""
    things = tuple(dict.fromkeys(op.things))
    states = [model.held(thing, op.who) for thing in things]
    _must(bool(states) and len({state.holder for state in states}) == 1 and op.to != states[0].holder)
    for thing, state in zip(things, states, strict=True):
        is_bag = model.kinds[thing] == "bag"
        _must(state.is_sealed and not state.is_open if is_bag else state.is_sealed or not _is_post(state.holder))
    model.records[op.record] = Record(giver=states[0].holder, to=op.to, by=op.who.name, things=things)
    for thing in things:
        model.keep("offer", thing, op.who, to=op.to, record=op.record)


def _do_accept(model: Model, op: Op) -> None:
    """The receiver signs, another person than the giver; what he declines stays with the giver."""
    record = _open_record(model, op)
    _must(op.who.answers_for(record.to) and op.who.name != record.by)
    _sign(model, op, "accept")


def _do_paper(model: Model, op: Op) -> None:
    """Both signed in ink; the giver enters it."""
    record = _open_record(model, op)
    _must(op.who.answers_for(record.giver))
    _sign(model, op, "paper")


def _do_recall(model: Model, op: Op) -> None:
    record = _open_record(model, op)
    _must(op.who.answers_for(record.giver))
    for thing in model.waiting(op.record):
        _must(op.who.answers_for(model.holder(thing)))
    for thing in model.waiting(op.record):
        model.keep("recall", thing, op.who, to=record.to, record=op.record)
    model.records[op.record] = replace(record, is_closed=True)


def _open_record(model: Model, op: Op) -> Record:
    _must(op.record in model.records and not model.records[op.record].is_closed)
    record = model.records[op.record]
    _must(op.declined <= set(record.things))
    return record


def _sign(model: Model, op: Op, word: str) -> None:
    record = model.records[op.record]
    for thing in model.waiting(op.record):
        if thing in op.declined:
            model.keep("decline", thing, op.who, to=record.to, record=op.record)
        else:
            model.keep(word, thing, op.who, to=record.to, record=op.record)
    model.records[op.record] = replace(record, is_closed=True)


def _do_move(model: Model, op: Op) -> None:
    """Somebody carries something from one of his positions to another."""
    for thing in op.things:
        model.held(thing, op.who)
    _must(op.who.answers_for(op.to) and bool(op.things))
    for thing in op.things:
        model.keep("move", thing, op.who, to=op.to)


def _do_take_over(model: Model, op: Op) -> None:
    """Somebody takes what nobody offered him, and says why; also out of a bag."""
    (thing,) = op.things
    _must(thing in model.kinds and op.who.answers_for(op.to))
    state = model.state(thing)
    _must(not state.is_over and not state.is_emptied and not state.is_open)
    _must(model.kinds[thing] == "item" or state.is_sealed)
    model.keep("take over", thing, op.who, to=op.to)


def _do_report(model: Model, op: Op) -> None:
    (thing,) = op.things
    _must(model.kinds.get(thing) == "item")
    state = model.held(thing, op.who)
    _must(op.word != "found" or bool(state.trouble))
    model.keep(op.word, thing, op.who)


def _do_deliver(model: Model, op: Op) -> None:
    (thing,) = op.things
    _must(model.kinds.get(thing) == "item")
    model.held(thing, op.who)
    model.keep("deliver", thing, op.who)


def _do_start_bag(model: Model, op: Op) -> None:
    _must(op.who.answers_for(op.to) and op.bag not in model.kinds)
    model.kinds[op.bag] = "bag"
    model.destinations[op.bag], model.lists[op.bag] = op.destination, set()
    if op.is_transit:
        model.transit.add(op.bag)
    model.keep("register", op.bag, op.who, to=op.to)


def _do_pack(model: Model, op: Op) -> None:
    """What lies before the packer goes into a bag that goes its way; a transit bag takes what goes farther."""
    bag, things = _bag_before(model, op), tuple(dict.fromkeys(op.things))
    _must(not bag.is_sealed and bool(things))
    for thing in things:
        _must(model.kinds.get(thing) == "item")
        state = model.held(thing, op.who)
        _must(state.holder == bag.holder and (state.is_sealed or not _is_post(state.holder)))
        _must(op.bag in model.transit or model.destinations[thing] == model.destinations[op.bag])
    _strike_gone(model, op)
    for thing in things:
        model.keep("pack", thing, op.who, bag=op.bag)
    model.keep("list", op.bag, op.who)
    model.lists[op.bag] |= set(things)


def _do_unpack(model: Model, op: Op) -> None:
    """While it is being packed, something is taken out again."""
    bag = _bag_before(model, op)
    _must(not bag.is_sealed and bool(op.things) and set(op.things) <= model.contents(op.bag))
    for thing in op.things:
        model.keep("take out", thing, op.who, bag=op.bag, to=bag.holder)
    model.keep("list", op.bag, op.who)
    model.lists[op.bag] -= set(op.things)


def _do_seal_bag(model: Model, op: Op) -> None:
    bag = _bag_before(model, op)
    _must(not bag.is_sealed and bool(model.contents(op.bag)))
    _strike_gone(model, op)
    model.keep("seal", op.bag, op.who)


def _strike_gone(model: Model, op: Op) -> None:
    """Strike from the list of an open bag what somebody took over out of it; that is a line of its own."""
    inside = model.contents(op.bag)
    if model.lists[op.bag] - inside:
        model.keep("list", op.bag, op.who)
        model.lists[op.bag] &= inside


def _do_receive_bag(model: Model, op: Op) -> None:
    """What is found is with who opened the bag; the rest with the packer, or the last carrier if the seal is broken.

    Something extra is with who opened it too, unless the citizen has it. `unchecked` came out unseen, which only an
    unhurt seal allows, and counts as found.
    """
    bag = _bag_before(model, op)
    _must(bag.is_sealed and not bag.is_open and (op.is_intact or op.unchecked <= set(op.things)))
    inside, found = model.contents(op.bag), {*op.things, *op.unchecked}
    blamed = bag.packer if op.is_intact else bag.given_by or bag.packer
    model.keep("open", op.bag, op.who, is_intact=op.is_intact)
    for thing in sorted(inside):
        word, to = ("take out", bag.holder) if thing in found else ("dispute", blamed)
        model.keep(word, thing, op.who, bag=op.bag, to=to, is_intact=thing not in op.damaged)
    for thing in dict.fromkeys(op.things):
        if thing not in inside and not model.state(thing).is_over:
            model.keep("find in bag", thing, op.who, bag=op.bag, to=bag.holder)
    model.keep("empty", op.bag, op.who)


def _do_correct(model: Model, op: Op) -> None:
    """Strike the line of a story, with a second person; what follows must still fit."""
    (thing,) = op.things
    steps = {step.id: step for step in model.steps.get(thing, [])}
    _must(op.step in steps and op.step not in model.struck and steps[op.step].word != "register")
    _must(op.second is not None and op.second.name != op.who.name)
    was = Counter(model.conflicts(thing))
    model.struck.add(op.step)
    model.told.pop(thing)
    if Counter(model.conflicts(thing)) - was:
        model.struck.discard(op.step)
        model.told.pop(thing)
        raise Refused


def _bag_before(model: Model, op: Op) -> State:
    _must(model.kinds.get(op.bag) == "bag")
    return model.held(op.bag, op.who)


def _is_post(key: str) -> bool:
    """Tell whether a custodian is on the side of the post; who carries things in his own name is a postman."""
    kind = key.partition(":")[2].partition(".")[0]
    return kind in POST or ":" not in key


_DO: dict[str, Callable[[Model, Op], None]] = {
    "register": _do_register,
    "seal": _do_seal,
    "offer": _do_offer,
    "accept": _do_accept,
    "paper": _do_paper,
    "recall": _do_recall,
    "move": _do_move,
    "take over": _do_take_over,
    "missing": _do_report,
    "damaged": _do_report,
    "found": _do_report,
    "deliver": _do_deliver,
    "start bag": _do_start_bag,
    "pack": _do_pack,
    "unpack": _do_unpack,
    "seal bag": _do_seal_bag,
    "receive bag": _do_receive_bag,
    "correct": _do_correct,
}
