"""The clocks of a dossier as ledgers: what ran, what stood, what was begun anew, and what is due from it."""

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

import postal
from postal.domain import calendars, clocks, dossier, spans
from postal.domain.calendars import VIETNAM
from postal.domain.clocks import Counting, CountingRule, Due, Limit, PausePolicy, Standing, Unit
from postal.domain.dossier import Dossier
from postal.domain.events import (
    DeadlineExtended,
    DossierOpened,
    DossierVoided,
    OfficiallyReceived,
    Paid,
    PaymentAsked,
    ReceptionMode,
    Resolved,
    SupplementAsked,
    Supplemented,
    TakenIntoWork,
    WithdrawnByCitizen,
)
from postal.domain.people import Author
from postal.domain.spans import ClockKind, ClockLedger, Keeper
from tests import cast

STATE = calendars.from_csv(
    (Path(postal.__file__).parent / "data" / "calendars" / "state.csv").read_text(encoding="utf-8")
)
BY = Author(account="hoa", place=cast.DESK)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def received(start: str, *, limit: Limit | None = None, rule: CountingRule | None = None) -> OfficiallyReceived:
    return OfficiallyReceived(
        official_code="H48.17-261116-0001",
        limit=limit or Limit(5, Unit.WORKING_DAYS),
        started_at=at(start),
        start_basis=clocks.SIGNED_AT_DESK.basis,
        promised_at=None,
        rule=rule,
        by=BY,
        occurred_at=at(start),
    )


def asked(when: str, policy: PausePolicy) -> SupplementAsked:
    return SupplementAsked(count=1, request="t", policy=policy, by=BY, occurred_at=at(when))


def supplemented(when: str, policy: PausePolicy) -> Supplemented:
    return Supplemented(policy=policy, by=BY, occurred_at=at(when))


def extended(when: str, was: str, due: str) -> DeadlineExtended:
    return DeadlineExtended(was_due_at=at(was), due_at=at(due), cause="c", signer="s", by=BY, occurred_at=at(when))


def ledger(dossier: Dossier, now: str, *, same_day: bool = False) -> ClockLedger:
    found = spans.statutory(dossier, same_day=same_day, calendar=STATE, at=at(now))
    assert found is not None
    return found


def due_on(found: ClockLedger) -> date | None:
    return found.due_at.date() if found.due_at else None


WORK = TakenIntoWork(department=cast.DEPARTMENT, by=BY, occurred_at=at("2026-02-09T10:00"))
START = "2026-02-09T09:00"


def test_before_reception_there_is_no_clock() -> None:
    assert spans.statutory(cast.case(), same_day=False, calendar=STATE, at=at(START)) is None


def test_a_clock_that_runs_has_one_span_to_now_and_says_what_started_it() -> None:
    found = ledger(cast.case(received(START), WORK), "2026-02-10T09:00")
    (span,) = found.spans
    assert (span.is_running, span.until, span.minutes) == (True, None, 450)
    assert span.reason == clocks.SIGNED_AT_DESK.event
    assert (found.budget, due_on(found), found.is_standing) == ("5 ngày làm việc", date(2026, 2, 23), False)
    assert [step.basis for step in found.steps[:2]] == ["QĐ 45/2016/QĐ-TTg Đ.7.4", "BLDS 2015 Đ.147-148"]


def test_a_pause_over_tet_stands_between_two_running_spans_and_costs_nothing() -> None:
    policy = PausePolicy.PAUSE
    case = cast.case(received(START), WORK, asked("2026-02-11T10:00", policy), supplemented("2026-02-24T15:00", policy))
    found = ledger(case, "2026-02-25T09:00")
    assert [span.is_running for span in found.spans] == [True, False, True]
    assert [span.reason for span in found.spans[1:]] == ["chờ bổ sung giấy tờ", "tính tiếp"]
    assert found.used_minutes == (450 + 450 + 60) + (120 + 90)
    assert due_on(found) == date(2026, 3, 2)


def test_a_restart_leaves_what_ran_before_uncounted() -> None:
    policy = PausePolicy.RESTART
    case = cast.case(received(START), WORK, asked("2026-02-11T10:00", policy), supplemented("2026-02-24T15:00", policy))
    found = ledger(case, "2026-02-25T09:00")
    assert [span.counts for span in found.spans] == [False, True, True]
    assert found.used_minutes == 120 + 90
    assert due_on(found) == date(2026, 3, 3)


