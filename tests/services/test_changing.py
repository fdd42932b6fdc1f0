"""A change is drafted, looked at on last month's dossiers, and published; old dossiers keep their clock."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import Select, select

from postal.domain import calendars
from postal.domain.catalogue_change import VersionsOverlap
from postal.domain.clocks import Limit, PausePolicy, Unit
from postal.domain.people import Actor, Role
from postal.domain.permissions import Forbidden
from postal.domain.places import Level
from postal.domain.procedures import CompetenceRule, ProcedureAbolished, ProcedureStatus, ProcedureVersion
from postal.queries import previews, procedures
from postal.queries.offline_kit import offline_kit
from postal.queries.previews import Preview
from postal.services import catalogue, changing, tariffs
from postal.services.changing import DraftDecided, VersionSince
from postal.store import Store
from postal.store.tables import AuditRow, table_of
from tests import cast
from tests.services.cases import OFFICIAL, PROCEDURE, Case

DUNG = Actor(account="dung", name="Dũng", place=cast.OFFICE, roles=frozenset({Role.COORDINATOR}))
THURSDAY = date(2026, 11, 19)
FIVE = Limit(5, Unit.WORKING_DAYS)
LATER = cast.after(days=1)


def newest(store: Store) -> ProcedureVersion:
    with store.read() as reader:
        return reader.reference.versions(PROCEDURE)[-1]


def changed(store: Store, **said: Any) -> ProcedureVersion:
    return replace(newest(store), valid_from=THURSDAY, basis="QĐ mẫu", **said)


def looked(store: Store, **said: Any) -> Preview:
    return previews.preview(store, [(newest(store), changed(store, **said))], at=LATER)


def published(store: Store, **said: Any) -> ProcedureVersion:
    changing.draft(store, changed(store, **said), draft_id="d1", by=DUNG, at=LATER)
    return changing.publish(store, "d1", by=DUNG, at=LATER)


def test_the_preview_counts_and_lists_the_due_dates_that_would_differ(seeded: Store) -> None:
    case = Case(seeded).received()
    found = looked(seeded, limit=FIVE, limit_text="5 ngày làm việc")
    assert (found.looked_at, found.touched, found.due_dates, found.fees, found.authorities) == (1, 1, 1, 0, 0)
    (row,) = found.rows
    assert row.href == f"/dossiers/{case.code}"
    (turn,) = row.turns
    assert (turn.label, turn.before[-10:], turn.after[-10:]) == ("Hẹn trả", "19/11/2026", "23/11/2026")


def test_the_preview_tells_of_fees_authorities_and_what_could_not_travel(seeded: Store) -> None:
    Case(seeded)
    rule = CompetenceRule(level=Level.PROVINCE, department="SO_TU_PHAP", basis="Luật mẫu")
    found = looked(seeded, fee=8000, competence=rule, carriable=False, why_not="phải có mặt.")
    assert (found.fees, found.authorities, found.carrying, found.due_dates) == (1, 1, 1, 0)
    turns = {turn.label: (turn.before, turn.after) for turn in found.rows[0].turns}
    assert turns["Phí, lệ phí"][1] == "8.000 đ"
    assert turns["Cơ quan giải quyết"] == ("Ủy ban nhân dân phường Hải Châu", "Sở Tư pháp thành phố Đà Nẵng")
    assert turns["Gửi qua bưu điện"] == ("được gửi", "không gửi: phải có mặt.")


def test_the_preview_tells_the_fee_a_counter_would_propose_by_the_table_in_force(seeded: Store) -> None:
    Case(seeded)
    header = "procedure,version,name,case,amount,decision,basis,valid_from,valid_to\n"
    tariffs.import_tariffs(seeded, f"{header}{PROCEDURE},1,Lệ phí,,15000,TT 1,Biểu thử,2025-07-01,\n", at=LATER)
    (row,) = looked(seeded, fee=8000).rows
    assert [(turn.before, turn.after) for turn in row.turns] == [("15.000 đ (bảng phí, lệ phí)", "8.000 đ")]
    tariffs.import_tariffs(seeded, f"{header}{PROCEDURE},,Lệ phí,,15000,TT 1,Biểu thử,2025-07-01,\n", at=LATER)
    assert looked(seeded, fee=8000).fees == 0, "the table goes on, whatever the catalogue says"


def test_a_dossier_whose_clock_has_not_begun_is_said_to_have_no_due_date_yet(seeded: Store) -> None:
    Case(seeded)
    found = looked(seeded, limit=FIVE)
    assert (found.looked_at, found.not_begun, found.touched) == (1, 1, 0)


def test_a_dossier_older_than_a_month_and_one_of_another_procedure_are_left_out(seeded: Store) -> None:
    Case(seeded).received()
    much_later = cast.monday + timedelta(days=40)
    old, new = newest(seeded), changed(seeded, limit=FIVE)
    assert previews.preview(seeded, [(old, new)], at=much_later).looked_at == 0
    assert previews.preview(seeded, [(None, new)], at=LATER).looked_at == 0


def test_publishing_makes_the_next_version_and_old_dossiers_keep_their_clock(seeded: Store) -> None:
    case = Case(seeded).received()
    before = case.due(at=LATER)
    new = published(seeded, limit=FIVE, limit_text="5 ngày làm việc", pause_policy=PausePolicy.PAUSE)
    with seeded.read() as reader:
        old, now = reader.reference.versions(PROCEDURE)
    assert (old.valid_to, now.valid_from, now.version) == (date(2026, 11, 18), THURSDAY, 2)
    assert now == new
    assert case.dossier.procedure_version == 1
    assert case.dossier.limit == old.limit
    assert case.due(at=LATER) == before
    assert procedures.procedure(seeded, PROCEDURE, on=date(2026, 11, 18)).version.version == 1
    assert procedures.procedure(seeded, PROCEDURE, on=THURSDAY).version.limit == FIVE
    assert case.dossier.official_code == OFFICIAL


def test_publishing_leaves_a_line_that_says_who_and_what(seeded: Store) -> None:
    published(seeded, limit=FIVE)
    with seeded.read() as reader:
        lines = reader.rows(_audit("procedure_published"))
    assert [(line.account, line.subject) for line in lines] == [("dung", PROCEDURE)]
    assert "phiên bản 2, từ 19/11/2026" in lines[0].detail


def test_a_draft_is_decided_once_and_not_over_a_version_it_did_not_see(seeded: Store) -> None:
    published(seeded, limit=FIVE)
    with pytest.raises(DraftDecided):
        changing.publish(seeded, "d1", by=DUNG, at=LATER)
    with pytest.raises(DraftDecided):
        changing.drop(seeded, "d1", by=DUNG, at=LATER)
    soon = replace(newest(seeded), valid_from=date(2026, 12, 1), note="một")
    changing.draft(seeded, soon, draft_id="d2", by=DUNG, at=LATER)
    header = "code,name,level,field,channel,duration_text,duration_number,duration_unit\n"
    row = f"{PROCEDURE},{soon.name},,,Dịch vụ bưu chính,9 ngày,9,ngày\n"
    catalogue.import_procedures(seeded, header + row, at=LATER)
    with pytest.raises(VersionSince):
        changing.publish(seeded, "d2", by=DUNG, at=LATER)


def test_of_two_who_publish_at_the_same_moment_one_does(seeded: Store) -> None:
    changing.draft(seeded, changed(seeded, limit=FIVE), draft_id="d1", by=DUNG, at=LATER)

    def try_it(_: int) -> str:
        try:
            return f"version {changing.publish(seeded, 'd1', by=DUNG, at=LATER).version}"
        except (DraftDecided, VersionSince) as refused:
            return refused.code

    with ThreadPoolExecutor(4) as pool:
        outcomes = sorted(pool.map(try_it, range(4)))
    assert outcomes == ["draft_decided"] * 3 + ["version 2"]
    with seeded.read() as reader:
        assert len(reader.reference.versions(PROCEDURE)) == 2


def test_a_procedure_has_one_open_draft_and_saving_again_mends_it(seeded: Store) -> None:
    first = changing.draft(seeded, changed(seeded, note="một"), draft_id="d1", by=DUNG, at=LATER)
    second = changing.draft(seeded, changed(seeded, note="hai"), draft_id="d2", by=DUNG, at=LATER)
    assert (first.id, second.id, second.version.note) == ("d1", "d1", "hai")


def test_a_planned_version_is_not_overlapped(seeded: Store) -> None:
    published(seeded, limit=FIVE)
    sooner = replace(newest(seeded), valid_from=date(2026, 11, 18), note="sớm hơn")
    with pytest.raises(VersionsOverlap):
        changing.draft(seeded, sooner, draft_id="d2", by=DUNG, at=LATER)


def test_an_abolished_procedure_is_no_longer_found_at_the_counter(seeded: Store) -> None:
    published(seeded, status=ProcedureStatus.ABOLISHED)
    assert PROCEDURE in {p.code for p in procedures.search_procedures(seeded, "doc than", on=date(2026, 11, 18))}
    assert PROCEDURE not in {p.code for p in procedures.search_procedures(seeded, "doc than", on=THURSDAY)}
    with pytest.raises(ProcedureAbolished):
        procedures.procedure(seeded, PROCEDURE, on=THURSDAY)
    assert "đã bãi bỏ từ 19/11/2026" in procedures.abolished(seeded, "doc than", on=THURSDAY)
    assert procedures.abolished(seeded, "doc than", on=date(2026, 11, 18)) == ""
    assert PROCEDURE not in {
        each["code"] for each in offline_kit(seeded, actor=cast.lan, at=cast.after(days=4))["procedures"]
    }
    with seeded.read() as reader:
        assert PROCEDURE not in reader.reference.procedures(on=THURSDAY)


def test_the_agencys_portal_wins_and_keeps_what_the_national_list_said(seeded: Store) -> None:
    before = newest(seeded)
    new = published(seeded, limit=FIVE, limit_text="", agency_source="Cổng Dịch vụ công của Bộ, xem 16/11/2026")
    assert new.national is not None
    assert (new.national.limit_text, new.national.source) == (str(before.limit), before.basis)
    header = "code,name,level,field,channel,duration_text,duration_number,duration_unit\n"
    row = f"{PROCEDURE},{before.name},Cấp xã,Hộ tịch,Dịch vụ bưu chính,9 ngày,9,ngày\n"
    catalogue.import_procedures(seeded, header + row, at=cast.after(days=5))
    last = newest(seeded)
    assert last.national is not None
    assert (last.limit, last.national.limit_text) == (FIVE, "9 ngày")


def test_only_who_manages_the_catalogue_drafts_and_publishes(seeded: Store) -> None:
    said = changed(seeded, limit=FIVE)
    with pytest.raises(Forbidden):
        changing.draft(seeded, said, draft_id="d1", by=cast.lan, at=LATER)
    changing.draft(seeded, said, draft_id="d1", by=DUNG, at=LATER)
    for act in (changing.publish, changing.drop):
        with pytest.raises(Forbidden):
            act(seeded, "d1", by=cast.lan, at=LATER)
    assert calendars.local(LATER).date() < THURSDAY


def _audit(what: str) -> Select[Any]:
    table = table_of(AuditRow)
    return select(table).where(table.c.what == what)
