"""One scan at a bench: what a code is to a bag that is packed or counted, to a trip, or in a pile of anything."""

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from postal.domain import bench, codes, commands, garbling, scans
from postal.domain.bag import Bag
from postal.domain.bench import Read, Verdict
from postal.domain.codes import CodeKind
from postal.domain.dispatch import BagNotSealed, Dispatch
from postal.domain.dossier import Dossier
from postal.domain.item import Item, NotSealed, OtherDestination
from postal.domain.lifecycle import UnknownCode
from postal.domain.people import Actor, Custodian
from postal.domain.refusals import Refused
from postal.domain.scans import Card, Official, OurCode, Phone, PostalNumber, ReceiptSecret, Scan
from postal.domain.status import Tone
from postal.queries import scans as scan_queries
from postal.store import Reader, Store
from postal.store.tables import DossierRow, ItemRow, table_of

LONGEST_ECHO = 32


def read_pile(store: Store, text: str, *, actor: Actor, at: datetime) -> Read:
    """Return the instruction for one scan of a pile; people are looked up in the scan box, not here."""
    try:
        scan = scans.read_scan(text)
    except Refused as refused:
        return _slip(text, refused)
    if isinstance(scan, OurCode) and (command := commands.of(scan.code)):
        return Read(shown=command.label, command=command)
    if isinstance(scan, Card | Phone | scans.Words):
        return Read(shown=_private(scan))
    try:
        answer = scan_queries.look_up(store, scan, actor=actor, at=at).answer
    except UnknownCode:
        shown = str(scan.code) if isinstance(scan, OurCode) else _echo(text)
        return Read(shown=shown, verdict=Verdict.UNKNOWN)
    except Refused as refused:
        return _slip(text, refused)
    if answer is None:
        return Read(shown=_echo(text), sentence="Nhiều hồ sơ cùng mã này. Quét mã trên nhãn bưu gửi.")
    is_problem = answer.instruction.tone is Tone.PROBLEM
    return Read(
        shown=answer.title,
        thing=codes.squeezed(answer.title),
        verdict=Verdict.ELSEWHERE if is_problem else Verdict.OK,
        place=answer.instruction.sentence,
        sentence=answer.instruction.sentence,
        goes_to=answer.instruction.href,
    )


def read_all(lines: Sequence[str], at_bench: "Bench") -> list[Read]:
    """Read the lines of a bench, each for itself."""
    return [read(line, at_bench) for line in lines]


def read(text: str, at_bench: "Bench") -> Read:
    """Read a line without regard to the others; what a seal may be keeps both meanings."""
    seal = bench.seal_in(text) if at_bench.has_seal else ""
    try:
        scan = scans.read_scan(text)
    except Refused as refused:
        return Read(shown=_echo(text), seal=seal) if seal else _slip(text, refused)
    if isinstance(scan, OurCode) and (command := commands.of(scan.code)):
        return Read(shown=command.label, command=command)
    if isinstance(scan, Card | Phone | scans.Words):
        return Read(shown=seal or _private(scan), seal=seal)
    return at_bench.read(scan)


def _slip(text: str, refused: Refused) -> Read:
    return Read(shown=_echo(text), verdict=Verdict.CHECK, sentence=str(refused))


def _private(scan: Scan) -> str:
    """Return what may be shown of a scan that is no code: never the number of a person."""
    match scan:
        case Card():
            return "số căn cước"
        case Phone():
            return "số điện thoại"
        case scans.Words(text=text):
            return _echo(text)
        case _:
            return ""


def _echo(text: str) -> str:
    """Return a few characters of what was scanned; of what looks like a person's card nothing."""
    return "số căn cước" if "|" in text else text[:LONGEST_ECHO]


class Bench:
    """Reads a scan at one bench."""

    has_seal = False

    def __init__(self, reader: Reader) -> None:
        self.reader = reader

    def read(self, scan: Scan) -> Read:
        """Return what a code is here."""
        if isinstance(scan, OurCode) and scan.code.kind in (CodeKind.ITEM, CodeKind.BAG):
            return self.read_code(scan.code.text)
        found = _items_of(self.reader, scan)
        if not found:
            shown = str(scan.code) if isinstance(scan, OurCode) else ""
            return Read(shown=shown, verdict=Verdict.UNKNOWN) if _is_thing(scan) else Read(shown=shown)
        expected = [item for item in found if self.expects(item)]
        return self.read_item((expected or found)[0])

    def read_code(self, code: str) -> Read:
        """Return what the code of an item or a bag is here."""
        item = self.reader.thing(Item, code)
        if item is None:
            is_item = code.startswith(CodeKind.ITEM.value)
            verdict = Verdict.UNKNOWN if is_item else Verdict.OTHER
            return Read(shown=codes.shown(code), thing=code if is_item else "", verdict=verdict)
        return self.read_item(item)

    def expects(self, item: Item) -> bool:
        """Tell whether an envelope is expected here."""
        raise NotImplementedError

    def read_item(self, item: Item) -> Read:
        """Return what an envelope is here."""
        raise NotImplementedError


