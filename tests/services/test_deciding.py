"""Keeping lanes, delegations and lineage: who may, what is refused, what a file brings."""

import contextlib
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, time

import pytest

from postal.domain.delegations import Delegation, WrongDelegation
from postal.domain.lanes import LaneOverlaps, WrongLane
from postal.domain.lineage import Fate, Succession, WrongSuccession
from postal.domain.people import Actor, Role
from postal.domain.permissions import Forbidden
from postal.domain.places import UnknownPlace
from postal.domain.procedures import UnknownProcedure
from postal.services import deciding
from postal.services.deciding import NewLane, UnknownEntry
from postal.store import Ledger, Store
from tests import cast, databases

ADMIN = Actor(account="quantri", name="Quản trị", place="551000", roles=frozenset({Role.ADMIN}))
CLERK = Actor(account="lan", name="Lan", place="551000", roles=frozenset({Role.COUNTER_CLERK}))
AT = cast.monday

LANE = NewLane(
    origin="551000",
    destination="MC-20410",
    carrier="Bưu điện thành phố Đà Nẵng",
    tier_days=1,
    cutoff=time(15),
    basis="QĐ 5/QĐ-BĐ",
    valid_from=date(2026, 12, 1),
)
DELEGATION = Delegation(
    code="",
    authority="SO-48-XD",
    delegate="UB-20242",
    procedure="1.013225",
    basis="QĐ 7/QĐ-SXD",
    valid_from=date(2026, 12, 1),
)
MERGED = Succession(
    code="", unit="20260", fate=Fate.MERGED, successors=("20314",), valid_from=date(2026, 12, 1), basis="NQ 1"
)


def test_a_lane_is_entered_ended_and_followed_by_another_on_both_databases(seeded: Store) -> None:
    first = deciding.add_lane(seeded, LANE, by=ADMIN, at=AT)
    with pytest.raises(LaneOverlaps):
        deciding.add_lane(seeded, replace(LANE, valid_from=date(2027, 1, 1)), by=ADMIN, at=AT)
    deciding.end_lane(seeded, first.code, last=date(2026, 12, 31), by=ADMIN, at=AT)
    second = deciding.add_lane(seeded, replace(LANE, tier_days=2, valid_from=date(2027, 1, 1)), by=ADMIN, at=AT)
    assert (first.code, second.code) == ("551000-MC-20410", "551000-MC-20410-2")
    with seeded.read() as reader:
        ends = [reader.reference.place(code) for code in ("551000", "MC-20410")]
        for on, tier in ((date(2026, 12, 31), 1), (date(2027, 1, 1), 2)):
            assert reader.reference.lane(ends[0], ends[1], on=on).tier_days == tier


@databases.ON_SQLITE
def test_a_lane_of_no_days_or_to_nowhere_is_refused(seeded: Store) -> None:
    for wrong in (replace(LANE, tier_days=0), replace(LANE, tier_days=-3), replace(LANE, destination="province:99")):
        with pytest.raises(WrongLane):
            deciding.add_lane(seeded, wrong, by=ADMIN, at=AT)
    with pytest.raises(UnknownEntry):
        deciding.end_lane(seeded, "khong-co", last=date(2026, 12, 31), by=ADMIN, at=AT)


def test_a_delegation_is_entered_ended_and_followed_by_another_on_both_databases(seeded: Store) -> None:
    first = deciding.add_delegation(seeded, DELEGATION, by=ADMIN, at=AT)
    with pytest.raises(WrongDelegation):
        deciding.add_delegation(seeded, replace(DELEGATION, delegate="UB-20410"), by=ADMIN, at=AT)
    deciding.end_delegation(seeded, first.code, last=date(2026, 12, 31), by=ADMIN, at=AT)
    later = replace(DELEGATION, delegate="UB-20410", valid_from=date(2027, 1, 1))
    assert deciding.add_delegation(seeded, later, by=ADMIN, at=AT).code == f"{first.code}-2"
    with pytest.raises(UnknownPlace):
        deciding.add_delegation(seeded, replace(DELEGATION, authority="SO-99"), by=ADMIN, at=AT)
    with pytest.raises(UnknownProcedure):
        deciding.add_delegation(seeded, replace(DELEGATION, procedure="9.999999"), by=ADMIN, at=AT)
    with pytest.raises(WrongDelegation, match="đã kết thúc"):
        deciding.end_delegation(seeded, first.code, last=date(2027, 5, 1), by=ADMIN, at=AT)


