"""What every page must stand up to, and how a test waits for what happens elsewhere."""

import email
import email.policy
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import ConsoleMessage, Page

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# the only rules whose answer depends on the theme; the others need not be asked twice
OF_COLOUR = ["color-contrast", "link-in-text-block"]
DESKTOP = {"width": 1360, "height": 900}
PHONE = {"width": 390, "height": 844}
# answers that tell a person what to do instead; the browser writes each into its console
_ANSWERS = ("status of 409", "status of 410", "status of 422")


def complaints_of(page: Page) -> list[str]:
    """Return a list that fills with what the browser complains about on this page."""
    complaints: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        is_answer = any(status in message.text for status in _ANSWERS)
        if message.type in {"error", "warning"} and not is_answer:
            complaints.append(f"{page.url}: {message.text}")

    page.on("console", hear)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    return complaints


def violations(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """Return what axe finds on the page as it is shown now, a line for each element."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(AXE)
    only = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": WCAG}
    found = page.evaluate(
        "only => axe.run(document, {runOnly: only, resultTypes: ['violations'], preload: false})",
        only,
    )
    return [
        f"{page.url} {rule['id']}: {' '.join(node['target'])} {node['html'][:120]}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """Return what makes the page wider than its window, nothing where all fits."""
    return page.evaluate(
        """() => {
          const root = document.scrollingElement;
          if (root.scrollWidth <= innerWidth) return [];
          const wide = [...document.querySelectorAll("body *")]
            .filter((each) => each.getBoundingClientRect().right > innerWidth + 1);
          return [`${location.pathname} is ${root.scrollWidth} px wide: `
            + wide.slice(0, 5).map((each) => each.tagName + "." + each.className).join(", ")];
        }"""
    )


def faults(page: Page) -> list[str]:
    """Return what keeps anybody from using the page, on a screen and a phone, light and dark."""
    found: list[str] = []
    before = page.viewport_size
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme="light")
        found += violations(page)
        page.emulate_media(color_scheme="dark")
        found += violations(page, rules=OF_COLOUR)
    found += sideways(page)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(before)
    return list(dict.fromkeys(found))


def wait_for(truth: Callable[[], Any], otherwise: str, seconds: float = 15) -> Any:
    """Wait until something holds and return it, or fail with a sentence."""
    deadline = time.monotonic() + seconds
    while not (found := truth()):
        if time.monotonic() > deadline:
            raise AssertionError(f"After {seconds:.0f} s: {otherwise}")
        time.sleep(0.02)
    return found


class Mailbox:
    """Keeps what a mail server accepted, for its readers."""

    def __init__(self):
        self._arrived = []

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 -- aiosmtpd names it
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        self._arrived.append((envelope.rcpt_tos, message))
        return "250 Accepted"

    def to(self, person):
        """Return the mails to a person so far, in the order they came."""
        return [message for recipients, message in self._arrived if recipients == [person.email]]

    def wait_for(self, person, subject: str, *, after: int = 0):
        """Wait for a mail whose subject contains these words, not among the first `after`."""

        def newest():
            fitting = [mail for mail in self.to(person)[after:] if subject in mail["Subject"]]
            return fitting[-1] if fitting else None

        heard = f"no mail about {subject!r} came to {person.email}"
        return wait_for(newest, heard)


def link_in(message) -> str:
    """Return the first address of our own pages in the text of a mail."""
    text = message.get_body(preferencelist=["plain"]).get_content()
    return re.search(r"http://\S+", text).group()
