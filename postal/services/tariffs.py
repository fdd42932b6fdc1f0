"""Keeping price tables: entered from a file, taken out as a file, withdrawn before they begin."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from importlib import resources
from typing import TypeVar

from postal.domain import calendars, permissions, tariffs
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.procedures import UnknownProcedure
from postal.domain.tariffs import PostagePrice, StateFee
from postal.services.catalogue import Imported
from postal.services.importing import table
from postal.services.importing.report import ImportReport, RowError
from postal.services.importing.tariffs import FEE_COLUMNS, POSTAGE, POSTAGE_COLUMNS, read_tariffs
from postal.store import Ledger, Store

P = TypeVar("P", bound=PostagePrice | StateFee)

_BYTE_ORDER_MARK = "\ufeff".encode()


def import_tariffs(
    store: Store, text: str | bytes, *, at: datetime, dry_run: bool = False, by: Actor | None = None
) -> Imported:
    """Enter a price table from a file: all of it, or, where one row is wrong, nothing. `by` is None at the terminal.

    Prices only hold together: a table that lacks a row would leave a weight or a day without a price.

    Raises: Forbidden.
    """
    if by is not None:
        permissions.require(by, Permission.MANAGE_CATALOGUE)
    report = read_tariffs(text)
    with store.begin(at=at) as ledger:
        ledger.tariffs.hold()
        entry = _Entry(ledger, report, by=by, dry_run=dry_run)
        if report.kind == POSTAGE:
            return entry.made(
                PostagePrice, [(row, price) for row, price in report.rows if isinstance(price, PostagePrice)]
            )
        fees = [(row, price) for row, price in report.rows if isinstance(price, StateFee)]
        return entry.made(StateFee, fees, wrong=_unknown_procedures(ledger, fees))


def withdraw(store: Store, key: str, *, by: Actor, at: datetime) -> str:
    """Withdraw the table of a price before it begins, and return its name; what it would have followed goes on.

    Raises: tariffs.PriceInUse, Forbidden.
    """
    permissions.require(by, Permission.MANAGE_CATALOGUE)
    on = calendars.local(at).date()
    with store.begin(at=at) as ledger:
        ledger.tariffs.hold()
        name = _withdrawn(ledger, PostagePrice, key, on=on) or _withdrawn(ledger, StateFee, key, on=on)
        if name:
            _note(ledger, by, what="tariff_withdrawn", subject="tariffs", detail=name)
        return name


def exported(store: Store, kind: str) -> bytes:
    """Return all prices of a kind, `postage` or `fees`, as a CSV that a spreadsheet reads and an import takes again."""
    with store.read() as reader:
        if kind == POSTAGE:
            return as_csv(POSTAGE_COLUMNS, map(_postage_row, reader.tariffs.all(PostagePrice)))
        return as_csv(FEE_COLUMNS, map(_fee_row, reader.tariffs.all(StateFee)))


def example(kind: str) -> bytes:
    """Return the example of a file of a kind, `postage` or `fees`; its sums are made up and say so."""
    return _BYTE_ORDER_MARK + (resources.files("postal") / "data" / "tariffs" / f"{kind}-example.csv").read_bytes()


def as_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as CSV in UTF-8 with a byte order mark; no cell is taken for a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([table.guarded(str(cell)) for cell in row] for row in rows)
    return _BYTE_ORDER_MARK + out.getvalue().encode()


def _postage_row(price: PostagePrice) -> tuple[object, ...]:
    words = (price.decision, price.basis, price.valid_from, price.valid_to or "")
    return (price.service.value, price.area, price.over_g, price.up_to_g, price.amount, *words)


def _fee_row(fee: StateFee) -> tuple[object, ...]:
    words = (fee.decision, fee.basis, fee.valid_from, fee.valid_to or "")
    return (fee.procedure, fee.version or "", fee.name, fee.case, fee.amount, *words)


class _Entry:
    """One file on its way into the tables of a kind."""

    def __init__(
        self,
        ledger: Ledger,
        report: ImportReport[tuple[int, PostagePrice | StateFee]],
        *,
        by: Actor | None,
        dry_run: bool,
    ) -> None:
        self.ledger = ledger
        self.report = report
        self.by = by
        self.dry_run = dry_run
        self.on = calendars.local(ledger.at).date()

    def made(self, kind: type[P], rows: Sequence[tuple[int, P]], *, wrong: Sequence[RowError] = ()) -> Imported:
        """Keep the rows unless one of them is wrong, and say what was done or would be."""
        known: tuple[P, ...] = self.ledger.tariffs.all(kind)
        new: list[P] = [price for _, price in rows]
        kept: tuple[P, ...]
        kept, problems = tariffs.beside(known, new, on=self.on)
        told: set[RowError] = {
            RowError(row=rows[place][0], column="", message=str(refused)) for place, refused in problems
        }
        if self.report.errors:  # rows are missing: what they leave open is no mistake of the others
            told = set()
        errors: tuple[RowError, ...] = tuple(
            sorted({*self.report.errors, *wrong, *told}, key=lambda error: (error.row, error.message))
        )
        if new and not errors and not self.dry_run:
            self.ledger.tariffs.put_all(kind, [*kept, *new])
            _note(self.ledger, self.by, what="tariffs_imported", subject=self.report.kind, detail=f"{len(new)} rows")
        same = sum(price in known for price in new)
        changed = len({old.key for old in known if old not in new} & {price.key for price in new})
        return Imported(
            kind=self.report.kind,
            read=self.report.read,
            added=0 if errors else len(new) - same - changed,
            changed=0 if errors else changed,
            unchanged=same,
            errors=errors,
            notes=(*self.report.notes, *_warnings(errors), *_closed(known, kept), *_backdated(rows, known, on=self.on)),
            dry_run=self.dry_run,
        )


def _unknown_procedures(ledger: Ledger, fees: Sequence[tuple[int, StateFee]]) -> list[RowError]:
    found: list[RowError] = []
    for row, fee in fees:
        known = {version.version for version in ledger.reference.versions(fee.procedure)}
        if not known:
            found.append(RowError(row=row, column="procedure", message=str(UnknownProcedure(procedure=fee.procedure))))
        elif fee.version and fee.version not in known:
            message = f"Thủ tục {fee.procedure} không có phiên bản {fee.version}. Để trống: áp dụng cho mọi phiên bản."
            found.append(RowError(row=row, column="version", message=message))
    return found


def _warnings(errors: Sequence[RowError]) -> Iterator[RowError]:
    if errors:
        yield RowError(row=1, column="", message="Bảng giá có dòng sai nên chưa nhập dòng nào. Sửa hết rồi nhập lại.")


def _closed(known: Sequence[P], kept: Sequence[P]) -> Iterator[RowError]:
    """Yield which tables end because a new one follows."""
    ends = {old.key: old.valid_to for old in known}
    closed = {each.table: each.valid_to for each in kept if each.valid_to != ends[each.key]}
    for name, last in sorted(closed.items()):
        yield RowError(row=1, column="", message=f"{name}: giá đang có hết hiệu lực sau ngày {last:%d/%m/%Y}.")


def _backdated(rows: Sequence[tuple[int, P]], known: Sequence[P], *, on: date) -> Iterator[RowError]:
    """Yield the rows that begin before today: what was taken since then stays as it was."""
    for row, price in rows:
        if price not in known and price.valid_from < on:
            message = f"Giá áp dụng từ {price.valid_from:%d/%m/%Y}, đã qua. Hồ sơ đã nhận giữ số tiền đã thu."
            yield RowError(row=row, column="valid_from", message=message)


def _withdrawn(ledger: Ledger, kind: type[P], key: str, *, on: date) -> str:
    known = ledger.tariffs.all(kind)
    price = next((each for each in known if each.key == key), None)
    if price is None:
        return ""
    ledger.tariffs.put_all(kind, tariffs.without(known, price.table, price.valid_from, on=on))
    return price.table


def _note(ledger: Ledger, by: Actor | None, *, what: str, subject: str, detail: str) -> None:
    account, place = (by.account, by.place) if by else ("terminal", "")
    ledger.audit.note(account=account, place=place, what=what, subject=subject, detail=detail)
