from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageColor

from imgflow.colours import Colour, OpaqueColour, parse_colour
from imgflow.errors import OperationError

NAMES = "aqua black blue fuchsia gray green grey lime maroon navy olive orange purple red silver"


@pytest.mark.parametrize("name", [*NAMES.split(), "teal", "white", "yellow"])
def test_names_are_those_of_html(name: str) -> None:
    assert parse_colour(name) == ImageColor.getcolor(name, "RGBA")
    assert msgspec.convert(name, Colour) == msgspec.convert(name, OpaqueColour)


@given(
    st.from_regex(r"#([0-9a-fA-F]{3}|[0-9a-fA-F]{4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})", fullmatch=True)
)
def test_hex_codes_are_those_of_css(code: str) -> None:
    assert parse_colour(code) == ImageColor.getcolor(code, "RGBA")
    assert msgspec.convert(code, Colour) == code


def test_transparent_is_no_opaque_colour() -> None:
    assert not parse_colour("transparent").opaque
    for colour in ("transparent", "#ff000080", "#f008"):
        with pytest.raises(msgspec.ValidationError):
            msgspec.convert(colour, OpaqueColour)


def test_neutral_colours_are_grays() -> None:
    assert parse_colour("#80808000").neutral
    assert not parse_colour("#808081").neutral


@pytest.mark.parametrize("text", ["", "Red", "#12", "#12345", "#ggg", "rgb(1,2,3)"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(OperationError, match="expected a colour like") as error:
        parse_colour(text)
    assert error.value.code == "bad-colour"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(text, Colour)
