"""Papers that are missing: asked for once, brought to any counter in halves, and when the clock goes on."""

from datetime import date, datetime

import pytest

from postal.domain import calendars
from postal.domain.clocks import PausePolicy
from postal.domain.dossier import AgencyStatus
from postal.domain.events import ItemKind, MoneyLedger, Supplemented
from postal.domain.item import AlreadyLeft
from postal.domain.people import Role
from postal.domain.permissions import Forbidden
from postal.domain.status import Status
from postal.domain.supplements import (
    NOTED_BASIS,
    SIGNED_BASIS,
    AllBrought,
    AskedPaper,
    NotAskedFor,
    NotAWorkingDay,
    NothingAskedFor,
    still_missing,
)
from postal.services import agency, custody, supplements
from postal.services.agency import NoPapersAsked, NotReceivedYet, SecondSupplement
from postal.services.destinations import NoCounter
from postal.services.registration import NoPapers
from postal.services.supplements import BroughtPaper, NotASupplement
from postal.store import Store
from postal.store.registers import RequestMismatch
from tests import cast
from tests.services.cases import BY_THEN, MISSING, OFFICIAL, Case

head_of_desk = cast.actor(
    "yen",
    "Hà Hải Yến",
    cast.commune_desk,
    place=cast.COMMUNE_DESK,
    roles={Role.DESK_OFFICER, Role.CONTROLLER},
)


@pytest.fixture
def case(seeded: Store) -> Case:
    return Case(seeded).received()


# --- asking -----------------------------------------------------------------------------------------------------------


def test_all_missing_papers_stand_in_one_request_with_a_day(case: Case) -> None:
    dossier = case.asked().dossier
    assert (dossier.status, dossier.asked_papers) == (AgencyStatus.SUPPLEMENT, 2)
    assert dossier.supplement_due_on == BY_THEN
    assert case.word is Status.NEED_MORE


@pytest.mark.parametrize("day", [date(2026, 11, 17), date(2026, 11, 22), date(2026, 1, 2)])
def test_nobody_is_asked_to_come_on_a_day_that_is_over_or_off(case: Case, day: date) -> None:
    with pytest.raises(NotAWorkingDay):
        case.asked(due_on=day)
    assert case.dossier.status is AgencyStatus.RECEIVED


@pytest.mark.parametrize("papers", [(), (AskedPaper(name=" "),), (*MISSING, AskedPaper(name=""))])
def test_a_request_names_every_paper(case: Case, papers: tuple[AskedPaper, ...]) -> None:
    with pytest.raises(NoPapersAsked):
        case.asked(papers)


def test_asking_again_needs_a_reason_and_the_head_of_the_desk(case: Case) -> None:
    case.asked()
    agency.complete_supplement(case.store, case.code, by=cast.xuan, at=cast.after(days=2))
    later = cast.after(days=3)
    for by, reason in ((cast.xuan, "phát hiện khi thẩm định"), (head_of_desk, " ")):
        with pytest.raises(SecondSupplement):
            case.asked(at=later, by=by, reason=reason)
    case.asked(MISSING[:1], at=later, by=head_of_desk, reason="phát hiện khi thẩm định")
    assert (case.dossier.asked_papers, case.dossier.supplements) == (1, 2)


def test_the_head_of_another_house_asks_nothing(case: Case) -> None:
    with pytest.raises(Forbidden):
        case.asked(by=cast.minh)


# --- bringing ---------------------------------------------------------------------------------------------------------


def test_halves_come_to_any_counter_on_different_days_and_the_file_stays_where_it_is(case: Case) -> None:
    case.asked()
    first = case.bring(1, at=cast.after(days=2))
    assert (first.kind, first.custodian.key) == (ItemKind.SUPPLEMENT, cast.small_counter.key)
    assert (first.destination.place, first.seal) == (cast.COMMUNE_DESK, "4401")
    assert still_missing(case.dossier, case.items) == (2,)
    second = case.bring(2, at=cast.after(days=3), by=cast.lan)
    assert second.custodian.key == cast.counter.key
    assert still_missing(case.dossier, case.items) == ()
    file = next(each for each in case.items if each.code == case.envelope)
    assert file.custodian.key == cast.commune_desk.key


