"""Take the pictures of the documentation from a demonstration that lives, into docs/pictures.

    python tools/screenshots.py [--address http://127.0.0.1:8000 --data data/demo] [NAME ...]

1. Start a demonstration of its own in a scratch folder, unless `--address` names a fresh one.
2. Wait until cohort A has lived its weeks.
3. Sign in with one click as each role and take the pictures, or those that are named.

docs/develop/pictures.md says what to look at afterwards.
"""

import argparse
import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from pathlib import Path

from playwright.sync_api import Browser, Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
PICTURES = ROOT / "docs" / "pictures"
DESKTOP = {"width": 1360, "height": 780}
# where what counts lies further down
TALL = {"width": 1360, "height": 1020}
PHONE = {"width": 390, "height": 844}
# bytes; whoever clones the project gets them all
LARGEST = 200_000
SECONDS_TO_LIVE = 900
# milliseconds; five hundred pairs take a moment where the machine is busy
PATIENCE = 60_000
PEOPLE = """\
Name;E-mail;Job title;Grade;Department;Languages
Noor Haddad;noor.haddad@example.org;Data engineer;3;Technology/Data;en, ar
Lena Brandt;lena.brandt@example.org;Head of retail;9;Markets/Retail;de, en
Marcus Oyelaran;marcus.oyelaran@example.org;Service designer;4;Products/Design;en
Sofía Reyes;sofia.reyes at example.org;Analyst;3;Finance;es, en
"""


