"""What giving one item asks for: whose identity, which money, which papers for the authority."""

from dataclasses import dataclass

from postal.domain import recovering
from postal.domain.dossier import Dossier
from postal.domain.events import MoneyLedger
from postal.domain.item import NEEDS_IDENTITY, Item
from postal.store import Reader

LEDGER_NAMES: dict[MoneyLedger, str] = {MoneyLedger.POSTAGE: "Cước", MoneyLedger.FEES: "Phí, lệ phí"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Needs:
    """What is asked of whoever takes an item. `sums` are name and amount in đồng; `papers` are to be got back."""

    identity: bool = True
    sums: tuple[tuple[str, int], ...] = ()
    papers: tuple[str, ...] = ()

    @property
    def total(self) -> int:
        """Return what is to be collected, whole đồng."""
        return sum(amount for _, amount in self.sums)

    @property
    def must_pay(self) -> bool:
        """Tell whether the item stays with the post until it is paid."""
        return self.identity and bool(self.total)


def of_item(reader: Reader, item: Item, dossier: Dossier | None) -> Needs:
    """Return what giving an item asks for."""
    text = reader.texts.get([item.recover]).get(item.recover, "")
    return Needs(
        identity=item.kind in NEEDS_IDENTITY,
        sums=sums_of(dossier) if dossier else (),
        papers=recovering.names(text, count=item.to_recover),
    )


def sums_of(dossier: Dossier) -> tuple[tuple[str, int], ...]:
    """Return what a dossier still owes, by ledger; nothing for what is paid."""
    owed = [(LEDGER_NAMES[account], dossier.money(account).owed) for account in MoneyLedger]
    return tuple((name, amount) for name, amount in owed if amount)
