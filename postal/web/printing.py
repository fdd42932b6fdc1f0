"""How a page answers with paper or a file."""

from fastapi.responses import Response

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"


def answer(content: bytes, *, name: str) -> Response:
    """Return a PDF that the browser shows itself; Zalo's web view cannot download."""
    return Response(
        content, media_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}.pdf"'}
    )


def file(content: bytes, *, name: str, media_type: str) -> Response:
    """Return a file to be kept."""
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})
