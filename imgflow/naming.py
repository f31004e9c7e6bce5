"""Where the outputs of a job go: templates filled in, roots kept, digests taken."""

from __future__ import annotations

import hashlib
import os
import posixpath
from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import OperationError
from imgflow.libvips import libvips_version
from imgflow.operations import parse_steps
from imgflow.repack import versions
from imgflow.source import Source
from imgflow.template import parse_template, stays_inside
from imgflow.uris import base_name, encoded_for, scheme_of, sealed
from imgflow.version import __version__

if TYPE_CHECKING:
    from imgflow.geometry import Size
    from imgflow.job import Job
    from imgflow.target import Target


def source_fields(job: Job) -> dict[str, str]:
    """Return the template fields that depend on the source's name and the run alone."""
    relative = job.relative or base_name(job.input)
    folder, filename = posixpath.split(relative)
    stem = posixpath.splitext(filename)[0]
    return {
        "date": job.date,
        "dir": folder,
        "filename": filename,
        "index": str(job.index),
        "original_name": stem,
        "recipe": job.recipe,
        "stem": stem,
    }


def render_path(job: Job, target: Target, size: Size, source: Source) -> str:
    """Return the path of one output; raises OperationError if it would leave its root."""
    output, encoder = target.output, target.encoder
    template = parse_template(output.path)
    fields = source_fields(job) | {
        "ext": encoder.extension,
        "format": encoder.name(),
        "height": str(size.height),
        "width": str(size.width),
    }
    if "hash" in template.fields:
        fields["hash"] = content_key(job, target, source)
    if is_uri := bool(scheme_of(output.path)):
        fields = {name: encoded_for(output.path, value) for name, value in fields.items()}
    path = template.render(fields)
    root = output.root or (template.root if is_uri else "")
    if not stays_inside(path, root):
        message = f"{path}: expected a path inside '{root or '.'}', found one that leaves it"
        raise OperationError(message, code="path-escapes")
    return sealed(path)


def content_key(job: Job, target: Target, source: Source) -> str:
    """Return the digest of all that the bytes of an output depend on, in hex.

    That is the source, the steps and the files they read, the encoder and the versions of
    the software; and the steps of the other outputs, because outputs of one job share
    intermediate pictures.
    """
    inputs = {
        "source": source.digest,
        "orient": job.orient,
        "shared": job.steps,
        "siblings": sorted({msgspec.json.encode(sibling.steps) for sibling in job.outputs}),
        "steps": [step.fields() for step in target.steps],
        "files": _digests(job, target),
        "encoder": target.asked.fields(),
        "metadata": target.output.metadata,
        "profile": target.output.profile,
        "versions": (
            __version__,
            libvips_version(),
            *(version for one in target.asked.outlines() for version in one.versions()),
            *(versions() if target.thrift else ()),
        ),
    }
    return hashlib.sha256(msgspec.json.encode(inputs, order="sorted")).hexdigest()


def _digests(job: Job, target: Target) -> list[str]:
    """Return the digests of overlays and fonts; one that is missing fails later, by name."""
    steps = (*parse_steps(job.steps), *target.steps)
    paths = [path for step in steps for path in step.files() if os.path.isfile(path)]
    return [Source(path, path=path).digest for path in paths]
