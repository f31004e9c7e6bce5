"""The keys that a request has besides those of recipes: known, of the right type, in rule."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from imgflow.recipe.diagnose import diagnose
from imgflow.recipe.structure import check_rules
from imgflow.request.schema import keys_schema

if TYPE_CHECKING:
    from typing import TypeVar

    from imgflow.recipe.document import Document
    from imgflow.request.keys import RequestKeys

    K = TypeVar("K", bound=RequestKeys)


def read_keys(request: Document, cls: type[K]) -> K | None:
    """Return the keys of a request, or None after reporting what is wrong with them."""
    findings = request.findings
    try:
        keys = msgspec.convert(request.data, cls)
        fault = "a key without a value" if None in request.data.values() else ""
    except msgspec.ValidationError as error:
        keys, fault = None, str(error)
    if fault:
        diagnose(request.data, keys_schema(cls), findings)
        if not findings.errors:
            findings.report("not-understood", (), fault)
        return None
    check_rules(cls.rules, request.data, (), findings)
    return None if findings.errors else keys