def test_what_became_of_a_commune_is_entered_once_on_both_databases(seeded: Store) -> None:
    made = deciding.add_succession(seeded, MERGED, by=ADMIN, at=AT)
    assert made.code == "KT-20260"
    with pytest.raises(WrongSuccession, match="đã ghi"):
        deciding.add_succession(seeded, MERGED, by=ADMIN, at=AT)
    with pytest.raises(UnknownPlace):
        deciding.add_succession(seeded, replace(MERGED, unit="99999"), by=ADMIN, at=AT)


@databases.ON_SQLITE
def test_only_who_keeps_the_catalogue_may_change_it(seeded: Store) -> None:
    with pytest.raises(Forbidden):
        deciding.add_lane(seeded, LANE, by=CLERK, at=AT)
    with pytest.raises(Forbidden):
        deciding.add_delegation(seeded, DELEGATION, by=CLERK, at=AT)
    with pytest.raises(Forbidden):
        deciding.add_succession(seeded, MERGED, by=CLERK, at=AT)


LANES_FILE = """code,origin,destination,carrier,tier_days,cutoff,basis,valid_from,valid_to
X-1,551000,MC-20410,Bưu điện,1,15:00,QĐ 1,2026-12-01,2026-12-31
X-2,551000,MC-20410,Bưu điện,2,15:00,QĐ 1,2026-12-15,
X-3,551000,MC-20410,Bưu điện,0,15:00,QĐ 1,2027-01-01,
X-4,551000,KHONG-CO,Bưu điện,2,15:00,QĐ 1,2027-01-01,
"""


@databases.ON_SQLITE
def test_a_file_of_lanes_keeps_out_overlaps_and_tiers_that_are_none(seeded: Store) -> None:
    dry = deciding.import_lanes(seeded, LANES_FILE, at=AT, dry_run=True)
    assert (dry.added, [error.row for error in dry.errors]) == (1, [3, 4, 5])
    done = deciding.import_lanes(seeded, LANES_FILE, at=AT, by=ADMIN)
    assert (done.read, done.added, done.changed) == (4, 1, 0)
    again = deciding.import_lanes(seeded, LANES_FILE, at=AT, by=ADMIN)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 1)


@databases.ON_SQLITE
def test_files_of_delegations_and_of_lineage_are_read_row_by_row(seeded: Store) -> None:
    found = deciding.import_delegations(
        seeded,
        "code,authority,delegate,procedure,field,desk,basis,valid_from,valid_to\n"
        "UQ-1,SO-48-XD,UB-20242,1.013225,,,QĐ 1,2026-12-01,\n"
        "UQ-2,SO-48-XD,SO-48-XD,1.013226,,,QĐ 1,2026-12-01,\n"
        "UQ-3,SO-48-XD,UB-20242,1.013227,,,QĐ 1,,\n",
        at=AT,
    )
    assert (found.added, [error.row for error in found.errors]) == (1, [3, 4])
    known = deciding.import_successions(
        seeded,
        "code,unit,fate,successors,name,valid_from,basis\n"
        "KT-1,20260,split,20314 20257,,2026-12-01,NQ 1\n"
        "KT-2,20314,merged,,,2026-12-01,NQ 1\n"
        "KT-3,20257,renamed,,Phường Mới,2026-12-01,NQ 1\n",
        at=AT,
    )
    assert (known.added, [error.row for error in known.errors]) == (2, [3])


def test_two_who_delegate_the_same_thing_at_one_moment_do_not_both_succeed(
    seeded: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    both, check = threading.Barrier(2), deciding._check_delegation

    def check_together(ledger: Ledger, delegation: Delegation, known: Sequence[Delegation]) -> None:
        with contextlib.suppress(threading.BrokenBarrierError):
            both.wait(0.5)
        check(ledger, delegation, known)

    def add(delegate: str) -> bool:
        try:
            deciding.add_delegation(seeded, replace(DELEGATION, delegate=delegate), by=ADMIN, at=AT)
        except WrongDelegation:
            return False
        return True

    monkeypatch.setattr(deciding, "_check_delegation", check_together)
    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, ("UB-20242", "UB-20257"))) == [False, True]
    with seeded.read() as reader:
        assert len(reader.reference.delegations()) == 1


@databases.ON_SQLITE
def test_a_field_written_in_other_letters_is_the_same_field(seeded: Store) -> None:
    of_field = replace(DELEGATION, procedure="", field="Hoạt động xây dựng")
    deciding.add_delegation(seeded, of_field, by=ADMIN, at=AT)
    with pytest.raises(WrongDelegation, match="trùng thời gian"):
        deciding.add_delegation(seeded, replace(of_field, field="hoạt động XÂY DỰNG"), by=ADMIN, at=AT)
