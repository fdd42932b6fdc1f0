"""Proof on demand: every stream replayed against what is stored; custody and money judged from the facts alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from postal.domain import cash, codes, money_oracle, oracle, originals_oracle
from postal.domain.events import MoneyLedger
from postal.domain.money_oracle import Judgement, Sums
from postal.domain.oracle import Violation
from postal.services import proving, scans_kept
from postal.services.shelving import Shelf
from postal.store import Reader, Store
from postal.store.inspection import StoredStream


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """What was looked at and what does not fit; `mismatches` name the stream and the difference."""

    streams: int
    events: int
    mismatches: tuple[str, ...]
    custody_violations: tuple[Violation, ...]
    money_violations: tuple[Violation, ...] = ()
    money: tuple[Sums, ...] = ()
    originals_violations: tuple[Violation, ...] = ()
    originals_owed: int = 0
    originals_came: int = 0

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing was found."""
        wrong = (self.mismatches, self.custody_violations, self.money_violations, self.originals_violations)
        return not any(wrong)


def verify(store: Store, *, shelf: Shelf | None = None) -> Verification:
    """Replay every stream and compare it with its stored row; judge custody, money, proofs; all from one snapshot.

    With a shelf, every file that an event refers to is fetched and its hash computed again.
    """
    wrong_files = tuple(scans_kept.wrong(store, shelf))
    with store.read() as reader:
        streams = list(reader.inspection.streams())
        judged = money_oracle.judge(reader.inspection.facts_as_recorded(money_oracle.KINDS))
        papers = originals_oracle.judge(reader.inspection.facts_as_recorded(originals_oracle.KINDS))
        return Verification(
            streams=len(streams),
            events=sum(stream.events for stream in streams),
            mismatches=(
                *_mismatches(streams),
                *reader.inspection.wrong_postings(),
                *reader.inspection.wrong_register(),
                *_wrong_books(reader, judged),
                *proving.swapped(reader),
                *wrong_files,
            ),
            custody_violations=tuple(_custody_violations(reader)),
            money_violations=judged.violations,
            money=judged.sums,
            originals_violations=papers.violations,
            originals_owed=papers.owed,
            originals_came=papers.came,
        )


def custody_violations(store: Store) -> list[Violation]:
    """Judge custody, reading only the event table."""
    with store.read() as reader:
        return _custody_violations(reader)


def told(found: Verification) -> list[str]:
    """Return the finding as lines for a person."""
    lines = [f"Đã đối chiếu {found.streams} sổ, {found.events} sự việc."]
    lines += [f"KHÔNG KHỚP  {what}" for what in found.mismatches]
    for stream, violations in groupby(found.custody_violations, key=lambda violation: violation.stream):
        lines += [f"SAI NGƯỜI GIỮ  {codes.shown(stream)} bước {each.version}: {each.what}" for each in violations]
    lines += [
        f"SAI TIỀN  {codes.shown(each.stream)} bước {each.version}: {each.what}" for each in found.money_violations
    ]
    lines += [f"SAI BẢN CHÍNH  {codes.shown(each.stream)}: {each.what}" for each in found.originals_violations]
    lines += [_told_money(sums) for sums in found.money]
    lines.append(f"Bản chính phải trả người dân: {found.originals_came}, còn nợ {found.originals_owed}.")
    if not found.is_sound:
        return lines
    return [*lines, "Mọi sổ khớp; mỗi bưu gửi luôn có đúng một người giữ; mọi đồng khớp sổ."]


_LEDGERS = {"postage": "Cước", "fees": "Phí, lệ phí"}


def _told_money(sums: Sums) -> str:
    """Say where every đồng of a ledger is."""
    differences = f", chênh lệch khi kiểm quỹ {cash.grouped(sums.differences)} đ" if sums.differences else ""
    return (
        f"{_LEDGERS[sums.ledger]}: thu {cash.grouped(sums.collected)} đ, hoàn {cash.grouped(sums.refunded)} đ, "
        f"nộp cơ quan {cash.grouped(sums.remitted)} đ, đang giữ {cash.grouped(sums.held)} đ{differences}."
    )


def _wrong_books(reader: Reader, judged: Judgement) -> Iterator[str]:
    """Compare what the books say lies in each till with what the judge counted, and every ledger with nothing."""
    totals = reader.books.totals()
    held = {(where, ledger.value): amount for (where, ledger), amount in totals.items() if _is_ours(where)}
    for key in sorted({*held, *judged.held}):
        if held.get(key, 0) != judged.held.get(key, 0):
            yield f"{' '.join(key)}: the books say {held.get(key, 0)} đ, the events {judged.held.get(key, 0)} đ"
    for ledger in MoneyLedger:
        rest = sum(amount for (_, kind), amount in totals.items() if kind is ledger)
        if rest:
            yield f"{ledger.value}: the books do not add up to nothing, {rest} đ too much"
    for sums in judged.sums:
        if not sums.is_even:
            yield f"{sums.ledger}: what came in is not what went back, was remitted or lies here"


def _is_ours(account: str) -> bool:
    return account.startswith((cash.TILL, cash.BANK))


def _custody_violations(reader: Reader) -> list[Violation]:
    facts = reader.inspection.facts
    return oracle.custody_violations(facts("item"), positions=facts("position"), bags=facts("bag"))


def _mismatches(streams: list[StoredStream]) -> Iterator[str]:
    for stream in streams:
        for difference in stream.differences:
            yield f"{stream.family} {codes.shown(stream.code)}: {difference}"
