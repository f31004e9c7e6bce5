"""Graphics that tests draw: text, screenshots, charts, logos, gradients, and what lies between.

All are drawn by Pillow, the same in every run; ``GRAPHICS`` are those that have few colours and
sharp edges, ``OTHERS`` those that are drawn and yet compress like photographs.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import samples
from PIL import Image, ImageDraw, ImageFilter, ImageFont

if TYPE_CHECKING:
    from collections.abc import Callable

WIDTH, HEIGHT = 480, 320
_TEXT = (
    "Pictures are compressed by what the eye does not see while drawings are compressed "
    "by what repeats itself and text is a drawing of letters"
)
_WORDS = _TEXT.split()
_INKS = ("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b")


def text_page() -> Image.Image:
    """Return a page of dark text on white: RGB."""
    image = _canvas("white")
    draw = ImageDraw.Draw(image)
    _write(draw, "A page of text", 20, 12, 28, "#202020")
    _paragraph(draw, (20, 56), HEIGHT - 20, 14, "#303030")
    return image


def screenshot() -> Image.Image:
    """Return a window of a program with a side bar, a list and coloured code: RGB."""
    image = _canvas("#f3f4f6")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 30), fill="#24292f")
    _write(draw, "Editor - main.py", 44, 7, 14, "white")
    for at, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        draw.ellipse((8 + 11 * at, 10, 16 + 11 * at, 18), fill=colour)
    draw.rectangle((0, 30, 110, HEIGHT), fill="#e5e7eb")
    for at in range(11):
        chosen = at == 3
        if chosen:
            draw.rounded_rectangle((6, 38 + 24 * at, 104, 58 + 24 * at), 5, fill="#2563eb")
        _write(draw, _WORDS[at], 14, 40 + 24 * at, 12, "white" if chosen else "#374151")
    for row in range(15):
        x = 124 + 14 * (row % 3)
        for at, word in enumerate(_WORDS[row : row + 4]):
            _write(draw, word, x, 40 + 18 * row, 12, _INKS[(row + at) % len(_INKS)])
            x += 8 * len(word) + 6
    return image


def chart() -> Image.Image:
    """Return bars and smooth curves with labels: RGB."""
    image = _canvas("white", 2)
    draw = ImageDraw.Draw(image)
    for at in range(7):
        y = 40 + at * 80
        draw.line((80, y, 2 * WIDTH - 40, y), fill="#dddddd", width=2)
        _write(draw, str(60 - 10 * at), 30, y - 12, 22, "#555555")
    for at in range(8):
        top = 520 - 60 * ((at * 5) % 7 + 1)
        draw.rectangle((100 + at * 104, top, 150 + at * 104, 520), fill=_INKS[at % 6])
        _write(draw, f"Q{at + 1}", 106 + at * 104, 530, 22, "#555555")
    for number, colour in enumerate(("#111111", "#d62728")):
        points = [
            (80 + x, 280 + 160 * math.sin(x / (90 + 60 * number) + number))
            for x in range(0, 2 * WIDTH - 130, 4)
        ]
        draw.line(points, fill=colour, width=5, joint="curve")
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def logo() -> Image.Image:
    """Return discs and a word with smooth edges on nothing: RGBA."""
    image = Image.new("RGBA", (4 * 240, 4 * 160), (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    for at, colour in enumerate(("#e11d48", "#0ea5e9", "#facc15")):
        draw.ellipse((60 + 200 * at, 60, 400 + 200 * at, 400), fill=colour)
    draw.rectangle((60, 430, 900, 446), fill="#111827")
    _write(draw, "imgflow", 250, 450, 150, "#111827")
    return image.resize((240, 160), Image.Resampling.LANCZOS)


def icons() -> Image.Image:
    """Return buttons with soft shadows on nothing: RGBA, alpha of all values."""
    image = Image.new("RGBA", (300, 200), (0, 0, 0, 0))
    for at in range(6):
        x, y = 14 + 96 * (at % 3), 14 + 92 * (at // 3)
        shadow = Image.new("RGBA", image.size, (0, 0, 0, 0))
        ImageDraw.Draw(shadow).rounded_rectangle((x, y + 4, x + 72, y + 68), 14, fill="#000000a0")
        image.alpha_composite(shadow.filter(ImageFilter.GaussianBlur(5)))
        draw = ImageDraw.Draw(image)
        draw.rounded_rectangle((x, y, x + 72, y + 64), 14, fill=_INKS[at])
        _write(draw, "ABCDEF"[at], x + 24, y + 10, 36, "white")
    return image


def pixel_art() -> Image.Image:
    """Return squares of eight colours, eight pixels a side: RGB."""
    y, x = np.mgrid[0 : HEIGHT // 8, 0 : WIDTH // 8]
    cells = (x * y // 7 + (x // 5) * 3 + (y // 4) * 5) % 8
    ramp = np.array([[7 * n * n % 256, 40 * n % 256, 255 - 30 * n] for n in range(8)], np.uint8)
    return Image.fromarray(ramp[cells].repeat(8, 0).repeat(8, 1))


def bilevel() -> Image.Image:
    """Return black and white modules like those of a code that is scanned: L."""
    cells = np.random.default_rng(7).integers(0, 2, (40, 40), np.uint8) * 255
    return Image.fromarray(np.pad(cells.repeat(6, 0).repeat(6, 1), 20, constant_values=255))


def diagram() -> Image.Image:
    """Return boxes with gentle gradients, arrows and labels: RGB."""
    image = _canvas("white")
    draw = ImageDraw.Draw(image)
    for at in range(6):
        left, top = 20 + 155 * (at % 3), 40 + 140 * (at // 3)
        for row in range(80):
            shade = 255 - row // 2
            draw.line((left, top + row, left + 120, top + row), fill=(shade, shade, 255))
        draw.rectangle((left, top, left + 120, top + 80), outline="#334155", width=2)
        _write(draw, _WORDS[at * 2], left + 12, top + 30, 16, "#0f172a")
        if at % 3 < 2:
            draw.line((left + 120, top + 40, left + 155, top + 40), fill="#334155", width=2)
            tip = left + 154
            draw.polygon(((tip, top + 40), (tip - 9, top + 34), (tip - 9, top + 46)), "#334155")
    return image


def street_map() -> Image.Image:
    """Return coloured areas, roads and names, smoothly drawn: RGB."""
    image = _canvas("#f2efe9", 2)
    draw = ImageDraw.Draw(image)
    water = [(0, 500), (300, 420), (520, 470), (700, 640), (0, 640)]
    draw.polygon(water, fill="#aad3df")
    draw.polygon([(600, 40), (860, 80), (820, 260), (640, 240)], fill="#c8facc")
    for at in range(9):
        line = (0, 60 * at + 20, 2 * WIDTH, 130 * (at % 5) + 30)
        draw.line(line, fill="#b0a79c", width=16 if at % 3 else 26)
        draw.line(line, fill="#ffffff" if at % 3 else "#fcd6a4", width=12 if at % 3 else 20)
    for at, word in enumerate(_WORDS[:14]):
        _write(draw, word, (at * 173) % 880, (at * 97) % 600, 24, "#444444")
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def comic() -> Image.Image:
    """Return thick outlines filled with plain colours and a halftone: RGB."""
    image = _canvas("#ffe9a8", 2)
    draw = ImageDraw.Draw(image)
    for x in range(0, 2 * WIDTH, 16):
        for y in range(0, 260, 16):
            size = 1 + 5 * (260 - y) / 260
            draw.ellipse((x - size, y - size, x + size, y + size), fill="#ff8fa3")
    for at in range(5):
        box = (40 + 180 * at, 200 + 40 * (at % 2), 200 + 180 * at, 560)
        draw.ellipse(box, fill=_INKS[at], outline="black", width=12)
        draw.arc((80 + 180 * at, 300, 160 + 180 * at, 420), 20, 160, fill="black", width=12)
    return image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS)


def table() -> Image.Image:
    """Return a table of numbers, gray: L."""
    image = Image.new("L", (WIDTH, HEIGHT), 255)
    draw = ImageDraw.Draw(image)
    for row in range(13):
        if row % 2:
            draw.rectangle((0, row * 24, WIDTH, row * 24 + 23), fill=238)
        for column in range(6):
            number = f"{(row * 7919 + column * 104729) % 100000 / 100:.2f}"
            _write(draw, number, 12 + column * 78, row * 24 + 4, 14, 30)
        draw.line((0, row * 24, WIDTH, row * 24), fill=180)
    return image


def interface_with_photo() -> Image.Image:
    """Return a page of a shop, a third of it a photograph: RGB."""
    image = _canvas("white")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, WIDTH, 40), fill="#0f766e")
    _write(draw, "Coffee and more", 16, 10, 18, "white")
    photo = Image.fromarray(samples.coffee()).resize((260, 173), Image.Resampling.LANCZOS)
    image.paste(photo, (16, 60))
    _paragraph(draw, (292, 60), 230, 13, "#333333")
    draw.rounded_rectangle((292, 250, 460, 284), 8, fill="#ea580c")
    _write(draw, "Add to cart", 330, 257, 16, "white")
    return image


def gradient() -> Image.Image:
    """Return a smooth field of colour, no pixel like the next: RGB."""
    y, x = np.mgrid[0 : 1 : HEIGHT * 1j, 0 : 1 : WIDTH * 1j]
    planes = [255 * (0.5 + 0.5 * np.sin(x * f + y * g)) for f, g in ((3, 2), (2, 4), (5, 1))]
    return Image.fromarray(np.dstack(planes).round().astype(np.uint8))


def vignette() -> Image.Image:
    """Return a soft glow with the grain that prevents bands: RGB."""
    y, x = np.mgrid[-1 : 1 : HEIGHT * 1j, -1 : 1 : WIDTH * 1j]
    glow = 230 - 120 * np.hypot(x, y)
    grain = np.random.default_rng(3).normal(0, 2, (HEIGHT, WIDTH))
    shade = np.clip(glow + grain, 0, 255)
    return Image.fromarray(np.dstack([shade * 0.5, shade * 0.7, shade]).round().astype(np.uint8))


def scan() -> Image.Image:
    """Return a page of text as a scanner sees it, with the grain of paper: L."""
    page = text_page().convert("L").filter(ImageFilter.GaussianBlur(0.7))
    grain = np.random.default_rng(5).normal(0, 4, (HEIGHT, WIDTH))
    return Image.fromarray(np.clip(np.asarray(page) * 0.9 + grain, 0, 255).astype(np.uint8))


def noise() -> Image.Image:
    """Return noise, every pixel on its own: RGB."""
    return Image.fromarray(np.random.default_rng(1).integers(0, 256, (200, 300, 3), np.uint8))


GRAPHICS: dict[str, Callable[[], Image.Image]] = {
    one.__name__: one
    for one in (
        text_page,
        screenshot,
        chart,
        logo,
        icons,
        pixel_art,
        bilevel,
        diagram,
        street_map,
        comic,
        table,
        interface_with_photo,
    )
}
OTHERS: dict[str, Callable[[], Image.Image]] = {
    one.__name__: one for one in (gradient, vignette, scan, noise)
}


def _canvas(colour: str, scale: int = 1) -> Image.Image:
    return Image.new("RGB", (WIDTH * scale, HEIGHT * scale), colour)


def _write(  # noqa: PLR0913, PLR0917
    draw: ImageDraw.ImageDraw, text: str, x: float, y: float, size: int, ink: str | int
) -> None:
    draw.text((x, y), text, fill=ink, font=ImageFont.load_default(size))


def _paragraph(
    draw: ImageDraw.ImageDraw, start: tuple[int, int], bottom: int, size: int, ink: str
) -> None:
    left, y = start
    x, at = left, 0
    while y < bottom - size:
        word = _WORDS[(at * 5 + at // 6) % len(_WORDS)]
        wide = draw.textlength(word + " ", font=ImageFont.load_default(size))
        if x + wide > WIDTH - 15:
            x, y = left, y + round(size * 1.5)
            continue
        _write(draw, word, round(x), y, size, ink)
        x, at = round(x + wide), at + 1
