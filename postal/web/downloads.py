"""Files that a browser keeps instead of showing."""

from fastapi.responses import Response

_KINDS = {
    "csv": "text/csv; charset=utf-8",
    "zip": "application/zip",
    "gpx": "application/gpx+xml",
    "geojson": "application/geo+json",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def answer(content: bytes, *, name: str) -> Response:
    """Return a file to keep, named in plain letters; its kind follows from the end of its name."""
    kind = _KINDS.get(name.rpartition(".")[2], "application/octet-stream")
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
