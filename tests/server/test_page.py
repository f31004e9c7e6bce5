"""The status page in a real browser, on the real endpoint of a queue on a real server."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser, browse
from PIL import Image
from servers import free_port

from imgflow.job import Failure, Job, Output, Result, Written
from imgflow.queue import Claims, Outcome, Queue, Submission, Ticket, connect

pytestmark = pytest.mark.slow

TOKEN = "a-token-of-the-tests"  # noqa: S105
TAB, ENTER, ESCAPE = "\ue004", "\ue007", "\ue00c"
NASTY = "<img src=x onerror=alert(1)>"
REASON = f"{NASTY} expected a whole image, found half of one"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browse() as found:
        yield found


class Service:
    """The endpoint of a queue, as a process; and a worker that does what the test says."""

    def __init__(self, redis_url: str, folder: Path, tokens: str) -> None:
        self.queue = Queue(connect(redis_url))
        self.claims = Claims(self.queue, "host-1-abcdef", 4)
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._environment = {
            **os.environ,
            "IMGFLOW_REDIS_URL": redis_url,
            "IMGFLOW_TOKENS": tokens,
            "IMGFLOW_ALLOW": f"file://{folder}",
        }
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-P", "-m", "imgflow", "serve", "--port", str(self.port)]
        self._process = subprocess.Popen(
            command, env=self._environment, stderr=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()

    def submit(self, *names: str, **options: Any) -> list[str]:
        jobs = [
            Submission(
                job=Job(input=f"{self.folder}/{name}", outputs=(Output(path=f"/out/{name}"),)),
                id=str(uuid.uuid4()),
                **options,
            )
            for name in names
        ]
        return [receipt.job_id for receipt in self.queue.submit(jobs)]

    def complete(self, ticket: Ticket) -> None:
        """Make an output, for real."""
        path = self.folder / f"{ticket.id}.png"
        Image.new("RGB", (32, 24), "#4080c0").save(path)
        written = Written(
            path=str(path), format="png", width=32, height=24, bytes=path.stat().st_size
        )
        result = Result(status="completed", input=ticket.job.input, outputs=(written,), seconds=0.2)
        self.claims.settle([Outcome(ticket=ticket, result=result)])

    def fail(self, ticket: Ticket, reason: str = REASON) -> None:
        error = Failure(code="source-damaged", message=reason)
        result = Result(status="failed", input=ticket.job.input, error=error)
        self.claims.settle([Outcome(ticket=ticket, result=result)])


@pytest.fixture
def start(one_redis_url: str, tmp_path: Path) -> Iterator[Callable[..., Service]]:
    services: list[Service] = []

    def begin(tokens: str = "") -> Service:
        services.append(Service(one_redis_url, tmp_path, tokens))
        return services[-1]

    yield begin
    for service in services:
        service.stop()
        service.queue.client.close()


def work(service: Service, name: str) -> Ticket:
    """Queue a job, and take it."""
    service.submit(name)
    (ticket,) = service.claims.take(1)
    return ticket


def visit(browser: Browser, service: Service) -> None:
    """Open the page, with nothing kept from before; the server may still be starting."""

    def opened() -> bool:
        try:
            browser.open(service.url)
        except AssertionError:
            return False
        return browser.text("h1").startswith("imgflow")

    browser.wait(opened)
    browser.script("sessionStorage.clear()")
    browser.complaints()
    browser.open(service.url)


def live(browser: Browser) -> None:
    browser.wait(lambda: browser.text("#connection") == "Live")


def shows(browser: Browser, selector: str, text: str) -> None:
    browser.wait(lambda: text in browser.text(selector))


def test_a_job_on_its_way(browser: Browser, start: Callable[..., Service]) -> None:
    service = start()
    browser.look(1280, 900)
    visit(browser, service)
    shows(browser, "#verdict", "No workers")
    shows(browser, "#failed", "No failed jobs.")
    service.submit("cat.jpg", priority="high")
    shows(browser, "#verdict", "Nobody is working")
    shows(browser, "[data-depth=high]", "1")

    (ticket,) = service.claims.take(1)
    shows(browser, "#verdict", "Working, keeping up")
    shows(browser, "#running-rows", "cat.jpg")
    shows(browser, "#workers-rows", "host-1-abcdef")
    service.claims.beat({ticket.id: (ticket.run, 40)})
    shows(browser, "#running-rows", "40%")
    progress = "return document.querySelector('#running-rows progress').value"
    assert browser.script(progress) == 40

    service.complete(ticket)
    shows(browser, "#running", "Nothing is running.")
    shows(browser, "#results-list", "cat.jpg")
    browser.script("document.querySelector('#results-list').scrollIntoView()")
    picture = (
        "const i = document.querySelector('#results-list img'); return [i.naturalWidth, i.alt]"
    )
    browser.wait(lambda: browser.script(picture) == [32, "Result of cat.jpg"])
    assert browser.complaints() == []


def test_failed_jobs_tell_why_and_are_retried(
    browser: Browser, start: Callable[..., Service]
) -> None:
    service = start()
    names = [f"{NASTY}{number}.jpg".replace("/", "") for number in range(3)]
    ids = service.submit(*names)
    for ticket in service.claims.take(3):
        service.fail(ticket)
    browser.look(1280, 900)
    visit(browser, service)
    shows(browser, "#failed-rows", REASON)
    assert "source-damaged" in browser.text("#failed-rows")
    assert browser.script("return document.querySelectorAll('#failed-rows img').length") == 0

    # By the keyboard: the focus goes to the next one, which does not move away from under it.
    row = f"#failed-rows [data-job='{ids[1]}']"
    browser.script(f'document.querySelector("{row} button").focus({{focusVisible: true}})')
    browser.key(ENTER)
    shows(browser, row, "Queued again")
    shows(browser, "#announcer", "is queued again")
    focused = "return document.activeElement.closest('[data-job]')?.dataset.job"
    assert browser.script(focused) in {ids[0], ids[2]}
    browser.wait(lambda: service.queue.count_failed() == 2)
    (status,) = service.queue.status([ids[1]])
    assert status is not None
    assert status.status == "queued"
    browser.script("document.activeElement.blur()")
    browser.wait(lambda: not browser.script(f'return document.querySelector("{row}") !== null'))

    browser.click("#retry-all")
    shows(browser, "#retry-dialog", "2 jobs will be queued again")
    browser.key(ESCAPE)
    assert service.queue.count_failed() == 2
    browser.click("#retry-all")
    browser.click("#retry-form button[type=submit]")
    shows(browser, "#announcer", "2 queued again")
    assert service.queue.count_failed() == 0
    browser.move("h1")
    shows(browser, "#failed", "No failed jobs.")
    assert browser.complaints() == []


def test_what_cannot_be_retried_says_so(browser: Browser, start: Callable[..., Service]) -> None:
    service = start()
    service.fail(work(service, "cat.jpg"))
    browser.look(1280, 900)
    visit(browser, service)
    shows(browser, "#failed-rows", "cat.jpg")
    browser.move("#failed-title")
    # Somebody else was quicker, and this page does not know yet: it holds still under the mouse.
    (failed,) = service.queue.failed()
    service.queue.retry([failed.job_id])
    browser.click("#failed-rows button")
    browser.wait(lambda: len(browser.text("#failed-rows .action")) > len("Retry"))
    assert "Queued again" not in browser.text("#failed-rows .action")
    (complaint,) = browser.complaints()
    assert "409" in complaint


def test_rows_hold_still_under_the_mouse(browser: Browser, start: Callable[..., Service]) -> None:
    service = start()
    service.fail(work(service, "first.jpg"))
    browser.look(1280, 900)
    visit(browser, service)
    shows(browser, "#failed-rows", "first.jpg")
    browser.move("#failed-rows .name")
    service.fail(work(service, "second.jpg"))
    shows(browser, "#failed-held", "1 newer one when you leave")
    assert "second.jpg" not in browser.text("#failed-rows")
    browser.move("h1")
    shows(browser, "#failed-rows", "second.jpg")
    assert browser.text("#failed-held") == ""


def test_older_failures_are_a_click_away(browser: Browser, start: Callable[..., Service]) -> None:
    service = start()
    service.submit(*(f"{number}.jpg" for number in range(30)))
    for ticket in service.claims.take(30):
        service.fail(ticket)
    browser.look(1280, 900)
    visit(browser, service)
    count = "return document.querySelectorAll('#failed-rows tr').length"
    browser.wait(lambda: browser.script(count) == 6)
    browser.click("#failed-more")
    browser.wait(lambda: browser.script(count) == 30)
    assert not browser.script("return document.querySelector('#failed-more').checkVisibility()")


def test_the_token_is_asked_for_once(browser: Browser, start: Callable[..., Service]) -> None:
    service = start(TOKEN)
    visit(browser, service)
    browser.wait(lambda: browser.script("return document.querySelector('#token-dialog').open"))
    browser.write("#token", f"not-{TOKEN}{ENTER}")
    shows(browser, "#token-error", "The server does not know this token.")
    browser.write("#token", f"{TOKEN}{ENTER}")
    live(browser)
    browser.open(service.url)
    live(browser)
    service.complete(work(service, "cat.jpg"))
    shows(browser, "#results-list", "cat.jpg")
    browser.script("document.querySelector('#results-list').scrollIntoView()")
    picture = "return document.querySelector('#results-list img').naturalWidth"
    browser.wait(lambda: browser.script(picture) == 32)
    assert TOKEN not in browser.script("return location.href + document.documentElement.outerHTML")


def test_the_page_finds_its_way_back(browser: Browser, start: Callable[..., Service]) -> None:
    service = start()
    browser.look(1280, 900)
    visit(browser, service)
    live(browser)
    service.stop()
    shows(browser, "#connection", "Connection lost")
    shows(browser, "#verdict", "The server cannot be reached")
    service.start()
    live(browser)
    shows(browser, "#verdict", "No workers")


CONTRAST = """
const luminance = (c) => c.map((v) => v / 255)
  .map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4))
  .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