def test_a_standing_clock_has_no_due_date_and_an_open_span() -> None:
    found = ledger(cast.case(received(START), WORK, asked("2026-02-11T10:00", PausePolicy.PAUSE)), "2026-02-24T09:00")
    assert (found.is_standing, found.due_at, found.spans[-1].until) == (True, None, None)
    assert not found.is_late(at=at("2027-01-01T09:00"))


def test_money_stops_the_clock_where_the_procedure_pauses_it() -> None:
    pay = PaymentAsked(amount=100, basis="x", policy=PausePolicy.PAUSE, by=BY, occurred_at=at("2026-02-10T09:00"))
    paid = Paid(amount=100, by=BY, occurred_at=at("2026-02-11T09:00"))
    found = ledger(cast.case(received(START), WORK, pay, paid), "2026-02-12T09:00")
    assert found.spans[1].reason == "chờ thực hiện nghĩa vụ tài chính"
    assert due_on(found) == date(2026, 2, 25)
    free = PaymentAsked(amount=100, basis="x", by=BY, occurred_at=at("2026-02-10T09:00"))
    assert len(ledger(cast.case(received(START), WORK, free, paid), "2026-02-12T09:00").spans) == 1


def test_an_end_stops_the_clock_and_lateness_is_asked_of_that_instant() -> None:
    resolved = Resolved(by=BY, occurred_at=at("2026-02-24T09:00"))
    found = ledger(cast.case(received(START), WORK, resolved), "2026-05-01T09:00")
    assert found.ended_at == at("2026-02-24T09:00")
    assert found.is_late(at=at("2026-02-23T09:00"))
    in_time = Resolved(by=BY, occurred_at=at("2026-02-23T17:00"))
    assert not ledger(cast.case(received(START), WORK, in_time), "2026-05-01T09:00").is_late(at=at("2026-05-01T09:00"))


def test_the_other_way_of_counting_is_due_at_the_hour_of_the_start_and_says_so() -> None:
    rule = CountingRule(counting=Counting.HOURS_PRACTICE, basis="Quy chế 12")
    found = ledger(cast.case(received("2026-11-16T10:15", rule=rule)), "2026-11-17T09:00")
    assert found.due_at == at("2026-11-23T10:15")
    assert found.steps[1].basis == "Quy chế 12"


def test_a_same_day_procedure_received_at_15_01_is_due_the_next_working_day() -> None:
    found = ledger(cast.case(received("2026-11-23T15:01")), "2026-11-23T16:00", same_day=True)
    assert (found.budget, due_on(found)) == ("trong ngày", date(2026, 11, 25))


def test_a_new_day_replaces_the_old_one_and_moves_on_with_a_later_pause() -> None:
    letter = extended("2026-02-13T09:00", "2026-02-23T17:00", "2026-02-26T17:00")
    assert due_on(ledger(cast.case(received(START), WORK, letter), "2026-02-25T09:00")) == date(2026, 2, 26)
    policy = PausePolicy.PAUSE
    waiting = cast.case(received(START), WORK, letter, asked("2026-02-24T09:00", policy))
    assert ledger(waiting, "2026-02-25T09:00").is_standing
    complete = waiting.evolve(supplemented("2026-02-25T09:00", policy))
    assert due_on(ledger(complete, "2026-02-26T09:00")) == date(2026, 3, 2)


def test_a_new_day_holds_where_nobody_knows_the_limit() -> None:
    letter = extended("2026-02-13T09:00", "2026-02-23T17:00", "2026-02-26T17:00")
    unknown = OfficiallyReceived(
        official_code="H48.17-261116-0001",
        limit=None,
        started_at=at(START),
        start_basis="x",
        promised_at=at("2026-02-23T17:00"),
        by=BY,
        occurred_at=at(START),
    )
    case = cast.case(unknown, letter)
    assert spans.lawful(case, same_day=False, calendar=STATE) is None
    answer = spans.in_force(case, None, calendar=STATE)
    assert isinstance(answer, Due)
    assert answer.due_on == date(2026, 2, 26)


