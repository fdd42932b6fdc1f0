"""What every bench does with its form: the lines as they came, and whether whoever sends it agreed to what it means."""

import secrets

from starlette.datastructures import FormData

from postal.queries.bench import BenchPage, Typed

LONGEST_TEXT = 40_000


def blank() -> Typed:
    """Return a bench nothing was scanned at."""
    return Typed(request=secrets.token_hex(16))


def typed(form: FormData) -> Typed:
    """Return what came with the form of a bench."""
    return Typed(
        scanned=_text(form, "scanned")[:LONGEST_TEXT],
        seal=_text(form, "seal"),
        is_intact=_text(form, "seal_state") == "intact",
        is_broken=_text(form, "seal_state") == "broken",
        agreed=_text(form, "agreed"),
        request=_text(form, "request") or secrets.token_hex(16),
        receiver=_text(form, "receiver"),
        username=_text(form, "username"),
    )


def is_agreed(page: BenchPage) -> bool:
    """Tell whether to go ahead: the button said what is signed, or nothing is left to ask.

    A line that was not taken is never passed over without a word.
    """
    judged = page.judged
    if not judged.is_ready:
        return False
    return page.typed.agreed == judged.signing or (judged.is_complete and not judged.has_refused)


def ask(page: BenchPage) -> dict[str, str]:
    """Return the sentence that says why nothing was done yet."""
    judged = page.judged
    if not judged.is_ready:
        lacking = "Chưa quét gì." if not judged.tally.counted else "Chưa đọc số niêm phong."
        return {"scanned": f"{lacking} Chưa ghi gì. Quét tiếp rồi gửi lại."}
    refused = "Có dòng chưa nhận được, xem bên dưới. " if judged.has_refused else ""
    return {"scanned": f"Chưa ký. {refused}Xem lại rồi bấm “{judged.signing}”, hoặc quét tiếp."}


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""
