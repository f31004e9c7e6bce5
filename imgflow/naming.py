"""Where the outputs of a job go: templates filled in, roots kept, digests taken."""

from __future__ import annotations

import hashlib
import posixpath
from typing import TYPE_CHECKING

import msgspec

from imgflow.errors import OperationError
from imgflow.libvips import libvips_version
from imgflow.template import parse_template, stays_inside
from imgflow.version import __version__

if TYPE_CHECKING:
    from imgflow.encoders import Encoder
    from imgflow.geometry import Size
    from imgflow.job import Job, Output
    from imgflow.source import Source


def source_fields(job: Job) -> dict[str, str]:
    """Return the template fields that depend on the source's name and the run alone."""
    relative = job.relative or posixpath.basename(job.input)
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


def render_path(job: Job, output: Output, encoder: Encoder, size: Size, source: Source) -> str:
    """Return the path of one output; raises OperationError if it would leave its root."""
    template = parse_template(output.path)
    fields = source_fields(job) | {
        "ext": encoder.extension,
        "format": encoder.name(),
        "height": str(size.height),
        "width": str(size.width),
    }
    if "hash" in template.fields:
        fields["hash"] = content_key(job, output, encoder, source)
    path = template.render(fields)
    if not stays_inside(path, output.root):
        message = f"{path}: expected a path inside '{output.root or '.'}', found one that leaves it"
        raise OperationError(message, code="path-escapes")
    return path


def content_key(job: Job, output: Output, encoder: Encoder, source: Source) -> str:
    """Return the digest of all that the bytes of an output depend on, in hex.

    That is the source, the steps, the encoder and the versions of the software; and the
    steps of the other outputs, because outputs of one job share intermediate pictures.
    """
    inputs = {
        "source": source.digest,
        "orient": job.orient,
        "shared": job.steps,
        "siblings": sorted({msgspec.json.encode(sibling.steps) for sibling in job.outputs}),
        "steps": output.steps,
        "encoder": encoder.fields(),
        "metadata": output.metadata,
        "profile": output.profile,
        "versions": (__version__, libvips_version()),
    }
    return hashlib.sha256(msgspec.json.encode(inputs, order="sorted")).hexdigest()
