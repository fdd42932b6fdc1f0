"""All clocks of a real dossier: which run at each stage, by whose calendar, and when each is due."""

from collections.abc import Callable
from datetime import date, datetime

import pytest

from postal.domain.clocks import PausePolicy
from postal.domain.item import Item
from postal.domain.spans import RULES, ClockKind
from postal.queries import clocks, spans
from postal.queries.spans import Clocks, ClockView
from postal.services import agency, homeward
from postal.store import Store
from tests import cast
from tests.services.cases import Case
from tests.web.way import Way


def of(case: Case, *, at: datetime) -> Clocks:
    with case.store.read(at=at) as reader:
        return spans.of_dossier(reader, case.dossier, case.items, at=at)


def of_way(way: Way, *, at: datetime) -> Clocks:
    with way.store.read(at=at) as reader:
        items = [item for code in (way.item, way.result) if code and (item := reader.thing(Item, code)) is not None]
        return spans.of_dossier(reader, way.dossier(), items, at=at)


def kinds(found: Clocks) -> set[ClockKind]:
    by_name = {rule.name: kind for kind, rule in RULES.items()}
    return {by_name[view.name] for view in found.views}


def view(found: Clocks, kind: ClockKind) -> ClockView:
    (only,) = [each for each in found.views if each.name == RULES[kind].name]
    return only


def due_on(found: Clocks, kind: ClockKind) -> date | None:
    due_at = view(found, kind).due_at
    return due_at.date() if due_at else None


def test_at_the_counter_only_the_way_out_runs_and_the_rest_is_named(seeded: Store) -> None:
    found = of(Case(seeded), at=cast.after(hours=1))
    assert kinds(found) == {ClockKind.LEG_OUT}
    assert due_on(found, ClockKind.LEG_OUT) == date(2026, 11, 17)
    assert {idle.name for idle in found.idle} == {rule.name for rule in RULES.values()} - {"Chuyển hồ sơ đến cơ quan"}
    complaint = next(idle for idle in found.idle if idle.name == RULES[ClockKind.COMPLAINT_ANSWER].name)
    assert complaint.note == "Người dân được khiếu nại đến thứ Hai, 17/05/2027."


def test_a_reception_ends_the_way_out_and_starts_the_authoritys_clocks(seeded: Store) -> None:
    found = of(Case(seeded).with_policy(PausePolicy.PAUSE).received(), at=cast.after(days=1))
    assert kinds(found) == {
        ClockKind.LEG_OUT,
        ClockKind.STATUTORY,
        ClockKind.SUPPLEMENT_REQUEST,
        ClockKind.PAPER_LEG,
        ClockKind.APOLOGY,
    }
    assert view(found, ClockKind.LEG_OUT).ended_at == cast.after(hours=3)
    assert not view(found, ClockKind.LEG_OUT).is_late
    assert due_on(found, ClockKind.STATUTORY) == date(2026, 11, 23)
    assert due_on(found, ClockKind.PAPER_LEG) == date(2026, 11, 17)
    assert due_on(found, ClockKind.SUPPLEMENT_REQUEST) == date(2026, 11, 19)
    assert due_on(found, ClockKind.APOLOGY) == date(2026, 11, 20)
    assert all(each.steps and each.basis and each.spans for each in found.views)


def test_no_apology_is_overdue_while_the_limit_is_kept(seeded: Store) -> None:
    case = Case(seeded).with_policy(PausePolicy.PAUSE).received()
    assert not view(of(case, at=cast.after(days=7)), ClockKind.APOLOGY).is_late, "the due day itself"
    assert view(of(case, at=cast.after(days=9)), ClockKind.APOLOGY).is_late


