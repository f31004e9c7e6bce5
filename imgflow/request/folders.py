"""Whether a link leads out of the folders of outputs, once their fields are filled in."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from imgflow.template import parse_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from imgflow.recipe.findings import Findings
    from imgflow.recipe.places import Keys
    from imgflow.request.access import Access
    from imgflow.request.work import Work


def check_folders(
    work: Work, inputs: Sequence[str], keys: Keys, access: Access, findings: Findings
) -> None:
    """Report folders that are not allowed once fields are filled in, as far as they are known.

    Only folders of this machine can have links in them; workers check again what they open.
    """
    for folder in _folders(work):
        template = parse_template(folder)
        unknown = {name: f"{{{name}}}" for name in template.fields}
        for index, uri in enumerate(inputs):
            filename = posixpath.basename(uri)
            stem = posixpath.splitext(filename)[0]
            known = {
                "dir": "",
                "filename": filename,
                "index": str(index),
                "original_name": stem,
                "stem": stem,
            }
            access.checked(template.render({**unknown, **known}), keys, findings)


def _folders(work: Work) -> Iterator[str]:
    """Yield the templates of folders with fields, each once."""
    paths = dict.fromkeys(posixpath.dirname(variant.output.path) for variant in work.variants)
    for folder in paths:
        if folder.startswith("/") and "{" in folder:
            yield folder
