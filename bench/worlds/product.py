"""The product as a world drives it: each operation of the judge as a call of the services that the pages call."""

import json
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text

from bench.worlds import people
from bench.worlds.model import Fact, Op
from postal.domain import chain, facts, item
from postal.domain.events import Condition, DeclineReason, ItemKind, Misfit, PaperCount, Receiver
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.refusals import Refused
from postal.services import bags, custody, incidents
from postal.services import facts as fact_services
from postal.services.facts import Outcome
from postal.store import Store

DOSSIER = "7K2M49RTBQ"

_MARKS = {
    Misfit.NOT_THE_HOLDER: "handover_by_non_holder",
    Misfit.AFTER_THE_END: "scan_after_delivery",
    Misfit.ACCEPT_WITHOUT_OFFER: "accept_without_offer",
    Misfit.DOUBLE_CUSTODY: "double_custody",
    Misfit.LABEL_CLONE: "label_clone_suspect",
}
"""The conflicts that the rules name, in the words of the judge."""

_CONDITION = {False: Condition.SOUND, True: Condition.DAMAGED}

MARKS = frozenset(_MARKS.values())

WORDS = {"offer": "handed_over", "accept": "accepted", "decline": "declined", "move": "moved"}
"""What a device says for each word of the judge."""


@dataclass(kw_only=True)
class Product:
    """A store and the codes under which the product keeps the records that the judge calls by other names."""

    store: Store
    chance: random.Random
    records: dict[str, str] = field(default_factory=dict)
    numbers: dict[bytes, bytes] = field(default_factory=dict)
    written: dict[bytes, object] = field(default_factory=dict)

    # --- what is done -------------------------------------------------------------------------------------------------

    def do(self, op: Op, *, at: datetime) -> str:
        """Do an operation; return the code of the refusal, empty when it was done."""
        try:
            _CALLS[op.word](self, op, people.ACTORS[op.who.name], at)
        except Refused as refused:
            return refused.code
        return ""

    def hear(self, told: Sequence[Fact], *, at: datetime, revoked_at: datetime | None = None) -> list[Outcome]:
        """Send what one device wrote down and return the answers; `revoked_at` when the device was lost."""
        by = replace(people.ACTORS[told[0].who.name], device=told[0].device)
        sent = [facts.read(self.written[fact.id]) for fact in told]
        answers = fact_services.record_facts(self.store, sent, by=by, at=at, revoked_at=revoked_at)
        return [answer.outcome for answer in answers]

    def write(self, fact: Fact, *, at: datetime) -> None:
        """Write a fact down on its device as it will be sent, however often."""
        self.written[fact.id] = self._raw(fact, at)

    def record(self, op: Op) -> str:
        """Return the product's code of a record; one that was never drawn up has none."""
        return self.records.get(op.record, "G5R2X6VTHC")

    @property
    def below(self) -> Callable[[int], int]:
        """Return the source of chance that codes are drawn from."""
        return self.chance.randrange

    def _raw(self, fact: Fact, at: datetime) -> object:
        """Return a fact as a device writes it; what it knew goes by the product's numbers."""
        said: dict[str, Any] = {
            "id": fact.id.hex(),
            "kind": WORDS[fact.word],
            "item": fact.thing,
            "device_seq": fact.seq,
            "occurred_at": at.isoformat(),
        }
        if fact.to:
            said["to"] = fact.to
        if fact.word == "decline":
            said["reason"] = DeclineReason.DAMAGED.value
        if fact.parents is not None:
            said["parents"] = [self.numbers.get(parent, parent).hex() for parent in fact.parents]
        return json.loads(json.dumps(said))

    # --- what is there ------------------------------------------------------------------------------------------------

    def items(self) -> dict[str, dict[str, Any]]:
        """Return the stored rows of all items, as the database has them."""
        query = text("SELECT code, custody, custodian_key, offered_to FROM item ORDER BY code")
        with self.store.read() as reader:
            return {row.code: dict(row._mapping) for row in reader.rows(query)}  # noqa: SLF001 - a row as a mapping

    def conflicts(self, thing: str) -> list[tuple[str, bytes]]:
        """Return what the product marks in the facts about a thing, in the words of the judge."""
        with self.store.read() as reader:
            reads = [read for *_, read in reader.reads([thing])]
        return [(_MARKS[why], step.id) for why, step in chain.conflicts(reads) if step.is_fact and why in _MARKS]

    def differences(self, things: Collection[str]) -> list[str]:
        """Return where the stored rows of some things are not what their events say."""
        with self.store.read() as reader:
            streams = list(reader.inspection.streams(things))
        return [f"{each.family} {each.code}: {what}" for each in streams for what in each.differences]

    def explained(self, thing: str) -> set[str]:
        """Return every custodian that an event of a thing names."""
        with self.store.read() as reader:
            events = [event for *_, event in reader.events([thing])]
        named = [getattr(event, name, None) for event in events for name in ("custodian", "to", "holder")]
        return {custodian.key for custodian in named if custodian is not None}

    def events(self) -> dict[str, list[bytes]]:
        """Return the numbers of all events, thing by thing, in the order in which they came."""
        query = text("SELECT stream, id FROM event WHERE family IN ('item', 'bag') ORDER BY stream, version")
        found: dict[str, list[bytes]] = {}
        with self.store.read() as reader:
            for row in reader.rows(query):
                found.setdefault(row.stream, []).append(bytes(row.id))
        return found


