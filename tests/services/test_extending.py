"""The one apology of a dossier: who signs it, when, for which day, and what the citizen is told."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from postal.domain import clocks, codes
from postal.domain.clocks import Counting, Limit, PausePolicy, Unit
from postal.domain.codes import CodeKind
from postal.domain.dossier import AlreadyExtended, ClockStands, Dossier
from postal.domain.events import DeadlineExtended, Event, ReceptionMode
from postal.domain.lifecycle import NotNow, Overtaken
from postal.domain.notices import Kind, kind_of
from postal.domain.people import Actor, Role
from postal.domain.permissions import Forbidden
from postal.domain.policies import PolicyName
from postal.domain.refusals import Refused
from postal.queries import apologies, desk, late, spans, tracking
from postal.queries import messages as message_queries
from postal.queries.tracking import Level
from postal.services import agency, extending, policies, registration
from postal.services.agency import NotCompetent
from postal.services.extending import NoCause, NotLater, NotTheHead
from postal.store import Store
from postal.store.registers import Notice
from tests import cast, databases
from tests.services.cases import OFFICIAL, PROCEDURE, Case

head = cast.actor(
    "yen", "Hà Hải Yến", cast.commune_desk, place=cast.COMMUNE_DESK, roles={Role.DESK_OFFICER, Role.CONTROLLER}
)
DUE_ON = date(2026, 11, 23)
"""Five working days after Monday 16 November."""

NEW_DAY = date(2026, 11, 27)
CAUSE = "chờ xác nhận của nơi cư trú trước đây"


@pytest.fixture
def case(seeded: Store) -> Case:
    return Case(seeded).with_policy(PausePolicy.PAUSE).received()


def extended(case: Case, *, days: int = 4, due_on: date = NEW_DAY, by: Actor = head) -> Dossier:
    return extending.extend(case.store, case.code, due_on=due_on, cause=CAUSE, by=by, at=cast.after(days=days))


def test_the_head_apologises_and_the_new_day_is_what_people_are_told(case: Case) -> None:
    assert case.due(at=cast.after(days=1)).shown_at == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    assert case.due(at=cast.after(days=1)).apology_by == date(2026, 11, 20)
    assert extended(case).extension is not None
    due = case.due(at=cast.after(days=9))
    assert due.shown_at is not None
    assert (due.shown_at.date(), due.extended_from) == (NEW_DAY, datetime(2026, 11, 23, 10, 0, tzinfo=UTC))
    assert (due.late_days, due.apology_by) == (0, None)
    assert "hẹn lại thứ Sáu, 27/11/2026, thay cho thứ Hai, 23/11/2026" in due.steps[-1].text
    assert due.steps[-1].basis == "NĐ 61/2018/NĐ-CP Đ.19.9; Mẫu 04"


def test_a_second_apology_is_refused_by_name(case: Case) -> None:
    extended(case)
    with pytest.raises(AlreadyExtended, match="thứ Sáu, 27/11/2026"):
        extended(case, days=7, due_on=date(2026, 12, 4))


def test_it_is_late_again_after_the_new_day(case: Case) -> None:
    extended(case)
    assert case.due(at=cast.after(days=14)).late_days == 1


def test_only_the_head_of_the_authority_apologises(case: Case) -> None:
    with pytest.raises(NotTheHead):
        extended(case, by=cast.xuan)
    with pytest.raises(Forbidden):
        extended(case, by=cast.minh)
    elsewhere = replace(head, place=cast.DESK)
    with pytest.raises(NotCompetent):
        extended(case, by=elsewhere)


@pytest.mark.parametrize("day", [DUE_ON, date(2026, 11, 24), date(2026, 11, 28), date(2026, 11, 10)])
def test_the_new_day_is_a_working_day_after_the_old_one(case: Case, day: date) -> None:
    with pytest.raises(NotLater, match="thứ Tư, 25/11/2026"):
        extended(case, due_on=day)


def test_a_late_apology_is_still_given_but_not_for_a_day_that_is_over(case: Case) -> None:
    with pytest.raises(NotLater):
        extended(case, days=14, due_on=NEW_DAY)
    assert extended(case, days=14, due_on=date(2026, 12, 2)).extension is not None


def test_an_apology_says_why(case: Case) -> None:
    with pytest.raises(NoCause):
        extending.extend(case.store, case.code, due_on=NEW_DAY, cause="  ", by=head, at=cast.after(days=4))


def test_a_clock_that_stands_or_is_over_is_given_no_new_day(case: Case) -> None:
    case.asked()
    with pytest.raises(ClockStands, match="chờ bổ sung giấy tờ"):
        extended(case)
    agency.stop(case.store, case.code, reason="theo đơn", by=cast.xuan, at=cast.after(days=2))
    with pytest.raises(NotNow):
        extended(case)


def test_nothing_is_moved_before_the_desk_received_it(seeded: Store) -> None:
    with pytest.raises(extending.NothingDue):
        extended(Case(seeded).at_desk())


def test_papers_asked_for_after_the_apology_move_the_new_day_on_or_begin_anew(seeded: Store) -> None:
    paused = Case(seeded).with_policy(PausePolicy.PAUSE).received()
    extended(paused)
    paused.asked(at=cast.after(days=7))
    assert paused.due(at=cast.after(days=8)).standing
    agency.complete_supplement(paused.store, paused.code, by=cast.xuan, at=cast.after(days=9))
    shown = paused.due(at=cast.after(days=9)).shown_at
    assert shown is not None
    assert shown.date() == date(2026, 12, 1), "Monday 23 and Wednesday 25 were left out"


def test_a_restart_after_the_apology_begins_the_whole_limit_anew(seeded: Store) -> None:
    case = Case(seeded).with_policy(PausePolicy.RESTART).received()
    extended(case)
    case.asked(at=cast.after(days=7))
    agency.complete_supplement(case.store, case.code, by=cast.xuan, at=cast.after(days=9))
    due = case.due(at=cast.after(days=9))
    assert due.shown_at is not None
    assert (due.shown_at.date(), due.extended_at) == (date(2026, 12, 2), None)
    with pytest.raises(AlreadyExtended):
        extended(case, days=14, due_on=date(2026, 12, 9))


# --- the citizen ------------------------------------------------------------------------------------------------------


def notices_of(case: Case, *, kind: Kind) -> list[Notice]:
    with case.store.read(at=cast.after(days=30)) as reader:
        return [each for each in reader.notices.due(limit=50) if kind_of(each.fact) is kind]


def test_the_citizen_is_told_once_without_the_reason(case: Case) -> None:
    extended(case)
    (notice,) = notices_of(case, kind=Kind.EXTENDED)
    assert "chậm so với hẹn 23/11. Cơ quan xin lỗi ông/bà, hẹn lại ngày 27/11" in notice.text
    assert CAUSE not in notice.text
    assert message_queries.why_untrue(case.store, notice, at=cast.after(days=5)) == ""
    (earlier,) = notices_of(case, kind=Kind.AGENCY_RECEIVED)
    assert message_queries.why_untrue(case.store, earlier, at=cast.after(days=5)) != ""
    agency.stop(case.store, case.code, reason="theo đơn", by=cast.xuan, at=cast.after(days=6))
    assert message_queries.why_untrue(case.store, notice, at=cast.after(days=7)) != ""


@pytest.mark.parametrize(("level", "cause"), [(Level.QR, ""), (Level.PIN, CAUSE)])
def test_the_tracking_page_has_the_new_day_and_the_reason_for_who_has_the_pin(
    case: Case, level: Level, cause: str
) -> None:
    extended(case)
    code = codes.parse(case.code, kind=CodeKind.DOSSIER)
    found = tracking.at_level(case.store, code, level=level, at=cast.after(days=10))
    assert found is not None
    assert found.moved is not None
    assert (found.moved.was_on, found.moved.new_on, found.moved.days) == (DUE_ON, NEW_DAY, 2)
    assert found.cause == cause


# --- at risk ----------------------------------------------------------------------------------------------------------


def page(case: Case, *, days: int) -> apologies.ApologiesPage:
    return apologies.apologies_page(case.store, actor=head, at=cast.after(days=days))


def test_a_dossier_is_on_the_list_before_it_is_late_and_off_it_once_the_letter_is_signed(case: Case) -> None:
    assert page(case, days=3).rows == ()
    (row,) = page(case, days=4).rows
    assert (row.code, row.late_days, row.draft.apology_by, row.draft.is_too_late) == (
        case.code,
        0,
        date(2026, 11, 20),
        False,
    )
    (late,) = page(case, days=9).rows
    assert (late.late_days, late.draft.is_too_late) == (1, True)
    extended(case, days=4)
    assert page(case, days=4).rows == ()


def test_the_drafted_cause_is_what_really_took_the_time(seeded: Store) -> None:
    case = Case(seeded).with_policy(PausePolicy.NONE).received()
    case.asked(at=cast.after(days=1))
    assert page(case, days=4).rows == (), "while papers are awaited there is nothing to sign"
    agency.complete_supplement(case.store, case.code, by=cast.xuan, at=cast.after(days=3))
    (row,) = page(case, days=4).rows
    assert row.draft.cause == "chờ người nộp bổ sung giấy tờ 2 ngày"
    assert row.draft.due_on == date(2026, 11, 26), "two working days after the old day"


@databases.ON_SQLITE
def test_the_way_to_the_authority_is_one_cause_however_many_had_the_envelope(seeded: Store) -> None:
    case = Case(seeded)
    form = registration.Registration(
        service=case.service,
        procedure=PROCEDURE,
        sender=cast.khanh,
        case_commune="20242",
        return_way=case.return_way,
        papers=(registration.PaperEntry(name="Tờ khai", originals=1),),
        why_incomplete="đủ theo trang của cơ quan",
        seal="881246",
        mode=ReceptionMode.B,
        official_code=OFFICIAL,
        promised_at=cast.after(days=4),
    )
    made = registration.register(seeded, form, by=cast.lan, at=cast.monday, below=cast.below(91))
    assert made.item is not None
    case.hand(made.item.code, giver=cast.lan, receiver=cast.sen, to=cast.small_counter, at=cast.after(days=1))
    case.hand(made.item.code, giver=cast.sen, receiver=cast.xuan, to=cast.commune_desk, at=cast.after(days=3))
    (row,) = page(case, days=4).rows
    assert row.draft.cause.split("; ")[0] == "bưu điện chuyển hồ sơ mất 3 ngày"
    assert row.draft.cause.count("bưu điện chuyển hồ sơ") == 1


def test_the_work_itself_is_the_cause_where_nothing_else_took_time(case: Case) -> None:
    agency.take_into_work(case.store, case.code, by=cast.xuan, at=cast.after(hours=5))
    (row,) = page(case, days=4).rows
    assert row.draft.cause.startswith("việc giải quyết tại ")
    assert "trong thời hạn 5 ngày làm việc" in row.draft.cause


def test_the_desk_sees_the_draft_and_then_what_was_signed(case: Case) -> None:
    def seen(days: int) -> desk.DeskDossierPage:
        return desk.desk_dossier(case.store, case.code, actor=head, at=cast.after(days=days))

    before = seen(4).apology
    assert before is not None
    assert before.draft is not None
    assert desk.desk_page(case.store, actor=head, at=cast.after(days=4)).apologies == 1
    extended(case)
    after = seen(5).apology
    assert after is not None
    assert (after.draft, after.cause, after.signer) == (None, CAUSE, head.name)


# --- how it is counted ------------------------------------------------------------------------------------------------


def test_a_dossier_keeps_the_way_of_counting_of_its_reception(seeded: Store) -> None:
    policies.set_policy(
        seeded, PolicyName.COUNTING, value="hours_practice", basis="Quy chế 12", by=head, at=cast.monday
    )
    case = Case(seeded).with_policy(PausePolicy.PAUSE).received()
    due = case.due(at=cast.after(days=1))
    assert due.counting == clocks.COUNTING_NAMES[Counting.HOURS_PRACTICE]
    assert due.due_at == datetime(2026, 11, 23, 4, 30, tzinfo=UTC), (
        "signed over lunch: five times seven and a half hours"
    )
    assert any(step.basis == "Quy chế 12" for step in due.steps)
    policies.set_policy(seeded, PolicyName.COUNTING, value="civil_code", basis="", by=head, at=cast.after(days=1))
    later = case.due(at=cast.after(days=2))
    assert (later.due_at, later.counting) == (due.due_at, due.counting)


@databases.ON_SQLITE
def test_a_limit_in_hours_is_late_in_every_list_from_its_minute_on(seeded: Store) -> None:
    policies.set_policy(
        seeded, PolicyName.COUNTING, value="hours_practice", basis="Quy chế 12", by=head, at=cast.monday
    )
    case = Case(seeded).with_policy(PausePolicy.PAUSE).received()
    due_at = datetime(2026, 11, 23, 4, 30, tzinfo=UTC)
    for at, is_late in ((due_at, False), (due_at + timedelta(minutes=1), True)):
        assert (case.due(at=at).late_days, case.due(at=at).is_past_hour) == (0, is_late)
        (line,) = (each for group in desk.desk_page(seeded, actor=head, at=at).groups for each in group.lines)
        (letter,) = apologies.apologies_page(seeded, actor=head, at=at).rows
        assert (line.is_past_hour, letter.is_past_hour) == (is_late, is_late)
        found = late.late_page(seeded, actor=head, at=at)
        assert (found.late, found.at_risk, found.urgent) == (int(is_late), int(not is_late), int(is_late))
        with seeded.read(at=at) as reader:
            panel = spans.of_dossier(reader, case.dossier, case.items, at=at)
        assert {view.is_late for view in panel.views if view.due_at == due_at} == {is_late}
    assert not case.due(at=cast.after(days=8)).is_past_hour, "from the next day on it is late by days"


def test_fees_stop_the_clock_only_where_the_procedure_says_so(seeded: Store) -> None:
    for policy, stands in ((PausePolicy.PAUSE, True), (PausePolicy.RESTART, False)):
        case = Case(seeded, seed=5 + stands).with_policy(policy).at_desk()
        official = OFFICIAL.replace("0001", f"000{1 + stands}")
        agency.receive(seeded, case.code, official_code=official, by=cast.xuan, at=cast.after(hours=4))
        agency.ask_payment(seeded, case.code, amount=30_000, basis="Biểu phí", by=cast.xuan, at=cast.after(days=1))
        assert case.due(at=cast.after(days=2)).standing is stands
        agency.note_payment(seeded, case.code, by=cast.xuan, at=cast.after(days=2))
        shown = case.due(at=cast.after(days=2)).shown_at
        assert shown is not None
        assert shown.date() == (date(2026, 11, 26) if stands else DUE_ON)


def test_the_limit_is_the_one_of_the_procedure(case: Case) -> None:
    assert case.dossier.limit == Limit(5, Unit.WORKING_DAYS)
    assert case.dossier.procedure == PROCEDURE


def test_of_two_heads_who_sign_at_once_one_signs(case: Case) -> None:
    both = threading.Barrier(2)

    def sign(day: date) -> Dossier | Refused:
        both.wait()
        try:
            return extended(case, due_on=day)
        except Refused as refused:
            return refused

    with ThreadPoolExecutor(2) as pool:
        told = list(pool.map(sign, (NEW_DAY, date(2026, 11, 30))))
    assert sum(isinstance(each, AlreadyExtended | Overtaken) for each in told) == 1
    signed = next(each for each in told if isinstance(each, Dossier))
    assert case.dossier.extension == signed.extension
    assert sum(isinstance(event, DeadlineExtended) for event in events(case)) == 1


def test_papers_asked_for_before_the_clock_of_the_post_began_break_nothing(seeded: Store) -> None:
    by_post = Case(seeded)
    friday = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
    with seeded.begin(at=friday) as ledger:
        opened = ledger.dossier(by_post.code)
        ledger.append(
            opened,
            opened.receive(
                official_code=OFFICIAL,
                limit=Limit(5, Unit.WORKING_DAYS),
                started_at=datetime(2026, 11, 23, 0, 30, tzinfo=UTC),
                start_basis=clocks.PASSED_ON_BY_POST.basis,
                promised_at=None,
                by=cast.lan,
                at=friday,
            ),
        )
    by_post.asked(at=friday + timedelta(minutes=30))
    assert by_post.due(at=friday + timedelta(hours=1)).standing
    agency.complete_supplement(seeded, by_post.code, by=cast.xuan, at=friday + timedelta(hours=1))
    due = by_post.due(at=friday + timedelta(days=4))
    assert due.due_at is not None
    assert due.due_at.date() == date(2026, 12, 1)


def events(case: Case) -> list[Event]:
    """Return what happened to a dossier."""
    with case.store.read() as reader:
        return [event for *_, event in reader.events([case.code])]