const colour = (text) => text.match(/[\\d.]+/g).map(Number);
const back = (node) => {
  for (; node; node = node.parentElement) {
    const found = colour(getComputedStyle(node).backgroundColor);
    if (found.length === 3 || found[3] === 1) return found;
  }
  return [255, 255, 255];
};
const poor = [];
for (const node of document.querySelectorAll("body *")) {
  const own = [...node.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
  if (!own || !node.checkVisibility({visibilityProperty: true}) || node.disabled) continue;
  const colours = [colour(getComputedStyle(node).color), back(node)];
  const [a, b] = colours.map((c) => luminance(c.slice(0, 3)));
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) poor.push(`${node.id || node.className} ${node.textContent.trim()} ${ratio}`);
}
return poor;
"""
SHIFT = """
return new Promise((resolve) => {
  let sum = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value;
    resolve(sum);
  }).observe({type: "layout-shift", buffered: true});
  setTimeout(() => resolve(sum), 500);
});
"""
NAMELESS = """
return [...document.querySelectorAll("button, input, progress, table, section, [role=group]")]
  .filter((node) => node.checkVisibility({visibilityProperty: true}))
  .filter((node) => !(node.getAttribute("aria-label") || node.getAttribute("aria-labelledby")
    || node.labels?.length || node.caption || (node.tagName === "BUTTON" && node.innerText.trim())))
  .map((node) => node.outerHTML.slice(0, 200));
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [360, 800, 1280])
def test_every_size_and_colour(
    width: int, dark: bool, browser: Browser, start: Callable[..., Service]
) -> None:
    service = start()
    long = "a-name-of-many-letters-without-any-space-in-it" * 3
    service.submit(*(f"{number}-{long}.jpg" for number in range(4)), "waiting.jpg")
    one, two, three, _ = service.claims.take(4)
    service.fail(one, f"{one.job.input}: {REASON}")
    service.complete(two)
    service.fail(three)
    browser.look(width, 800, dark=dark)
    visit(browser, service)
    live(browser)
    shows(browser, "#failed-rows", "found half of one")
    shows(browser, "#results-list", "1-a-name")

    assert browser.script("return document.documentElement.scrollWidth") <= width
    assert browser.script(CONTRAST) == []
    assert browser.script(NAMELESS) == []
    assert browser.script(SHIFT) < 0.1
    levels = "return [...document.querySelectorAll('h1, h2')].map((node) => node.tagName)"
    assert browser.script(levels).count("H1") == 1
    loaded = "return performance.getEntriesByType('resource').map((entry) => entry.name)"
    assert all(name.startswith((service.url, "blob:")) for name in browser.script(loaded))
    assert browser.complaints() == []