# --- one call a word --------------------------------------------------------------------------------------------------


def _register(product: Product, op: Op, by: Actor, at: datetime) -> None:
    event = item.register(
        code=op.things[0],
        kind=ItemKind.OUTBOUND,
        dossier=DOSSIER,
        destination=people.destination(op.destination),
        custodian=people.custodian(op.to),
        papers=(PaperCount(line=1, originals=1),),
        by=by,
        at=at,
    )
    with product.store.begin(at=at) as ledger:
        ledger.begin(Item, op.things[0], event)


def _seal(product: Product, op: Op, by: Actor, at: datetime) -> None:
    custody.seal(product.store, op.things[0], seal="881245", by=by, at=at)


def _offer(product: Product, op: Op, by: Actor, at: datetime) -> None:
    to = people.custodian(op.to)
    record = custody.offer(product.store, op.things, to=to, by=by, at=at, below=product.below)
    product.records[op.record] = record.code


def _accept(product: Product, op: Op, by: Actor, at: datetime) -> None:
    custody.accept(product.store, product.record(op), by=by, at=at, declined=_declined(op))


def _paper(product: Product, op: Op, by: Actor, at: datetime) -> None:
    custody.sign_on_paper(
        product.store,
        product.record(op),
        signed_at=at,
        signer="Người ký",
        photo=b"",
        by=by,
        at=at,
        declined=_declined(op),
    )


def _recall(product: Product, op: Op, by: Actor, at: datetime) -> None:
    custody.recall(product.store, product.record(op), by=by, at=at)


def _move(product: Product, op: Op, by: Actor, at: datetime) -> None:
    custody.move(product.store, op.things, to=people.custodian(op.to), by=by, at=at)


def _take_over(product: Product, op: Op, by: Actor, at: datetime) -> None:
    custody.take_over(product.store, op.things[0], to=people.custodian(op.to), reason="đến tận nơi", by=by, at=at)


def _missing(product: Product, op: Op, by: Actor, at: datetime) -> None:
    custody.report_missing(product.store, op.things[0], by=by, at=at)


def _damaged(product: Product, op: Op, by: Actor, at: datetime) -> None:
    custody.report_damaged(product.store, op.things[0], by=by, at=at)


def _found(product: Product, op: Op, by: Actor, at: datetime) -> None:
    incidents.settle_trouble(product.store, op.things[0], by=by, at=at)


def _deliver(product: Product, op: Op, by: Actor, at: datetime) -> None:
    with product.store.begin(at=at) as ledger:
        thing = ledger.item(op.things[0])
        event = thing.deliver(
            receiver=Receiver.ADDRESSEE,
            identity_checked=True,
            authorisation_shown=False,
            proof="sealed",
            run="",
            by=by,
            at=at,
        )
        ledger.append(thing, event)


def _start_bag(product: Product, op: Op, by: Actor, at: datetime) -> None:
    bags.start(
        product.store,
        code=op.bag,
        destination=people.destination(op.destination),
        custodian=people.custodian(op.to),
        is_transit=op.is_transit,
        by=by,
        at=at,
    )


def _pack(product: Product, op: Op, by: Actor, at: datetime) -> None:
    bags.pack(product.store, op.bag, op.things, by=by, at=at)


def _unpack(product: Product, op: Op, by: Actor, at: datetime) -> None:
    bags.take_out(product.store, op.bag, op.things, by=by, at=at)


def _seal_bag(product: Product, op: Op, by: Actor, at: datetime) -> None:
    bags.seal(product.store, op.bag, seal="550017", by=by, at=at)


def _receive_bag(product: Product, op: Op, by: Actor, at: datetime) -> None:
    found = {code: _CONDITION[code in op.damaged] for code in op.things}
    bags.receive(
        product.store,
        op.bag,
        seal_seen="550017",
        is_intact=op.is_intact,
        found=found,
        unchecked=op.unchecked,
        by=by,
        at=at,
        below=product.below,
    )


def _declined(op: Op) -> dict[str, DeclineReason]:
    return dict.fromkeys(sorted(op.declined), DeclineReason.DAMAGED)


_CALLS: dict[str, Callable[[Product, Op, Actor, datetime], None]] = {
    "register": _register,
    "seal": _seal,
    "offer": _offer,
    "accept": _accept,
    "paper": _paper,
    "recall": _recall,
    "move": _move,
    "take over": _take_over,
    "missing": _missing,
    "damaged": _damaged,
    "found": _found,
    "deliver": _deliver,
    "start bag": _start_bag,
    "pack": _pack,
    "unpack": _unpack,
    "seal bag": _seal_bag,
    "receive bag": _receive_bag,
}
