"""The one place that calls Typst: data goes in as JSON, never as source; the result is the same everywhere."""

import io
import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path

import fontpkg
import pypdfium2
import typst

from labels import qr

TEMPLATES = Path(__file__).with_name("typ")
REMEMBERED = 12
"""Typst keeps what it worked out for so many of the next documents, in case they are alike; ours hardly ever are."""
FAMILIES = ("Be Vietnam Pro", "Noto Serif")
"""Both have all Vietnamese letters; the codes are set in DejaVu Sans Mono, which Typst carries."""

Json = None | bool | int | str | Sequence["Json"] | Mapping[str, "Json"]

# Characters that reverse the order of what is read (UAX 9): a name must be printed in the order it is stored.
_BIDI_CONTROLS = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def pdf(template: str, data: Mapping[str, Json]) -> bytes:
    """Return the PDF that a template makes of the data; equal data give equal bytes.

    Every text is brought to NFC and printed as it stands: nothing in it is read as markup.
    """
    return typst.compile(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"data": json.dumps(_printable(data), ensure_ascii=False)},
    )


def joined(template: str, parts: Iterable[Callable[[int], Mapping[str, Json]]]) -> bytes:
    """Return one PDF of several parts, each the data of a template, told the number of its first page.

    What Typst keeps of a part is dropped before the next, so the most that is held at once is one part.
    """
    with pypdfium2.PdfDocument.new() as whole:
        for data in parts:
            with pypdfium2.PdfDocument(pdf(template, data(len(whole) + 1))) as part:
                whole.import_pages(part)
            forget()
        made = io.BytesIO()
        whole.save(made)
    return made.getvalue()


def forget() -> None:
    """Make Typst drop what it keeps, which it does by itself only after some more documents: empty ones."""
    for _ in range(REMEMBERED):
        typst.compile(b"", font_paths=_fonts(), ignore_system_fonts=True)


def picture(symbol: qr.Symbol) -> dict[str, Json]:
    """Return a symbol as templates take it: a drawing and its side in modules."""
    return {"svg": qr.svg(symbol), "modules": symbol.modules}


def printable(text: str) -> str:
    """Return the text in NFC, without control characters, each run of white space as one space.

    >>> printable("Đa\\u0300 Na\\u0306\\u0303ng\\x00\\n\\u202eabc")
    'Đà Nẵng abc'
    """
    kept = "".join(" " if letter.isspace() else letter for letter in text if not _is_control(letter))
    return " ".join(unicodedata.normalize("NFC", kept).split())


def _is_control(letter: str) -> bool:
    hidden = unicodedata.category(letter) in {"Cc", "Cs"} and not letter.isspace()
    return hidden or letter in _BIDI_CONTROLS


def _printable(value: Json) -> Json:
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, Mapping):
        return {key: _printable(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [_printable(inner) for inner in value]
    return value


@cache
def _fonts() -> typst.Fonts:
    """Return the fonts of the product alone; looking for them takes as long as ten labels, so it is done once."""
    folders = {fontpkg.path(family, 400).parent for family in FAMILIES}
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True, font_paths=sorted(folders))