class Packing(Bench):
    has_seal = True

    def __init__(self, reader: Reader, bag: Bag, actor: Actor, at: datetime) -> None:
        super().__init__(reader)
        self.bag, self.actor, self.at = bag, actor, at

    def expects(self, item: Item) -> bool:
        return self.read_item(item).verdict is Verdict.OK

    def read_item(self, item: Item) -> Read:
        """Let the item itself say whether it may go into this bag."""
        verdict, place, sentence = Verdict.OK, "", ""
        if item.bag == self.bag.code:
            verdict, sentence = Verdict.DUP, f"{codes.shown(item.code)} đã ở trong túi này – không cộng thêm"
        else:
            verdict, place = _why_not(
                lambda: item.pack(bag=self.bag, by=self.actor, at=self.at), item.custodian, item.destination.name
            )
        return Read(shown=codes.shown(item.code), thing=item.code, verdict=verdict, place=place, sentence=sentence)


class Counting(Bench):
    has_seal = True

    def __init__(self, reader: Reader, bag: Bag, inside: Collection[str]) -> None:
        super().__init__(reader)
        self.bag, self.inside = bag, inside

    def expects(self, item: Item) -> bool:
        return item.code in self.inside

    def read_item(self, item: Item) -> Read:
        """Return whether an envelope stands on the list, else on whose it does."""
        shown = codes.shown(item.code)
        if self.expects(item):
            return Read(shown=shown, thing=item.code, verdict=Verdict.OK)
        where = f"Thuộc túi {codes.shown(item.bag)}." if item.bag else f"Phải đến {item.destination.name}."
        sentence = (
            f"Không có trong bảng kê túi {codes.shown(self.bag.code)}. {where} Để riêng, quét mã THỪA để ghi lại."
        )
        return Read(shown=shown, thing=item.code, verdict=Verdict.STRANGER, sentence=sentence)


class Loading(Bench):
    def __init__(self, reader: Reader, trip: Dispatch, actor: Actor, at: datetime) -> None:
        super().__init__(reader)
        self.trip, self.actor, self.at = trip, actor, at

    def expects(self, item: Item) -> bool:
        """Tell whether an envelope is expected: a trip takes bags only."""
        return item.code in self.trip.bags

    def read_item(self, item: Item) -> Read:
        """Return the words for an envelope: it travels in a bag."""
        return Read(shown=codes.shown(item.code))

    def read_code(self, code: str) -> Read:
        """Return what a bag is to this trip."""
        bag = self.reader.thing(Bag, code)
        if bag is None:
            is_bag = code.startswith(CodeKind.BAG.value)
            return Read(shown=codes.shown(code), verdict=Verdict.UNKNOWN if is_bag else Verdict.OTHER)
        return self.read_bag(bag)

    def read_bag(self, bag: Bag) -> Read:
        """Let the trip itself say whether it takes this bag."""
        sentence = ""
        if bag.code in self.trip.bags:
            verdict, place = Verdict.DUP, ""
            sentence = f"Túi {codes.shown(bag.code)} đã ở trên chuyến này – không cộng thêm"
        elif not self.actor.acts_for(bag.custodian):
            verdict, place = Verdict.ELSEWHERE, str(bag.custodian)
        else:
            verdict, place = _why_not(
                lambda: self.trip.load([bag], by=self.actor, at=self.at), bag.custodian, bag.destination.name
            )
        return Read(shown=codes.shown(bag.code), thing=bag.code, verdict=verdict, place=place, sentence=sentence)


_VERDICTS: dict[type[Refused], Verdict] = {
    NotSealed: Verdict.UNSEALED,
    BagNotSealed: Verdict.UNSEALED,
    OtherDestination: Verdict.WRONG_PLACE,
}


def _why_not(ask: Callable[[], object], holder: Custodian, destination: str) -> tuple[Verdict, str]:
    """Return the verdict on what the domain is asked, and the name that its sentence tells."""
    try:
        ask()
    except Refused as refused:
        verdict = _VERDICTS.get(type(refused), Verdict.ELSEWHERE)
        return verdict, destination if verdict is Verdict.WRONG_PLACE else str(holder)
    return Verdict.OK, ""


def _items_of(reader: Reader, scan: Scan) -> list[Item]:
    """Return the envelopes a code of a dossier, an official code, a receipt or a postal number may mean."""
    match scan:
        case OurCode(code=code):
            return reader.items_of(code.text) if code.kind is CodeKind.DOSSIER else []
        case ReceiptSecret(raw=raw):
            dossier = reader.receipts.dossier_of(codes.encode_secret(raw))
            return reader.items_of(dossier) if dossier else []
        case Official(code=official):
            table = table_of(DossierRow)
            wanted = select(table.c.state).where(table.c.official_code.in_(garbling.twins(official.text)))
            return [item for dossier in reader.things(Dossier, wanted) for item in reader.items_of(dossier.code)]
        case PostalNumber(number=number):
            items = table_of(ItemRow)
            meant = select(items.c.state).where(items.c.postal_number.in_(garbling.twins(number.text)))
            return reader.things(Item, meant)
        case _:
            return []


def _is_thing(scan: Scan) -> bool:
    """Tell whether a code names an envelope or its dossier, known here or not."""
    return not isinstance(scan, OurCode) or scan.code.kind is CodeKind.DOSSIER
