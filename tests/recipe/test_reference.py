from __future__ import annotations

import pytest

from imgflow.encoders import FORMATS
from imgflow.operations import OPERATIONS
from imgflow.recipe import Reference, format_reference, operation_reference

EVERYTHING = [*operation_reference(), *format_reference()]


def test_everything_is_listed_by_name() -> None:
    assert [entry.name for entry in operation_reference()] == sorted(OPERATIONS)
    assert [entry.name for entry in format_reference()] == sorted(FORMATS)


@pytest.mark.parametrize("entry", EVERYTHING, ids=[entry.name for entry in EVERYTHING])
def test_every_parameter_is_explained(entry: Reference) -> None:
    assert entry.summary
    assert "\n" not in entry.summary
    for parameter in entry.parameters:
        assert parameter.accepts, parameter
        assert parameter.description, parameter


def test_a_parameter_says_what_it_takes() -> None:
    (resize,) = (entry for entry in operation_reference() if entry.name == "resize")
    found = {parameter.name: parameter for parameter in resize.parameters}
    assert found["width"].accepts == "a whole number from 1 to 65535"
    assert found["width"].default is None
    assert "cover" in found["fit"].choices
    assert found["linear"].default is False
    assert resize.example == {"op": "resize", "width": 1200}


def test_convert_takes_a_format() -> None:
    (convert,) = (entry for entry in operation_reference() if entry.name == "convert")
    assert convert.parameters[0].name == "format"
    assert convert.parameters[0].required
    assert convert.parameters[0].choices == tuple(FORMATS)
