"""A scanner, the hand beside it, and what counts them."""

from playwright.sync_api import Page

from postal.domain.commands import Command

COUNTING = """
addEventListener("click", (event) => {
  if (event.detail) sessionStorage.clicks = 1 + (+sessionStorage.clicks || 0);
}, true);
window.answered = [];
window.sounds = [];
let pressed = 0;
addEventListener("keydown", (event) => { if (event.key === "Enter") pressed = performance.now(); }, true);
addEventListener("DOMContentLoaded", () => {
  const rows = document.querySelector("[data-rows]");
  if (rows) new MutationObserver(() => answered.push(performance.now() - pressed)).observe(rows, {childList: true});
});
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...at) { sounds.push(this.frequency.value); return start.apply(this, at); };
"""
"""Counts what a hand does in the browser, how soon a row stands there after a scan, and what is heard."""


class Scanner:
    """A hand-held scanner and the hand beside it: a burst counts as one scan, every other key for itself."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.scans = 0
        self.keys = 0

    def scan(self, text: str) -> None:
        """Type a code as a scanner does, with its Enter."""
        self.page.keyboard.type(text)
        self.page.keyboard.press("Enter")
        self.scans += 1

    def command(self, command: Command) -> None:
        """Scan the printed sheet."""
        self.scan(command.value)

    def press(self, key: str) -> None:
        """Press a key."""
        self.page.keyboard.press(key)
        self.keys += 1

    def chord(self, keys: str) -> None:
        """Press keys together; each of them counts."""
        self.page.keyboard.press(keys)
        self.keys += len(keys.split("+"))
