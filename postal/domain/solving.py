"""A plan that is worked out in a process of its own while people look: how far it has come and what came of it.

Whoever works on it shows a sign of life every second. Where that stays out, the work goes back and somebody else takes
it, a few times; then it is given up, and says so. The plan it began with is never touched by that.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from postal.domain.people import Author
from postal.domain.proposal import Proposal
from postal.domain.refusals import Refused
from postal.domain.whatif import Question

BEAT = timedelta(seconds=1)
"""How often progress is written, at most."""

SILENT = timedelta(seconds=20)
"""A worker that shows no sign of life for so long is gone."""

TRIES = 3
"""How often something is begun before it is given up."""


class Stage(Enum):
    """Where a solving stands."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    DONE = "done"
    FAILED = "failed"
    GIVEN_UP = "given_up"


OPEN = frozenset({Stage.WAITING, Stage.RUNNING, Stage.STOPPING})
"""Stages in which something may still come of it."""

AT_WORK = frozenset({Stage.RUNNING, Stage.STOPPING})
"""Stages in which a worker has it."""


class Fate(Enum):
    """What became of the result."""

    NONE = ""
    APPENDED = "appended"
    """It is a step of the proposal."""
    ASIDE = "aside"
    """Somebody had changed the board meanwhile: it waits to be looked at."""
    NO_BETTER = "no_better"
    """What was there is as good."""
    TO_SHOW = "to_show"
    """It answers a question and waits to be looked at."""
    DROPPED = "dropped"
    """Somebody looked and did not want it."""


WAITS_FOR_AN_ANSWER = frozenset({Fate.ASIDE, Fate.TO_SHOW})


class Trouble(Enum):
    """Why nothing came of it."""

    KILLED = "killed"
    BROKEN = "broken"
    SILENT = "silent"
    STOPPED_EARLY = "stopped_early"
    LOST_STOPPING = "lost_stopping"
    TOO_LATE = "too_late"


TROUBLE_NAMES: dict[Trouble, str] = {
    Trouble.KILLED: "Việc tính bị ngắt giữa chừng. Phương án đang có vẫn nguyên. Bấm “Tính tiếp” để thử lại.",
    Trouble.BROKEN: "Việc tính gặp trục trặc của phần mềm. Phương án đang có vẫn nguyên. Báo quản trị nếu lặp lại.",
    Trouble.SILENT: "Việc tính đã bị ngắt nhiều lần, nên dừng hẳn. Phương án đang có vẫn nguyên.",
    Trouble.STOPPED_EARLY: "Đã dừng trước khi bắt đầu tính. Phương án đang có vẫn nguyên.",
    Trouble.LOST_STOPPING: "Máy ngắt trước khi kịp giữ kết quả. Phương án đang có vẫn nguyên.",
    Trouble.TOO_LATE: "Phương án đã được chấp nhận trong lúc tính, nên kết quả này không dùng nữa.",
}


class UnknownSolving(Refused):
    """Nobody asked for this."""

    code = "unknown_solving"
    vi = "Không có lượt tính này. Mở lại phương án rồi bấm “Tính tiếp”."
    en = "There is no such solving. Open the proposal and start again."


class AlreadySolving(Refused):
    """One proposal is improved once at a time."""

    code = "already_solving"
    vi = "Phương án này đang được tính. Chờ tính xong, hoặc dừng lượt đang tính."
    en = "This proposal is being improved. Wait, or stop what is running."


class NothingToApply(Refused):
    """Only a result that waits for an answer can be applied, and only one that can be driven."""

    code = "nothing_to_apply"
    vi = "Kết quả này không áp dụng được nữa. Mở lại phương án để xem kết quả mới nhất."
    en = "This result cannot be applied any more. Open the proposal again."


class OnlyTried(Refused):
    """A stop that brings nothing is put on no run."""

    code = "only_tried"
    vi = "Điểm thêm chỉ để xem thử, chưa có bưu gửi nào. Nhập mã bưu gửi thật rồi xem thử lại mới áp dụng được."
    en = "The further stop is only tried and brings nothing. Ask again with the code of a real thing."


