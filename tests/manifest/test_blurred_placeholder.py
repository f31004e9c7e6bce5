"""The blur that stands for a picture: a drawing that style sheets take, and that browsers draw."""

from __future__ import annotations

import base64
import re
from urllib.parse import unquote
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import samples
from browser import browse

from imgflow.manifest.blur import blurred

SVG = "{http://www.w3.org/2000/svg}"
#: Reads the colours along the middle of a picture of 300 x 200.
ROW = """
const image = new Image();
image.src = arguments[0];
await image.decode();
const canvas = Object.assign(document.createElement('canvas'), {width: 300, height: 200});
const pen = canvas.getContext('2d');
pen.drawImage(image, 0, 0, 300, 200);
return [...pen.getImageData(0, 100, 300, 1).data];
"""


def test_it_is_xml_that_needs_no_quotes() -> None:
    uri = "data:image/webp;base64,AA+/A=="
    found = blurred(uri, 900, 600)
    assert re.fullmatch(r"data:image/svg\+xml,[\w%/:;,=+.~-]+", found)
    svg = ET.fromstring(unquote(found.partition(",")[2]))  # noqa: S314 -- our own text
    assert svg.tag == f"{SVG}svg"
    assert svg.attrib["viewBox"] == "0 0 900 600"
    [image] = svg.findall(f"{SVG}image")
    assert image.attrib["href"] == uri
    assert float(svg.findall(f".//{SVG}feGaussianBlur")[0].attrib["stdDeviation"]) == 27


@pytest.mark.slow
def test_browsers_draw_it_without_steps() -> None:
    halves = np.zeros((8, 12, 3), np.uint8)
    halves[:, :6, 0] = halves[:, 6:, 2] = 255
    data = samples.encoded(halves, "WEBP", lossless=True)
    uri = f"data:image/webp;base64,{base64.b64encode(data).decode()}"
    with browse() as browser:
        pixels = browser.script(f"return (async () => {{{ROW}}})()", blurred(uri, 300, 200))
        plain = browser.script(f"return (async () => {{{ROW}}})()", uri)
    row, sharp = (np.reshape(one, (300, 4)).astype(int) for one in (pixels, plain))
    assert (row[:, 3] == 255).all()
    assert (np.abs(row[[0, 40]] - [255, 0, 0, 255]) < 8).all()
    assert (np.abs(row[[260, 299]] - [0, 0, 255, 255]) < 8).all()
    steepest = [np.abs(np.diff(one[:, 0])).max() for one in (row, sharp)]
    assert steepest[0] < steepest[1] / 1.5
