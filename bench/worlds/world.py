"""One seeded world: what people and devices do there, done by the product and told to the judge, side by side."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bench.worlds import people
from bench.worlds.model import CITIZEN, Fact, Model, Op, Person, State
from bench.worlds.product import MARKS, Product
from postal.domain import codes
from postal.domain.codes import CodeKind
from postal.services import verification
from postal.services.facts import Outcome
from postal.store import Store

MINUTE = timedelta(minutes=1)
WRONG = 0.12
"""How often somebody does a thing where, when or to what it makes no sense."""

AGAIN = 0.08
"""How often a button is pressed twice."""

SELDOM = 0.1
"""How often something is missing, extra, damaged or broken."""

SAID = ("accept", "offer", "decline", "move")
"""What a device may say."""

HOT = 0.3
"""How often a device tells of what was told of last, so that several tell of the same thing."""

MOST_BAGS = 3
"""So many bags stand open for packing in a world at a time."""

KNOWN = frozenset({Outcome.CREATED, Outcome.EXISTS})


class Broken(Exception):
    """The product and the judge do not say the same, or the product contradicts itself."""


@dataclass(kw_only=True)
class Device:
    """A device that writes down what happens while it is offline. `knows` counts what it has seen of each thing."""

    code: str
    owner: str
    is_silent: bool
    seq: int = 0
    knows: dict[str, int] = field(default_factory=dict)
    kept: list[Fact] = field(default_factory=list)
    sent: list[Fact] = field(default_factory=list)
    lost_at: datetime | None = None
    after_loss: set[bytes] = field(default_factory=set)


@dataclass(kw_only=True)
class Told:
    """What happened in a world."""

    operations: int = 0
    facts: int = 0
    quarantined: int = 0
    refusals: int = 0
    items: int = 0
    bags: int = 0
    words: Counter[str] = field(default_factory=Counter)
    conflicts: Counter[str] = field(default_factory=Counter)


class World:
    """People, things and devices, all drawn from one seed; the same seed is the same world."""

    def __init__(self, store: Store, *, seed: int) -> None:
        self.chance = random.Random(f"world {seed}")
        self.product = Product(store=store, chance=random.Random(f"codes of {seed}"))
        self.model = Model()
        self.now = people.MORNING
        self.told = Told()
        self.names = self.chance.sample(sorted(people.ACTORS), k=self.chance.randint(8, len(people.ACTORS)))
        self.keys = sorted({key for name in self.names for key in _answers(people.PERSONS[name])})
        self.most_items = self.chance.randint(20, 60)
        self.devices = [self._device(name) for name in self.names if self.chance.random() < 0.6]
        self.numbers: dict[bytes, bytes] = {}
        self.replayed: dict[str, int] = {}
        self.hot = ""

    def live(self, steps: int) -> Told:
        """Let so many things happen, then let the world come to rest. Raises: Broken."""
        for _ in range(steps):
            self._step()
        return self.rest()

    def rest(self) -> Told:
        """Let every device tell what it still keeps, and look at everything once more. Raises: Broken."""
        for device in self.devices:
            while device.kept:
                self.send(device)
        self._must_be_sound()
        kinds = Counter(self.model.kinds.values())
        self.told.items, self.told.bags = kinds["item"], kinds["bag"]
        for thing in self.model.kinds:
            self.told.conflicts.update(self.model.conflicts(thing))
        return self.told

    # --- one step -----------------------------------------------------------------------------------------------------

    def _step(self) -> None:
        words, weights = zip(*WEIGHTS.items(), strict=True)
        self.happen(self.chance.choices(words, weights)[0])

    def happen(self, word: str) -> None:
        """Let something of a kind happen, drawn by chance; nothing when there is nothing to do. Raises: Broken."""
        self.now += MINUTE * self.chance.randint(1, 30)
        if word in OFFLINE:
            if self.devices:
                OFFLINE[word](self, self.chance.choice(self.devices))
            return
        op = self._drawn(word)
        if op is None:
            return
        self._do(op)
        if self.chance.random() < AGAIN:
            self._do(op)

    def _do(self, op: Op) -> None:
        """Do an operation in both and compare what came of it."""
        expected = self.model.do(op)
        refusal = self.product.do(op, at=self.now)
        self.told.operations += 1
        self.told.refusals += bool(refusal)
        self.told.words[op.word] += not refusal
        if expected is bool(refusal):
            judged = "allows it" if expected else "refuses it"
            raise Broken(f"{_shown(op)}: the judge {judged}, the product says {refusal or 'done'}")
        self._must_agree(_shown(op))

    def _must_agree(self, what: str) -> None:
        """Compare who holds every item, to whom it is offered, what was recorded, and every new row with its replay."""
        stored, events = self.product.items(), self.product.events()
        things = [thing for thing, kind in self.model.kinds.items() if kind == "item"]
        if set(stored) != set(things):
            raise Broken(f"{what}: the product has other items than the judge")
        for thing in things:
            self._must_agree_about(thing, stored[thing], what)
        touched = {thing for thing, recorded in events.items() if len(recorded) != self.replayed.get(thing)}
        touched |= {thing for thing in things if self.model.inside(thing) in touched}
        if differences := self.product.differences(touched):
            raise Broken(f"{what}: {differences[0]}")
        self.replayed = {thing: len(recorded) for thing, recorded in events.items()}
        for thing, steps in self.model.steps.items():
            recorded = events.get(thing, [])
            if len(recorded) != len(steps):
                raise Broken(f"{what}: {thing} has {len(recorded)} events, the judge tells {len(steps)}")
            self.numbers.update(zip((step.id for step in steps), recorded, strict=True))
        self.product.numbers = self.numbers

    def _must_agree_about(self, thing: str, row: dict[str, Any], what: str) -> None:
        holder = CITIZEN if row["custody"] == "delivered" else row["custodian_key"]
        if not holder or holder != self.model.holder(thing):
            raise Broken(f"{what}: {thing} is held by {holder!r}, the judge says {self.model.holder(thing)!r}")
        if row["offered_to"] != self.model.is_offered_to(thing):
            offered = self.model.is_offered_to(thing)
            raise Broken(f"{what}: {thing} is offered to {row['offered_to']!r}, the judge says {offered!r}")

    def _must_mark(self, thing: str) -> None:
        """Compare what does not fit about a thing, fact by fact, and that an event names whoever holds it."""
        facts = {step.id for step in self.model.steps[thing] if step.device}
        judged = [c for c in self.model.state(thing).conflicts if c[1] in facts and c[0] in MARKS]
        marked = self.product.conflicts(thing)
        if sorted(judged) != sorted(marked):
            raise Broken(f"{thing}: the product marks {_named(marked)}, the judge {_named(judged)}")
        holder = self.model.state(thing).holder
        if holder != CITIZEN and holder not in self.product.explained(thing):
            raise Broken(f"{thing}: no event names {holder!r}, who holds it")

    def _must_be_sound(self) -> None:
        for thing in self.model.kinds:
            self._must_mark(thing)
        found = verification.verify(self.product.store)
        if not found.is_sound:
            raise Broken("; ".join(verification.told(found)[1:4]))

    # --- devices ------------------------------------------------------------------------------------------------------

    def _device(self, owner: str) -> Device:
        code = codes.mint(CodeKind.WORKSTATION, below=self.chance.randrange).text
        return Device(code=code, owner=owner, is_silent=self.chance.random() < 0.25)

    def sync(self, device: Device) -> None:
        """Let a device see everything that is recorded."""
        device.knows = {thing: len(steps) for thing, steps in self.model.steps.items()}

    def note(self, device: Device) -> None:
        """Let a device write down what its owner does with a thing it knows."""
        things = [thing for thing, known in device.knows.items() if self._may_be_told_of(thing, known)]
        if not things:
            return
        owner = people.PERSONS[device.owner]
        likely = [thing for thing in things if owner.answers_for(self.model.holder(thing))]
        asked = [thing for thing in things if owner.answers_for(self.model.is_offered_to(thing))]
        thing = self.chance.choice(self.chance.choice([choice for choice in (likely, asked, things) if choice]))
        if self.hot in things and self.chance.random() < HOT:
            thing = self.hot
        self.hot = thing
        word = self.chance.choice(SAID)
        if self.chance.random() > WRONG and (thing in asked or self.chance.random() < HOT):
            word = "accept"
        elif self.chance.random() > WRONG and thing in likely:
            word = "offer"
        device.seq += 1
        fact = Fact(
            id=self.chance.randbytes(2) + hashlib.sha256(f"{device.code} {device.seq}".encode()).digest()[:14],
            device=device.code,
            seq=device.seq,
            word=word,
            thing=thing,
            who=owner,
            to=self.chance.choice(self.keys) if word in ("offer", "move") else "",
            parents=None if device.is_silent else self._heads(thing, device.knows[thing]),
        )
        device.kept.append(fact)
        self.product.write(fact, at=self.now)
        if device.lost_at is not None:
            device.after_loss.add(fact.id)

    def lose(self, device: Device) -> None:
        """Let a device be lost and revoked, now and then: what it tells of later times is kept aside."""
        if device.lost_at is None and self.chance.random() < 0.3:
            device.lost_at = self.now

    def _may_be_told_of(self, thing: str, known: int) -> bool:
        """Tell whether a device may tell of a thing: an envelope, or a bag that it knows to be closed."""
        is_item = self.model.kinds[thing] == "item"
        return is_item or any(step.word == "seal" for step in self.model.steps[thing][:known])

    def _heads(self, thing: str, known: int) -> tuple[bytes, ...]:
        """Return the last things a device knew: the last command, which knew all before it, and what came after."""
        heads: list[bytes] = []
        for step in reversed(self.model.steps[thing][:known]):
            heads.append(step.id)
            if not step.device:
                break
        return tuple(heads)

    def send(self, device: Device) -> None:
        """Send some of what a device keeps, in any order, some of it twice, some of what it sent before."""
        if not device.kept:
            return
        batch = self.chance.sample(device.kept, k=self.chance.randint(1, len(device.kept)))
        again = self.chance.sample(device.sent, k=min(len(device.sent), self.chance.choice((0, 0, 1, 3))))
        lines = [*batch, *again, *self.chance.sample(batch, k=self.chance.choice((0, 0, 1)))]
        self.chance.shuffle(lines)
        self.model.hear([fact for fact in lines if fact.id not in device.after_loss])
        answers = self.product.hear(lines, at=self.now, revoked_at=device.lost_at)
        kept = {fact.id: answer in KNOWN for fact, answer in zip(lines, answers, strict=True)}
        if any(kept[number] is (number in device.after_loss) for number in kept):
            raise Broken(f"{device.code} sent {len(lines)} lines and was answered {[a.value for a in answers]}")
        self.told.quarantined += len(device.after_loss & {fact.id for fact in batch})
        device.kept = [fact for fact in device.kept if fact not in batch]
        device.sent += batch
        self.told.facts += len(batch)
        self._must_agree(f"facts of {device.owner}: {[(f.word, f.thing) for f in lines]}")

    # --- what somebody might do ---------------------------------------------------------------------------------------

    def _drawn(self, word: str) -> Op | None:
        """Return an operation of a kind that makes sense, sometimes one that does not, None when there is none."""
        op = DRAWN[word](self)
        if op is None or self.chance.random() > WRONG:
            return op
        return self._spoilt(op)

    def _spoilt(self, op: Op) -> Op:
        """Return an operation by somebody else, of other things, or to somewhere else."""
        whims: list[Callable[[], Op]] = [lambda: replace(op, who=self.somebody(op.word))]
        if op.things and op.word != "register" and self.items():
            whims.append(lambda: replace(op, things=(self.chance.choice(self.items()), *op.things[1:])))
        if op.to and op.word != "register":
            whims.append(lambda: replace(op, to=self.chance.choice(self.keys)))
        return self.chance.choice(whims)()

    def somebody(self, word: str, key: str = "") -> Person:
        """Return one of those who answer for a key, or anybody; only the post enters what was signed in ink."""
        names = [n for n in self.names if word != "paper" or n in people.POST_PEOPLE]
        fitting = [n for n in names if not key or people.PERSONS[n].answers_for(key)]
        return people.PERSONS[self.chance.choice(fitting or names or sorted(people.POST_PEOPLE))]

    def items(self) -> list[str]:
        return [thing for thing, kind in self.model.kinds.items() if kind == "item"]

    def free(self) -> list[str]:
        """Return the items that lie before somebody of this world, in no bag and not offered."""
        states = {thing: self.model.state(thing) for thing in self.items()}
        return [t for t, s in states.items() if not (s.is_over or s.bag or s.offered_to) and s.holder in self.keys]

    def one(self, things: Sequence[str]) -> str:
        return self.chance.choice(things) if things else ""


def _named(conflicts: Sequence[tuple[str, bytes]]) -> list[tuple[str, str]]:
    return sorted((kind, number.hex()[:8]) for kind, number in conflicts)


def _answers(person: Person) -> Iterator[str]:
    yield from person.keys
    if person.is_postman:
        yield person.name


def _shown(op: Op) -> str:
    more = {"to": op.to, "record": op.record, "bag": op.bag, "declined": sorted(op.declined)}
    return f"{op.who.name} {op.word} {' '.join(op.things)} { ({k: v for k, v in more.items() if v}) }"


# --- the operations of a world ----------------------------------------------------------------------------------------


def _register(world: World) -> Op | None:
    if len(world.model.kinds) >= world.most_items:
        return None
    key = world.chance.choice(world.keys)
    thing = codes.mint(CodeKind.ITEM, below=world.chance.randrange).text
    return Op(
        word="register",
        who=world.somebody("register", key),
        things=(thing,),
        to=key,
        destination=world.chance.choice(people.DESTINATIONS),
    )


def _of_free(word: str) -> Callable[[World], Op | None]:
    def drawn(world: World) -> Op | None:
        thing = world.one(world.free())
        if not thing:
            return None
        who = world.somebody(word, world.model.holder(thing))
        return Op(word=word, who=who, things=(thing,), to=world.chance.choice(world.keys))

    return drawn


def _seal(world: World) -> Op | None:
    thing = world.one([thing for thing in world.free() if not world.model.state(thing).is_sealed])
    who = world.somebody("seal", world.model.holder(thing)) if thing else None
    return Op(word="seal", who=who, things=(thing,)) if who else None


def _offer(world: World) -> Op | None:
    free = world.free()
    if not free:
        return None
    holder = world.model.holder(world.chance.choice(free))
    ready = [t for t in free if world.model.holder(t) == holder and world.model.state(t).is_sealed] or free
    return Op(
        word="offer",
        who=world.somebody("offer", holder),
        things=tuple(world.chance.sample(ready, k=world.chance.randint(1, min(5, len(ready))))),
        to=world.chance.choice(world.keys),
        record=f"G{world.told.operations}",
    )


def _sign(word: str) -> Callable[[World], Op | None]:
    def drawn(world: World) -> Op | None:
        waiting = [r for r, record in world.model.records.items() if not record.is_closed and world.model.waiting(r)]
        chosen = world.one(waiting)
        if not chosen:
            return None
        record = world.model.records[chosen]
        is_some = word != "recall" and world.chance.random() < 0.25
        declined = world.chance.sample(record.things, k=world.chance.randint(0, len(record.things))) if is_some else ()
        who = world.somebody(word, record.to if word == "accept" else record.giver)
        return Op(word=word, who=who, record=chosen, declined=frozenset(declined))

    return drawn


def _move(world: World) -> Op | None:
    own = [n for n in world.names if len(people.PERSONS[n].keys) > 1]
    held = [(n, t) for n in own for t in world.free() if people.PERSONS[n].answers_for(world.model.holder(t))]
    if not held:
        return None
    name, thing = world.chance.choice(held)
    to = world.chance.choice(sorted(people.PERSONS[name].keys))
    return Op(word="move", who=people.PERSONS[name], things=(thing,), to=to)


def _take_over(world: World) -> Op | None:
    thing, key = world.one(world.items()), world.chance.choice([key for key in world.keys if ":" in key])
    return Op(word="take over", who=world.somebody("take over", key), things=(thing,), to=key) if thing else None


def _start_bag(world: World) -> Op | None:
    """Begin a bag where something lies that can go into it; nobody packs many at a time."""
    ready = [thing for thing in world.free() if world.model.state(thing).is_sealed]
    thing = world.one([thing for thing in ready if ":" in world.model.holder(thing)])
    if not thing or sum(not state.is_sealed for state in _bags(world).values()) >= MOST_BAGS:
        return None
    key, is_transit = world.model.holder(thing), world.chance.random() < 0.5
    place = world.chance.choice(people.HUBS) if is_transit else world.model.destinations[thing]
    bag = codes.mint(CodeKind.BAG, below=world.chance.randrange).text
    who = world.somebody("start bag", key)
    return Op(word="start bag", who=who, bag=bag, to=key, destination=place, is_transit=is_transit)


def _bags(world: World) -> dict[str, State]:
    """Return the bags that lie before somebody, not offered."""
    states = {bag: world.model.state(bag) for bag, kind in world.model.kinds.items() if kind == "bag"}
    return {bag: s for bag, s in states.items() if not (s.offered_to or s.is_emptied) and s.holder in world.keys}


def _pack(world: World) -> Op | None:
    bag = world.one([bag for bag, state in _bags(world).items() if not state.is_sealed])
    if not bag:
        return None
    model, holder = world.model, world.model.holder(bag)
    own = [t for t in world.free() if model.holder(t) == holder and model.state(t).is_sealed]
    on_way = [t for t in own if bag in model.transit or model.destinations[t] == model.destinations[bag]]
    things = on_way if on_way and world.chance.random() > WRONG else own
    if not things:
        return None
    chosen = world.chance.sample(things, k=world.chance.randint(1, min(8, len(things))))
    return Op(word="pack", who=world.somebody("pack", holder), things=tuple(chosen), bag=bag)


def _unpack(world: World) -> Op | None:
    bag = world.one([bag for bag, state in _bags(world).items() if not state.is_sealed])
    thing = world.one(sorted(world.model.contents(bag))) if bag else ""
    if not thing:
        return None
    return Op(word="unpack", who=world.somebody("unpack", world.model.holder(bag)), things=(thing,), bag=bag)


def _seal_bag(world: World) -> Op | None:
    open_ = [bag for bag, state in _bags(world).items() if not state.is_sealed]
    filled = [bag for bag in open_ if world.model.contents(bag)]
    bag = world.one(filled if filled and world.chance.random() > WRONG else open_)
    return Op(word="seal bag", who=world.somebody("seal bag", world.model.holder(bag)), bag=bag) if bag else None


def _offer_bag(world: World) -> Op | None:
    ready = {bag: state for bag, state in _bags(world).items() if state.is_sealed}
    if not ready:
        return None
    holder = ready[world.one(sorted(ready))].holder
    own = [bag for bag, state in ready.items() if state.holder == holder]
    return Op(
        word="offer",
        who=world.somebody("offer", holder),
        things=tuple(world.chance.sample(own, k=world.chance.randint(1, min(3, len(own))))),
        to=world.chance.choice(world.keys),
        record=f"G{world.told.operations}",
    )


def _receive_bag(world: World) -> Op | None:
    bag = world.one([bag for bag, state in _bags(world).items() if state.is_sealed])
    if not bag:
        return None
    inside, others = sorted(world.model.contents(bag)), world.items()
    is_whole = world.chance.random() < 0.2
    found = [thing for thing in inside if not is_whole and world.chance.random() > SELDOM]
    extra = world.chance.sample(others, k=1) if world.chance.random() < SELDOM else []
    return Op(
        word="receive bag",
        who=world.somebody("receive bag", world.model.holder(bag)),
        bag=bag,
        things=tuple(dict.fromkeys([*found, *extra])),
        is_intact=world.chance.random() > SELDOM,
        damaged=frozenset(thing for thing in found if world.chance.random() < SELDOM),
        unchecked=frozenset(inside) if is_whole else frozenset(),
    )


DRAWN: dict[str, Callable[[World], Op | None]] = {
    "register": _register,
    "seal": _seal,
    "offer": _offer,
    "accept": _sign("accept"),
    "paper": _sign("paper"),
    "recall": _sign("recall"),
    "move": _move,
    "take over": _take_over,
    "missing": _of_free("missing"),
    "damaged": _of_free("damaged"),
    "found": _of_free("found"),
    "deliver": _of_free("deliver"),
    "start bag": _start_bag,
    "pack": _pack,
    "unpack": _unpack,
    "seal bag": _seal_bag,
    "offer bag": _offer_bag,
    "receive bag": _receive_bag,
}
"""How an operation of each kind is drawn."""

OFFLINE: dict[str, Callable[[World, Device], None]] = {
    "sync": World.sync,
    "note": World.note,
    "send": World.send,
    "lose": World.lose,
}
"""What devices do."""

WEIGHTS = {
    "register": 14,
    "seal": 12,
    "offer": 14,
    "accept": 14,
    "paper": 3,
    "recall": 3,
    "move": 3,
    "take over": 2,
    "missing": 1,
    "damaged": 1,
    "found": 2,
    "deliver": 2,
    "start bag": 6,
    "pack": 16,
    "unpack": 1,
    "seal bag": 6,
    "offer bag": 9,
    "receive bag": 10,
    "sync": 6,
    "note": 16,
    "send": 6,
    "lose": 1,
}
"""How often each kind is tried."""