@pytest.mark.parametrize(("days", "is_late"), [(3, False), (4, True)])
def test_a_late_request_for_papers_is_flagged(seeded: Store, days: int, is_late: bool) -> None:
    case = Case(seeded).with_policy(PausePolicy.RESTART).received().asked(at=cast.after(days=days))
    found = of(case, at=cast.after(days=days, hours=1))
    assert found.supplement_asked_late is is_late
    assert view(found, ClockKind.SUPPLEMENT_REQUEST).is_late is is_late
    assert view(found, ClockKind.STATUTORY).is_standing


def test_added_papers_the_slip_and_papers_that_come_home_have_clocks_of_their_own(seeded: Store) -> None:
    case = Case(seeded).with_policy(PausePolicy.PAUSE).received()
    slip = homeward.relay_slip(seeded, case.code, seal="", by=cast.xuan, at=cast.after(hours=5), below=case.below)
    case.hand(slip.code, giver=cast.xuan, receiver=cast.tai, to=cast.transport, at=cast.after(hours=6))
    case.asked()
    case.bring(1, at=cast.after(days=2), by=cast.lan)
    found = of(case, at=cast.after(days=2, hours=1))
    assert due_on(found, ClockKind.SLIP_RELAY) == date(2026, 11, 19), "a day out and two days back"
    assert view(found, ClockKind.SLIP_RELAY).budget == "J+3 ngày làm việc"
    assert due_on(found, ClockKind.LEG_SUPPLEMENT) == date(2026, 11, 19)


def test_the_way_back_ends_with_the_first_visit_or_with_being_told_to_come(seeded: Store) -> None:
    visited = Way(seeded, seed=21).register().visited()
    back = view(of_way(visited, at=visited.later()), ClockKind.LEG_BACK)
    assert back.ended_at is not None
    assert back.keeper == "Lịch của bưu điện"
    told = Way(seeded, seed=22).register().for_pickup()
    found = of_way(told, at=told.later())
    assert view(found, ClockKind.LEG_BACK).ended_at == view(found, ClockKind.INVITATIONS).spans[0].since
    assert view(found, ClockKind.STATUTORY).ended_at is not None


def test_the_papers_need_not_go_to_the_department_while_others_are_missing(seeded: Store) -> None:
    case = Case(seeded).with_policy(PausePolicy.PAUSE).received()
    case.asked(at=cast.after(hours=6))
    standing = view(of(case, at=cast.after(days=3)), ClockKind.PAPER_LEG)
    assert (standing.is_standing, standing.is_late, standing.due_at) == (True, False, None)
    assert [span.is_running for span in standing.spans] == [True, False]
    agency.complete_supplement(seeded, case.code, by=cast.xuan, at=cast.after(days=3))
    anew = view(of(case, at=cast.after(days=3, hours=1)), ClockKind.PAPER_LEG)
    assert (anew.is_late, anew.due_at and anew.due_at.date()) == (False, date(2026, 11, 20))
    assert anew.spans[-1].since == cast.after(days=3)


@pytest.mark.parametrize("step", [agency.refuse, agency.withdraw, agency.stop])
def test_no_clock_of_the_authority_runs_on_after_the_end(seeded: Store, step: Callable[..., object]) -> None:
    case = Case(seeded).with_policy(PausePolicy.PAUSE).received()
    case.asked(at=cast.after(hours=6))
    step(seeded, case.code, reason="theo đơn", by=cast.xuan, at=cast.after(days=2))
    found = of(case, at=cast.after(days=30))
    assert [each.name for each in found.views if each.ended_at is None] == []
    assert not any(each.is_late or each.is_standing for each in found.views)
    with seeded.read() as reader:
        assert not clocks.of_dossier(reader, case.dossier, at=cast.after(days=30)).standing


def test_work_that_the_desk_notes_ends_the_way_of_the_papers_to_the_department(seeded: Store) -> None:
    case = Case(seeded).received()
    agency.take_into_work(seeded, case.code, by=cast.xuan, at=cast.after(days=1))
    found = view(of(case, at=cast.after(days=5)), ClockKind.PAPER_LEG)
    assert (found.ended_at, found.is_late) == (cast.after(days=1), False)
