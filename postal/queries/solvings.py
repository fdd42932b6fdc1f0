"""What is being worked out for a proposal, how far it is, and what would change: as parts of the board and as pages."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from postal.domain import board, calendars, codes, comparing
from postal.domain.comparing import LEFT, Comparison, Figures
from postal.domain.people import Actor, Role
from postal.domain.proposal import Draft, LeftBehind, Proposal, UnknownProposal
from postal.domain.run import RunElsewhere
from postal.domain.solving import Fate, Solving, Stage, Tally, UnknownSolving
from postal.domain.whatif import TRIED, Question
from postal.queries import runs
from postal.store import Reader, Store
from postal.store.rounds import KeptProposal

ON_NO_RUN = "Để lại, chưa xếp"

TONES: dict[Stage, str] = {
    Stage.WAITING: "moving",
    Stage.RUNNING: "moving",
    Stage.STOPPING: "moving",
    Stage.DONE: "done",
    Stage.FAILED: "problem",
    Stage.GIVEN_UP: "needs_citizen",
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """A result that somebody has to look at, or a question that is being worked on."""

    id: str
    asked: str
    sentence: str
    is_open: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class SolvingPart:
    """How far the improving of a plan is. `percent` is of the time there is; `left` says what could not be placed."""

    proposal: str
    id: str
    sentence: str
    details: tuple[str, ...]
    percent: int
    tone: str
    is_open: bool
    can_stop: bool
    can_start: bool
    is_question: bool
    left: tuple[str, ...]
    left_stops: int
    answers: tuple[Answer, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangeLine:
    """A stop that changes hands, and why."""

    stop: str
    commune: str
    before: str
    after: str
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class FigureLine:
    """A figure of the day on the board, in the answer, and the difference; `is_worse` where less would be better."""

    name: str
    before: str
    after: str
    difference: str
    is_worse: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class LeftPrice:
    """A stop that would stay behind, why, and what would have to change."""

    stop: str
    commune: str
    why: str
    remedy: str
    is_promised: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangesPart:
    """What would change against the board as it is now, of which `seen` steps were taken."""

    seen: int
    headline: str
    reasons: tuple[str, ...]
    reordered: int
    figures: tuple[FigureLine, ...]
    changes: tuple[ChangeLine, ...]
    left: tuple[LeftPrice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class SolvingPage:
    """One solving: what was asked, how far it is, and what would change; None while there is no result."""

    part: SolvingPart
    asked: tuple[str, ...]
    is_question: bool
    changes: ChangesPart | None
    can_apply: bool
    only_tried: bool
    is_stale: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class QuestionPage:
    """What can be asked of a proposal: who may be absent, which communes may be closed or visited."""

    proposal: str
    place_name: str
    day: str
    postmen: tuple[tuple[str, str], ...]
    communes: tuple[tuple[str, str], ...]
    can_ask: bool


def of_board(reader: Reader, kept: KeptProposal) -> SolvingPart:
    """Return how far the improving of a board is, and which answers wait."""
    every = reader.solvings.of(kept.id)
    latest = next((each for each in every if each.asked.improves), None)
    return _part(kept, latest, answers=tuple(_answers(reader, kept, every)))


def progress_part(store: Store, number: str, *, actor: Actor) -> SolvingPart:
    """Return how far a solving is. Raises: UnknownSolving, UnknownProposal, RunElsewhere."""
    with store.read() as reader:
        found, kept = _found(reader, number, actor=actor)
        return _part(kept, found, answers=())


def solving_page(store: Store, number: str, *, actor: Actor) -> SolvingPage:
    """Return one solving with what would change. Raises: UnknownSolving, UnknownProposal, RunElsewhere."""
    with store.read() as reader:
        found, kept = _found(reader, number, actor=actor)
        question = found.asked.question
        waits = found.waits_for_an_answer and not kept.runs
        return SolvingPage(
            part=_part(kept, found, answers=()),
            asked=tuple(_words(reader, kept.proposal, question)) if question else (),
            is_question=question is not None,
            changes=_changes(reader, kept, found) if waits else None,
            can_apply=waits and (question is None or question.can_be_applied),
            only_tried=question is not None and not question.can_be_applied,
            is_stale=waits and kept.seen != found.asked.base,
        )


def question_page(store: Store, proposal: str, *, actor: Actor, at: datetime) -> QuestionPage:
    """Return what can be asked of a proposal. Raises: UnknownProposal, RunElsewhere."""
    with store.read() as reader:
        kept = _kept(reader, proposal, actor=actor)
        found = kept.proposal
        names = reader.accounts.names()
        drivers = dict.fromkeys(draft.postman for draft in found.drafts if draft.postman and draft.stops)
        return QuestionPage(
            proposal=proposal,
            place_name=_place_name(reader, found),
            day=calendars.written(found.day),
            postmen=tuple((name, names.get(name, name)) for name in drivers),
            communes=tuple(_communes(reader, found)),
            can_ask=not kept.runs and found.day >= calendars.local(at).date(),
        )


# --- how far it is ----------------------------------------------------------------------------------------------------


def _part(kept: KeptProposal, found: Solving | None, *, answers: tuple[Answer, ...]) -> SolvingPart:
    left = [each for each in kept.proposal.left if each.until is None]
    is_open = found is not None and found.is_open
    return SolvingPart(
        proposal=kept.id,
        id=found.id if found else "",
        sentence=_sentence(kept, found) if found else "",
        details=_details(found) if found else (),
        percent=_percent(found) if found else 0,
        tone=TONES[found.stage] if found else "done",
        is_open=is_open,
        can_stop=found is not None and found.stage in (Stage.WAITING, Stage.RUNNING),
        can_start=not is_open and not kept.runs and bool(kept.proposal.drafts),
        is_question=found is not None and not found.asked.improves,
        left=tuple(f"Không xếp được {count} điểm: {reason}." for reason, count in _by_reason(left).items()),
        left_stops=len(left),
        answers=answers,
    )


def _sentence(kept: KeptProposal, found: Solving) -> str:
    """Return where a solving stands; what was taken back on the board is not in use any more."""
    in_use = {taken.number for taken in board.in_force(kept.steps)}
    if found.fate is Fate.APPENDED and found.step not in in_use:
        return "Đã tính xong. Kết quả tốt nhất đã dùng rồi hoàn tác."
    return found.sentence


def _percent(found: Solving) -> int:
    if not found.is_open:
        return 100
    seconds = found.progress.seconds if found.progress else 0
    return min(99, round(100 * seconds / max(1, found.asked.seconds)))


def _details(found: Solving) -> tuple[str, ...]:
    """Return the first plan and the best so far in figures, while there is something to tell."""
    if found.progress is None or found.stage in (Stage.FAILED, Stage.GIVEN_UP):
        return ()
    first, best = found.progress.first, found.progress.best
    return (f"Phương án đầu: {_told(first)}.", f"Tốt nhất {'đến nay' if found.is_open else 'tìm được'}: {_told(best)}.")


def _told(tally: Tally) -> str:
    missing = f", {tally.left} điểm chưa xếp hoặc muộn hẹn" if tally.left else ""
    return f"{runs.kilometres(tally.metres)}, {runs.duration(tally.seconds)}{missing}"


def _by_reason(left: Iterable[LeftBehind]) -> Mapping[str, int]:
    return Counter(each.reason for each in left)


def _answers(reader: Reader, kept: KeptProposal, every: Iterable[Solving]) -> Iterable[Answer]:
    """Yield what waits for somebody to look at it, and the questions that are worked on."""
    for each in every:
        question = each.asked.question
        if kept.runs or not (each.waits_for_an_answer or (question is not None and each.is_open)):
            continue
        asked = "; ".join(_words(reader, kept.proposal, question)) if question else "Phương án tốt hơn, để riêng"
        yield Answer(id=each.id, asked=asked, sentence=each.sentence, is_open=each.is_open)


def _words(reader: Reader, found: Proposal, question: Question) -> Iterable[str]:
    """Yield what a question supposes, in words."""
    names, communes = reader.accounts.names(), reader.reference.units(sorted(question.communes), on=found.day)

    def commune(code: str) -> str:
        return communes[code].name if code in communes else code

    for absent in question.absent:
        yield f"Bưu tá {names.get(absent, absent)} vắng"
    for added in question.added:
        where = codes.shown(added.thing) if added.is_real else f"{commune(added.commune)}, {added.minutes} phút"
        yield f"Thêm điểm {where}"
    for closed in question.closed:
        where = (
            f"giữa {commune(closed.commune)} và {commune(closed.other)}" if closed.other else commune(closed.commune)
        )
        yield f"Đường bị chặn: {where}, bán kính {closed.radius_m} m"
    if question.keeps_rest:
        yield "Giữ nguyên mọi thứ khác"


# --- what would change ------------------------------------------------------------------------------------------------


def _changes(reader: Reader, kept: KeptProposal, found: Solving) -> ChangesPart | None:
    if found.result is None:
        return None
    made = found.result.proposal
    compared = comparing.compare(kept.proposal, made, question=found.asked.question)
    names = _Runs(reader, kept.proposal, made)
    lines = tuple(
        ChangeLine(
            stop=_shown(change.stop),
            commune=names.commune(change.commune),
            before=names.run(change.before),
            after=names.run(change.after),
            why=change.why,
        )
        for change in compared.changes
    )
    return ChangesPart(
        seen=kept.seen,
        headline=_headline(compared),
        reasons=tuple(
            f"{count} điểm từ {before} sang {after}: {why}" for (before, after, why), count in _counted(lines).items()
        ),
        reordered=compared.reordered,
        figures=tuple(_figures(compared.before, compared.after, uneven=found.result.uneven)),
        changes=lines,
        left=tuple(names.left(each) for each in made.left if each.until is None),
    )


def _headline(compared: Comparison) -> str:
    """Return in one sentence how much would change: 3 of 84 stops, because …."""
    count = len(compared.changes)
    if not count:
        return f"Không điểm nào trong {compared.stops} điểm đổi tuyến."
    whys = list(dict.fromkeys(change.why for change in compared.changes))
    return f"{count} trong {compared.stops} điểm đổi tuyến, vì {'; '.join(whys[:3])}."


def _counted(lines: Iterable[ChangeLine]) -> Mapping[tuple[str, str, str], int]:
    """Return how many stops go from one run to another for one reason, most first."""
    return dict(Counter((line.before, line.after, line.why) for line in lines).most_common())


def _figures(before: Figures, after: Figures, *, uneven: tuple[int, int] | None) -> Iterable[FigureLine]:
    yield _figure("Quãng đường", before.metres, after.metres, runs.kilometres)
    yield _figure("Thời gian trên đường và tại điểm", before.seconds, after.seconds, runs.duration)
    yield _figure("Điểm không xếp được", before.left, after.left, str)
    yield _figure("Trong đó đã đến hạn hoặc đã hẹn", before.left_promised, after.left_promised, str)
    yield _figure("Điểm đến muộn giờ hẹn", before.late, after.late, str)
    yield _figure("Chênh giờ giữa bưu tá nhiều nhất và ít nhất", before.difference, after.difference, runs.duration)
    if uneven is not None:
        yield _figure("Mức lệch giờ giữa các bưu tá (0 là đều)", *uneven, lambda value: f"{value}%")


def _figure(name: str, before: int, after: int, written: Callable[[int], str]) -> FigureLine:
    sign = "+" if after > before else "−"
    return FigureLine(
        name=name,
        before=written(before),
        after=written(after),
        difference=f"{sign}{written(abs(after - before))}" if after != before else "như cũ",
        is_worse=after > before,
    )


class _Runs:
    """The names of runs, communes and stops of two plans of one day."""

    def __init__(self, reader: Reader, before: Proposal, after: Proposal) -> None:
        both: tuple[Draft, ...] = (*after.drafts, *before.drafts)
        territories = {each.code: each.name for each in reader.reference.territories()}
        self._people = people = reader.accounts.names()
        self._runs: dict[str, str] = {}
        for draft in both:
            territory = territories.get(draft.territory, draft.territory)
            name = people.get(draft.postman, draft.postman) if draft.postman else territory
            self._runs[comparing.driver_of(draft)] = name
        codes_ = {stop.commune for draft in both for stop in draft.stops}
        codes_ |= {each.commune for each in (*before.left, *after.left)}
        self._communes = {code: unit.name for code, unit in reader.reference.units(codes_, on=after.day).items()}

    def run(self, driver: str) -> str:
        """Return whose run it is."""
        return self._runs.get(driver, driver) if driver != LEFT else ON_NO_RUN

    def commune(self, code: str) -> str:
        """Return what a commune is called."""
        return self._communes.get(code, code or "–")

    def left(self, each: LeftBehind) -> LeftPrice:
        """Return a stop that would stay behind."""
        return LeftPrice(
            stop=_shown(each.name),
            commune=self.commune(each.commune),
            why=each.reason,
            remedy=each.next_step(self._people),
            is_promised=each.is_promised,
        )


def _shown(stop: str) -> str:
    return "điểm xem thử" if stop.startswith(TRIED) else codes.shown(stop)


# --- finding ----------------------------------------------------------------------------------------------------------


def _found(reader: Reader, number: str, *, actor: Actor) -> tuple[Solving, KeptProposal]:
    found = reader.solvings.get(number)
    if found is None:
        raise UnknownSolving
    return found, _kept(reader, found.asked.proposal, actor=actor)


def _kept(reader: Reader, proposal: str, *, actor: Actor) -> KeptProposal:
    kept = reader.rounds.proposal(proposal)
    if kept is None:
        raise UnknownProposal
    if actor.place != kept.proposal.place and Role.COORDINATOR not in actor.roles:
        raise RunElsewhere(thing="Phương án chia chuyến", office=_place_name(reader, kept.proposal))
    return kept


def _communes(reader: Reader, found: Proposal) -> list[tuple[str, str]]:
    """Return the communes of the rounds of a proposal, by name."""
    territories = {draft.territory for draft in found.drafts} | {each.territory for each in found.left}
    there = {c for each in reader.reference.territories() if each.code in territories for c in each.communes}
    units = reader.reference.units(there, on=found.day)
    return sorted(((code, unit.name) for code, unit in units.items()), key=lambda pair: pair[1])


def _place_name(reader: Reader, found: Proposal) -> str:
    known = reader.reference.places([found.place])
    if found.place in known:
        return known[found.place].name
    province = found.place.partition(":")[2]
    return {unit.code: unit.name for unit in reader.reference.provinces(on=found.day)}.get(province, found.place)
