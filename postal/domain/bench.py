"""The scan bench: what a list of scans amounts to when a bag is packed, counted, or a trip is loaded.

A bench keeps the scans as they came, one a line, commands among them. This fold is what decides; the browser does the
same sum to answer at once, and a page without scripts sends its textarea through it. Nothing is dropped: a line that
was not taken says why.

>>> task = Task(work=Work.RECEIVE, of=("P3FHJ8QXV9",), seal="881245")
>>> lines = [Read(shown="881245", seal="881245"), Read(shown="P3FHJ-8QXV9", thing="P3FHJ8QXV9", verdict=Verdict.OK)]
>>> judge(task, lines).signing
'Ký nhận 1/1'
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum

from postal.domain import codes
from postal.domain.codes import ALPHABET
from postal.domain.commands import Command
from postal.domain.events import Condition
from postal.domain.policies import WholeBag
from postal.domain.refusals import Refused


class Work(Enum):
    """What is done at a bench."""

    PACK = "pack"
    RECEIVE = "receive"
    LOAD = "load"
    PILE = "pile"


class Tone(Enum):
    """How a row looks: green, blue, red, amber."""

    DONE = "done"
    MOVING = "moving"
    PROBLEM = "problem"
    WAITS = "needs_citizen"


class Verdict(Enum):
    """What came of one scan: there is exactly one row for each."""

    OK = "ok"
    FULL = "full"
    DUP = "dup"
    CHECK = "check"
    UNKNOWN = "unknown"
    STRANGER = "stranger"
    WRONG_PLACE = "wrong-place"
    UNSEALED = "unsealed"
    ELSEWHERE = "elsewhere"
    OTHER = "other"
    SEAL = "seal"
    SEAL_DIFFERS = "seal-differs"
    EXTRA = "extra"
    DAMAGED = "damaged"
    MISPLACED = "misplaced"
    MISSING = "missing"
    UNDO = "undo"
    REPRINT = "reprint"
    NOTHING = "nothing"
    NEED_SEAL = "need-seal"
    SHORT = "short"
    END = "end"


TONES: Mapping[Verdict, Tone] = {
    Verdict.OK: Tone.DONE,
    Verdict.FULL: Tone.DONE,
    Verdict.DUP: Tone.MOVING,
    Verdict.CHECK: Tone.PROBLEM,
    Verdict.UNKNOWN: Tone.PROBLEM,
    Verdict.STRANGER: Tone.PROBLEM,
    Verdict.WRONG_PLACE: Tone.PROBLEM,
    Verdict.UNSEALED: Tone.PROBLEM,
    Verdict.ELSEWHERE: Tone.PROBLEM,
    Verdict.OTHER: Tone.PROBLEM,
    Verdict.SEAL: Tone.DONE,
    Verdict.SEAL_DIFFERS: Tone.PROBLEM,
    Verdict.EXTRA: Tone.WAITS,
    Verdict.DAMAGED: Tone.WAITS,
    Verdict.MISPLACED: Tone.WAITS,
    Verdict.MISSING: Tone.WAITS,
    Verdict.UNDO: Tone.MOVING,
    Verdict.REPRINT: Tone.MOVING,
    Verdict.NOTHING: Tone.MOVING,
    Verdict.NEED_SEAL: Tone.WAITS,
    Verdict.SHORT: Tone.WAITS,
    Verdict.END: Tone.DONE,
}

REFUSED = frozenset(
    {
        Verdict.CHECK,
        Verdict.UNKNOWN,
        Verdict.STRANGER,
        Verdict.WRONG_PLACE,
        Verdict.UNSEALED,
        Verdict.ELSEWHERE,
        Verdict.OTHER,
    }
)
"""What was not taken and is set aside."""

MAY_BE_EXTRA = frozenset({Verdict.UNKNOWN, Verdict.STRANGER})

_ASIDE = "Để riêng, quét mã THỪA để ghi lại."
_COMMON: Mapping[Verdict, str] = {
    Verdict.DUP: "Đã quét {when} – không cộng thêm",
    Verdict.CHECK: "Mã sai 1 ký tự: {code} Quét lại.",
    Verdict.UNKNOWN: f"Chưa có mã này trong hệ thống. {_ASIDE}",
    Verdict.OTHER: "Đây không phải mã bưu gửi. Quét mã trên nhãn phong bì (bắt đầu bằng P).",
    Verdict.SEAL: "Niêm phong {seal}: đúng số.",
    Verdict.UNDO: "Đã bỏ lượt quét {code}.",
    Verdict.NOTHING: "Chưa có lượt quét nào để dùng lệnh này. Quét bưu gửi trước, rồi quét lệnh.",
    Verdict.END: "{signing}.",
    Verdict.NEED_SEAL: "Quét hoặc gõ số trên dây niêm phong.",
}
SENTENCES: Mapping[Work, Mapping[Verdict, str]] = {
    Work.RECEIVE: {
        **_COMMON,
        Verdict.OK: "Đã nhận {code} · {count}/{of}",
        Verdict.FULL: "Đã nhận {code}. Đủ {of}/{of}. Quét XONG hoặc nhấn F10 để ký nhận.",
        Verdict.STRANGER: f"Không có trong bảng kê túi {{bag}}. {_ASIDE}",
        Verdict.SEAL_DIFFERS: "Niêm phong không khớp: trên túi {seal}, bảng kê {listed}. Quét lại số trên dây, "
        "hoặc cứ quét bưu gửi: ký nhận sẽ lập biên bản.",
        Verdict.EXTRA: "Đã ghi thừa {code}. Sẽ lập biên bản.",
        Verdict.DAMAGED: "Đã ghi rách, ướt: {code}. Sẽ lập biên bản.",
        Verdict.MISPLACED: "Đã ghi sai nơi: {code}. Sẽ lập biên bản.",
        Verdict.MISSING: "Đã ghi thiếu {short}. Quét XONG hoặc nhấn F10 để ký nhận.",
        Verdict.SHORT: "Còn {short} chưa quét. Quét tiếp, hoặc quét XONG lần nữa: {signing}.",
    },
    Work.PACK: {
        **_COMMON,
        Verdict.OK: "Đã bỏ vào túi {code} · {count}",
        Verdict.WRONG_PLACE: "Sai điểm đến: {place}. Không bỏ vào túi này.",
        Verdict.UNSEALED: "{code} chưa niêm phong. Niêm phong rồi quét lại.",
        Verdict.ELSEWHERE: "Để riêng. {code} đang do {place} giữ, chưa bàn giao.",
        Verdict.UNKNOWN: "Chưa có mã này trong hệ thống. Xem lại nhãn; nếu vẫn vậy, để riêng.",
        Verdict.SEAL: "Số niêm phong {seal}. Nhấn F9 hoặc quét XONG để đóng túi.",
        Verdict.REPRINT: "In lại nhãn túi.",
        Verdict.NOTHING: "Lệnh này không dùng được lúc này. Quét bưu gửi bỏ vào túi.",
    },
    Work.LOAD: {
        **_COMMON,
        Verdict.OK: "Đã xếp túi {code} · {count}/{of}",
        Verdict.FULL: "Đã xếp túi {code}. Đủ {of}/{of}. Quét XONG hoặc nhấn F10 để bàn giao.",
        Verdict.WRONG_PLACE: "Sai điểm đến: {place}. Không xếp túi này lên chuyến.",
        Verdict.UNSEALED: "Túi {code} chưa niêm phong. Đóng túi rồi quét lại.",
        Verdict.ELSEWHERE: "Để riêng. Túi {code} đang do {place} giữ.",
        Verdict.UNKNOWN: "Chưa có mã này trong hệ thống. Xem lại nhãn; nếu vẫn vậy, để riêng.",
        Verdict.OTHER: "Đây không phải mã túi. Quét mã trên nhãn túi (bắt đầu bằng T).",
        Verdict.NOTHING: "Lệnh này không dùng được lúc này. Quét túi lên chuyến.",
    },
    Work.PILE: {
        **_COMMON,
        Verdict.OK: "{place}",
        Verdict.ELSEWHERE: "{place}",
        Verdict.UNKNOWN: "Chưa có mã này trong hệ thống. Xem lại nhãn; nếu vẫn vậy, để riêng.",
        Verdict.OTHER: "Đây không phải mã của hồ sơ, bưu gửi hay túi. Để riêng.",
        Verdict.NOTHING: "Lệnh này không dùng được lúc này. Quét hồ sơ, bưu gửi hoặc túi.",
    },
}
"""The words of every row, by what is done at the bench; a page gives them to its script as they are."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Read:
    """One line, read without regard to the others. `seal` is set when it may be the number of a seal.

    `thing` is the code of what it means, `verdict` what that is to this bench, `place` the name a sentence tells with
    it. `shown` never is a person's number. `sentence` stands in the stead of the bench's own words, `goes_to` is the
    page where the thing is dealt with.
    """

    shown: str
    thing: str = ""
    verdict: Verdict = Verdict.OTHER
    place: str = ""
    sentence: str = ""
    seal: str = ""
    command: Command | None = None
    goes_to: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Task:
    """What a bench is set to: what is expected, the seal on the list, and whether a bag may be taken whole.

    `sample` must be seen before it is. `given` is a seal that was ticked or typed into its own field.
    """

    work: Work
    of: tuple[str, ...] = ()
    bag: str = ""
    seal: str = ""
    given: str = ""
    is_broken: bool = False
    whole: WholeBag = WholeBag.OFF
    sample: tuple[str, ...] = ()

    @property
    def asks_seal(self) -> bool:
        """Tell whether a seal belongs to this work."""
        return self.work in (Work.PACK, Work.RECEIVE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """What came of one line."""

    line: int
    shown: str
    thing: str
    verdict: Verdict
    sentence: str
    goes_to: str = ""

    @property
    def tone(self) -> Tone:
        """How the row looks."""
        return TONES[self.verdict]


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What the scans amount to so far. `pending` is the last one refused that THỪA may record."""

    counted: Mapping[str, Condition] = field(default_factory=dict)
    extra: Mapping[str, Condition] = field(default_factory=dict)
    seal: str = ""
    pending: str = ""
    last: str = ""
    was_asked: bool = False
    is_confirmed: bool = False
    end: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Judged:
    """A whole list of scans: a row each, the tally, and the words of the button that signs."""

    task: Task
    rows: tuple[Row, ...]
    tally: Tally

    @property
    def missing(self) -> tuple[str, ...]:
        """Return what is expected and was not scanned."""
        return missing_of(self.task, self.tally)

    @property
    def differs(self) -> bool:
        """Tell whether the seal read is not the one of the list, or hurt."""
        return self.task.work is Work.RECEIVE and seal_differs(self.task, self.tally)

    @property
    def signing(self) -> str:
        """Return the words of the button that signs."""
        return signing(self.task, self.tally)

    @property
    def has_refused(self) -> bool:
        """Tell whether a line was not taken, not even as an extra one afterwards."""
        return any(row.verdict in REFUSED and row.thing not in self.tally.extra for row in self.rows)

    @property
    def is_whole(self) -> bool:
        """Tell whether what was not seen is received with the bag."""
        return self.tally.end == "whole"

    @property
    def is_ready(self) -> bool:
        """Tell whether there is enough to sign for: a seal was read where one belongs, and something else scanned."""
        if self.task.work is Work.RECEIVE:
            return bool(self.tally.seal) or self.task.is_broken
        return bool(self.tally.counted) and (bool(self.tally.seal) or self.task.work is not Work.PACK)

    @property
    def can_be_whole(self) -> bool:
        """Tell whether what was not scanned may be received unseen with the bag."""
        asked = replace(self.tally, is_confirmed=False)
        return self.task.work is Work.RECEIVE and self.is_ready and _next_end(self.task, asked) == "whole"

    def taken_whole(self) -> Judged:
        """Return the same count with what was not scanned received unseen."""
        return replace(self, tally=replace(self.tally, end="whole")) if self.can_be_whole else self

    @property
    def is_complete(self) -> bool:
        """Tell whether nothing is left to ask: everything is there, or the differences were confirmed."""
        if self.task.work is Work.RECEIVE:
            return bool(self.tally.end) or (self.is_ready and not self.missing and not self.differs)
        return self.is_ready


def judge(task: Task, reads: Sequence[Read]) -> Judged:
    """Fold the lines of a bench, in their order, into a row each and the tally. Never raises."""
    begun = Tally(seal=task.given)
    steps: list[tuple[Tally, str]] = []
    at: dict[str, int] = {}
    rows: list[Row] = []
    tally = begun
    for line, read in enumerate(reads, start=1):
        if read.command is Command.UNDO:
            after, shown = steps.pop() if steps else (tally, "")
            verdict = Verdict.UNDO if shown else Verdict.NOTHING
            fields = {"code": shown}
        else:
            steps.append((tally, read.command.label if read.command else read.shown))
            after, verdict, fields = _step(task, _moving_on(task, tally, read), read)
        fields = {"when": f"ở dòng {at.get(read.thing, line)}", "place": read.place, **fields}
        own = read.sentence if verdict is read.verdict else ""
        sentence = own or say(task, after, verdict, fields)
        to = read.goes_to
        rows.append(Row(line=line, shown=read.shown, thing=read.thing, verdict=verdict, sentence=sentence, goes_to=to))
        if verdict in (Verdict.OK, Verdict.FULL):
            at[read.thing] = line
        tally = after
    return Judged(task=task, rows=tuple(rows), tally=tally)


def say(task: Task, tally: Tally, verdict: Verdict, fields: Mapping[str, str]) -> str:
    """Return the sentence of a row."""
    missing = missing_of(task, tally)
    known = {
        "code": "",
        "count": str(len(tally.counted)),
        "of": str(len(task.of)),
        "bag": codes.shown(task.bag),
        "seal": tally.seal,
        "listed": task.seal,
        "short": short(missing),
        "signing": signing(task, replace(tally, end=_next_end(task, tally) if verdict is Verdict.SHORT else tally.end)),
        **fields,
    }
    return SENTENCES[task.work][verdict].format(**known)


def short(missing: Sequence[str]) -> str:
    """Return how many are missing and the first of them: `2: 7K2M4-9RTBQ, …`."""
    named = ", ".join(codes.shown(code) for code in missing[:_MOST_NAMED])
    return f"{len(missing)}: {named}{', …' if len(missing) > _MOST_NAMED else ''}"


_MOST_NAMED = 3


def missing_of(task: Task, tally: Tally) -> tuple[str, ...]:
    """Return what is expected and was not scanned."""
    return tuple(code for code in task.of if code not in tally.counted)


def seal_differs(task: Task, tally: Tally) -> bool:
    """Tell whether the seal is hurt, or its number is not the one of the list."""
    return task.is_broken or (bool(tally.seal) and tally.seal != capitals(task.seal))


def signing(task: Task, tally: Tally) -> str:
    """Return the words of the button that signs: how many of how many, and every difference."""
    count = len(tally.counted)
    if task.work is Work.PACK:
        return f"Đóng túi {count} bưu gửi, niêm phong {tally.seal}"
    if task.work is Work.LOAD:
        return f"Bàn giao chuyến {count} túi"
    if task.work is Work.PILE:
        return f"Bàn giao {count} bưu gửi"
    missing = len(missing_of(task, tally))
    if tally.end == "whole":
        return f"Nhận nguyên túi {len(task.of)}, {missing} chưa kiểm"
    conditions = [*tally.counted.values(), *tally.extra.values()]
    named = {
        "thiếu": missing,
        "thừa": len(tally.extra),
        "rách, ướt": conditions.count(Condition.DAMAGED),
        "sai nơi": conditions.count(Condition.WRONG_PLACE),
    }
    parts = "".join(f", {word} {number}" for word, number in named.items() if number)
    return f"Ký nhận {count}/{len(task.of)}{parts}{', niêm phong không khớp' if seal_differs(task, tally) else ''}"


# --- one line ---------------------------------------------------------------------------------------------------------

_Step = tuple[Tally, Verdict, dict[str, str]]


def _moving_on(task: Task, tally: Tally, read: Read) -> Tally:
    """Return the tally before its next line: what XONG asked holds until then only, except for a seal of packing."""
    still_asks = task.work is Work.PACK or read.command is Command.DONE
    return replace(tally, end="", was_asked=tally.was_asked and still_asks)


def _step(task: Task, tally: Tally, read: Read) -> _Step:
    if read.command is not None:
        doing = _DOING.get(read.command)
        return doing(task, tally) if doing else (tally, Verdict.NOTHING, {})
    if read.seal and _awaits_seal(task, tally):
        return _seal(task, tally, read.seal)
    return _thing(task, tally, read)


def _awaits_seal(task: Task, tally: Tally) -> bool:
    """A seal is read before the first envelope, again until then, or later when it was forgotten."""
    if task.work is Work.PACK:
        return True
    return task.asks_seal and (not tally.seal or not (tally.counted or tally.extra))


def _seal(task: Task, tally: Tally, number: str) -> _Step:
    after = replace(tally, seal=number)
    if task.work is Work.PACK and tally.was_asked and tally.counted:
        return replace(after, end="sign", was_asked=False), Verdict.END, {}
    after = replace(after, was_asked=False)
    if task.work is Work.RECEIVE and seal_differs(task, after):
        return after, Verdict.SEAL_DIFFERS, {}
    return after, Verdict.SEAL, {}


def _thing(task: Task, tally: Tally, read: Read) -> _Step:
    shown = {"code": read.shown}
    if read.thing and (read.thing in tally.counted or read.thing in tally.extra):
        return tally, Verdict.DUP, shown
    if read.verdict is not Verdict.OK:
        pending = read.thing if read.verdict in MAY_BE_EXTRA and task.work is Work.RECEIVE else ""
        return replace(tally, pending=pending), read.verdict, shown
    counted = {**tally.counted, read.thing: Condition.SOUND}
    after = replace(tally, counted=counted, last=read.thing, pending="", was_asked=False, is_confirmed=False)
    is_full = Verdict.FULL in SENTENCES[task.work] and not missing_of(task, after)
    return after, Verdict.FULL if is_full else Verdict.OK, shown


def _extra(task: Task, tally: Tally) -> _Step:
    """Record what was refused just now as lying in the bag."""
    if task.work is not Work.RECEIVE or not tally.pending:
        return tally, Verdict.NOTHING, {}
    extra = {**tally.extra, tally.pending: Condition.SOUND}
    after = replace(tally, extra=extra, last=tally.pending, pending="")
    return after, Verdict.EXTRA, {"code": codes.shown(tally.pending)}


def _condition(condition: Condition, verdict: Verdict) -> Callable[[Task, Tally], _Step]:
    def note(task: Task, tally: Tally) -> _Step:
        """Note how the last envelope taken looks."""
        if task.work is not Work.RECEIVE or not tally.last:
            return tally, Verdict.NOTHING, {}
        noted = {tally.last: condition}
        if tally.last in tally.extra:
            after = replace(tally, extra={**tally.extra, **noted})
        else:
            after = replace(tally, counted={**tally.counted, **noted})
        return after, verdict, {"code": codes.shown(tally.last)}

    return note


def _missing(task: Task, tally: Tally) -> _Step:
    """Say that what was not scanned is not there."""
    if task.work is not Work.RECEIVE or not missing_of(task, tally):
        return tally, Verdict.NOTHING, {}
    return replace(tally, is_confirmed=True, was_asked=False), Verdict.MISSING, {}


def _reprint(task: Task, tally: Tally) -> _Step:
    """Print the label again, where there is one to print: the browser does it."""
    return tally, Verdict.REPRINT if Verdict.REPRINT in SENTENCES[task.work] else Verdict.NOTHING, {}


def _done(task: Task, tally: Tally) -> _Step:
    if task.work is Work.RECEIVE:
        return _done_receiving(task, tally)
    if not tally.counted:
        return tally, Verdict.NOTHING, {}
    if task.work is Work.PACK and not tally.seal:
        return replace(tally, was_asked=True), Verdict.NEED_SEAL, {}
    return replace(tally, end="sign"), Verdict.END, {}


def _done_receiving(task: Task, tally: Tally) -> _Step:
    if not tally.seal and not task.is_broken:
        return tally, Verdict.NEED_SEAL, {}
    end = _next_end(task, tally)
    has_to_ask = (missing_of(task, tally) and not tally.is_confirmed) or seal_differs(task, tally)
    is_fast = end == "whole" and task.whole is WholeBag.ALWAYS and not tally.counted
    if has_to_ask and not tally.was_asked and not is_fast:
        return replace(tally, was_asked=True), Verdict.SHORT, {}
    return replace(tally, end=end, was_asked=False), Verdict.END, {}


def _next_end(task: Task, tally: Tally) -> str:
    """Return what signing now would mean: the bag whole where the place allows it and nobody said some are gone."""
    unseen = [code for code in task.sample if code not in tally.counted]
    allows = task.whole is WholeBag.ALWAYS or (task.whole is WholeBag.SAMPLE and not unseen)
    is_whole = allows and missing_of(task, tally) and not tally.is_confirmed and not seal_differs(task, tally)
    return "whole" if is_whole else "sign"


_DOING: Mapping[Command, Callable[[Task, Tally], _Step]] = {
    Command.DONE: _done,
    Command.EXTRA: _extra,
    Command.REPRINT: _reprint,
    Command.MISSING: _missing,
    Command.DAMAGED: _condition(Condition.DAMAGED, Verdict.DAMAGED),
    Command.WRONG_PLACE: _condition(Condition.WRONG_PLACE, Verdict.MISPLACED),
}


# --- seals ------------------------------------------------------------------------------------------------------------

_SEAL = re.compile(r"[0-9A-Z](?:[0-9A-Z./-]{0,30}[0-9A-Z])?")
_LIKE_OTHERS = re.compile(r"[A-Z]{2}[0-9]{9}[A-Z]{2}|[0-9A-Z.]+-[0-9A-Z]+-[0-9A-Z]+")
"""The post's own numbers and the authority's codes."""


def capitals(text: str) -> str:
    """Return a seal as it is compared: no spaces, letters in upper case."""
    return codes.capitals("".join(text.split()))


def seal_in(text: str) -> str:
    """Return the number of a seal a line may be, empty when it is like a code of ours, the authority's or the post's.

    >>> seal_in("881245"), seal_in("vn 0012-7"), seal_in("P3FHJ-8QXV0")
    ('881245', 'VN0012-7', '')
    """
    number, symbols = capitals(text), codes.squeezed(text)
    is_like_ours = (
        len(symbols) in (9, 10, 11) and symbols[0] in ALPHABET and sum(s not in ALPHABET for s in symbols) < 2
    )
    has_letter = any(symbol.isalpha() for symbol in symbols)
    if not _SEAL.fullmatch(number) or (is_like_ours and has_letter) or _LIKE_OTHERS.fullmatch(number):
        return ""
    return "" if _is_ours(number) else number


def _is_ours(text: str) -> bool:
    try:
        codes.parse(text)
    except Refused:
        return False
    return True
