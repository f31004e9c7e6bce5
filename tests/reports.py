"""Runs to report on: real files, and what a run would have said of them."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import samples

from imgflow.budgets import Breach
from imgflow.job import Failure, Result, Written
from imgflow.report import ReportBuilder
from imgflow.storage.opening import open_usual


class Parts(HTMLParser):
    """Tags with their attributes, the JSON in the page, and the tags that were not closed."""

    _VOID = ("meta", "img", "input", "link", "br")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.data: dict[str, Any] = {}
        self._name: str | None = None
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        if tag not in self._VOID:
            self.open.append(tag)
        if tag == "script":
            self._name = attributes.get("id")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self._name:
            self.data[self._name] = json.loads(data)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self._name = None

    def all(self, tag: str) -> list[dict[str, Any]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def images(self) -> list[dict[str, Any]]:
        chunks = [value for name, value in self.data.items() if name.startswith("chunk-")]
        return [image for chunk in chunks for image in chunk]


def put(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return str(path)


def written(path: str, **fields: Any) -> Written:
    pixels = samples.decoded(Path(path).read_bytes())
    usual = {
        "format": path.rpartition(".")[2],
        "width": pixels.shape[1],
        "height": pixels.shape[0],
        "bytes": os.path.getsize(path),
    }
    return Written(path=path, **(usual | fields))


def done(source: str, *files: Written, **fields: Any) -> Result:
    size = os.path.getsize(source)
    return Result(status="completed", input=source, input_bytes=size, outputs=files, **fields)


def failed(source: str, message: str = "found a damaged one") -> Result:
    return Result(
        status="failed", input=source, error=Failure(code="source-corrupt", message=message)
    )


def report(
    results: list[Result],
    target: Path,
    *,
    stale: Sequence[str] = (),
    breaches: Sequence[Breach] = (),
    **options: Any,
) -> str:
    with ReportBuilder(open_usual({}), str(target), title="A run", **options) as builder:
        for result in results:
            builder.add(result)
        for name in stale:
            builder.add_stale(name, ("never made",))
        builder.write(breaches=breaches)
    return target.read_text(encoding="utf-8")
