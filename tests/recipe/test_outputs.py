from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from imgflow.recipe import RecipeInvalid, parse_recipe

if TYPE_CHECKING:
    from imgflow.job import Output


def outputs(text: str, head: str = "") -> tuple[Output, ...]:
    return parse_recipe(f"version: 1\n{head}\noutputs:\n{text}").outputs


def encoder(text: str, head: str = "") -> dict[str, Any] | None:
    (output,) = outputs(text, head)
    return output.encoder


def refused(text: str, head: str = "") -> list[str]:
    with pytest.raises(RecipeInvalid) as caught:
        outputs(text, head)
    return [problem.code for problem in caught.value.problems]


def test_widths_times_formats() -> None:
    made = outputs(
        '  - path: "o/{stem}-{width}.{ext}"\n'
        "    name: photo\n"
        "    steps: [{op: flip}]\n"
        "    widths: [200, 100]\n"
        "    formats: [webp, original]\n"
        "    quality: 70\n"
        "    metadata: none\n"
        "    profile: p3\n"
    )
    assert [(output.steps[-1]["width"], (output.encoder or {})["format"]) for output in made] == [
        (200, "webp"),
        (200, "original"),
        (100, "webp"),
        (100, "original"),
    ]
    for output in made:
        assert output.steps[0] == {"op": "flip"}
        assert output.steps[1]["op"] == "resize"
        assert output.steps[1]["enlarge"] is False
        assert (output.name, output.metadata, output.profile) == ("photo", "none", "p3")


def test_the_format_is_the_one_that_is_said() -> None:
    assert encoder('- {path: "{stem}.{ext}", format: webp}') == {"format": "webp"}
    assert encoder('- {path: "{stem}.{ext}"}', "defaults: {format: png}") == {"format": "png"}
    assert encoder(
        '- {path: "{stem}.{ext}", format: webp}', "defaults: {formats: [png, jpeg]}"
    ) == {"format": "webp"}


def test_other_names_of_formats_are_understood() -> None:
    assert encoder('- {path: "{stem}.{ext}", format: jpg}') == {"format": "jpeg"}
    assert encoder('- {path: "{stem}.{ext}", formats: [{format: tif}]}') == {"format": "tiff"}


def test_without_one_the_last_convert_says_the_format() -> None:
    convert = "steps: [{op: convert, format: png}, {op: convert, format: webp, quality: 50}]"
    assert encoder('- {path: "{stem}.{ext}"}', convert) == {"format": "webp", "quality": 50}
    assert encoder(
        '- {path: "{stem}.{ext}", steps: [{op: convert, format: avif}, {op: flip}]}', convert
    ) == {"format": "avif"}


def test_a_convert_is_weaker_than_the_output_and_stronger_than_the_defaults() -> None:
    head = (
        "defaults: {quality: 10, effort: 1}\n"
        "steps: [{op: convert, format: webp, quality: 50, preset: text}]"
    )
    assert encoder('- {path: "{stem}.{ext}", preset: icon}', head) == {
        "format": "webp",
        "quality": 50,
        "effort": 1,
        "preset": "icon",
    }


def test_without_a_convert_the_extension_says_the_format() -> None:
    assert encoder('- {path: "{stem}.JPEG"}') == {"format": "jpeg"}
    assert encoder('- {path: "{stem}.tif", compression: none}') == {
        "format": "tiff",
        "compression": "none",
    }


def test_without_an_extension_the_format_stays() -> None:
    assert encoder('- {path: "{stem}.{ext}"}') is None
    assert encoder('- {path: "{filename}"}') is None
    assert encoder('- {path: "o/{stem}.{hash:8}"}') is None


def test_options_go_to_the_formats_that_know_them() -> None:
    made = outputs(
        '- {path: "{stem}.{ext}", formats: [gif, webp, {format: jpeg, quality: 60}], quality: 70, '
        "lossless: false, interlace: true}",
        "defaults: {preset: photo, effort: 2}",
    )
    assert [output.encoder for output in made] == [
        {"format": "gif", "effort": 2, "interlace": True},
        {"format": "webp", "effort": 2, "preset": "photo", "quality": 70, "lossless": False},
        {"format": "jpeg", "effort": 2, "quality": 60},
    ]


