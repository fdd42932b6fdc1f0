"""Proof on demand: every stream replayed against what is stored, and custody judged from the event table alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from postal.domain import codes, oracle
from postal.domain.oracle import Violation
from postal.store import Reader, Store
from postal.store.inspection import StoredStream


@dataclass(frozen=True, kw_only=True, slots=True)
class Verification:
    """What was looked at and what does not fit; `mismatches` name the stream and the difference."""

    streams: int
    events: int
    mismatches: tuple[str, ...]
    custody_violations: tuple[Violation, ...]

    @property
    def is_sound(self) -> bool:
        """Tell whether nothing was found."""
        return not self.mismatches and not self.custody_violations


def verify(store: Store) -> Verification:
    """Replay every stream and compare it with its stored row; judge custody; all from one snapshot."""
    with store.read() as reader:
        streams = list(reader.inspection.streams())
        return Verification(
            streams=len(streams),
            events=sum(stream.events for stream in streams),
            mismatches=(*_mismatches(streams), *reader.inspection.wrong_postings()),
            custody_violations=tuple(_custody_violations(reader)),
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
    return lines if not found.is_sound else [*lines, "Mọi sổ khớp; mỗi bưu gửi luôn có đúng một người giữ."]


def _custody_violations(reader: Reader) -> list[Violation]:
    facts = reader.inspection.facts
    return oracle.custody_violations(facts("item"), positions=facts("position"))


def _mismatches(streams: list[StoredStream]) -> Iterator[str]:
    for stream in streams:
        for difference in stream.differences:
            yield f"{stream.family} {codes.shown(stream.code)}: {difference}"
