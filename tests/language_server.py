"""Node programs for tests: npm packages, and a client of yaml-language-server over stdio."""

from __future__ import annotations

import fcntl
import json
import os
import queue
import shutil
import subprocess
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pytest

if TYPE_CHECKING:
    from types import TracebackType

PACKAGES = ("ajv", "yaml-language-server")
#: Seconds to wait for an answer.
PATIENCE = 90


def install_packages(folder: Path, packages: tuple[str, ...] = PACKAGES) -> Path:
    """Install the npm packages once; returns the folder of modules.

    Without node, or without a registry, the test is skipped; in CI it fails.
    """
    modules = folder / "node_modules"
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        _give_up("node and npm are not installed")
    else:
        # Several processes run tests, and npm trips over another one in the same folder.
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (folder / "installed").exists():
                _install(npm, folder, packages)
                (folder / "installed").touch()
    return modules


def _install(npm: str, folder: Path, packages: tuple[str, ...]) -> None:
    (folder / "package.json").write_text("{}", encoding="utf-8")
    command = [npm, "install", "--no-audit", "--no-fund", "--ignore-scripts", *packages]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        _give_up(f"npm cannot install {', '.join(packages)}: {done.stderr[-500:]}")


def _give_up(reason: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


class LanguageServer:
    """A running yaml-language-server; one document is open at a time."""

    def __init__(self, modules: Path) -> None:
        script = modules / "yaml-language-server" / "bin" / "yaml-language-server"
        self.process = subprocess.Popen(
            ["node", str(script), "--stdio"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self.received: queue.Queue[dict[str, Any]] = queue.Queue()
        self.diagnostics: dict[str, list[dict[str, Any]]] = {}
        self.last = self.opened = 0
        threading.Thread(target=self._listen, daemon=True).start()
        self.ask(
            "initialize",
            {"processId": os.getpid(), "rootUri": None, "capabilities": {"workspace": {}}},
        )
        self.tell("initialized", {})
        self.tell("workspace/didChangeConfiguration", {"settings": {"yaml": SETTINGS}})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                stream.close()

    def tell(self, method: str, params: Any) -> None:
        self._send({"method": method, "params": params})

    def ask(self, method: str, params: Any) -> Any:
        self.last += 1
        self._send({"id": self.last, "method": method, "params": params})
        while True:
            message = self._next()
            if message.get("id") == self.last and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def check(self, folder: Path, text: str) -> list[dict[str, Any]]:
        """Return the diagnostics of a new document in a folder."""
        return self.diagnostics[self._open(folder, text)]

    def _open(self, folder: Path, text: str) -> str:
        self.opened += 1
        uri = (folder / f"document-{self.opened}.yaml").as_uri()
        document = {"uri": uri, "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        while uri not in self.diagnostics:
            self._next()
        return uri

    def at(self, method: str, folder: Path, text: str) -> Any:
        """Ask about the place of ``|`` in a new document, without it."""
        before, _, after = text.partition("|")
        uri = self._open(folder, before + after)
        line, column = before.count("\n"), len(before) - before.rfind("\n") - 1
        where = {"line": line, "character": column}
        return self.ask(method, {"textDocument": {"uri": uri}, "position": where})

    def _next(self) -> dict[str, Any]:
        message = self.received.get(timeout=PATIENCE)
        if message.get("method") == "textDocument/publishDiagnostics":
            self.diagnostics[message["params"]["uri"]] = message["params"]["diagnostics"]
        elif "method" in message and "id" in message:
            answer: Any = None
            if message["method"] == "workspace/configuration":
                answer = [
                    SETTINGS if item.get("section") == "yaml" else {}
                    for item in message["params"]["items"]
                ]
            self._send({"id": message["id"], "result": answer})
        return message

    def _send(self, message: dict[str, Any]) -> None:
        data = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%b" % (len(data), data))
        self.process.stdin.flush()

    def _listen(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while line := stream.readline():
            length = 0
            while line.strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
                line = stream.readline()
            if data := stream.read(length):
                self.received.put(json.loads(data))


SETTINGS = {
    "validate": True,
    "completion": True,
    "hover": True,
    "schemaStore": {"enable": False},
    "yamlVersion": "1.2",
}
