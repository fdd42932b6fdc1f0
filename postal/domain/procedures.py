"""Administrative procedures by version: limit, papers, whether the post may carry them, and the level that decides.

What nobody has verified says so and blocks nothing: an unknown limit or eligibility is None.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from postal.domain.clocks import Limit, PausePolicy
from postal.domain.places import Level
from postal.domain.refusals import Refused


class ProcedureStatus(StrEnum):
    """How a version was announced; an abolished one says from when no new dossier may be received."""

    PUBLISHED = "published"
    AMENDED = "amended"
    ABOLISHED = "abolished"
    UNKNOWN = "unknown"


class OnlineLevel(StrEnum):
    """How much of a procedure can be done on line."""

    FULL = "full"
    PARTIAL = "partial"
    INFORMATION = "information"


class Boundary(StrEnum):
    """Where a dossier may be handed in that another unit decides (outside its administrative boundary)."""

    OWN = "own"
    """Only with the unit that decides."""
    PROVINCE = "province"
    """With every desk of the same province."""
    NATION = "nation"
    """With every desk of the country."""
    ONLINE_ONLY = "online_only"
    """Outside the boundary on line only."""


class UnknownProcedure(Refused):
    """Nobody has entered this procedure."""

    code = "unknown_procedure"
    vi = 'Chưa có thủ tục "{procedure}" trong danh mục. Xem lại mã, hoặc nhờ quản trị nhập danh mục.'
    en = 'Procedure "{procedure}" is not in the catalogue. Check the code, or ask the administrator to import it.'


class ProcedureAbolished(UnknownProcedure):
    """The procedure has been abolished by that day."""

    code = "procedure_abolished"
    vi = 'Thủ tục "{name}" ({procedure}) đã bãi bỏ{since} theo {basis}. Tìm thủ tục thay thế trong danh mục.'
    en = 'Procedure "{name}" ({procedure}) was abolished by {basis}. Look for the one in its place.'


class NotCarriable(Refused):
    """The law wants the person there, or allows no authorisation (Decision 45/2016/QĐ-TTg art. 1.2)."""

    code = "not_carriable"
    vi = 'Không gửi qua bưu điện thủ tục "{procedure}": {why} Mời khách nộp tại {where}.'
    en = 'The post may not carry "{procedure}" ({code_}). Ask the customer to hand it in at {where}.'


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperRequired:
    """One line of a procedure's list: how many originals, certified copies and plain copies.

    `returned_to_citizen` says whether the original comes back; None when the list does not say. `digitise` says whether
    it is to be scanned, None when nobody has verified that; `no_scan_reason` why it must not be.
    """

    name: str
    originals: int = 0
    certified: int = 0
    copies: int = 0
    required: bool = True
    returned_to_citizen: bool | None = None
    note: str = ""
    basis: str = ""
    digitise: bool | None = None
    no_scan_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class NationalEntry:
    """What the national list says beside the agency's own portal; the agency's wins, both are shown."""

    limit_text: str = ""
    papers_text: str = ""
    fee_text: str = ""
    source: str = ""
    seen_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CompetenceRule:
    """Who decides: the level, and at that level the kind of department (for example `UBND_XA`, `SO_TU_PHAP`).

    Where another authority decides on organisations, the `organisation_` fields say which; None where it is the same.
    """

    level: Level
    department: str
    basis: str
    organisation_level: Level | None = None
    organisation_department: str = ""
    organisation_basis: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ProcedureVersion:
    """A procedure as it stood between two days; `version` counts from 1 within a code.

    `limit` is None when its wording, `limit_text`, could not be read as one number. A `same_day` procedure ends on the
    day of reception, or on the next working day when received after 15:00. `carriable` is about sending the papers,
    `result_carriable` about bringing the result; None means nobody has verified it. `fee` is in whole đồng.

    `limit` is what counts. Where a province promises less than the law, `statutory_limit` is the law's and `cut_basis`
    the decision. `boundary` and `online_level` are None when nobody has verified them. `source_takes_files` is False
    where the authority's `source_system` takes no scans. Where `agency_source` names the agency's own portal, what
    stands here is the agency's, and a national list only changes `national`.
    """

    code: str
    version: int = 1
    name: str
    level: str = ""
    field: str = ""
    limit: Limit | None = None
    limit_text: str = ""
    same_day: bool = False
    valid_from: date | None = None
    valid_to: date | None = None
    basis: str
    verified: bool = False
    status: ProcedureStatus = ProcedureStatus.UNKNOWN
    papers: tuple[PaperRequired, ...] = ()
    papers_verified: bool = False
    carriable: bool | None = None
    result_carriable: bool | None = None
    why_not: str = ""
    competence: CompetenceRule | None = None
    pause_policy: PausePolicy = PausePolicy.RESTART
    fee: int | None = None
    fee_basis: str = ""
    short_names: tuple[str, ...] = ()
    note: str = ""
    statutory_limit: Limit | None = None
    cut_basis: str = ""
    online_level: OnlineLevel | None = None
    boundary: Boundary | None = None
    boundary_basis: str = ""
    source_system: str = ""
    source_takes_files: bool | None = None
    national: NationalEntry | None = None
    agency_source: str = ""
    agency_seen_on: date | None = None


def is_enough(asked: PaperRequired, *, originals: int, certified: int, copies: int) -> bool:
    """Tell whether what was handed in meets a line of the list; a better form stands in for a lesser one.

    A line that asks for no number is met by one of any form.
    """
    if not asked.originals + asked.certified + asked.copies:
        return originals + certified + copies > 0
    best, better = originals - asked.originals, originals + certified - asked.originals - asked.certified
    return min(best, better, better + copies - asked.copies) >= 0


def must_carry(procedure: ProcedureVersion, *, sends: bool, receives: bool) -> None:
    """Check that the post may carry what the citizen asks for; what nobody has verified is allowed.

    Raises:
        NotCarriable: the papers (`sends`) or the result (`receives`) may not travel by post.
    """
    refused_out = sends and procedure.carriable is False
    refused_back = receives and procedure.result_carriable is False
    if refused_out or refused_back:
        raise NotCarriable(
            procedure=procedure.name,
            code_=procedure.code,
            why=procedure.why_not or "pháp luật không cho nộp qua người khác.",
            where=handed_in_at(procedure),
        )


def handed_in_at(procedure: ProcedureVersion) -> str:
    """Return where somebody hands in a procedure in person, in words."""
    at_commune = procedure.competence is None or procedure.competence.level is Level.COMMUNE
    return "bộ phận Một cửa của xã, phường" if at_commune else "Trung tâm Phục vụ hành chính công của tỉnh, thành phố"


def in_force(versions: Iterable[ProcedureVersion], *, code: str, on: date) -> ProcedureVersion:
    """Return the version of a procedure that holds on that day; of several, the one that began last.

    Raises:
        UnknownProcedure: there is none.
        ProcedureAbolished: it has been abolished by then.
    """
    holding = [version for version in versions if version.code == code and holds(version, on)]
    if not holding:
        raise UnknownProcedure(procedure=code)
    last = max(holding, key=lambda version: version.valid_from or date.min)
    if last.status is ProcedureStatus.ABOLISHED:
        since = f" từ {last.valid_from:%d/%m/%Y}" if last.valid_from else ""
        raise ProcedureAbolished(procedure=code, name=last.name, since=since, basis=last.basis)
    return last


def last_received(versions: Iterable[ProcedureVersion], *, code: str, on: date) -> ProcedureVersion:
    """Return the version in force on a day, or the last one before the procedure was abolished.

    Raises:
        UnknownProcedure: it never received a dossier.
    """
    begun = [each for each in versions if each.code == code and (each.valid_from is None or each.valid_from <= on)]
    received = [each for each in begun if each.status is not ProcedureStatus.ABOLISHED]
    if not received:
        raise UnknownProcedure(procedure=code)
    return max(received, key=lambda version: version.version)


def holds(version: ProcedureVersion, on: date) -> bool:
    """Tell whether a version is valid on a day; both its first and its last day count."""
    begun = version.valid_from is None or version.valid_from <= on
    return begun and (version.valid_to is None or on <= version.valid_to)
