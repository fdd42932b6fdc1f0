"""A browser without any script: it reads a form from a page, a person changes some fields, and one button sends it."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

from httpx2 import Response
from starlette.testclient import TestClient


@dataclass
class FormOnPage(HTMLParser):
    """The fields of the form with an action, as a browser would send them."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[str] = field(default_factory=list)
    _inside: bool = False
    _select: str = ""
    _area: str = ""

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("action") == self.action
        elif self._inside:
            self._take(tag, given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        if tag == "select":
            self._select = ""
        if tag == "textarea":
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data

    def _take(self, tag: str, given: dict[str, str]) -> None:
        name = given.get("name", "")
        if tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.fields[name] = given.get("value", "")
        elif tag == "select":
            self._select = name
        elif tag == "option" and (self._select not in self.fields or "selected" in given):
            self.fields[self._select] = given["value"]
        elif tag == "textarea":
            self._area = name
            self.fields[name] = ""
        elif tag == "button":
            self.buttons.append(given.get("value", ""))


@dataclass
class Sitting:
    """Somebody before the registration form: each step sends the page's own fields with what was typed over them."""

    client: TestClient
    page: Response
    touched: int = 0
    action: str = "/dossiers/new"

    @property
    def form(self) -> FormOnPage:
        """Return the form as it stands on the page."""
        read = FormOnPage(self.action)
        read.feed(self.page.text)
        return read

    def press(self, step: str, **typed: str) -> "Sitting":
        """Type into some fields and press one button."""
        self.touched += len(typed)
        self.page = self.client.post(self.action, data={**self.form.fields, **typed, "step": step})
        return self


def sit_down(client: TestClient, path: str = "/dossiers/new") -> Sitting:
    """Open the registration form."""
    page = client.get(path)
    assert page.status_code == 200, page.text
    return Sitting(client, page)
