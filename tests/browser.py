"""A real browser for tests: headless Chromium, driven through chromedriver's W3C protocol."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from servers import free_port

#: Seconds to wait for what should take less than one.
PATIENCE = 60.0
_QUIET = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage"),
)


class Browser:
    """One window. ``script`` runs JavaScript in it, ``key`` and ``click`` are a person's."""

    def __init__(self, driver: str, folder: str) -> None:
        self._driver = driver
        options = {"args": [*_QUIET, f"--user-data-dir={folder}"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        answer = self._post("/session", {"capabilities": {"alwaysMatch": wanted}})
        self._session = f"/session/{answer['sessionId']}"

    def open(self, url: str) -> None:
        self._post(f"{self._session}/url", {"url": url})

    def script(self, text: str, *arguments: Any) -> Any:
        """Run the body of a function, and return what it returns; promises are awaited."""
        body = {"script": text, "args": list(arguments)}
        return self._post(f"{self._session}/execute/sync", body)

    def text(self, selector: str) -> str:
        """The text of the first element that matches, as it is seen; "" if there is none."""
        return str(
            self.script("return document.querySelector(arguments[0])?.innerText ?? ''", selector)
        )

    def wait(self, condition: Callable[[], Any]) -> Any:
        """Wait until a condition holds, and return what it returned."""
        deadline = time.monotonic() + PATIENCE
        while not (found := condition()):
            assert time.monotonic() < deadline, self.text("body")
            time.sleep(0.05)
        return found

    def click(self, selector: str) -> None:
        self._post(f"{self._session}/element/{self._find(selector)}/click", {})

    def write(self, selector: str, text: str) -> None:
        self._post(f"{self._session}/element/{self._find(selector)}/value", {"text": text})

    def key(self, *keys: str) -> None:
        """Press keys, each for itself, wherever the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        device = {"type": "key", "id": "keyboard", "actions": actions}
        self._post(f"{self._session}/actions", {"actions": [device]})

    def move(self, selector: str) -> None:
        """Point at the middle of an element."""
        origin = {"element-6066-11e4-a52e-4f735466cecf": self._find(selector)}
        actions = [{"type": "pointerMove", "duration": 0, "x": 0, "y": 0, "origin": origin}]
        device = {"type": "pointer", "id": "mouse", "actions": actions}
        self._post(f"{self._session}/actions", {"actions": [device]})

    def devtools(self, command: str, **parameters: Any) -> Any:
        """Send a command of Chromium's own protocol."""
        body = {"cmd": command, "params": parameters}
        return self._post(f"{self._session}/goog/cdp/execute", body)

    def look(self, width: int, height: int, *, dark: bool = False, zoom: float = 1) -> None:
        """Take the size of a device, and its colours."""
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=zoom,
            mobile=width < 600,
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.devtools("Emulation.setEmulatedMedia", features=[scheme])

    def picture(self, path: Path) -> None:
        """Write a picture of the whole page."""
        found = self.devtools("Page.captureScreenshot", captureBeyondViewport=True)
        path.write_bytes(base64.b64decode(found["data"]))

    def complaints(self) -> list[str]:
        """What the console was told since this was asked last: errors, blocked requests."""
        entries = self._post(f"{self._session}/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries]

    def quit(self) -> None:
        request = urllib.request.Request(self._driver + self._session, method="DELETE")  # noqa: S310
        with contextlib.suppress(OSError), urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310
            pass

    def _find(self, selector: str) -> str:
        body = {"using": "css selector", "value": selector}
        return str(next(iter(self._post(f"{self._session}/element", body).values())))

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        data = json.dumps(body).encode()
        request = urllib.request.Request(self._driver + path, data)  # noqa: S310 -- on loopback
        request.add_header("Content-Type", "application/json")
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:  # noqa: S310
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error


@contextlib.contextmanager
def browse() -> Iterator[Browser]:
    """Start a browser; where there is none, skip the test, or fail it where CI is set."""
    program = shutil.which("chromedriver")
    if program is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no chromedriver here")
    port = free_port()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        # In a session of its own, so that all of the browser's processes can be ended.
        driver = subprocess.Popen(
            [program, f"--port={port}", "--log-level=OFF"],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            _wait_for(f"http://127.0.0.1:{port}/status")
            browser = Browser(f"http://127.0.0.1:{port}", folder)
            try:
                yield browser
            finally:
                browser.quit()
        finally:
            os.killpg(driver.pid, signal.SIGKILL)
            driver.wait(PATIENCE)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE):  # noqa: S310 -- on loopback
                return
        except OSError:
            assert time.monotonic() < deadline, "chromedriver is mute"
            time.sleep(0.05)