def test_a_paper_carries_the_name_the_authority_gave_it(case: Case) -> None:
    made = case.asked().bring(2, at=cast.after(days=2))
    with case.store.begin(at=cast.monday) as ledger:
        assert ledger.texts.get([made.contents])[made.contents] == '["Ảnh 3×4"]'


def test_the_same_form_twice_makes_one_envelope(case: Case) -> None:
    case.asked()
    made = case.bring(1, at=cast.after(days=2), request="form-1", postage=18_000)
    assert case.bring(1, at=cast.after(days=2), request="form-1", postage=18_000).code == made.code
    assert len(case.items) == 2
    assert case.dossier.money(MoneyLedger.POSTAGE).collected == 18_000
    with pytest.raises(RequestMismatch):
        case.bring(2, at=cast.after(days=2), request="form-1")


def test_nobody_brings_what_was_not_asked_for(case: Case) -> None:
    with pytest.raises(NothingAskedFor):
        case.bring(1, at=cast.after(days=1))
    case.asked()
    with pytest.raises(NotAskedFor, match="Dòng 3"):
        case.bring(3, at=cast.after(days=2))
    case.bring(1, at=cast.after(days=2))
    with pytest.raises(NotAskedFor):
        case.bring(1, at=cast.after(days=3))
    case.bring(2, at=cast.after(days=3))
    with pytest.raises(AllBrought):
        case.bring(2, at=cast.after(days=4))


def test_nobody_brings_papers_for_a_dossier_that_is_over(case: Case) -> None:
    case.asked()
    agency.stop(case.store, case.code, reason="theo đơn", by=cast.xuan, at=cast.after(days=2))
    with pytest.raises(NothingAskedFor, match="dừng xử lý"):
        case.bring(1, at=cast.after(days=3))


def test_an_envelope_is_never_empty(case: Case) -> None:
    case.asked()
    for lines in ([], [BroughtPaper(asked=1)], [BroughtPaper(asked=1, originals=1), BroughtPaper(asked=2)]):
        with pytest.raises(NoPapers):
            supplements.take_in(case.store, case.code, lines, by=cast.lan, at=cast.after(days=2), below=case.below)


def test_only_a_counter_takes_papers_in(case: Case) -> None:
    case.asked()
    with pytest.raises(Forbidden):
        case.bring(1, at=cast.after(days=2), by=cast.xuan)
    nobody = cast.actor("moi", "Mới", place=cast.OFFICE, roles={Role.COUNTER_CLERK})
    with pytest.raises(NoCounter):
        case.bring(1, at=cast.after(days=2), by=nobody)


def test_what_is_given_back_at_the_counter_is_missing_again(case: Case) -> None:
    made = case.asked().bring(1, at=cast.after(days=2))
    supplements.give_back(case.store, made.code, reason="nhầm giấy", by=cast.sen, at=cast.after(days=2))
    assert still_missing(case.dossier, case.items) == (1, 2)
    with pytest.raises(NotASupplement):
        supplements.give_back(case.store, case.envelope, reason="x", by=cast.sen, at=cast.after(days=2))


def test_what_left_the_counter_is_not_given_back_there(case: Case) -> None:
    made = case.asked().bring(1, at=cast.after(days=2))
    custody.move(case.store, [made.code], to=cast.small_transport, by=cast.sen, at=cast.after(days=2))
    with pytest.raises(AlreadyLeft):
        supplements.give_back(case.store, made.code, reason="x", by=cast.sen, at=cast.after(days=3))


# --- when the clock goes on -------------------------------------------------------------------------------------------

LAST_SIGNED = cast.after(days=4, hours=5)
"""Friday 20 November, when the desk signed for the second half; it says so on Monday 23."""
NOTED = cast.after(days=7)


def complete(case: Case) -> Case:
    case.asked()
    for line, brought, signed in (
        (1, cast.after(days=1, hours=5), cast.after(days=2)),
        (2, cast.after(days=3), LAST_SIGNED),
    ):
        case.carry(case.bring(line, at=brought).code, giver=cast.sen, at=signed)
    agency.complete_supplement(case.store, case.code, by=cast.xuan, at=NOTED)
    return case


