"""From what a citizen may know to the sentences of the page, in Vietnamese or English."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from postal.domain import status
from postal.domain.clocks import PausePolicy
from postal.domain.codes import shown
from postal.domain.status import Status, Tone
from postal.queries.lateness import Clock
from postal.queries.tracking import Level, Moved, Tracked, Turn
from postal.web import filters, words
from postal.web.words import WORDS, Language


@dataclass(frozen=True, kw_only=True, slots=True)
class Frame:
    """What every citizen's page shows around its content.

    `other_href` leads to the same page in the other language without repeating its address, which may be a secret.
    """

    language: str
    other_language: str
    other_href: str
    text: Callable[[str], str]
    hotline: str
    hotline_href: str
    is_demo: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class LookUpPage:
    """The form, with the sentence when something was wrong; `field` is the one it is about."""

    frame: Frame
    title: str
    problem: str
    code: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StepLine:
    """One of the five steps."""

    number: int
    name: str
    state: str
    mark: str
    is_here: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class LogLine:
    """A day, and who had the papers from then on."""

    day: str
    machine: str
    organisation: str
    is_name: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Banner:
    """What is wrong with the time: a title and sentences."""

    title: str
    sentences: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DossierPage:
    """A dossier as sentences, in the order in which they stand on the page."""

    frame: Frame
    title: str
    tone: str
    mark: str
    is_open: bool
    expected: str
    notes: tuple[str, ...]
    to_do: str
    turn: str
    updated: str
    banner: Banner | None
    papers: tuple[str, ...]
    papers_notes: tuple[str, ...]
    steps: tuple[StepLine, ...]
    facts: tuple[tuple[str, str], ...]
    change_delivery: str
    log: tuple[LogLine, ...]
    qr_lead: str
    takes_pin: bool
    code: str
    seen: str


MARKS: dict[Tone, str] = {Tone.MOVING: "→", Tone.NEEDS_CITIZEN: "!", Tone.PROBLEM: "×", Tone.DONE: "✓"}
"""The icon beside a word; the colour only supports it."""

_POLICIES: dict[PausePolicy, str] = {
    PausePolicy.RESTART: "policy_restart",
    PausePolicy.PAUSE: "policy_pause",
    PausePolicy.NONE: "policy_none",
}


class Teller:
    """Says things in one language."""

    def __init__(self, *, language: Language, hotline: str) -> None:
        self.language = language
        self.hotline = hotline

    def say(self, key: str, /, **fields: object) -> str:
        """Return a sentence of the table of words."""
        return words.say(WORDS[key], self.language, hotline=self.hotline, **fields)

    def day(self, on: date) -> str:
        """Return a day as people of this language write it."""
        return filters.day_en(on) if self.language is Language.EN else filters.day(on)

    def frame(self, *, is_demo: bool, path: str = "") -> Frame:
        """Return what stands around a page; `path` is given where the page is not found by GET at its own address."""
        other = Language.VI if self.language is Language.EN else Language.EN
        return Frame(
            language=self.language.value,
            other_language=other.value,
            other_href=f"{path}?lang={other.value}",
            text=self.say,
            hotline=self.hotline,
            hotline_href="tel:" + "".join(symbol for symbol in self.hotline if symbol in "+0123456789"),
            is_demo=is_demo,
        )

    def dossier(self, found: Tracked, *, frame: Frame, seen: str, takes_pin: bool) -> DossierPage:
        """Return the page of a dossier; `seen` says when the page was made."""
        tone = status.WORDS[found.status].tone if found.status else Tone.MOVING
        return DossierPage(
            frame=frame,
            title=self.headline(found),
            tone=tone.value,
            mark=MARKS[tone],
            is_open=found.level > Level.CODE,
            expected=self._expected(found),
            notes=self._notes(found),
            to_do=self._to_do(found),
            turn=self._turn(found),
            updated=self._updated(found),
            banner=self._banner(found),
            papers=found.papers,
            papers_notes=self._papers_notes(found),
            steps=self._steps(found),
            facts=self._facts(found),
            change_delivery=self.say("change_delivery") if self._may_change_delivery(found) else "",
            log=self._log(found),
            qr_lead=self.say("qr_lead") if found.level is Level.CODE else "",
            takes_pin=takes_pin,
            code=shown(found.code),
            seen=seen,
        )

    def _turn(self, found: Tracked) -> str:
        """Return whose turn it is; nothing when nothing is left to do."""
        return words.say(words.TURNS[found.turn], self.language) if found.turn not in (None, Turn.NOBODY) else ""

    def _may_change_delivery(self, found: Tracked) -> bool:
        return found.level is Level.PIN and not found.is_final

    # --- the sentence -------------------------------------------------------------------------------------------------

    def headline(self, found: Tracked) -> str:
        """Return the one sentence; without the QR or PIN only the step."""
        if found.status is None:
            return self._headline_of_step(found.step)
        if found.collects_at_desk:
            return self.say("at_desk", place=found.place)
        if found.brought_papers and not found.asked_papers:
            return self.say("papers_all_in", count=found.brought_papers)
        if found.paid_amount:
            return self.say("paid", amount=filters.money(found.paid_amount))
        lacking = self._headline_without(found)
        if lacking:
            return lacking
        told = status.WORDS[found.status]
        pair = (told.citizen, told.citizen_en)
        on = found.told_on or (found.expected.on if found.expected else None)
        return words.say(
            pair,
            self.language,
            place=found.place,
            date=self.day(on) if on else "",
            count=found.asked_papers,
            amount=filters.money(found.asked_amount),
            reason=self._reason(found),
        )

    def _headline_of_step(self, step: int) -> str:
        if step == 0:
            return self.say("genuine_none")
        if step == len(status.STEPS):
            return self.say("genuine_done")
        return self.say("genuine_step", step=step, name=self._step_name(step))

    def _headline_without(self, found: Tracked) -> str:
        """Return the sentence for a status whose date or place nobody knows, else nothing."""
        lacks_day = found.told_on is None
        lacking = {
            Status.AGENCY_RECEIVED: ("received_without_date", found.expected is None),
            Status.DELIVERY_FAILED: ("visited_without_date", lacks_day),
            Status.DELIVERED: ("delivered_without_date", lacks_day),
            Status.ARRIVED: ("arrived_without_place", not found.place),
            Status.AT_POST_OFFICE: ("pickup_without_place", not found.place or lacks_day),
        }
        name, is_lacking = lacking.get(found.status, ("", False)) if found.status else ("", False)
        return self.say(name) if is_lacking else ""

    def _reason(self, found: Tracked) -> str:
        if found.level < Level.PIN:
            return self.say("reason_closed")
        return found.reason.rstrip(". ") or self.say("reason_gone")

    # --- the box ------------------------------------------------------------------------------------------------------

    def _expected(self, found: Tracked) -> str:
        """Return the date to count on; a date that has passed stands with the apology instead."""
        if found.late:
            return ""
        if found.is_standing and found.status is Status.FEE_DUE:
            return self.say("standing_fees")
        if found.is_standing:
            is_all_in = found.brought_papers and not found.asked_papers
            return self.say("standing_all_in" if is_all_in else "standing")
        if found.expected is None and found.fetched_on:
            return ""
        if found.expected is None:
            return "" if found.is_final or found.level is Level.CODE else self.say("no_date")
        return words.say(words.EXPECTED[found.expected.milestone], self.language, day=self.day(found.expected.on))

    def _notes(self, found: Tracked) -> tuple[str, ...]:
        """Return what is to be known beside the date: a promised visit, which invitation it is, where to pay."""
        owes = found.asked_amount + found.owed_postage
        told = (
            ("provisional", found.expected is not None and found.expected.provisional),
            ("first_invitation", found.invitation == 1),
            ("last_invitation", found.invitation > 1),
            ("pay_where", owes and found.status is not Status.FEE_DUE),
        )
        visit = [self.say("fetched_on", day=self.day(found.fetched_on))] if found.fetched_on else []
        return (*visit, *(self.say(name) for name, is_so in told if is_so), *self._complaint(found))

    def _complaint(self, found: Tracked) -> tuple[str, ...]:
        if found.complaint is None:
            return ()
        name = "complaint_late" if found.complaint.is_past else "complaint"
        return (self.say(name, day=filters.short_day(found.complaint.on)),)

    def _to_do(self, found: Tracked) -> str:
        if found.status is None:
            return ""
        if found.collects_at_desk:
            return words.say(words.TO_DO_AT_DESK, self.language)
        if found.fetched_on:
            return words.say(words.TO_DO[Status.AWAITING_PAPERS], self.language)
        if found.may_still_fetch:
            return words.say(words.TO_DO_BEFORE_IT_LEAVES, self.language, place=found.here)
        is_all_in = (found.brought_papers and not found.asked_papers) or found.paid_amount
        return words.say(words.NOTHING_TO_DO if is_all_in else words.TO_DO[found.status], self.language)

    def _updated(self, found: Tracked) -> str:
        if found.updated_at is None:
            return ""
        at = found.updated_at
        return f"{filters.clock(at)}, {filters.day_en(at) if self.language is Language.EN else filters.day(at)}"

    def _banner(self, found: Tracked) -> Banner | None:
        if found.late:
            return Banner(title=self.say("late_title"), sentences=self._late(found))
        if found.moved:
            return Banner(title=self.say("moved_title"), sentences=self._moved(found, found.moved))
        if found.may_be_late_at:
            sentence = self.say("may_be_late", place=found.may_be_late_at)
            return Banner(title=self.say("may_be_late_title"), sentences=(sentence,))
        if found.silent_since:
            sentence = self.say("silent", day=filters.short_day(found.silent_since), place=self._silent_place(found))
            return Banner(title=self.say("silent_title"), sentences=(sentence,))
        return None

    def _silent_place(self, found: Tracked) -> str:
        return found.silent_place or self.say("the_post")

    def _late(self, found: Tracked) -> tuple[str, ...]:
        """Return: how late and sorry, since when, who has it, the new date or when we tell, whom to call."""
        late = found.late
        assert late is not None
        is_authority = late.clock is Clock.AUTHORITY
        place = found.late_place or self.say("the_authority" if is_authority else "the_post")
        answers = place if is_authority else self.say("the_post")
        return (
            words.say(words.LATE[late.clock], self.language, days=late.days, place=place),
            self.say("late_was_due", day=self.day(late.due_on)),
            self.say("late_holder", place=found.place or place),
            self.say("late_new_date", day=self.day(late.new_on))
            if late.new_on
            else self.say("late_no_date", place=answers, day=self.day(late.answer_by)),
            self.say("late_call"),
        )

    def _moved(self, found: Tracked, moved: Moved) -> tuple[str, ...]:
        """Return: how late and sorry, the new day, why, whom to call; why is told to whoever has the PIN."""
        place = moved.place or self.say("the_authority")
        day, was = self.day(moved.new_on), self.day(moved.was_on)
        name = "moved_late" if moved.days else "moved"
        cause = self.say("reason_closed") if found.level < Level.PIN else found.cause.rstrip(". ")
        return (
            self.say(name, days=moved.days, place=place, day=day, was=was),
            self.say("moved_cause", cause=cause or self.say("reason_gone")),
            self.say("late_call"),
        )

    def _papers_notes(self, found: Tracked) -> tuple[str, ...]:
        if not found.asked_papers:
            return ()
        brought = [self.say("papers_brought", count=found.brought_papers)] if found.brought_papers else []
        if found.level < Level.PIN:
            return (*brought, self.say("papers_closed"))
        by_when = [self.say("papers_due", day=self.day(found.bring_by))] if found.bring_by else []
        policy = [self.say(_POLICIES[found.policy])] if found.policy else []
        return (*brought, self.say("papers_where"), *by_when, *policy)

    # --- the rest -----------------------------------------------------------------------------------------------------

    def _step_name(self, number: int) -> str:
        return status.STEPS[number - 1][self.language is Language.EN]

    def _steps(self, found: Tracked) -> tuple[StepLine, ...]:
        return tuple(self._step(number, reached=found.step) for number in range(1, len(status.STEPS) + 1))

    def _step(self, number: int, *, reached: int) -> StepLine:
        is_done = number < reached or number == reached == len(status.STEPS)
        is_here = number == reached and not is_done
        state = "step_done" if is_done else "step_here" if is_here else "step_ahead"
        mark = "✓" if is_done else "→" if is_here else "○"
        return StepLine(number=number, name=self._step_name(number), state=self.say(state), mark=mark, is_here=is_here)

    def _facts(self, found: Tracked) -> tuple[tuple[str, str], ...]:
        facts = (
            ("fact_code", shown(found.code)),
            ("papers_count", str(found.asked_papers or "")),
            ("amount", filters.money(found.asked_amount) if found.asked_amount else ""),
            ("postage", filters.money(found.owed_postage) if found.owed_postage else ""),
            ("owed_originals", str(found.owed_originals or "")),
            ("fact_holder", found.here or found.place),
            ("fact_reason", "" if found.status in (Status.REFUSED, Status.STOPPED) else found.reason),
            ("fact_procedure", found.procedure),
            ("fact_name", found.name),
            ("fact_commune", found.commune),
        )
        return tuple((self.say(name), value) for name, value in facts if value)

    def _log(self, found: Tracked) -> tuple[LogLine, ...]:
        return tuple(
            LogLine(
                day=self.day(stay.on),
                machine=stay.on.isoformat(),
                organisation=stay.organisation or self.say("log_you"),
                is_name=bool(stay.organisation),
            )
            for stay in found.stays
        )
