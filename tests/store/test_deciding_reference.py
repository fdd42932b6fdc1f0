"""The store of who decides: delegations, lineage and names of units, on both databases."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from postal.domain.competence import Subject
from postal.domain.delegations import Delegation
from postal.domain.lineage import Fate, Succession
from postal.domain.places import CommuneGone, Era, Lane, Level, UnitKey
from postal.queries import competence, places
from postal.store import Store
from tests import cast

ON = cast.monday.date()


def test_a_delegation_decides_while_it_holds(seeded: Store) -> None:
    delegation = Delegation(
        code="UQ-1", authority="SO-48-TP", delegate="UB-20242", procedure="1.003915", basis="QĐ 1", valid_from=ON
    )
    with seeded.begin(at=cast.monday) as ledger:
        register = ledger.reference
        version = replace(
            register.procedure("1.001193", on=ON),
            code="1.003915",
            competence=register.procedure("1.014063", on=ON).competence,
        )
        register.put_delegation(delegation)
        register.put_delegation(replace(delegation, basis="QĐ 2"))
        assert register.delegations() == [replace(delegation, basis="QĐ 2")]
        assert register.delegations(["CA-48"]) == []
        rule = version.competence
        assert rule is not None
        version = replace(version, competence=replace(rule, level=Level.PROVINCE, department="SO_TU_PHAP"))
        found = register.competent(version, case_commune="20410", on=ON)
        assert (found.authority.code, found.desk.code, found.delegation) == ("UB-20242", "MC-20242", "UQ-1")
        before = register.competent(version, case_commune="20410", on=ON - timedelta(days=1))
        assert (before.authority.code, before.delegation) == ("SO-48-TP", "")
        assert register.competent(version, case_commune="20410", on=ON, subject=Subject.ORGANISATION) == found


def test_a_merged_commune_is_gone_from_its_day_and_names_who_continues(seeded: Store) -> None:
    merged = Succession(code="KT-1", unit="20260", fate=Fate.MERGED, successors=("20314",), valid_from=ON, basis="NQ 1")
    with seeded.begin(at=cast.monday) as ledger:
        ledger.reference.put_succession(merged, on=ON)
        assert ledger.reference.commune("20260", on=ON - timedelta(days=1)).code == "20260"
        with pytest.raises(CommuneGone, match=r"20314"):
            ledger.reference.commune("20260", on=ON)
    located = competence.locate(seeded, "phường Cẩm Lệ, Đà Nẵng", on=ON)
    assert located.commune is not None
    assert located.commune.code == "20314"
    assert [step.basis for step in located.steps][-1] == "NQ 1"
    assert located.text == "phường Cẩm Lệ, Đà Nẵng"


def test_a_renamed_commune_is_found_by_both_names_and_bears_the_one_of_the_day(seeded: Store) -> None:
    renamed = Succession(
        code="KT-2", unit="20260", fate=Fate.RENAMED, name="Phường Cẩm Lệ Mới", valid_from=ON, basis="NQ 2"
    )
    with seeded.begin(at=cast.monday) as ledger:
        ledger.reference.put_succession(renamed, on=ON)
        key = UnitKey(era=Era.SINCE_2025, code="20260")
        assert ledger.reference.unit(key, on=ON).name == "Phường Cẩm Lệ Mới"
        assert ledger.reference.unit(key, on=ON - timedelta(days=1)).name != "Phường Cẩm Lệ Mới"
    for written in ("phường Cẩm Lệ Mới, Đà Nẵng", "phường Cẩm Lệ, Đà Nẵng"):
        found = competence.locate(seeded, written, on=ON)
        assert found.commune is not None
        assert (found.commune.code, found.commune.name) == ("20260", "Phường Cẩm Lệ Mới")
    assert places.search_communes(seeded, "cẩm lệ mới", on=ON)[0].code == "20260"


def test_a_lane_is_replaced_under_its_code(seeded: Store) -> None:
    lane = Lane(
        code="551000-48",
        origin="551000",
        destination="province:48",
        carrier="Bưu điện",
        tier_days=1,
        cutoff=time(16),
        basis="QĐ 3",
    )
    with seeded.begin(at=cast.monday) as ledger:
        ledger.reference.put_lane(lane)
        ledger.reference.put_lane(replace(lane, valid_to=date(2026, 12, 31)))
        found = ledger.reference.lane_named("551000-48")
        assert found is not None
        assert found.valid_to == date(2026, 12, 31)
        assert len([each for each in ledger.reference.lanes() if each.code == "551000-48"]) == 1