class Photographer:
    """Somebody who visits a demonstration in every role and takes pictures."""

    def __init__(self, browser: Browser, address: str, data: Path):
        self._browser = browser
        self._address = address
        self._data = data

    def visit(self, role: str = "", *, size: dict = DESKTOP, dark: bool = False) -> Page:
        """Open a browser and sign in with one click, or stay signed out."""
        context = self._browser.new_context(
            base_url=self._address, viewport=size, color_scheme="dark" if dark else "light",
            reduced_motion="reduce", locale="en-GB", timezone_id="Europe/Berlin",
            device_scale_factor=1.5 if size is PHONE else 1,
        )  # fmt: skip
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto("/people/sign-in/")
        if role:
            page.get_by_role("button", name=role, exact=True).click()
            expect(page.get_by_role("button", name="Your account")).to_be_visible()
        return page

    @cached_property
    def cohorts(self) -> tuple[str, str]:
        """The codes of cohort A, which lives, and of cohort B, which waits."""
        page = self.visit("Programme lead")
        links = page.locator("main a[href^='/overview/']")
        expect(links).to_have_count(2)
        by_name = sorted((each.inner_text(), each.get_attribute("href")) for each in links.all())
        lived, waiting = (href.split("/")[2] for _name, href in by_name)
        return lived, waiting

    def wait_until_lived(self) -> None:
        """Wait until cohort A has its fourteen weeks behind it, saying how far it is."""
        page = self.visit("Programme lead")
        deadline, said = time.monotonic() + SECONDS_TO_LIVE, ""
        while time.monotonic() < deadline:
            page.goto(f"/overview/{self.cohorts[0]}/")
            progress = page.locator("#demo-progress")
            if not progress.count():
                return
            now = " ".join(progress.inner_text().split("\n")[:2])
            if now != said:
                _say(f"{now}\n")
            said = now
            page.wait_for_timeout(2000)
        raise SystemExit("Cohort A did not live its weeks in time.")

    def mailed_link(self, email: str, *, since: float) -> str:
        """Return the link in the mail to an address since a moment, from the folder of mails."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for path in (self._data / "mail").glob("*"):
                if path.stat().st_mtime < since:
                    continue
                for text in reversed(path.read_text(encoding="utf-8").split("-" * 79)):
                    found = re.search(rf"{self._address}/people/sign-in/link/\S+", text)
                    if f"To: {email}" in text and found:
                        return found.group()
            time.sleep(0.2)
        raise SystemExit(f"No mail came to {email}.")


# -- the pictures: each leaves the page as it shall be seen ---------------------------------------


def overview(with_: Photographer, **look) -> Page:
    """What a lead sees of a cohort that lives."""
    page = with_.visit("Programme lead", **look)
    page.goto(f"/overview/{with_.cohorts[0]}/")
    return page


def overview_dark(with_: Photographer) -> Page:
    """The same in the dark."""
    return overview(with_, dark=True)


def desk(with_: Photographer) -> Page:
    """The pairs that wait for a lead, with what to do for each."""
    page = with_.visit("Programme lead")
    page.get_by_role("link", name="Open the desk").click()
    expect(page.get_by_role("heading", name="What to do next")).to_be_visible()
    return page


def programme(with_: Photographer) -> Page:
    """A programme with its objectives and the people who run it."""
    page = with_.visit("Programme lead")
    page.goto("/programmes/")
    page.locator("main h2 a").first.click()
    expect(page.get_by_role("heading", name="Objectives")).to_be_visible()
    return page


def templates(with_: Photographer) -> Page:
    """The seven templates a programme starts from."""
    page = with_.visit("Programme lead")
    page.goto("/programmes/new/")
    return page


def people_import(with_: Photographer) -> Page:
    """The preview of a file of people, with a row that is not taken."""
    page = with_.visit("Programme lead")
    page.goto("/people/import/")
    file = {"name": "people.csv", "mimeType": "text/csv", "buffer": PEOPLE.encode()}
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and look").click()
    expect(page.get_by_role("heading", name="Apply it")).to_be_visible()
    return page


def profile(with_: Photographer, step: str = "topics", size: dict = DESKTOP) -> Page:
    """The profile of a mentor of the cohort that waits, who comes by a mailed link."""
    lead = with_.visit("Programme lead")
    lead.goto(f"/programmes/cohorts/{with_.cohorts[1]}/settings/")
    back = lead.locator("form", has=lead.locator("[value=reopen_enrolment]"))
    if back.count():
        lead.locator("details", has=back).locator("summary").click()
        back.get_by_label("Reason").fill("Profiles are being looked at once more.")
        back.get_by_role("button").click()
        expect(back).to_have_count(0)
    lead.goto(f"/programmes/cohorts/{with_.cohorts[1]}/?side=mentor&state=enrolled")
    lead.locator("#enrolments th[scope=row] a").first.click()
    lead.wait_for_url("**/enrolments/**")
    place, name = lead.url, lead.locator("h1").inner_text()
    lead.goto(f"/people/?q={name}")
    email = lead.locator("#people td", has_text="@").first.inner_text()
    page = with_.visit(size=size)
    asked_at = time.time()
    page.locator("#link_email").fill(email)
    page.get_by_role("button", name="Mail me a link").click()
    expect(page.get_by_role("heading", name="Look into your mail")).to_be_visible()
    page.goto(with_.mailed_link(email, since=asked_at))
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("button", name="Your account")).to_be_visible()
    page.goto(f"{place}profile/{step}/")
    return page


def matching(with_: Photographer) -> Page:
    """A draft of five hundred pairs, proposed a second ago."""
    page = with_.visit("Programme lead", size=TALL)
    page.goto(f"/pairing/{with_.cohorts[1]}/")
    if page.get_by_role("button", name="Propose pairs").count():
        page.get_by_role("button", name="Propose pairs").click()
    expect(page.get_by_role("heading", name="Proposed pairs")).to_be_visible()
    expect(page.get_by_text("Show them side by side")).to_be_visible()
    return page


def options(with_: Photographer) -> Page:
    """The same people with other aims, side by side."""
    page = matching(with_)
    page.get_by_text("Show them side by side").click()
    page.locator("#options").evaluate("card => card.scrollIntoView()")
    return page


def why(with_: Photographer) -> Page:
    """Why two people were proposed to each other."""
    page = matching(with_)
    page.set_viewport_size(DESKTOP)
    page.locator("tbody a").first.click()
    page.wait_for_url("**/pair/**")
    expect(page.get_by_text("Being computed")).to_have_count(0)
    return page


def today_phone(with_: Photographer) -> Page:
    """What a leader has to do now, on a phone."""
    return with_.visit("Leader", size=PHONE)


def pair(with_: Photographer, role: str = "Leader", **look) -> Page:
    """The space of a pair."""
    page = with_.visit(role, **look)
    page.locator("main a[href*='/session/']").first.click()
    page.get_by_role("link", name="You and").click()
    expect(page.get_by_role("heading", name="What we have learned, both ways")).to_be_visible()
    return page


def pair_phone(with_: Photographer) -> Page:
    """The same for the mentor, on a phone."""
    return pair(with_, "Mentor", size=PHONE)


def agreement(with_: Photographer) -> Page:
    """The agreement of the same two, as both have signed it."""
    page = pair(with_)
    page.get_by_role("link", name="Your agreement").click()
    expect(page.get_by_text("Signed by both of you.")).to_be_visible()
    return page


def training_phone(with_: Photographer) -> Page:
    """A step of a module, on a phone."""
    page = with_.visit("Mentor", size=PHONE)
    page.goto("/training/module/M04/2/")
    return page


def sponsor(with_: Photographer) -> Page:
    """The sponsor's one page."""
    page = with_.visit("Sponsor")
    page.locator("main a[href^='/sponsor/']").first.click()
    page.wait_for_url("**/sponsor/**")
    return page


