"""The terms of a job: all that its outputs depend on beside the bytes of the source."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from imgflow.encoders import ENCODERS, parse_encoder
from imgflow.naming import source_fields
from imgflow.operations import chain_encoder, chain_optimize, parse_steps
from imgflow.repack import versions as repack_versions
from imgflow.state.stamp import Stamp, read_stamp, take_fingerprint
from imgflow.state.versions import by_name, software, software_of
from imgflow.target import ORIGINAL
from imgflow.template import parse_template
from imgflow.uris import is_remote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from imgflow.encoders import Encoder
    from imgflow.job import Job, Output
    from imgflow.operations import Operation
    from imgflow.state.home import Home

    Chain = tuple[Operation, ...]

#: Fields of templates that do not make an output another one.
_PASSING = frozenset({"date"})


class Terms(NamedTuple):
    """Steps, outputs, versions and the files that steps read, as plain JSON, and its digest.

    ``fields`` are those that paths of outputs take; ``files`` are the stamps of what was read.
    """

    digest: str
    body: dict[str, Any]
    fields: frozenset[str]
    files: tuple[tuple[str, Stamp | None], ...]

    def names(self, job: Job) -> dict[str, str]:
        """Return what the paths of the outputs take from the name and number of the source."""
        values = source_fields(job)
        return {key: values[key] for key in sorted(self.fields & values.keys() - _PASSING)}


class TermsReader:
    """Works out the terms of jobs, once for those that ask for the same."""

    def __init__(self, home: Home) -> None:
        """Write paths as below a home."""
        self._home = home
        self._known: dict[bytes, Terms] = {}

    def read(self, job: Job) -> Terms:
        """Return the terms of a job; raises RecipeError for steps or options that are wrong."""
        asked = msgspec.json.encode((job.orient, job.steps, job.outputs))
        known = self._known.get(asked)
        if known is None or any(read_stamp(path) != stamp for path, stamp in known.files):
            known = self._known[asked] = self._work_out(job)
        return known

    def _work_out(self, job: Job) -> Terms:
        shared = parse_steps(job.steps)
        chains = [parse_steps(output.steps) for output in job.outputs]
        paths = sorted({path for chain in (shared, *chains) for s in chain for path in s.files()})
        files = [(path, take_fingerprint(path)) for path in paths]
        body = {
            "orient": job.orient,
            "steps": self._steps(shared),
            "outputs": [
                self._output(output, chain)
                for output, chain in zip(job.outputs, chains, strict=True)
            ],
            "files": {
                self._home.name(path): found.digest if found else "" for path, found in files
            },
            "versions": _versions(job.outputs, shared, chains),
        }
        text = msgspec.json.encode(body, order="sorted")
        fields = (parse_template(output.path).fields for output in job.outputs)
        return Terms(
            hashlib.sha256(text).hexdigest(),
            msgspec.json.decode(text),
            frozenset().union(*fields),
            tuple((path, found.stamp if found else None) for path, found in files),
        )

    def _output(self, output: Output, chain: Chain) -> dict[str, Any]:
        plain = msgspec.to_builtins(output)
        if not is_remote(output.path):
            plain.pop("properties", None)  # of an object
        encoder = output.encoder
        if encoder is not None and encoder.get("format") != ORIGINAL:
            encoder = parse_encoder(encoder).fields()
        return {
            **plain,
            "path": self._home.name(output.path),
            "root": self._home.name(output.root) if output.root else "",
            "steps": self._steps(chain),
            "encoder": encoder,
        }

    def _steps(self, chain: Chain) -> list[dict[str, Any]]:
        return [self._step(step) for step in chain]

    def _step(self, step: Operation) -> dict[str, Any]:
        names = {path: self._home.name(path) for path in step.files()}
        return {
            key: names.get(value, value) if isinstance(value, str) else value
            for key, value in step.fields().items()
        }


def _versions(outputs: Iterable[Output], shared: Chain, chains: Iterable[Chain]) -> dict[str, str]:
    found = software()
    for output, chain in zip(outputs, chains, strict=True):
        found |= software_of(_encoders(output, shared + chain))
        if chain_optimize(shared + chain):
            found |= by_name(repack_versions())
    return dict(sorted(found.items()))


def _encoders(output: Output, chain: Chain) -> tuple[Encoder, ...]:
    """Return the encoders that an output may come to: all, where the source will tell."""
    if output.encoder is not None and output.encoder.get("format") != ORIGINAL:
        return (parse_encoder(output.encoder),)
    if output.encoder is None and (converted := chain_encoder(chain)):
        return (converted,)
    return tuple(encoder() for encoder in ENCODERS.values())
