"""A procedure through all its versions: what each says, what nobody has verified, and what changed between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from postal.domain import catalogue_change, permissions, procedures, scanning, search
from postal.domain.catalogue_change import STATUS_NAMES, UNVERIFIED, Difference
from postal.domain.people import Actor
from postal.domain.permissions import Permission
from postal.domain.places import Level
from postal.domain.procedures import PaperRequired, ProcedureStatus, ProcedureVersion, UnknownProcedure
from postal.queries import procedures as procedure_queries
from postal.store import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class Beside:
    """What the national list and the agency's portal say about one thing."""

    label: str
    national: str
    agency: str
    differs: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperRow:
    """A paper of the list, in words."""

    name: str
    asked: str
    returned: str
    scanned: str
    note: str
    basis: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """One thing a version says; `doubt` when nobody has verified it, `basis` what it rests on."""

    label: str
    text: str
    basis: str = ""
    doubt: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class VersionView:
    """A version with what it says, and what changed from the one before it."""

    number: int
    span: str
    status: str
    basis: str
    is_today: bool
    is_planned: bool
    is_abolished: bool
    facts: tuple[Fact, ...]
    papers: tuple[PaperRow, ...]
    papers_note: str
    beside: tuple[Beside, ...]
    agency_source: str
    agency_seen_on: date | None
    national_source: str
    changes: tuple[Difference, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class HistoryPage:
    """A procedure through all its versions, the newest first."""

    code: str
    name: str
    versions: tuple[VersionView, ...]
    abolished: str
    may_manage: bool
    draft: str


def history_page(store: Store, code: str, *, on: date, actor: Actor) -> HistoryPage:
    """Return a procedure with all its versions. Raises: Forbidden, UnknownProcedure."""
    permissions.require(actor, Permission.SEE_DOSSIERS)
    with store.read() as reader:
        versions = reader.reference.versions(code)
        drafts = reader.drafts.open(code=code)
    if not versions:
        raise UnknownProcedure(procedure=code)
    views = tuple(reversed([_view(each, versions[:index], on=on) for index, each in enumerate(versions)]))
    return HistoryPage(
        code=code,
        name=versions[-1].name,
        versions=views,
        abolished=_abolished(versions, on),
        may_manage=permissions.may(actor, Permission.MANAGE_CATALOGUE),
        draft=drafts[0].id if drafts else "",
    )


def _abolished(versions: Sequence[ProcedureVersion], on: date) -> str:
    try:
        procedures.in_force(versions, code=versions[0].code, on=on)
    except procedures.ProcedureAbolished as refused:
        return str(refused)
    except UnknownProcedure:
        return "Hôm nay không có phiên bản nào có hiệu lực: không nhận hồ sơ mới."
    return ""


def _view(version: ProcedureVersion, earlier: Sequence[ProcedureVersion], *, on: date) -> VersionView:
    entry = version.national
    return VersionView(
        number=version.version,
        span=catalogue_change.span(version),
        status=STATUS_NAMES[version.status],
        basis=version.basis,
        is_today=procedures.holds(version, on),
        is_planned=version.valid_from is not None and version.valid_from > on,
        is_abolished=version.status is ProcedureStatus.ABOLISHED,
        facts=tuple(_facts(version)),
        papers=tuple(map(_paper, version.papers)),
        papers_note="" if version.papers_verified else f"Danh sách giấy tờ {UNVERIFIED}.",
        beside=tuple(_beside(version)),
        agency_source=version.agency_source,
        agency_seen_on=version.agency_seen_on,
        national_source=entry.source if entry else "",
        changes=catalogue_change.differences(earlier[-1], version) if earlier else (),
    )


def _facts(version: ProcedureVersion) -> Iterator[Fact]:
    yield from _limit_facts(version)
    yield _fact(version, "pause_policy")
    yield _fact(version, "fee", basis=version.fee_basis)
    yield _fact(version, "carriable", more=version.why_not if version.carriable is False else "")
    yield _fact(version, "result_carriable", more=version.why_not if version.result_carriable is False else "")
    yield _fact(version, "boundary", basis=version.boundary_basis)
    yield from _competence_facts(version)
    yield Fact(label="Cấp thực hiện", text=version.level or UNVERIFIED, doubt=not version.level)
    yield Fact(label="Lĩnh vực", text=version.field or UNVERIFIED, doubt=not version.field)
    yield _fact(version, "online_level")
    yield from _source_facts(version)
    if version.note:
        yield Fact(label="Ghi chú", text=version.note)


def _competence_facts(version: ProcedureVersion) -> Iterator[Fact]:
    rule = version.competence
    if rule is None:
        yield _fact(version, "competence")
        return
    yield Fact(label="Cơ quan giải quyết", text=_authority(rule.department, rule.level), basis=rule.basis)
    if rule.organisation_level is not None:
        text = _authority(rule.organisation_department, rule.organisation_level)
        yield Fact(label="Cơ quan giải quyết với tổ chức", text=text, basis=rule.organisation_basis)


def _authority(department: str, level: Level) -> str:
    return f"{catalogue_change.department_name(department)} ({catalogue_change.LEVEL_NAMES[level]})"


def _limit_facts(version: ProcedureVersion) -> Iterator[Fact]:
    doubt = "" if version.verified else f" ({UNVERIFIED})"
    if version.same_day:
        text = f"{catalogue_change.SAME_DAY_RULE}{doubt}"
        yield Fact(label="Thời hạn", text=text, basis=catalogue_change.SAME_DAY_BASIS, doubt=bool(doubt))
        return
    known = version.limit is not None
    words = procedure_queries.limit_in_words(version)
    yield Fact(label="Thời hạn", text=f"{words}{doubt if known else ''}", doubt=not known or bool(doubt))
    if version.statutory_limit is not None:
        yield Fact(label="Thời hạn luật định", text=str(version.statutory_limit))
        yield Fact(label="Tỉnh cắt giảm", text=_cut(version), basis=version.cut_basis)


def _cut(version: ProcedureVersion) -> str:
    return f"từ {version.statutory_limit} còn {version.limit}" if version.limit != version.statutory_limit else "không"


def _source_facts(version: ProcedureVersion) -> Iterator[Fact]:
    if not version.source_system:
        yield Fact(label="Hệ thống giải quyết", text=UNVERIFIED, doubt=True)
        return
    takes = {True: "nhận tệp số hóa", False: "không nhận tệp số hóa", None: f"việc nhận tệp {UNVERIFIED}"}
    text = f"{version.source_system}: {takes[version.source_takes_files]}"
    yield Fact(label="Hệ thống giải quyết", text=text, doubt=version.source_takes_files is None)


def _fact(version: ProcedureVersion, name: str, *, basis: str = "", more: str = "") -> Fact:
    text = catalogue_change.said(version, name)
    doubt = getattr(version, name) is None
    return Fact(label=catalogue_change.LABELS[name], text=f"{text}: {more}" if more else text, basis=basis, doubt=doubt)


def _paper(paper: PaperRequired) -> PaperRow:
    counts = ((paper.originals, "bản chính"), (paper.certified, "bản sao chứng thực"), (paper.copies, "bản sao"))
    asked = ", ".join(f"{count} {name}" for count, name in counts if count) or "số bản tùy loại"
    unsure = "chưa xác minh"
    scanned = {True: "có", False: f"không: {scanning.why_not(paper)}", None: unsure}
    return PaperRow(
        name=paper.name,
        asked=f"{asked}{'' if paper.required else ' (khi cần)'}",
        returned={True: "trả lại", False: "cơ quan giữ", None: unsure}[paper.returned_to_citizen],
        scanned=scanned[paper.digitise],
        note=paper.note,
        basis=paper.basis,
    )


def _beside(version: ProcedureVersion) -> Iterator[Beside]:
    """Yield what the national list and the agency's portal say; nothing where only one of them was read."""
    if version.national is None:
        return
    limit = catalogue_change.SAME_DAY_RULE if version.same_day else procedure_queries.limit_in_words(version)
    papers = "; ".join(map(catalogue_change.paper_said, version.papers))
    pairs = (
        ("Thời hạn", version.national.limit_text, limit),
        ("Giấy tờ", version.national.papers_text, papers),
        ("Phí, lệ phí", version.national.fee_text, catalogue_change.said(version, "fee")),
    )
    for label, national, agency in pairs:
        yield Beside(
            label=label,
            national=national or "không ghi",
            agency=agency or "không ghi",
            differs=bool(national) and search.fold(national) != search.fold(agency),
        )
