"""Digitising from the scanner's stack to the file of a paper: split by labels, held, filed, used again, erased."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import text

from postal.domain import scanning, status
from postal.domain.dossier import Dossier
from postal.domain.events import PaperReused
from postal.domain.permissions import Forbidden
from postal.domain.procedures import PaperRequired
from postal.domain.refusals import Refused
from postal.domain.scanning import (
    FileLost,
    Forgotten,
    MustNotScan,
    NoConsent,
    NoPagesChosen,
    NoSuchLine,
    NotHere,
    NotReusable,
    PagesGone,
    ShelfUnreachable,
)
from postal.domain.status import Status
from postal.gateways import files
from postal.gateways.files import ObjectFiles
from postal.services import digitising, erasing, registration, sheets, shelving, sweeping, verification
from postal.services.digitising import Taken
from postal.services.erasing import StillOpen
from postal.services.registration import PaperEntry, Registration
from postal.store import Ledger, Store
from postal.store.stacks import Sheet as Waiting
from postal.store.stacks import Stack
from tests import cast, scanned
from tests.scanned import Sheet
from tests.services import cases
from tests.services.cases import Case

NAMES = ("Tờ khai", "Sổ hộ tịch cũ")
MORNING = cast.after(minutes=10)


@dataclass
class Office:
    """A post office with a scanner, and one dossier of two papers registered."""

    store: Store
    shelf: ObjectFiles = field(default_factory=files.in_memory)
    case: Case = field(init=False)
    clock: datetime = MORNING

    def __post_init__(self) -> None:
        self.case = Case(self.store)

    @property
    def code(self) -> str:
        return self.case.code

    def take(self, *pages: Sheet, default: str = "", place: str = cast.OFFICE, account: str = "lan") -> Taken:
        content = scanned.stack(pages)
        return digitising.take_in(
            self.store, self.shelf, content, place=place, account=account, at=self.clock, default=default
        )

    def waiting(self, code: str | None = None) -> list[Waiting]:
        with self.store.read() as reader:
            return reader.stacks.sheets_of(self.code if code is None else code)

    def held(self, place: str = cast.OFFICE) -> list[Waiting]:
        with self.store.read() as reader:
            return reader.stacks.held_at(place)

    def file(self, line: int, *pages: int, **more: object) -> Dossier:
        """File waiting pages by their place in the queue, from 0; all of them when none is named."""
        queue = self.waiting()
        chosen = [queue[each].file for each in pages] if pages else [each.file for each in queue]
        fields = {"pages": chosen, "by": cast.lan, "at": self.clock, **more}
        return digitising.file_pages(self.store, self.shelf, self.code, line, **fields)  # type: ignore[arg-type]

    def dossier(self) -> Dossier:
        with self.store.read() as reader:
            found = reader.thing(Dossier, self.code)
        assert found is not None
        return found

    def content(self, line: int) -> bytes:
        scan = self.dossier().scan_of(line)
        assert scan is not None
        with self.store.read() as reader:
            kept = reader.files.of_content(self.code, scan.file)
        assert kept is not None
        return shelving.fetched(self.store, self.shelf, kept).content

    def blobs(self) -> set[str]:
        return {name for name, _ in self.shelf.names()}

    def another(self, *, sender: object = cast.khanh, seed: int = 9, names: tuple[str, ...] = NAMES) -> str:
        """Register a second dossier and return its code."""
        form = Registration(
            service=self.case.service,
            procedure=cases.PROCEDURE,
            sender=sender,  # type: ignore[arg-type]
            case_commune="20242",
            return_way=self.case.return_way,
            papers=tuple(PaperEntry(name=name, originals=1) for name in names),
            why_incomplete="Khách nộp đủ theo trang của cơ quan",
            seal="881299",
        )
        made = registration.register(self.store, form, by=cast.lan, at=cast.after(days=1), below=cast.below(seed))
        return made.dossier.code


@pytest.fixture
def office(seeded: Store) -> Office:
    return Office(seeded)


# --- a stack ----------------------------------------------------------------------------------------------------------


def test_a_stack_of_two_dossiers_is_split_by_their_labels(office: Office) -> None:
    other = office.another()
    taken = office.take(Sheet(label=office.case.envelope), Sheet(), Sheet(bars=other), Sheet(), Sheet())
    assert taken.by_dossier == {office.code: 2, other: 3}
    assert [sheet.number for sheet in office.waiting(other)] == [3, 4, 5]
    assert taken.held == 0


def test_pages_that_match_nothing_are_held_where_they_were_scanned(office: Office) -> None:
    taken = office.take(Sheet(), Sheet(label="2222222222"), Sheet(), Sheet(label=office.case.envelope))
    assert (taken.held, taken.by_dossier) == (3, {office.code: 1})
    assert [(sheet.number, sheet.held) for sheet in office.held()] == [(1, "no_label"), (2, "unknown"), (3, "unknown")]
    assert office.held(cast.COMMUNE_DESK) == []


def test_a_dossier_of_another_place_is_held_not_opened(office: Office) -> None:
    taken = office.take(Sheet(label=office.code), place=cast.SMALL_OFFICE)
    assert taken.held == 1
    assert [sheet.held for sheet in office.held(cast.SMALL_OFFICE)] == ["elsewhere"]


def test_each_page_of_the_common_folder_waits_at_the_office_of_its_dossier(office: Office) -> None:
    other = office.another()
    with office.store.begin(at=office.clock) as ledger:
        state = "UPDATE dossier SET state = replace(state, :a, :b), office = :b WHERE code = :code"
        ledger.connection.execute(text(state), {"a": cast.OFFICE, "b": cast.SMALL_OFFICE, "code": other})
    content = scanned.stack([Sheet(), Sheet(label=office.code), Sheet(label=other), Sheet(label="2222222222")])
    digitising.take_in(office.store, office.shelf, content, place="", account="", at=office.clock)
    assert [sheet.place for sheet in (*office.waiting(), *office.waiting(other))] == [cast.OFFICE, cast.SMALL_OFFICE]
    assert [sheet.number for sheet in office.held(cast.OFFICE)] == [1], "what nobody knows waits beside its neighbours"
    assert [sheet.number for sheet in office.held(cast.SMALL_OFFICE)] == [4]


def test_the_same_file_twice_is_one_stack(office: Office) -> None:
    content = scanned.stack([Sheet(label=office.code)])
    first, second = (
        digitising.take_in(office.store, office.shelf, content, place=cast.OFFICE, account="lan", at=office.clock)
        for _ in range(2)
    )
    assert (first.is_known, second.is_known) == (False, True)
    assert len(office.waiting()) == 1


def test_a_person_may_send_a_file_again_whose_pages_were_dropped_a_folder_may_not(office: Office) -> None:
    content = scanned.stack([Sheet(label=office.code)])
    again = {"place": cast.OFFICE, "at": office.clock}
    digitising.take_in(office.store, office.shelf, content, account="lan", **again)  # type: ignore[arg-type]
    pages = [sheet.file for sheet in office.waiting()]
    digitising.drop(office.store, office.shelf, pages, by=cast.lan, at=office.clock)
    assert digitising.take_in(office.store, office.shelf, content, account="", **again).is_known  # type: ignore[arg-type]
    assert digitising.take_in(office.store, office.shelf, content, account="lan", **again).pages == 1  # type: ignore[arg-type]


def test_a_file_that_is_refused_leaves_nothing_behind(office: Office) -> None:
    with pytest.raises(Refused):
        digitising.take_in(office.store, office.shelf, b"PK\x03\x04", place=cast.OFFICE, account="lan", at=office.clock)
    assert office.blobs() == set()
    assert office.held() == []


# --- pages become papers ----------------------------------------------------------------------------------------------


def test_pages_become_the_file_of_a_paper_with_its_hash(office: Office) -> None:
    office.take(Sheet(label=office.code, text="Trang A"), Sheet(text="Trang B"), Sheet(text="Trang C"))
    after = office.file(1, 0, 1)
    scan = after.scan_of(1)
    assert scan is not None
    assert (scan.pages, scan.kind) == (2, sheets.PDF)
    assert "Trang B" in scanned.text_of(office.content(1))
    assert len(office.waiting()) == 1
    assert verification.verify(office.store, shelf=office.shelf).is_sound


def test_what_lies_outside_is_sealed_and_what_is_filed_is_there_once(office: Office) -> None:
    office.take(Sheet(label=office.code))
    office.file(1)
    (blob,) = office.blobs()
    body = office.shelf.get(blob)
    assert body is not None
    assert b"%PDF" not in body


def test_the_word_for_a_dossier_says_digitised_once_every_paper_has_its_file(office: Office) -> None:
    office.take(Sheet(label=office.code), Sheet())

    def word() -> Status:
        with office.store.read() as reader:
            return status.word(office.dossier(), reader.items_of(office.code))

    office.file(1, 0)
    assert word() is Status.ACCEPTED
    office.file(2)
    assert word() is Status.SCANNED


def test_pages_are_filed_once(office: Office) -> None:
    office.take(Sheet(label=office.code))
    pages = [sheet.file for sheet in office.waiting()]
    office.file(1)
    with pytest.raises(PagesGone):
        digitising.file_pages(office.store, office.shelf, office.code, 2, pages=pages, by=cast.lan, at=office.clock)
    assert office.dossier().scan_of(2) is None


def test_no_page_and_no_such_line_are_refused(office: Office) -> None:
    office.take(Sheet(label=office.code))
    with pytest.raises(NoPagesChosen):
        office.file(1, pages=[])
    with pytest.raises(NoSuchLine):
        office.file(3)


def test_only_who_digitises_at_a_place_of_the_dossier_touches_its_pages(office: Office) -> None:
    office.take(Sheet(label=office.code))
    with pytest.raises(Forbidden):
        office.file(1, by=cast.nam)
    with pytest.raises(NotHere):
        office.file(1, by=cast.sen)
    assert len(office.waiting()) == 1


def test_what_must_not_be_scanned_is_refused_with_its_basis(office: Office) -> None:
    with office.store.begin(at=cast.monday) as ledger:
        version = ledger.reference.procedure_version(cases.PROCEDURE, ledger.dossier(office.code).procedure_version)
        papers = (PaperRequired(name=NAMES[1], digitise=False, no_scan_reason="show_only"),)
        ledger.reference.close_procedures([replace(version, papers=papers)])
    office.take(Sheet(label=office.code), Sheet())
    with pytest.raises(MustNotScan, match=r"Sổ hộ tịch cũ.*chỉ xuất trình.*Điều 5"):
        office.file(2)
    assert office.file(1).is_digitised, "the line that must not be scanned is not waited for"


# --- held pages -------------------------------------------------------------------------------------------------------


def test_a_person_says_whose_held_pages_are(office: Office) -> None:
    office.take(Sheet(), Sheet())
    pages = [sheet.file for sheet in office.held()]
    envelope = office.case.envelope
    assert digitising.assign(office.store, pages, code=envelope, by=cast.lan, at=office.clock) == 2
    assert office.held() == []
    assert office.file(1).scan_of(1) is not None


def test_held_pages_of_another_place_are_not_mine_to_assign_or_drop(office: Office) -> None:
    office.take(Sheet())
    pages = [sheet.file for sheet in office.held()]
    with pytest.raises(NotHere):
        digitising.assign(office.store, pages, code=office.code, by=cast.sen, at=office.clock)
    with pytest.raises(PagesGone):
        digitising.drop(office.store, office.shelf, pages, by=cast.sen, at=office.clock)
    assert len(office.held()) == 1


def test_dropped_pages_are_gone_with_their_keys_and_the_trail_says_who(office: Office) -> None:
    office.take(Sheet())
    pages = [sheet.file for sheet in office.held()]
    assert digitising.drop(office.store, office.shelf, pages, by=cast.lan, at=office.clock) == 1
    assert (office.held(), office.blobs()) == ([], set())
    with office.store.read() as reader:
        assert reader.rows(text("SELECT count(*) FROM file"))[0][0] == 0
        assert reader.rows(text("SELECT account FROM audit WHERE what = 'pages_dropped'"))[0][0] == "lan"


# --- used again -------------------------------------------------------------------------------------------------------


def given_before(office: Office, *, valid_to: date | None = None) -> None:
    office.take(Sheet(label=office.code, text="Sổ của Khánh"))
    office.file(2, valid_to=valid_to)


def test_a_valid_paper_of_the_same_citizen_is_offered_and_counts(office: Office) -> None:
    given_before(office)
    other = office.another()
    found = digitising.offers(office.store, other, by=cast.lan, at=cast.after(days=1))
    assert [(line, offer.given.dossier) for line, offer in found.items()] == [(2, office.code)]
    after = digitising.reuse(
        office.store,
        office.shelf,
        other,
        2,
        source=digitising.source_of(found[2]),
        is_agreed=True,
        by=cast.lan,
        at=cast.after(days=1),
    )
    scan = after.scan_of(2)
    assert scan is not None
    assert scan.source == f"{office.code}/2"
    assert digitising.offers(office.store, other, by=cast.lan, at=cast.after(days=1)) == {}
    assert verification.verify(office.store, shelf=office.shelf).is_sound
    with office.store.read() as reader:
        assert any(isinstance(event, PaperReused) for *_, event in reader.events([other]))


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ({"identity_number": "049205000999"}, NAMES),
        ({"identity_number": ""}, NAMES),
        ({}, ("Tờ khai", "Giấy khác")),
    ],
    ids=["somebody else", "nobody known", "another paper"],
)
def test_a_paper_of_somebody_else_or_another_one_is_not_offered(
    office: Office, change: dict[str, str], names: tuple[str, ...]
) -> None:
    given_before(office)
    other = office.another(sender=replace(cast.khanh, **change), names=names)
    assert digitising.offers(office.store, other, by=cast.lan, at=cast.after(days=1)) == {}


def test_a_paper_that_ran_out_is_not_offered(office: Office) -> None:
    given_before(office, valid_to=cast.today)
    other = office.another()
    assert digitising.offers(office.store, other, by=cast.lan, at=cast.monday)
    assert digitising.offers(office.store, other, by=cast.lan, at=cast.after(days=1)) == {}


def test_using_a_paper_again_needs_the_citizens_word_and_a_true_offer(office: Office) -> None:
    given_before(office)
    other = office.another()
    how = {"by": cast.lan, "at": cast.after(days=1)}
    with pytest.raises(NoConsent):
        digitising.reuse(
            office.store,
            office.shelf,
            other,
            2,
            source=f"{office.code}/2",
            is_agreed=False,
            **how,  # type: ignore[arg-type]
        )
    with pytest.raises(NotReusable):
        digitising.reuse(
            office.store,
            office.shelf,
            other,
            1,
            source=f"{office.code}/2",
            is_agreed=True,
            **how,  # type: ignore[arg-type]
        )


# --- lost, erased, swept ----------------------------------------------------------------------------------------------


class Broken:
    """A shelf that does not answer."""

    def put(self, name: str, content: bytes) -> None:
        raise ShelfUnreachable(why="TimeoutError")

    def get(self, name: str) -> bytes | None:
        raise ShelfUnreachable(why="TimeoutError")

    def delete(self, name: str) -> None:
        raise ShelfUnreachable(why="TimeoutError")

    def names(self) -> Iterator[tuple[str, datetime]]:
        raise ShelfUnreachable(why="TimeoutError")


def test_where_files_cannot_be_laid_nothing_is_recorded(office: Office) -> None:
    content = scanned.stack([Sheet(label=office.code)])
    with pytest.raises(ShelfUnreachable, match="Chưa ghi gì"):
        digitising.take_in(office.store, Broken(), content, place=cast.OFFICE, account="lan", at=office.clock)
    assert office.waiting() == []


def test_verify_names_a_file_that_is_lost_and_one_that_was_changed(office: Office) -> None:
    given_before(office)
    (blob,) = office.blobs()
    body = office.shelf.get(blob)
    assert body is not None
    office.shelf.put(blob, body[:-1] + bytes([body[-1] ^ 1]))
    (wrong,) = verification.verify(office.store, shelf=office.shelf).mismatches
    assert "giấy tờ số 2" in wrong
    with pytest.raises(FileLost):
        office.content(2)
    office.shelf.delete(blob)
    assert len(verification.verify(office.store, shelf=office.shelf).mismatches) == 1
    office.shelf.put(blob, body)
    assert verification.verify(office.store, shelf=office.shelf).is_sound


def test_verify_names_a_file_whose_row_somebody_deleted(office: Office) -> None:
    given_before(office)
    with office.store.begin(at=office.clock) as ledger:
        ledger.connection.execute(text("DELETE FROM file"))
    (wrong,) = verification.verify(office.store, shelf=office.shelf).mismatches
    assert "không còn trong sổ" in wrong


def test_erasing_a_dossier_takes_its_files_and_leaves_the_ledger_true(office: Office) -> None:
    given_before(office)
    office.take(Sheet(text="còn chờ"), default=office.code)
    with pytest.raises(StillOpen):
        erasing.erase(office.store, office.shelf, office.code, account="cli", at=office.clock)
    registration.void(office.store, office.code, reason="khách đổi ý", by=cast.lan, at=office.clock)
    erased = erasing.erase(office.store, office.shelf, office.code, account="cli", at=office.clock)
    assert erased.files == 2
    assert office.blobs() == set()
    assert office.waiting() == []
    with office.store.read() as reader:
        assert reader.rows(text("SELECT count(*) FROM file"))[0][0] == 0
        assert reader.people.of([office.code]) == {}
    assert verification.verify(office.store, shelf=office.shelf).is_sound


def test_nothing_is_digitised_anew_of_a_dossier_whose_people_were_erased(office: Office) -> None:
    office.take(Sheet(label=office.code))
    with office.store.begin(at=office.clock) as ledger:
        ledger.texts.erase(office.code)
    with pytest.raises(Forgotten, match="đã xóa theo quy định"):
        office.file(1)


def test_pages_never_go_to_a_dossier_whose_people_were_erased(office: Office) -> None:
    office.take(Sheet())
    pages = [sheet.file for sheet in office.held()]
    with office.store.begin(at=office.clock) as ledger:
        ledger.texts.erase(office.code)
    assert office.take(Sheet(label=office.code)).held == 1
    assert {sheet.held for sheet in office.held()} == {"no_label", "closed"}
    with pytest.raises(Forgotten):
        digitising.assign(office.store, pages, code=office.code, by=cast.lan, at=office.clock)
    with pytest.raises(Forgotten):
        office.take(Sheet(text="trang khác"), default=office.code)
    assert office.waiting() == []


def test_a_paper_that_was_used_again_outlives_the_dossier_it_came_from(office: Office) -> None:
    given_before(office)
    other = office.another()
    digitising.reuse(
        office.store,
        office.shelf,
        other,
        2,
        source=f"{office.code}/2",
        is_agreed=True,
        by=cast.lan,
        at=cast.after(days=1),
    )
    registration.void(office.store, office.code, reason="khách đổi ý", by=cast.lan, at=office.clock)
    erasing.erase(office.store, office.shelf, office.code, account="cli", at=office.clock)
    with office.store.read() as reader:
        found = reader.thing(Dossier, other)
        assert found is not None
        kept = reader.files.of_content(other, found.scans[0].file)
    assert kept is not None
    assert "Sổ của Khánh" in scanned.text_of(shelving.fetched(office.store, office.shelf, kept).content)


def in_days(days: float) -> datetime:
    """Return a time after now, for files that a shelf dates by itself."""
    return datetime.now(tz=cast.monday.tzinfo) + timedelta(days=days)


def test_what_nothing_refers_to_is_swept_after_a_day_and_nothing_else(office: Office) -> None:
    given_before(office)
    office.take(Sheet(), Sheet())
    wanted = office.blobs()
    office.shelf.put("ab" * 32, b"laid by somebody who then stopped")
    assert sweeping.sweep(office.store, office.shelf, at=in_days(0.5)).files == 0
    assert sweeping.sweep(office.store, office.shelf, at=in_days(1.5)).files == 1
    assert office.blobs() == wanted
    assert len(office.held()) == 2


def test_a_crash_between_laying_files_and_recording_leaves_only_what_is_swept(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    office.take(Sheet(label=office.code))
    with monkeypatch.context() as broken:
        broken.setattr(digitising, "_taken_away", dies)
        with pytest.raises(KeyboardInterrupt):
            office.file(1)
    assert (len(office.waiting()), len(office.blobs())) == (1, 2)
    assert sweeping.sweep(office.store, office.shelf, at=in_days(1.5)).files == 1
    assert office.file(1).scan_of(1) is not None
    assert verification.verify(office.store, shelf=office.shelf).is_sound


def test_a_sweep_while_a_stack_is_recorded_takes_none_of_its_files(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, swept = digitising._keep, []

    def sweeps_between(ledger: Ledger, stack: Stack, pages: Sequence[digitising._Laid]) -> None:
        with ThreadPoolExecutor() as beside:
            reading = beside.submit(sweeping._unreferred, office.store, office.shelf, before=in_days(-1))
            swept.append(reading.result())
        keep(ledger, stack, pages)

    monkeypatch.setattr(digitising, "_keep", sweeps_between)
    office.take(Sheet(label=office.code), Sheet())
    assert swept == [0]
    assert office.file(1).scan_of(1) is not None
    assert verification.verify(office.store, shelf=office.shelf).is_sound


def test_verify_names_files_that_were_exchanged(office: Office) -> None:
    office.take(Sheet(label=office.code, text="Trang A"), Sheet(text="Trang B"))
    office.file(1, 0)
    office.file(2, 0)
    first, second = office.blobs()
    bodies = [office.shelf.get(each) for each in (first, second)]
    assert None not in bodies
    office.shelf.put(first, bodies[1] or b"")
    office.shelf.put(second, (bodies[0] or b"")[:-1])
    assert len(verification.verify(office.store, shelf=office.shelf).mismatches) == 2
    with office.store.begin(at=office.clock) as ledger:
        exchange = text("UPDATE file SET blob = CASE blob WHEN :a THEN :b ELSE :a END WHERE blob IN (:a, :b)")
        ledger.connection.execute(exchange, {"a": first, "b": second})
    office.shelf.put(first, bodies[0] or b"")
    office.shelf.put(second, bodies[1] or b"")
    assert len(verification.verify(office.store, shelf=office.shelf).mismatches) == 2, "the rows were exchanged"


def test_the_shipped_catalogue_keeps_what_is_only_shown_out_of_digitising(office: Office) -> None:
    with office.store.read() as reader:
        version = reader.reference.procedure("2.000815", on=cast.today)
    kept_out = [paper for paper in version.papers if scanning.why_not(paper)]
    assert [paper.digitise for paper in version.papers].count(False) == len(kept_out) == 1
    why = scanning.why_not(kept_out[0])
    assert "chỉ xuất trình để đối chiếu" in why
    assert "chưa đối chiếu văn bản gốc" in why, "it was read in decisions of provinces only"


def test_the_shelf_of_another_database_is_not_swept(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "FEW", 2)
    given_before(office)
    for number in range(3):
        office.shelf.put(f"{number}" * 64, b"another database refers to this")
    assert sweeping.sweep(office.store, office.shelf, at=in_days(9)).files == 0
    assert len(office.blobs()) == 4
    office.shelf.delete("0" * 64)
    assert sweeping.sweep(office.store, office.shelf, at=in_days(9)).files == 2
    assert len(office.blobs()) == 1


def test_a_sent_picture_that_became_of_no_use_is_swept_after_a_day(office: Office) -> None:
    with office.store.begin(at=cast.monday) as ledger:
        ledger.files.put_sent("nam", "cd" * 32, media_type="image/jpeg", content=b"a picture")
    assert sweeping.sweep(office.store, None, at=cast.after(hours=23)).pictures == 0
    assert sweeping.sweep(office.store, None, at=cast.after(hours=25)).pictures == 1
    with office.store.read() as reader:
        assert reader.files.sent("nam", "cd" * 32) is None


def test_the_small_pictures_of_held_pages_are_not_swept(office: Office) -> None:
    office.take(Sheet())
    assert sweeping.sweep(office.store, None, at=cast.after(days=9)).pictures == 0
    (sheet,) = office.held()
    with office.store.read() as reader:
        assert reader.files.get(sheet.picture) is not None


def test_events_of_scans_carry_no_name_of_a_paper(office: Office) -> None:
    given_before(office)
    with office.store.read() as reader:
        data = [row.data for row in reader.rows(text("SELECT data FROM event WHERE kind = 'PaperScanned'"))]
    assert data
    assert not [each for each in data if "hộ tịch" in each]