def test_the_keyboard_reaches_every_button_and_shows_where_it_is(
    browser: Browser, start: Callable[..., Service]
) -> None:
    service = start()
    service.submit("a.jpg", "b.jpg")
    for ticket in service.claims.take(2):
        service.fail(ticket)
    browser.look(1280, 900)
    visit(browser, service)
    shows(browser, "#failed-rows", "a.jpg")
    seen = set()
    for _ in range(6):
        browser.key(TAB)
        seen.add(
            browser.script(
                "const node = document.activeElement;"
                "const name = node.getAttribute('aria-label') || node.innerText;"
                "return `${name} ${getComputedStyle(node).outlineStyle}`"
            )
        )
    wanted = {
        "Skip to failed jobs solid",
        "Retry all solid",
        "Retry a.jpg solid",
        "Retry b.jpg solid",
    }
    assert wanted <= seen


def test_scripts_and_styles_in_the_markup_are_refused(
    browser: Browser, start: Callable[..., Service]
) -> None:
    service = start()
    visit(browser, service)
    live(browser)
    browser.script(
        "const script = document.createElement('script'); script.textContent = 'window.run = 1';"
        "document.body.append(script);"
        "document.body.insertAdjacentHTML('beforeend', '<p id=p style=\"color: red\">x</p>');"
    )
    assert browser.script("return window.run") is None
    assert browser.script("return getComputedStyle(p).color") != "rgb(255, 0, 0)"
    assert any("Content Security Policy" in entry for entry in browser.complaints())