def rematch(with_: Photographer) -> Page:
    """What would change if a cohort in which a pair has ended were matched anew."""
    page = with_.visit("Programme lead")
    page.goto(f"/pairs/cohort/{with_.cohorts[0]}/")
    page.locator("#pairs tbody a").first.click()
    page.get_by_role("button", name="End this pair").click()
    page.get_by_role("dialog").get_by_role("button", name="End the pair").click()
    expect(page.get_by_text("The pair has ended.")).to_be_visible()
    page.goto(f"/pairing/{with_.cohorts[0]}/")
    page.get_by_role("button", name="Re-match", exact=True).click()
    expect(page.get_by_role("heading", name="Pairs that would change")).to_be_visible()
    return page


# in this order: the profile is open only as long as nobody has proposed pairs, and the cohort
# that lives has all its pairs only until one of them ends
PICTURED: dict[str, Callable[[Photographer], Page]] = {
    "overview": overview,
    "overview-dark": overview_dark,
    "desk": desk,
    "programme": programme,
    "templates": templates,
    "people-import": people_import,
    "profile": profile,
    "matching": matching,
    "options": options,
    "why": why,
    "today-phone": today_phone,
    "pair": pair,
    "pair-phone": pair_phone,
    "agreement": agreement,
    "training-phone": training_phone,
    "sponsor": sponsor,
    "rematch": rematch,
}


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


@contextlib.contextmanager
def demonstration() -> Iterator[tuple[str, Path]]:
    """Start a demonstration on a free port; yield its address and its folder."""
    folder = Path(tempfile.mkdtemp(prefix="contraflow-pictures-"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "contraflow", "demo", "--port", str(port)],
        cwd=ROOT, env=os.environ | {"CONTRAFLOW_DATA_DIR": str(folder)},
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        for line in process.stdout:
            _say(line)
            if "is ready" in line:
                break
        yield f"http://127.0.0.1:{port}", folder
    finally:
        process.terminate()
        process.wait(timeout=60)
        shutil.rmtree(folder, ignore_errors=True)


def take(names: list[str], address: str, data: Path) -> None:
    """Take the pictures that are named."""
    expect.set_options(timeout=PATIENCE)
    browser_path = os.environ.get("CONTRAFLOW_TEST_BROWSER") or shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"]
        )
        photographer = Photographer(browser, address, data)
        photographer.wait_until_lived()
        PICTURES.mkdir(exist_ok=True)
        for name in names:
            page = PICTURED[name](photographer)
            path = PICTURES / f"{name}.png"
            page.evaluate("document.fonts.ready")
            page.screenshot(path=path)
            page.context.close()
            size = path.stat().st_size
            _say(f"{path.relative_to(ROOT)}: {size // 1000} kB\n")
            if size > LARGEST:
                raise SystemExit(
                    f"{path} is larger than {LARGEST // 1000} kB: show less of the page."
                )
        browser.close()


def main() -> None:
    """Read the command line and take the pictures."""
    parser = argparse.ArgumentParser(description="Take the pictures of the documentation.")
    parser.add_argument("names", nargs="*", choices=[[], *PICTURED], help="default: all")
    parser.add_argument("--address", help="of a demonstration that runs already")
    parser.add_argument("--data", type=Path, default=ROOT / "data" / "demo", help="its folder")
    options = parser.parse_args()
    names = options.names or list(PICTURED)
    if options.address:
        take(names, options.address, options.data)
        return
    with demonstration() as (address, data):
        take(names, address, data)


if __name__ == "__main__":
    main()
