"""How a rule says no: by name, with a stable code and a sentence that names the next step."""

from typing import ClassVar


class Refused(Exception):
    """A rule said no.

    A subclass sets `code` (stable, for machines) and the sentence in Vietnamese (`vi`) and English (`en`) as templates;
    the fields of the templates are the keyword arguments it is raised with. `str(refusal)` is the Vietnamese sentence.
    """

    code: ClassVar[str] = "refused"
    vi: ClassVar[str] = "Không thực hiện được việc này. Hỏi người phụ trách điểm giao dịch."
    en: ClassVar[str] = "This cannot be done. Ask the person in charge of the office."

    def __init__(self, **fields: object) -> None:
        self.fields = fields
        super().__init__(self.vi.format(**fields))

    def in_english(self) -> str:
        """Return the same sentence in English."""
        return self.en.format(**self.fields)

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.fields)


def _rebuild(kind: type[Refused], fields: dict[str, object]) -> Refused:
    return kind(**fields)
