"""The parts of a report above its list: totals, formats, scores, failures, times."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from imgflow.quality.verdict import judge, score_text
from imgflow.report.histogram import draw_histogram
from imgflow.wording import count_text, share_text, size_text, time_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from imgflow.job import Result
    from imgflow.report.totals import Totals

#: Sizes of the graph, for windows and for phones.
_WIDE, _NARROW = (760, 230), (312, 220)


def render_totals(totals: Totals) -> str:
    """Return the figures of the whole run, as the items of a list."""
    summary = totals.summary
    files = f"{summary.written:,} written"
    if summary.kept:
        files += f", {summary.kept:,} kept"
    if summary.copied:
        files += f", {summary.copied:,} copied"
    cells = [
        (f"{summary.completed:,}", "images done", count_text(len(summary.failures), "failure")),
        (f"{summary.files:,}", "files", files),
        (size_text(summary.bytes_in), "sources", f"{size_text(summary.bytes_out)} of files"),
        (_change(totals), _changed(totals), "a mean file to a mean source"),
    ]
    if totals.scores:
        lowest, mean = min(totals.scores), sum(totals.scores) / len(totals.scores)
        told = f"the mean of {count_text(len(totals.scores), 'file')}, from {score_text(lowest, 1)}"
        cells.append((score_text(mean, 1), "score", told))
    cells.append((time_text(sum(totals.seconds)), "work", f"{totals.encodes:,} encodes"))
    return "\n".join(
        f"<li><strong>{value}</strong> {name}<br><span class='quiet'>{told}</span></li>"
        for value, name, told in cells
    )


def _change(totals: Totals) -> str:
    return f"{abs(totals.summary.shrinkage):.0%}"


def _changed(totals: Totals) -> str:
    return "smaller" if totals.summary.shrinkage >= 0 else "larger"


def render_formats(totals: Totals) -> str:
    """Return the rows of the table of formats, what saved most first."""
    found = sorted(totals.formats.items(), key=lambda item: -item[1].saved)
    return "\n".join(
        f"<tr><th scope='row'>{escape(name)}</th>{_numbers(f'{one.files:,}')}"
        f"{_numbers(size_text(one.source_bytes), size_text(one.bytes), size_text(one.saved))}"
        f"<td><span class='share' style='--share: {max(0.0, one.share):.4f}'></span> "
        f"{share_text(1 - one.share)}</td></tr>"
        for name, one in found
    )


def render_scores(totals: Totals) -> str:
    """Return the graph of the scores and what they mean; words if none was judged."""
    if not totals.scores:
        return (
            "<p>No file was judged: that is done where a quality is asked for as a score, or as "
            "'good', 'high' or 'visually-lossless'.</p>"
        )
    lowest = judge(min(totals.scores))
    return (
        f"<div class='wide'>{draw_histogram(totals.scores, *_WIDE)}</div>"
        f"<div class='narrow'>{draw_histogram(totals.scores, *_NARROW)}</div>"
        f"<p class='quiet'>Files by score, SSIMULACRA2 against the picture before it was "
        f"encoded. The lowest, {score_text(min(totals.scores), 1)}, is "
        f"{lowest.level.replace('-', ' ')}: {lowest.meaning}.</p>"
    )


def render_failures(failures: list[Result]) -> str:
    """Return the section of what failed and why; nothing if all went well."""
    if not failures:
        return ""
    rows = "\n".join(_failure(result) for result in failures)
    return (
        "<section class='panel' aria-labelledby='failed'>"
        f"<h2 id='failed'>{count_text(len(failures), 'failure')}</h2>"
        f"<ul class='failures' tabindex='0' aria-labelledby='failed'>{rows}</ul></section>"
    )


def _failure(result: Result) -> str:
    error = result.error
    if error is None:
        return f"<li><p class='name'>{escape(result.input)}</p></li>"
    again = ", trying again may help" if error.retryable else ""
    reason = error.message.removeprefix(f"{result.input}: ")
    return (
        f"<li><p class='name'>{escape(result.input)}</p><p>{escape(reason)}</p>"
        f"<p class='quiet'>{escape(error.code)}{again}</p></li>"
    )


def render_warnings(totals: Totals) -> str:
    """Return the section of warnings by kind; nothing if there are none."""
    kinds = totals.summary.warnings
    if not kinds:
        return ""
    rows = "\n".join(
        f"<li><p class='name'>{escape(code.replace('-', ' '))}: "
        f"{count_text(kind.count, 'image')}</p>"
        f"<p class='quiet'>{escape(next(iter(kind.examples)))}</p></li>"
        for code, kind in sorted(kinds.items(), key=lambda item: -item[1].count)
    )
    return (
        "<section class='panel' aria-labelledby='warned'><h2 id='warned'>Warnings</h2>"
        f"<ul class='failures'>{rows}</ul></section>"
    )


def render_times(totals: Totals) -> str:
    """Return the rows of the table of times: the median, then the slowest images."""
    if not totals.seconds:
        return ""
    slowest = sorted(totals.slowest, reverse=True)
    rows = (("Median of all images", totals.median, ""), *((n, s, "name") for s, n in slowest))
    return "\n".join(_time(name, seconds, kind) for name, seconds, kind in rows)


def _time(name: str, seconds: float, kind: str) -> str:
    return (
        f"<tr><th scope='row' class='{kind}'>{escape(name)}</th>{_numbers(time_text(seconds))}</tr>"
    )


def _numbers(*texts: str) -> str:
    return "".join(_number(text) for text in texts)


def _number(text: str) -> str:
    return f"<td class='number'>{text}</td>"


def render_options(totals: Totals) -> Iterator[str]:
    """Yield the formats as options to choose from."""
    for name in sorted(totals.formats):
        yield f"<option>{escape(name)}</option>"