class BoardChanged(Refused):
    """A result is applied to the board it was compared with."""

    code = "board_changed"
    vi = "Bảng tuyến vừa được sửa. Chưa áp dụng gì. Xem lại các thay đổi so với bảng hiện nay rồi quyết định."
    en = "The board has just changed. Nothing was applied. Look at the changes against it as it is now."


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """What a plan comes to: what it leaves behind by how much that matters, then metres and seconds.

    `cost` is both with what it costs to leave habits: an area, a round, whoever had a stop.
    """

    legal: int = 0
    repeats: int = 0
    promised: int = 0
    usual: int = 0
    metres: int = 0
    seconds: int = 0
    cost: int = 0

    @property
    def rank(self) -> tuple[int, int, int, int, int]:
        """Return what plans are compared by: the smaller is the better one."""
        return self.legal, self.repeats, self.promised, self.usual, self.cost

    @property
    def left(self) -> int:
        """Return how many stops it leaves out, or serves too late."""
        return self.legal + self.repeats + self.promised + self.usual


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a solving has come: for how long, with what it began, and the best so far."""

    seconds: float
    iterations: int
    first: Tally
    best: Tally

    @property
    def gain(self) -> str:
        """Return in words what is better than at first."""
        if self.best.left < self.first.left:
            return f"đã xếp thêm {self.first.left - self.best.left} điểm"
        if percent := _percent_less(self.first.metres, self.best.metres):
            return f"đã giảm {percent}% km"
        if percent := _percent_less(self.first.seconds, self.best.seconds):
            return f"đã giảm {percent}% thời gian"
        return "chưa tốt hơn phương án đầu"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """Who wants what of which proposal, from which step of its board on; without a question it is to be better."""

    by: Author
    proposal: str
    base: int
    seconds: int
    question: Question | None = None

    @property
    def improves(self) -> bool:
        """Tell whether the plan itself is to become better."""
        return self.question is None


@dataclass(frozen=True, kw_only=True, slots=True)
class Result:
    """What came of a solving, and what it came to at `first` and at its `best`.

    `uneven` is how unevenly the hours lie between postmen, before and after, in hundredths: 0 is the same share of the
    own hours for everybody; None where nobody drives.
    """

    proposal: Proposal
    first: Tally
    best: Tally
    uneven: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Solving:
    """A solving as the register has it."""

    id: str
    asked: Asked
    asked_at: datetime
    stage: Stage
    worker: str
    tries: int
    beat_at: datetime | None
    ended_at: datetime | None
    progress: Progress | None
    result: Result | None
    fate: Fate
    step: int | None
    trouble: str

    @property
    def is_open(self) -> bool:
        """Tell whether something may still come of it."""
        return self.stage in OPEN

    @property
    def waits_for_an_answer(self) -> bool:
        """Tell whether a result is there that nobody has applied or dropped."""
        return self.fate in WAITS_FOR_AN_ANSWER

    @property
    def sentence(self) -> str:
        """Return in words where it stands."""
        return _SAID[self.stage](self)


def is_better(made: Result, *, than: Proposal) -> bool:
    """Tell whether a plan breaks fewer promises or leaves less behind than a board, or costs less with the same."""
    now, before = _kept_of(made.proposal), _kept_of(than)
    return now < before or (now == before and made.best.rank < made.first.rank)


def _kept_of(proposal: Proposal) -> tuple[int, int]:
    """Return how many promises a plan breaks and how many other stops it leaves behind."""
    late = sum(len(draft.late) for draft in proposal.drafts)
    promised = sum(each.is_promised for each in proposal.left)
    return promised + late, len(proposal.left) - promised


def _running(solving: Solving) -> str:
    if solving.progress is None:
        return "Bắt đầu tính."
    return f"Đang tính {solving.progress.seconds:.0f} giây – {solving.progress.gain}."


def _done(solving: Solving) -> str:
    return {
        Fate.APPENDED: "Đã dùng kết quả tốt nhất.",
        Fate.ASIDE: "Đã tính xong. Bảng tuyến được sửa trong lúc tính, nên kết quả để riêng, chưa áp dụng.",
        Fate.NO_BETTER: "Đã tính xong. Không tìm được phương án tốt hơn, giữ phương án đang có.",
        Fate.TO_SHOW: "Đã tính xong. Chưa áp dụng gì.",
        Fate.DROPPED: "Đã tính xong. Kết quả không được dùng.",
        Fate.NONE: "Đã tính xong.",
    }[solving.fate]


def _trouble(solving: Solving) -> str:
    return solving.trouble


_SAID = {
    Stage.WAITING: lambda _: "Đang chờ đến lượt tính.",
    Stage.RUNNING: _running,
    Stage.STOPPING: lambda _: "Đang dừng và lấy kết quả tốt nhất đã có.",
    Stage.DONE: _done,
    Stage.FAILED: _trouble,
    Stage.GIVEN_UP: _trouble,
}


def _percent_less(before: int, now: int) -> int:
    return round(100 * (before - now) / before) if before > now else 0
