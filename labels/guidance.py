"""Phiếu hướng dẫn hoàn thiện hồ sơ: what is still missing, A5, given at the counter before anything is accepted.

It is guidance of the post office, not form 02 of the authority: it starts and stops no time limit.
"""

from dataclasses import dataclass

from labels import typesetting

TITLE = "PHIẾU HƯỚNG DẪN HOÀN THIỆN HỒ SƠ"


@dataclass(frozen=True, slots=True, kw_only=True)
class MissingPaper:
    """A paper that is missing or not yet right."""

    name: str
    wanted: str
    """Which sort and how many: `1 bản chính`."""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """What the citizen takes home; no code, for nothing has been registered."""

    office: str
    time: str
    citizen: str = ""
    procedure: str
    authority: str
    missing: tuple[MissingPaper, ...]
    not_by_post: str = ""
    """Why the post may not carry this procedure, and where to go; the papers are then what to bring there."""
    present: tuple[str, ...] = ()
    source: str
    """Where the list of papers comes from, and whether it has been verified."""
    hotline: str
    clerk: str = ""


def guidance_pdf(guidance: Guidance) -> bytes:
    """Return the slip on A5, one page for what a counter usually finds, more when the list is long.

    Raises: ValueError, when nothing is missing.
    """
    if not guidance.missing and not guidance.not_by_post:
        raise ValueError("Nothing is missing: there is nothing to guide to.")
    return typesetting.pdf("guidance", _typeset(guidance))


def _typeset(guidance: Guidance) -> dict[str, typesetting.Json]:
    return {
        "title": TITLE,
        "office": guidance.office,
        "time": guidance.time,
        "citizen": guidance.citizen,
        "procedure": guidance.procedure,
        "authority": guidance.authority,
        "missing": [{"name": paper.name, "wanted": paper.wanted, "reason": paper.reason} for paper in guidance.missing],
        "not_by_post": guidance.not_by_post,
        "present": list(guidance.present),
        "source": guidance.source,
        "hotline": guidance.hotline,
        "clerk": guidance.clerk,
    }