def test_options_for_several_formats_give_way_where_they_do_not_fit() -> None:
    made = outputs('- {path: "{stem}.{ext}", formats: [webp, png], dither: 0.5}')
    assert [output.encoder for output in made] == [{"format": "webp"}, {"format": "png"}]
    made = outputs('- {path: "{stem}.{ext}", formats: [webp, png], dither: 0.5, palette: true}')
    assert made[1].encoder == {"format": "png", "dither": 0.5, "palette": True}
    assert refused('- {path: "{stem}.png", dither: 0.5}') == ["keys-disagree"]


def test_defaults_give_way_to_options_that_exclude_them() -> None:
    made = encoder('- {path: "{stem}.webp", near_lossless: 60}', "defaults: {quality: 80}")
    assert made == {"format": "webp", "near_lossless": 60}


def test_options_of_original_wait_for_the_source() -> None:
    assert encoder('- {path: "{stem}.{ext}", format: original, quality: 70}') == {
        "format": "original",
        "quality": 70,
    }


def test_defaults_give_way_to_outputs() -> None:
    (output,) = outputs(
        '- {path: "{stem}.jpg", quality: 90, metadata: none}',
        "defaults: {quality: 70, metadata: all, profile: keep}",
    )
    assert output.encoder == {"format": "jpeg", "quality": 90}
    assert (output.metadata, output.profile) == ("none", "keep")


def test_policies_are_those_of_a_job_where_nothing_is_said() -> None:
    (output,) = outputs('- {path: "{stem}.jpg"}')
    assert (output.metadata, output.profile, output.name) == ("copyright", "srgb", "")


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("{stem}.jpg", ""),
        ("{dir}/{stem}.jpg", ""),
        ("out.jpg", ""),
        ("a/b/{stem}.jpg", "a/b"),
        ("a/b-{stem}.jpg", "a"),
        ("/{stem}.jpg", "/"),
        ("/srv/img/{dir}/x.jpg", "/srv/img"),
        ("s3://bucket/img/{stem}.jpg", "s3://bucket/img"),
    ],
)
def test_the_root_is_what_comes_before_the_first_field(path: str, root: str) -> None:
    assert outputs(f'- {{path: "{path}"}}')[0].root == root


def test_paths_that_differ_by_hash_or_steps_do_not_collide() -> None:
    assert (
        len(
            outputs(
                '- {path: "o/{stem}.{hash}.jpg", widths: [1, 2]}\n'
                '- {path: "o/{stem}-{width}.jpg", steps: [{op: resize, width: 10}]}\n'
                '- {path: "o/{stem}-{width}.jpg", steps: [{op: resize, width: 20}]}\n'
                '- {path: "o/{stem}-{height}.webp", widths: [1, 2]}\n'
            )
        )
        == 6
    )


def test_a_width_may_collide_with_a_path_that_spells_it() -> None:
    collide = '- {path: "o/{stem}-{width}.jpg", widths: [480]}\n- {path: "o/{stem}-480.jpg"}\n'
    assert refused(collide) == ["path-collision"]


def test_one_format_by_two_names_collides() -> None:
    assert refused('- {path: "{stem}.{ext}", formats: [jpg, jpeg]}') == ["path-collision"]


def test_a_default_is_idle_only_if_no_output_knows_it() -> None:
    two = '- {path: "{stem}.jpg"}\n- {path: "{stem}.webp"}\n'
    assert outputs(two, "defaults: {near_lossless: 50}")[1].encoder == {
        "format": "webp",
        "near_lossless": 50,
    }
    assert refused('- {path: "{stem}.jpg"}', "defaults: {near_lossless: 50}") == [
        "option-of-other-format"
    ]
