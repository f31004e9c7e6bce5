"""``format: auto`` and the ways to a score: which format, which mode, and what a page needs."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import graphics
import msgspec
import numpy as np
import pytest
import samples
from finishing import finished, opened
from PIL import Image

from imgflow.encoders import encoder_for, parse_encoder
from imgflow.encoders.png import Png
from imgflow.encoders.webp import Webp
from imgflow.execute import execute
from imgflow.job import Job, Output
from imgflow.nature import Nature
from imgflow.recipe import RecipeInvalid, parse_recipe
from imgflow.storage import LocalStorage

if TYPE_CHECKING:
    from pathlib import Path

PHOTO, GRAPHIC = Nature(), Nature(graphic=True)
MIXED = Nature(graphic=True, mixed=True)
CLEAR = Nature(alpha=True)
MOVING = Nature(animated=True)
EVERYWHERE = ["jpeg", "png", "gif"]


def chosen(nature: Nature, **options: Any) -> list[str]:
    return [one.name() for one in parse_encoder({"format": "auto", **options}).choices(nature)]


@pytest.mark.parametrize(
    ("nature", "options", "formats"),
    [
        (PHOTO, {}, ["avif"]),
        (PHOTO, {"effort": "fast"}, ["avif"]),
        (PHOTO, {"quality": "visually-lossless"}, ["avif", "jpeg"]),
        (PHOTO, {"allow": ["png", "jpeg", "webp"]}, ["webp", "jpeg"]),
        (PHOTO, {"allow": EVERYWHERE}, ["jpeg"]),
        (PHOTO, {"allow": ["gif", "png"]}, ["png"]),
        (PHOTO._replace(longest=20000), {}, ["jpeg"]),
        (GRAPHIC, {}, ["webp", "png"]),
        (GRAPHIC, {"allow": EVERYWHERE}, ["png"]),
        (GRAPHIC, {"allow": ["jpeg", "avif"]}, ["avif"]),
        (GRAPHIC._replace(longest=20000), {}, ["png"]),
        (GRAPHIC._replace(alpha=True), {"allow": EVERYWHERE}, ["png"]),
        (MIXED, {}, ["avif", "webp"]),
        (MIXED, {"allow": EVERYWHERE}, ["jpeg", "png"]),
        (CLEAR, {}, ["avif"]),
        (CLEAR, {"quality": {"score": 90}}, ["avif"]),
        (CLEAR, {"allow": EVERYWHERE}, ["png"]),
        (CLEAR, {"allow": ["jpeg", "gif"]}, ["gif"]),
        (CLEAR, {"allow": ["jpeg"]}, ["jpeg"]),
        (MOVING, {}, ["webp"]),
        (MOVING, {"allow": EVERYWHERE}, ["gif"]),
        (MOVING, {"allow": ["jpeg", "png"]}, ["jpeg"]),
    ],
)
def test_the_formats_that_compete(
    nature: Nature, options: dict[str, Any], formats: list[str]
) -> None:
    assert chosen(nature, **options) == formats


def product() -> Image.Image:
    canvas = Image.new("RGB", (300, 200), "white")
    canvas.paste(Image.fromarray(samples.coffee()).resize((150, 100)), (75, 50))
    return canvas


@pytest.mark.parametrize(
    ("picture", "allow", "fmt"),
    [
        (graphics.screenshot, ["avif", "webp", "jpeg", "png"], "webp"),
        (graphics.table, ["avif", "webp", "jpeg", "png"], "png"),
        (graphics.logo, EVERYWHERE, "png"),
        (lambda: Image.fromarray(samples.cat()[:150, :200]), EVERYWHERE, "jpeg"),
        (lambda: Image.fromarray(samples.cat()[:150, :200]), ["avif", "webp"], "avif"),
        (lambda: Image.fromarray(samples.with_alpha(samples.cat()[:99, :99])), EVERYWHERE, "png"),
        (product, ["webp", "avif"], "avif"),
        (product, ["webp", "jpeg", "png"], "webp"),
    ],
)
def test_what_comes_of_pictures(picture: Any, allow: list[str], fmt: str) -> None:
    options = {"format": "auto", "allow": allow}
    result = finished(samples.encoded(picture()), options)

    assert opened(result.data).format == fmt.upper()
    assert result.score
    assert result.score >= 79.5


def test_an_opaque_alpha_channel_hinders_nothing() -> None:
    opaque = Image.fromarray(samples.cat()[:150, :200]).convert("RGBA")
    result = finished(samples.encoded(opaque), {"format": "auto", "allow": EVERYWHERE})

    assert (opened(result.data).format, result.notes) == ("JPEG", ())


def test_transparency_that_no_allowed_format_has_is_told() -> None:
    options = {"format": "auto", "allow": ["jpeg"], "background": "#ff0000"}
    result = finished(samples.encoded(graphics.logo()), options)

    assert [note.code for note in result.notes] == ["alpha-flattened"]
    assert result.notes[0].message == "jpeg has no transparency: laid on #ff0000"
    assert samples.decoded(result.data)[0, 0] == pytest.approx([254, 0, 0], abs=3)


@pytest.mark.parametrize(("allow", "fmt"), [(["webp", "gif", "jpeg"], "WEBP"), (EVERYWHERE, "GIF")])
def test_animations_stay_animated(allow: list[str], fmt: str) -> None:
    frames = [Image.fromarray(samples.cat()[:90, start : start + 120]) for start in (0, 40, 80)]
    file = samples.encoded(frames[0], "GIF", save_all=True, append_images=frames[1:], duration=70)
    result = finished(file, {"format": "auto", "allow": allow})

    image = Image.open(io.BytesIO(result.data))
    assert (image.format, getattr(image, "n_frames", 1), result.frames) == (fmt, 3, 3)


@pytest.mark.parametrize("name", ["screenshot", "chart", "logo", "diagram", "comic"])
@pytest.mark.parametrize("fmt", ["png", "webp"])
def test_a_palette_where_the_score_allows_it(name: str, fmt: str) -> None:
    file = samples.encoded(graphics.GRAPHICS[name]())
    plain = finished(file, {"format": fmt, "quality": "lossless"})
    result = finished(file, {"format": fmt, "quality": "high"})

    assert len(result.data) < 0.7 * len(plain.data)
    assert result.score
    assert result.score > 87
    colours = opened(result.data).convert("RGBA").getcolors(1 << 20)
    assert colours
    assert len(colours) <= 256


@pytest.mark.parametrize("name", ["gradient", "noise"])
def test_no_palette_where_the_score_forbids_it(name: str) -> None:
    image = graphics.OTHERS[name]().crop((0, 0, 120, 90))
    result = finished(samples.encoded(image), {"format": "png", "quality": "high"})

    assert np.array_equal(np.asarray(opened(result.data)), np.asarray(image))


def test_a_palette_that_was_asked_for_stays_one() -> None:
    file = samples.encoded(graphics.gradient().crop((0, 0, 120, 90)))
    result = finished(file, {"format": "png", "quality": "high", "palette": True})

    assert opened(result.data).mode == "P"


def test_a_palette_in_webp_is_kept_exactly() -> None:
    file = samples.encoded(graphics.comic())
    png = finished(file, {"format": "png", "palette": True, "dither": 0, "quality": 70})
    webp = finished(file, {"format": "webp", "palette": True, "quality": 70})

    assert np.array_equal(samples.decoded(png.data, "RGB"), samples.decoded(webp.data, "RGB"))


def test_the_ways_to_a_score() -> None:
    plain, careful, few = Webp(), Webp(smart_subsample=True), Webp(palette=True)
    own = Webp(effort=4)

    assert plain.ways(PHOTO, 80) == (careful,)
    assert own.ways(PHOTO, 80) == (own, Webp(effort=4, smart_subsample=True))
    assert Webp(smart_subsample=False).ways(PHOTO, 80)[0] == Webp(smart_subsample=False)
    assert plain.ways(GRAPHIC, 80) == (few, careful)
    assert plain.ways(MIXED, 80) == (careful, few)
    assert plain.ways(GRAPHIC._replace(animated=True), 80) == (careful,)
    assert few.ways(PHOTO, 80) == (few,)
    assert Webp(lossless=True).ways(PHOTO, 80) == ()
    assert Png().ways(GRAPHIC, 80) == (Png(palette=True, dither=0.0),)
    assert Png().ways(PHOTO, 60) == (Png(palette=True, dither=0.0),)
    assert Png().ways(PHOTO, 80) == ()
    assert Png(bit_depth=16).ways(PHOTO, 80) == ()
    assert Png(bit_depth=4).ways(PHOTO, 80) == (Png(bit_depth=4),)


def test_a_palette_has_to_score_higher() -> None:
    assert Png().target(80) == Webp(palette=True).target(80) == 88
    assert Png().target(90) == 95
    assert Webp().target(80) == 80


def test_the_job_tells_which_format_and_a_second_run_keeps_it(tmp_path: Path) -> None:
    (tmp_path / "table.png").write_bytes(samples.encoded(graphics.table().crop((0, 0, 240, 160))))
    encoder = {"format": "auto", "allow": EVERYWHERE}
    output = Output(path=f"{tmp_path}/{{hash}}.{{ext}}", root=str(tmp_path), encoder=encoder)
    job = Job(input=str(tmp_path / "table.png"), outputs=(output,))

    first, second = (execute(job, LocalStorage()).outputs[0] for _ in range(2))

    assert (first.status, first.format) == ("written", "png")
    assert first.path.endswith(".png")
    assert (second.status, second.path, second.format) == ("kept", first.path, "png")


@pytest.mark.parametrize("name", ["table", "cat"])
def test_two_that_choose_alike_make_one_file(tmp_path: Path, name: str) -> None:
    pictures = {"table": graphics.table(), "cat": Image.fromarray(samples.cat()[:150, :200])}
    (tmp_path / "in.png").write_bytes(samples.encoded(pictures[name]))
    allowed = (["webp", *EVERYWHERE], EVERYWHERE)
    encoders = [{"format": "auto", "allow": allow} for allow in allowed]
    path, root = f"{tmp_path}/out.{{ext}}", str(tmp_path)
    outputs = tuple(Output(path=path, root=root, encoder=one) for one in encoders)

    result = execute(Job(input=str(tmp_path / "in.png"), outputs=outputs), LocalStorage())

    assert result.error is None
    written = [one.path for one in result.outputs]
    assert len(set(written)) == len(written)
    assert {str(path) for path in tmp_path.iterdir()} == {f"{tmp_path}/in.png", *written}


def recipe(output: str) -> Any:
    return parse_recipe(f"version: 1\noutputs:\n- {output}")


@pytest.mark.parametrize(
    "formats",
    [
        "[auto, {format: auto, allow: [jpeg, png, gif]}]",
        "[webp, {format: auto, allow: [jpeg, png]}]",
        "[{format: auto, allow: [webp]}, {format: auto, allow: [jpeg], quality: good}]",
    ],
)
def test_outputs_that_cannot_meet(formats: str) -> None:
    path = "{path: '{stem}.{ext}', formats: "
    assert len(recipe(f"{path}{formats}}}").outputs) == 2


@pytest.mark.parametrize(
    "formats",
    [
        "[auto, webp]",
        "[auto, {format: auto, quality: good}]",
        "[{format: auto, allow: [jpeg, png]}, jpg]",
    ],
)
def test_outputs_that_may_meet_are_refused(formats: str) -> None:
    with pytest.raises(RecipeInvalid) as caught:
        recipe(f"{{path: '{{stem}}.{{ext}}', formats: {formats}}}")

    assert [problem.code for problem in caught.value.problems] == ["path-collision"]
    assert len(recipe(f"{{path: '{{hash}}.{{ext}}', formats: {formats}}}").outputs) == 2


def test_a_path_that_promises_one_format_is_warned_of() -> None:
    (warning,) = recipe("{path: '{stem}.jpg', format: auto}").warnings

    assert (warning.code, warning.hint) == ("extension-differs", "end it in .{ext}")
    assert "any format that suits the picture is written" in warning.message


def test_auto_is_written_as_json() -> None:
    encoder = parse_encoder({"format": "auto", "allow": EVERYWHERE, "quality": "good"})

    assert parse_encoder(msgspec.json.decode(msgspec.json.encode(encoder.fields()))) == encoder
    assert encoder.extension == "{ext}"
    assert encoder_for("png").extension == "png"
