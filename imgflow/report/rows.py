"""The list of a report: a row for each image, and what its script reads when it is opened."""

from __future__ import annotations

import json
from html import escape
from typing import TYPE_CHECKING, Any

from imgflow.quality.verdict import judge, score_text
from imgflow.wording import count_text, share_text, size_text, time_text

if TYPE_CHECKING:
    from imgflow.report.entry import Entry, File


def render_row(entry: Entry) -> str:
    """Return the row of an image; ``data-`` attributes are what it is sorted and filtered by."""
    score = entry.score
    formats = dict.fromkeys(file.format for file in entry.files)
    data = {
        "index": entry.index,
        "score": "" if score is None else f"{score:.4f}",
        "share": f"{entry.share:.6f}",
        "bytes": round(entry.mean),
        "seconds": f"{entry.seconds:.3f}",
        "formats": " ".join(formats),
        "warnings": entry.warnings,
        "files": len(entry.files),
    }
    attributes = "".join(f' data-{name}="{escape(str(value))}"' for name, value in data.items())
    told = [f"{_sizes(entry)}: {', '.join(map(escape, formats))}"]
    if entry.seconds:
        told.append(time_text(entry.seconds))
    if entry.warnings:
        told.append(count_text(entry.warnings, "warning"))
    return (
        f"<li{attributes}><img class='thumb' alt='' width='64' height='64'>"
        f"<button type='button' class='open'>{escape(entry.input)}</button>"
        f"<p class='quiet'>{'; '.join(told)}</p>{_badge(score)}</li>"
    )


def _sizes(entry: Entry) -> str:
    sizes = [file.bytes for file in entry.files]
    if not sizes:
        return f"{size_text(entry.bytes)}, no file"
    found = size_text(sizes[0])
    if len(sizes) > 1:
        found = f"{len(sizes)} files, {size_text(min(sizes))} to {size_text(max(sizes))}"
    return f"{size_text(entry.bytes)} → {found}, {share_text(entry.share)}"


def _badge(score: float | None) -> str:
    if score is None:
        return "<p class='badge quiet'>not judged</p>"
    level = judge(score).level
    return (
        f"<p class='badge {level}'><strong>{score_text(score, 1)}</strong> "
        f"{level.replace('-', ' ')}</p>"
    )


def pack(entry: Entry, thumbnail: str) -> str:
    """Return what is shown of an opened image as JSON; ``thumbnail`` is a WebP in base64."""
    return script_json(
        {
            "thumb": thumbnail,
            "name": entry.input,
            "link": entry.link,
            "size": _told(entry.bytes, entry.width, entry.height),
            "replaced": entry.replaced,
            "notes": entry.notes,
            "files": [_pack_file(file) for file in entry.worst()],
        }
    )


def _pack_file(file: File) -> dict[str, Any]:
    score = "" if file.score is None else f"score {score_text(file.score, 1)}"
    quality = f"quality {file.quality}" if isinstance(file.quality, int) else file.quality
    told = (file.format, _told(file.bytes, file.width, file.height), quality, score)
    return {
        "path": file.path,
        "link": file.link,
        "told": ", ".join(filter(None, told)),
        "width": file.width,
        "height": file.height,
        "aligned": file.aligned,
        "notes": file.notes,
    }


def _told(size: int, width: int, height: int) -> str:
    return f"{width}x{height}, {size_text(size)}" if width else size_text(size)


def script_json(value: Any) -> str:  # noqa: ANN401
    """Return JSON that can stand in a script element: nothing in it ends one."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c")