def test_where_the_post_receives_the_start_says_whether_anybody_verified_it() -> None:
    case = cast.case(received(START))
    assert spans.start_of(case).is_verified
    unverified = OfficiallyReceived(
        official_code="H48.17-261116-0001",
        limit=None,
        started_at=at(START),
        start_basis=clocks.SLIP_ISSUED_BY_POST.basis,
        promised_at=None,
        by=BY,
        occurred_at=at(START),
    )
    opened: DossierOpened = cast.opened(mode=ReceptionMode.B)
    by_post = dossier.replay(cast.DOSSIER, [opened, unverified])
    assert (spans.start_of(by_post).is_verified, spans.start_of(by_post).event) == (
        False,
        "bưu điện tiếp nhận thay cơ quan",
    )


def test_the_apology_is_due_one_working_day_before_and_ends_when_it_is_signed() -> None:
    case = cast.case(received(START), WORK)
    found = spans.apology(ledger(case, "2026-02-10T09:00"), case, calendar=STATE, at=at("2026-02-10T09:00"))
    assert found is not None
    assert (due_on(found), found.ended_at) == (date(2026, 2, 13), None)
    signed = case.evolve(extended("2026-02-23T09:00", "2026-02-23T17:00", "2026-02-26T17:00"))
    done = spans.apology(ledger(signed, "2026-02-24T09:00"), signed, calendar=STATE, at=at("2026-02-24T09:00"))
    assert done is not None
    assert done.is_late(at=at("2026-02-24T09:00")), "it was signed on the due day itself"


@pytest.mark.parametrize(("asked_at", "is_late"), [("2026-11-19T16:59", False), ("2026-11-20T08:00", True)])
def test_papers_are_asked_for_within_three_working_days(asked_at: str, is_late: bool) -> None:
    started = at("2026-11-16T09:00")
    assert spans.supplement_asked_late([at(asked_at)], started_at=started, calendar=STATE) is is_late
    assert not spans.supplement_asked_late([at("2026-11-10T09:00")], started_at=started, calendar=STATE)
    assert not spans.supplement_asked_late([], started_at=started, calendar=STATE)


def test_invitations_are_two_working_days_apart_and_then_it_goes_back() -> None:
    first = at("2026-11-20T09:00")
    once = spans.invitations([first], ended_at=None, calendar=STATE, at=first, about="P")
    assert due_on(once) == date(2026, 11, 25)
    twice = spans.invitations([first, at("2026-11-25T09:00")], ended_at=None, calendar=STATE, at=first, about="P")
    assert due_on(twice) == date(2026, 11, 27)


def test_every_clock_says_what_starts_and_ends_it_by_whose_calendar_and_on_what_basis() -> None:
    assert set(spans.RULES) == set(ClockKind)
    assert all(rule.starts and rule.ends and rule.basis and rule.name for rule in spans.RULES.values())
    assert set(spans.KEEPER_NAMES) == set(Keeper)


def test_the_statutory_answer_of_a_standing_clock_names_what_was_used() -> None:
    case = cast.case(received(START), WORK, asked("2026-02-11T10:00", PausePolicy.PAUSE))
    answer = spans.lawful(case, same_day=False, calendar=STATE)
    assert isinstance(answer, Standing)
    assert answer.used == 1


NEXT_MORNING = "2026-11-23T07:30"


def by_post(limit: Limit | None = None) -> OfficiallyReceived:
    """Received by the post after 15:00 on Friday, so that the clock begins on Monday morning."""
    return replace(received(NEXT_MORNING, limit=limit), occurred_at=at("2026-11-20T15:30"))


@pytest.mark.parametrize("policy", [PausePolicy.PAUSE, PausePolicy.RESTART])
@pytest.mark.parametrize(
    ("until", "due"),
    [(None, None), ("2026-11-20T17:00", date(2026, 12, 1)), ("2026-11-23T09:00", date(2026, 12, 1))],
)
def test_what_stood_before_the_clock_began_stops_nothing(
    policy: PausePolicy, until: str | None, due: date | None
) -> None:
    case = cast.case(by_post(), asked("2026-11-20T16:00", policy))
    if until:
        case = case.evolve(supplemented(until, policy))
    found = ledger(case, "2026-11-24T09:00")
    assert due_on(found) == due
    assert all(span.until is None or span.since <= span.until for span in found.spans)