@pytest.mark.parametrize(
    ("policy", "due_on"),
    [
        (PausePolicy.RESTART, date(2026, 11, 30)),
        (PausePolicy.PAUSE, date(2026, 11, 30)),
        (PausePolicy.NONE, date(2026, 11, 23)),
    ],
    ids=lambda value: value.name.lower() if isinstance(value, PausePolicy) else "",
)
def test_the_clock_goes_on_from_the_last_signature_by_the_policy_of_the_procedure(
    seeded: Store, policy: PausePolicy, due_on: date
) -> None:
    case = complete(Case(seeded).with_policy(policy).received())
    due = case.due(at=NOTED)
    assert due.due_at is not None
    assert calendars.local(due.due_at).date() == due_on
    if policy is not PausePolicy.NONE:
        assert case.dossier.pauses[-1].until == LAST_SIGNED


def test_a_pause_leaves_out_its_days_and_a_restart_forgets_those_before(seeded: Store) -> None:
    """Three days are used before the question: a restart gives five again, a pause leaves two; Tuesday 24 is off."""
    due: dict[PausePolicy, date] = {}
    for policy in (PausePolicy.RESTART, PausePolicy.PAUSE):
        case = Case(seeded, seed=len(due)).with_policy(policy).at_desk()
        official = f"H48.17-261116-{len(due) + 1:04d}"
        agency.receive(seeded, case.code, official_code=official, by=cast.xuan, at=cast.after(hours=4))
        case.asked(at=cast.after(days=4), due_on=BY_THEN)
        made = case.bring(1, 2, at=cast.after(days=4, hours=1))
        case.carry(made.code, giver=cast.sen, at=cast.after(days=7))
        agency.complete_supplement(seeded, case.code, by=cast.xuan, at=cast.after(days=7, hours=1))
        due[policy] = _day(case.due(at=cast.after(days=9)).due_at)
    assert due == {PausePolicy.RESTART: date(2026, 12, 1), PausePolicy.PAUSE: date(2026, 11, 26)}


def test_the_clock_stands_while_papers_are_awaited(seeded: Store) -> None:
    case = Case(seeded).with_policy(PausePolicy.RESTART).received().asked()
    case.bring(1, 2, at=cast.after(days=2))
    assert case.due(at=cast.after(days=3)).standing


def test_a_same_day_procedure_is_due_on_the_day_the_last_paper_came(seeded: Store) -> None:
    case = Case(seeded).with_policy(PausePolicy.RESTART, same_day=True).received().asked()
    assert case.due(at=cast.after(days=2)).standing
    case.carry(case.bring(1, 2, at=cast.after(days=2)).code, giver=cast.sen, at=cast.after(days=3))
    agency.complete_supplement(case.store, case.code, by=cast.xuan, at=cast.after(days=3, hours=1))
    assert _day(case.due(at=cast.after(days=4)).due_at) == date(2026, 11, 19)


def test_completion_says_on_what_it_rests(case: Case) -> None:
    assert _completed(complete(case)) == (LAST_SIGNED, SIGNED_BASIS)


def test_papers_that_did_not_all_come_by_post_count_from_when_the_desk_noted_them(case: Case) -> None:
    case.asked()
    case.carry(case.bring(1, at=cast.after(days=2)).code, giver=cast.sen, at=cast.after(days=3))
    agency.complete_supplement(case.store, case.code, by=cast.xuan, at=NOTED)
    assert _completed(case) == (None, NOTED_BASIS)
    assert case.dossier.pauses[-1].until == NOTED


def test_papers_missing_at_reception_are_completed_by_receiving(seeded: Store) -> None:
    case = Case(seeded).at_desk().asked()
    with pytest.raises(NotReceivedYet):
        agency.complete_supplement(seeded, case.code, by=cast.xuan, at=cast.after(days=2))
    case.carry(case.bring(1, 2, at=cast.after(days=2)).code, giver=cast.sen, at=LAST_SIGNED)
    received = agency.receive(seeded, case.code, official_code=OFFICIAL, by=cast.xuan, at=NOTED)
    assert received.started_at == LAST_SIGNED, "QĐ 45/2016 Đ.7.4: submitted when the supplement was complete"


def _completed(case: Case) -> tuple[datetime | None, str]:
    with case.store.begin(at=cast.monday) as ledger:
        happened = ledger.happened([case.code])[case.code]
    event = next(each for each in happened if isinstance(each, Supplemented))
    return event.complete_at, event.basis


def _day(at: datetime | None) -> date:
    assert at is not None
    return calendars.local(at).date()
