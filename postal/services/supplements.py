"""Papers that are missing: brought to any counter, in halves, on different days; each half is an envelope of its own.

The file stays where it is. Whoever brings the papers need not be the one who handed the dossier in.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from postal.domain import calendars, codes, item, permissions, supplements
from postal.domain.codes import CodeKind
from postal.domain.dossier import Dossier
from postal.domain.events import ItemKind, MoneyLedger, PaperCount, Payment
from postal.domain.item import Item
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.refusals import Refused
from postal.services import arranging, destinations, money, registration
from postal.services.registration import NoPapers, PaperEntry
from postal.store import Ledger, Store

POSTAGE_BASIS = "Cước gửi giấy tờ bổ sung"
ALL_BROUGHT = "Giấy tờ đã mang đến bưu cục"
"""Why nobody fetches papers any more that were asked for."""


class NotASupplement(Refused):
    """Only papers that were brought later are given back one envelope at a time."""

    code = "not_a_supplement"
    vi = "{item} không phải bì bổ sung. Muốn hủy cả hồ sơ, mở hồ sơ rồi chọn “Hủy hồ sơ tại quầy”."
    en = "{item} holds no supplement. To void the whole dossier, open the dossier."


@dataclass(frozen=True, kw_only=True, slots=True)
class BroughtPaper:
    """A paper that somebody brought: which line of the request it answers, and how many of each form."""

    asked: int
    originals: int = 0
    certified: int = 0
    copies: int = 0
    to_return: bool = False

    @property
    def total(self) -> int:
        """Return how many documents were counted."""
        return self.originals + self.certified + self.copies


def take_in(
    store: Store,
    code: str,
    lines: Sequence[BroughtPaper],
    *,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
    seal: str = "",
    weight_g: int | None = None,
    postage: int = 0,
    request: str = "",
) -> Item:
    """Take papers that the authority asked for at any counter, into an envelope for its desk.

    Postage is cash, in whole đồng. `request` is the form's number: the same number again changes nothing.

    Raises: NoPapers, supplements.NothingAskedFor, AllBrought, NotAskedFor, destinations.NoCounter, RequestMismatch,
    Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.TAKE_SUPPLEMENT)
    content = repr((code, tuple(lines), seal, weight_g, postage))
    with store.begin(at=at) as ledger:
        done = ledger.requests.answer(request, content=content)
        if done is not None:
            return ledger.item(done)
        dossier = ledger.lock_dossier(code)
        supplements.must_be_missing(dossier, ledger.items_of(code), [line.asked for line in lines])
        if not lines or not all(line.total for line in lines):
            raise NoPapers
        made = _envelope(ledger, dossier, lines, weight_g=weight_g, by=by, at=at, below=below)
        if not supplements.still_missing(dossier, ledger.items_of(code)):
            arranging.call_off(ledger, dossier, reason=ledger.texts.put(code, ALL_BROUGHT), by=by, at=at)
        if seal:
            made = ledger.append(made, made.close_seal(seal=seal, by=by, at=at))
        if postage:
            _take_postage(ledger, dossier, postage, by=by, at=at, below=below)
        ledger.requests.settle(request, content=content, answer=made.code)
        return made


def give_back(store: Store, code: str, *, reason: str, by: Actor, at: datetime) -> Item:
    """Void an envelope of asked papers that has not left the counter; its lines are missing again.

    Raises: NotASupplement, AlreadyLeft, NotCustodian, NotNow, Forbidden, UnknownCode.
    """
    permissions.require(by, Permission.TAKE_SUPPLEMENT)
    with store.begin(at=at) as ledger:
        found = ledger.item(code)
        if found.kind is not ItemKind.SUPPLEMENT:
            raise NotASupplement(item=codes.shown(code))
        return ledger.append(found, found.void(reason=ledger.texts.put(found.dossier, reason), by=by, at=at))


def _envelope(
    ledger: Ledger,
    dossier: Dossier,
    lines: Sequence[BroughtPaper],
    *,
    weight_g: int | None,
    by: Actor,
    at: datetime,
    below: Callable[[int], int],
) -> Item:
    code = codes.mint(CodeKind.ITEM, below=below).text
    event = item.register(
        code=code,
        kind=ItemKind.SUPPLEMENT,
        dossier=dossier.code,
        destination=destinations.authority_of(ledger, dossier, on=calendars.local(at).date()),
        custodian=destinations.counter_of(ledger, by),
        papers=_counted(lines),
        weight_g=weight_g,
        contents=ledger.texts.put(dossier.code, registration.names_of(_named(ledger, dossier, lines))),
        by=by,
        at=at,
    )
    return ledger.begin(Item, code, event)


def _counted(lines: Sequence[BroughtPaper]) -> tuple[PaperCount, ...]:
    return tuple(
        PaperCount(
            line=number,
            originals=line.originals,
            certified=line.certified,
            copies=line.copies,
            to_return=line.to_return,
            asked=line.asked,
        )
        for number, line in enumerate(lines, start=1)
    )


def _named(ledger: Ledger, dossier: Dossier, lines: Sequence[BroughtPaper]) -> list[PaperEntry]:
    """Return the papers under the names that the request gives them."""
    asked = supplements.read(ledger.texts.get([dossier.reason]).get(dossier.reason, "")).papers
    return [PaperEntry(name=asked[line.asked - 1].name if line.asked <= len(asked) else "") for line in lines]


def _take_postage(
    ledger: Ledger, dossier: Dossier, amount: int, *, by: Actor, at: datetime, below: Callable[[int], int]
) -> None:
    money.collect(
        ledger,
        dossier,
        account=MoneyLedger.POSTAGE,
        amount=amount,
        payment=Payment.CASH,
        basis=POSTAGE_BASIS,
        by=by,
        at=at,
        below=below,
        at_once=True,
    )