def test_a_dossier_that_ends_before_its_clock_began_is_over_and_used_nothing() -> None:
    case = cast.case(by_post(), WithdrawnByCitizen(reason="t", by=BY, occurred_at=at("2026-11-20T16:00")))
    found = ledger(case, "2026-12-24T09:00")
    assert (found.used_minutes, found.is_late(at=at("2027-12-24T09:00"))) == (0, False)


def test_two_pauses_of_one_day_leave_that_day_out_once() -> None:
    policy = PausePolicy.PAUSE
    case = cast.case(
        received(START),
        WORK,
        asked("2026-02-10T08:00", policy),
        supplemented("2026-02-10T09:00", policy),
        asked("2026-02-10T10:00", policy),
        supplemented("2026-02-10T11:00", policy),
    )
    assert due_on(ledger(case, "2026-02-11T09:00")) == date(2026, 2, 24)


def test_a_dossier_withdrawn_while_its_clock_stood_does_not_stand_any_more() -> None:
    case = cast.case(
        received(START),
        WORK,
        asked("2026-02-10T08:00", PausePolicy.PAUSE),
        WithdrawnByCitizen(reason="t", by=BY, occurred_at=at("2026-02-11T09:00")),
    )
    found = ledger(case, "2026-02-24T09:00")
    assert (found.is_standing, found.due_at, found.spans[-1].until) == (False, None, at("2026-02-11T09:00"))
    assert found.steps[-1].text.startswith("Hồ sơ kết thúc khi đồng hồ đang dừng")


@pytest.mark.parametrize(
    ("limit", "ended", "is_late"),
    [
        (Limit(1, Unit.WORKING_DAYS), "2026-02-10T18:30", False),
        (Limit(1, Unit.WORKING_DAYS), "2026-02-11T00:00", True),
        (Limit(8, Unit.HOURS), "2026-02-10T09:30", False),
        (Limit(8, Unit.HOURS), "2026-02-10T09:31", True),
    ],
)
def test_a_limit_in_days_is_kept_all_day_and_one_in_hours_to_the_minute(
    limit: Limit, ended: str, *, is_late: bool
) -> None:
    done = Resolved(by=BY, occurred_at=at(ended))
    found = ledger(cast.case(received(START, limit=limit), WORK, done), "2026-03-02T09:00")
    assert found.is_late(at=at("2026-03-02T09:00")) is is_late


def test_a_same_day_procedure_that_stands_says_since_when_and_why() -> None:
    case = cast.case(received(START), WORK, asked("2026-02-09T11:00", PausePolicy.RESTART))
    found = ledger(case, "2026-02-10T09:00", same_day=True)
    assert "Dừng từ 11:00 thứ Hai, 09/02/2026 đến nay: chờ bổ sung giấy tờ" in found.steps[-1].text


def test_the_apology_keeps_to_the_day_on_the_slip_and_is_never_before_the_start() -> None:
    promised = replace(received(START), promised_at=at("2026-02-26T17:00"))
    case = cast.case(promised, WORK)
    found = spans.apology(ledger(case, "2026-02-10T09:00"), case, calendar=STATE, at=at("2026-02-10T09:00"))
    assert due_on(found) == date(2026, 2, 25) if found else False
    today = cast.case(received(START))
    same = spans.apology(ledger(today, START, same_day=True), today, calendar=STATE, at=at(START))
    assert due_on(same) == date(2026, 2, 9) if same else False


def test_a_dossier_that_was_received_by_the_post_and_struck_out_runs_no_clock() -> None:
    case = cast.case(received(START), DossierVoided(reason="t", by=BY, occurred_at=at("2026-02-09T09:20")))
    found = ledger(case, "2026-12-24T09:00")
    assert (found.ended_at, found.used_minutes) == (at("2026-02-09T09:20"), 20)
    assert not found.is_late(at=at("2026-12-24T09:00"))
    assert spans.apology(found, case, calendar=STATE, at=at("2026-12-24T09:00")) is None
