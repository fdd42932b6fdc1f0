"""What is late beside the first way out and the result: added papers and papers that come home."""

from datetime import date, datetime

from postal.domain.clocks import PausePolicy
from postal.domain.people import Role
from postal.queries import late, messages
from postal.queries.late import LatePage, LateRow
from postal.queries.lateness import Clock
from postal.services import agency, homeward
from postal.services.homeward import PaperBack
from postal.store import Store
from tests import cast
from tests.services.cases import Case

coordinator = cast.actor("dung", "Vũ Anh Dũng", place=cast.OFFICE, roles={Role.COORDINATOR})


def listed(store: Store, *, at: datetime) -> LatePage:
    return late.late_page(store, actor=coordinator, at=at)


def only_row(store: Store, *, at: datetime) -> LateRow:
    (group,) = listed(store, at=at).groups
    (row,) = group.rows
    return row


def facts(store: Store, *, at: datetime) -> list[tuple[str, str]]:
    return [(each.fact, each.words) for each in messages.late_after(store, "", at=at, limit=100).late]


def waiting(store: Store) -> Case:
    return Case(store).with_policy(PausePolicy.PAUSE).received().asked()


def test_added_papers_are_late_after_their_own_j_plus_n_although_the_limit_stands(seeded: Store) -> None:
    case = waiting(seeded)
    case.bring(1, 2, at=cast.after(days=2), by=cast.lan)
    near = only_row(seeded, at=cast.after(days=3))
    assert (near.stage, near.days, near.is_at_risk) == (late.STAGES[Clock.SUPPLEMENT], 0, True)
    row = only_row(seeded, at=cast.after(days=7))
    assert (row.stage, row.due_on, row.days) == (late.STAGES[Clock.SUPPLEMENT], date(2026, 11, 19), 2)
    assert row.holder == str(cast.counter)
    assert [fact for fact, _ in facts(seeded, at=cast.after(days=7))] == ["late_supplement_2026-11-19"]


def test_added_papers_that_arrived_are_not_late(seeded: Store) -> None:
    case = waiting(seeded)
    brought = case.bring(1, 2, at=cast.after(days=2), by=cast.lan)
    case.carry(brought.code, at=cast.after(days=3))
    assert listed(seeded, at=cast.after(days=9)).late == 0


def test_the_first_of_two_envelopes_counts(seeded: Store) -> None:
    case = waiting(seeded)
    case.bring(1, at=cast.after(days=2), by=cast.lan)
    case.bring(2, at=cast.after(days=4), by=cast.lan)
    assert only_row(seeded, at=cast.after(days=7)).due_on == date(2026, 11, 19)


def coming_home(store: Store) -> Case:
    """Return a case that was stopped on Tuesday, whose original the post took on Wednesday."""
    case = Case(store).received()
    agency.stop(store, case.code, reason="theo đơn", by=cast.xuan, at=cast.after(days=1))
    papers = [PaperBack(source=case.owed, originals=1)]
    made = homeward.return_papers(
        store, case.code, papers, seal="7781", request="r" * 32, by=cast.xuan, at=cast.after(days=1), below=case.below
    )
    case.hand(made.code, giver=cast.xuan, receiver=cast.tai, to=cast.transport, at=cast.after(days=2))
    return case


def test_papers_that_come_home_are_late_although_the_dossier_is_over(seeded: Store) -> None:
    coming_home(seeded)
    row = only_row(seeded, at=cast.after(days=7))
    assert (row.stage, row.due_on, row.days) == (late.STAGES[Clock.PAPERS_BACK], date(2026, 11, 20), 1)
    assert [fact for fact, _ in facts(seeded, at=cast.after(days=7))] == ["late_papers_back_2026-11-20"]


def test_papers_that_are_home_are_not_late(seeded: Store) -> None:
    case = coming_home(seeded)
    (home,) = [item for item in case.items if item.kind.value == "returned"]
    case.hand(home.code, giver=cast.tai, receiver=cast.lan, to=cast.counter, at=cast.after(days=3))
    case.give(home.code, at=cast.after(days=4))
    assert listed(seeded, at=cast.after(days=9)).groups == ()


def test_papers_still_with_the_authority_are_nobodys_postal_leg(seeded: Store) -> None:
    case = Case(seeded).received()
    agency.stop(seeded, case.code, reason="theo đơn", by=cast.xuan, at=cast.after(days=1))
    assert listed(seeded, at=cast.after(days=30)).groups == ()
