"""What a desk decided about its limits holds for what is received from then on."""

from datetime import datetime

import pytest

from postal.domain import clocks, spans
from postal.domain.calendars import VIETNAM
from postal.domain.dossier import Dossier
from postal.domain.events import ReceptionMode
from postal.domain.people import Role
from postal.domain.permissions import Forbidden
from postal.domain.policies import NotForThisPlace, PolicyName
from postal.services import policies, registration
from postal.store import Store
from tests import cast
from tests.services.cases import PROCEDURE, Case

AFTER_THREE = datetime(2026, 11, 20, 15, 30, tzinfo=VIETNAM)
BASIS = "Quyết định 15/QĐ-UBND ngày 02/11/2026"
OFFICIAL = "H48.17-261120-0007"


def decided(store: Store, name: PolicyName, value: str) -> None:
    policies.set_policy(store, name, value=value, basis=BASIS, by=cast.xuan, at=cast.monday)


def received_by_post(store: Store) -> Dossier:
    case = Case(store)
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
        promised_at=datetime(2026, 11, 27, 17, 0, tzinfo=VIETNAM),
    )
    return registration.register(store, form, by=cast.lan, at=AFTER_THREE, below=cast.below(91)).dossier


def test_where_the_post_receives_the_slip_starts_the_clock_and_nobody_has_verified_that(seeded: Store) -> None:
    dossier = received_by_post(seeded)
    assert dossier.started_at == AFTER_THREE
    assert dossier.start_basis == clocks.SLIP_ISSUED_BY_POST.basis
    assert not spans.start_of(dossier).is_verified


def test_a_desk_may_let_its_clock_start_the_next_morning_and_gives_its_basis(seeded: Store) -> None:
    decided(seeded, PolicyName.START_BY_POST, "passed_on")
    decided(seeded, PolicyName.HOURS, "08:00-12:00,13:00-17:00")
    dossier = received_by_post(seeded)
    assert dossier.started_at == datetime(2026, 11, 23, 8, 0, tzinfo=VIETNAM)
    assert BASIS in dossier.start_basis
    assert spans.start_of(dossier).is_verified
    assert dossier.rule is not None
    assert (dossier.rule.hours, dossier.rule.hours_basis) == ("08:00-12:00,13:00-17:00", BASIS)


def test_a_desk_that_decided_nothing_leaves_no_rule_behind(seeded: Store) -> None:
    assert Case(seeded).received().dossier.rule is None


def test_a_choice_of_today_moves_no_date_of_yesterday(seeded: Store) -> None:
    before = Case(seeded).received()
    decided(seeded, PolicyName.COUNTING, "hours_practice")
    assert before.dossier.rule is None
    assert before.due(at=cast.after(days=1)).counting == clocks.COUNTING_NAMES[clocks.Counting.CIVIL_CODE]


def test_who_may_decide_and_who_may_not(seeded: Store) -> None:
    with pytest.raises(Forbidden):
        policies.set_policy(
            seeded, PolicyName.COUNTING, value="hours_practice", basis=BASIS, by=cast.lan, at=cast.monday
        )
    head_of_post = cast.actor("minh", "Lê Quang Minh", place=cast.OFFICE, roles={Role.CONTROLLER})
    with pytest.raises(NotForThisPlace):
        policies.set_policy(
            seeded, PolicyName.COUNTING, value="hours_practice", basis=BASIS, by=head_of_post, at=cast.monday
        )
