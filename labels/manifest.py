"""Bảng kê: what is in a bag, or which bags travel together; A4, a box to tick for each line, signed by two people.

It goes with the bag through many hands: codes, kinds and counts, no name of a citizen and no procedure.
"""

from dataclasses import dataclass

from labels import bag_label, payload, record, typesetting

BAG_TITLE = "BẢNG KÊ TÚI HỒ SƠ"
TRIP_TITLE = "BẢNG KÊ CHUYẾN THƯ"


@dataclass(frozen=True, slots=True, kw_only=True)
class ManifestLine:
    """One item of a bag."""

    item_code: str
    """Ten symbols, with or without hyphen."""
    dossier_code: str = ""
    carries: str
    """In a neutral word, such as “Hồ sơ nộp” or “Kết quả”."""
    sheets: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What was packed into a bag; an empty seal or weight is a line to write on."""

    code: str
    """The bag's own: ten symbols, with or without hyphen."""
    origin: str
    destination: str
    seal: str = ""
    weight_g: int | None = None
    trip: str = ""
    time: str
    packer: str
    lines: tuple[ManifestLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TripLine:
    """One bag of a trip."""

    bag_code: str
    """Ten symbols, with or without hyphen."""
    destination: str
    seal: str = ""
    count: int
    weight_g: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TripList:
    """Which bags a carrier takes along."""

    code: str
    """The dispatch's own: ten symbols, with or without hyphen."""
    origin: str
    destination: str
    carrier: str = ""
    departure: str = ""
    giver: str = ""
    lines: tuple[TripLine, ...]


def manifest_pdf(sheet: Manifest | TripList) -> bytes:
    """Return the list on A4, as many pages as it needs; both sign on the last one.

    Raises: Unprintable, for a wrong code; ValueError, for a list without lines.
    """
    if not sheet.lines:
        raise ValueError("A manifest names at least one line.")
    typeset = _bag(sheet) if isinstance(sheet, Manifest) else _trip(sheet)
    return typesetting.pdf("manifest", record.numbered(sheet.code) | typeset)


def _bag(bag: Manifest) -> dict[str, typesetting.Json]:
    return {
        "kind": "bag",
        "title": BAG_TITLE,
        "ways": [["Từ", bag.origin], ["Đến", bag.destination]],
        "facts": [
            ["Niêm phong", bag.seal],
            ["Khối lượng", bag_label.weight(bag.weight_g)],
            ["Đóng túi", bag.time],
            ["Chuyến", bag.trip],
        ],
        "rows": [_item(line) for line in bag.lines],
        "totals": [f"{len(bag.lines)} bưu gửi", [str(sum(line.sheets for line in bag.lines))]],
        "signers": [["NGƯỜI ĐÓNG TÚI", bag.packer], ["NGƯỜI MỞ TÚI", ""]],
    }


def _item(line: ManifestLine) -> list[typesetting.Json]:
    dossier = payload.shown(line.dossier_code) if line.dossier_code else "–"
    return [payload.shown(line.item_code), dossier, line.carries, str(line.sheets) if line.sheets else "–"]


def _trip(trip: TripList) -> dict[str, typesetting.Json]:
    weights = [line.weight_g for line in trip.lines if line.weight_g is not None]
    total = sum(weights) if len(weights) == len(trip.lines) else None
    return {
        "kind": "trip",
        "title": TRIP_TITLE,
        "ways": [["Từ", trip.origin], ["Đến", trip.destination]],
        "facts": [["Vận chuyển", trip.carrier], ["Khởi hành", trip.departure]],
        "rows": [_bag_row(line) for line in trip.lines],
        "totals": [f"{len(trip.lines)} túi", [str(sum(line.count for line in trip.lines)), bag_label.weight(total)]],
        "signers": [["BÊN GIAO", trip.giver], ["NGƯỜI VẬN CHUYỂN", trip.carrier]],
    }


def _bag_row(line: TripLine) -> list[typesetting.Json]:
    return [
        payload.shown(line.bag_code), line.destination, line.seal, str(line.count), bag_label.weight(line.weight_g),
    ]  # fmt: skip
