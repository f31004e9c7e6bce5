from __future__ import annotations

import io
import re
import zlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import samples
from finishing import finished, opened
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, IptcImagePlugin, PngImagePlugin

from imgflow.encoders import parse_encoder
from imgflow.errors import RecipeError
from imgflow.finish import encode
from imgflow.image import open_picture
from imgflow.limits import DEFAULT_LIMITS
from imgflow.metadata import (
    Groups,
    Keep,
    MetadataPolicy,
    Rights,
    exif,
    iptc,
    parse_policy,
    read_rights,
    select,
    xmp,
)
from imgflow.source import Source

ARTIST, COPYRIGHT, MAKE, DESCRIPTION, ORIENTATION = 0x013B, 0x8298, 0x010F, 0x010E, 0x0112
EXIF_IFD, GPS_IFD, TAKEN, MAKER_NOTE = 0x8769, 0x8825, 0x9003, 0x927C
WITH_EXIF = ["jpeg", "png", "webp", "avif"]

PACKET = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:drone="http://www.dji.com/drone-dji/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="Darkroom 7"
 exif:GPSLatitude="48,51.5N" drone:RelativeAltitude="+20" drone:GpsLongitude="2.35"
 photoshop:Credit="The Agency">
 <exif:GPSLongitude>2,21.1E</exif:GPSLongitude>
 <xmp:Thumbnails><rdf:Alt><rdf:li>AAAATHUMB</rdf:li></rdf:Alt></xmp:Thumbnails>
 <dc:creator><rdf:Seq><rdf:li>Zo\u00eb</rdf:li><rdf:li>Max</rdf:li></rdf:Seq></dc:creator>
 <dc:rights><rdf:Alt><rdf:li xml:lang="x-default">\u00a9 Z &amp; M</rdf:li>
 <rdf:li xml:lang="fr">droits</rdf:li></rdf:Alt></dc:rights>
</rdf:Description></rdf:RDF></x:xmpmeta>""".encode()


def tags(**changes: Any) -> bytes:
    """Return EXIF with a thumbnail's worth of everything, made by Pillow."""
    block = Image.Exif()
    block[COPYRIGHT] = changes.get("copyright", "(c) 2024 Jane Doe")
    block[ARTIST] = changes.get("artist", "Jane Doe")
    block[MAKE] = "Camera"
    block[ORIENTATION] = changes.get("orientation", 1)
    block.get_ifd(EXIF_IFD).update({TAKEN: "2024:05:06 07:08:09", MAKER_NOTE: b"Secret maker note"})
    block.get_ifd(GPS_IFD).update({1: "N", 2: (48.0, 51.0, 30.0), 3: "E", 4: (2.0, 21.0, 7.0)})
    return block.tobytes()


def photo(kind: str = "JPEG", **options: Any) -> bytes:
    return samples.encoded(samples.cat()[:64, :96], kind, **options)


def told(file: bytes) -> tuple[dict[int, Any], dict[int, Any], dict[int, Any]]:
    """Return the main tags, the EXIF tags and the position, as Pillow reads them."""
    found = Image.open(io.BytesIO(file)).getexif()
    return dict(found), dict(found.get_ifd(EXIF_IFD)), dict(found.get_ifd(GPS_IFD))


def packet_of(file: bytes) -> bytes:
    found = opened(file).info
    packet = found.get("xmp") or found.get("XML:com.adobe.xmp") or b""
    return packet.encode() if isinstance(packet, str) else packet


def quick(target: str) -> dict[str, Any]:
    return {"format": target} | ({"effort": 0} if target == "avif" else {})


@pytest.mark.parametrize("target", WITH_EXIF)
@pytest.mark.parametrize("source", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_copyright_survives_and_nothing_else(source: str, target: str) -> None:
    data = finished(photo(source, exif=tags()), quick(target)).data

    main, details, position = told(data)
    assert (main[COPYRIGHT], main[ARTIST]) == ("(c) 2024 Jane Doe", "Jane Doe")
    assert MAKE not in main
    assert TAKEN not in details
    assert position == {}
    assert b"Secret" not in data
    assert packet_of(data) == b""


@pytest.mark.parametrize("target", WITH_EXIF)
def test_none_strips_everything(target: str) -> None:
    file = photo(exif=tags(), xmp=PACKET)

    data = finished(file, quick(target), metadata="none").data

    assert told(data) == ({}, {}, {})
    assert packet_of(data) == b""


@pytest.mark.parametrize("target", WITH_EXIF)
def test_all_keeps_everything_but_the_position(target: str) -> None:
    file = photo(exif=tags(), xmp=PACKET)

    data = finished(file, quick(target), metadata="all").data

    main, details, position = told(data)
    assert (main[COPYRIGHT], main[MAKE]) == ("(c) 2024 Jane Doe", "Camera")
    assert details[TAKEN] == "2024:05:06 07:08:09"
    assert position == {}
    packet = packet_of(data)
    assert b"Darkroom 7" in packet
    assert not re.search(rb"gps|2,21.1E|48,51.5N|2\.35|THUMB", packet, re.IGNORECASE)


@pytest.mark.parametrize("target", WITH_EXIF)
def test_the_position_survives_if_it_is_named(target: str) -> None:
    file = photo(exif=tags(), xmp=PACKET)

    data = finished(file, quick(target), metadata={"keep": ["gps", "xmp"]}).data

    main, details, position = told(data)
    assert position[2] == (48.0, 51.0, 30.0)
    assert not {COPYRIGHT, ARTIST, MAKE} & set(main)
    assert TAKEN not in details
    assert b"48,51.5N" in packet_of(data)
    assert b"THUMB" not in packet_of(data)


def test_groups_are_kept_by_name() -> None:
    file = photo(exif=tags(), xmp=PACKET)

    data = finished(file, quick("jpeg"), metadata={"keep": ["exif"]}).data

    main, details, position = told(data)
    assert main[MAKE] == "Camera"
    assert details[MAKER_NOTE] == b"Secret maker note"
    assert position == {}
    assert packet_of(data) == b""


def test_a_step_beats_the_output() -> None:
    from imgflow.encoders import parse_encoder
    from imgflow.finish import encode
    from imgflow.image import open_picture
    from imgflow.limits import DEFAULT_LIMITS
    from imgflow.source import Source

    picture = open_picture(Source("in", data=photo(exif=tags())), DEFAULT_LIMITS)
    data = encode(
        picture.replace(metadata=Keep(keep=())), parse_encoder(quick("jpeg")), "all", "srgb"
    ).data

    assert told(data) == ({}, {}, {})


@pytest.mark.parametrize("target", [*WITH_EXIF, "tiff"])
def test_rights_in_xmp_or_iptc_become_exif_and_a_credit_becomes_xmp(target: str) -> None:
    data = finished(photo(xmp=PACKET), quick(target)).data

    found = Image.open(io.BytesIO(data)).getexif()
    assert found[COPYRIGHT].encode("latin-1").decode() == "\u00a9 Z & M"
    assert found[ARTIST].encode("latin-1").decode() == "Zo\u00eb; Max"
    packet = packet_of(data)
    assert b"<photoshop:Credit>The Agency</photoshop:Credit>" in packet
    assert "\u00a9 Z &amp; M".encode() in packet
    assert b"Darkroom" not in packet


def with_iptc(file: bytes, records: bytes) -> bytes:
    body = b"Photoshop 3.0\0" + b"8BIM\x03\xed\0\0\0\0\0\x02xx"
    body += b"8BIM\x04\x04\0\0" + len(records).to_bytes(4, "big") + records
    body += b"\0" * (len(records) % 2)
    return file[:2] + b"\xff\xed" + (len(body) + 2).to_bytes(2, "big") + body + file[2:]


def dataset(number: int, value: bytes) -> bytes:
    return bytes([0x1C, 2, number]) + len(value).to_bytes(2, "big") + value


RECORDS = (
    dataset(80, b"Ann")
    + dataset(80, b"Bob")
    + dataset(110, b"Agency")
    + dataset(116, "\u00a9 Ann".encode("latin-1"))
    + dataset(90, b"Paris")
)


def test_iptc_is_read_and_kept_on_request() -> None:
    file = with_iptc(photo(), RECORDS)

    default = finished(file, quick("jpeg")).data
    kept = finished(file, quick("jpeg"), metadata={"keep": ["iptc"]}).data

    assert told(default)[0][ARTIST] == "Ann; Bob"
    assert told(default)[0][COPYRIGHT].encode("latin-1").decode() == "\u00a9 Ann"
    assert b"<photoshop:Credit>Agency<" in packet_of(default)
    assert IptcImagePlugin.getiptcinfo(Image.open(io.BytesIO(default))) is None
    found = IptcImagePlugin.getiptcinfo(Image.open(io.BytesIO(kept)))
    assert found
    assert found[(2, 90)] == b"Paris"
    assert found[(2, 80)] == [b"Ann", b"Bob"]


def test_tiff_tags_are_read_and_written() -> None:
    file = photo("TIFF", tiffinfo={COPYRIGHT: "(c) me", ARTIST: "Me", DESCRIPTION: "private"})

    found = Image.open(io.BytesIO(finished(file, quick("tiff")).data)).getexif()
    main, _, _ = told(finished(file, quick("jpeg")).data)

    assert (found[COPYRIGHT], found[ARTIST]) == ("(c) me", "Me")
    assert DESCRIPTION not in found
    assert (main[COPYRIGHT], main[ARTIST]) == ("(c) me", "Me")


@pytest.mark.parametrize("blank", ["", " " * 20, "\0\0"])
def test_blank_fields_of_cameras_are_nothing(blank: str) -> None:
    file = photo(exif=tags(copyright=blank, artist=blank))

    assert told(finished(file, quick("jpeg")).data) == ({}, {}, {})


@pytest.mark.parametrize(
    "block", [b"", b"II*\0", b"MM\0*\0\0\0\x08\xff\xff", b"Exif" * 9, tags()[6:90]]
)
def test_damaged_exif_is_dropped_without_a_crash(block: bytes) -> None:
    for keep in ("copyright", "none", "all", {"keep": ["exif", "gps"]}):
        select(Groups(exif=block), parse_policy(keep), 1, ("exif", "xmp"))


@given(st.integers(0, 400), st.binary(min_size=1, max_size=6))
def test_no_damage_to_exif_crashes(at: int, junk: bytes) -> None:
    block = tags()[6:]
    at = min(at, len(block) - len(junk))
    broken = block[:at] + junk + block[at + len(junk) :]

    kept = select(Groups(exif=broken), {"exif", "copyright"}, 1, ("exif",)).exif

    assert len(kept) <= len(block) + 40


@given(st.binary(max_size=80))
def test_no_rubbish_crashes(rubbish: bytes) -> None:
    for groups in (Groups(exif=b"II*\0" + rubbish), Groups(iptc=rubbish), Groups(xmp=rubbish)):
        read_rights(groups)
        select(groups, {"exif", "xmp", "iptc", "copyright"}, 6, ("exif", "xmp", "iptc"))


def test_what_is_dropped_leaves_no_trace() -> None:
    block = tags()[6:]
    kept = exif.without(block, lambda directory, tag: (directory, tag) == (0, COPYRIGHT))

    assert b"Jane" in kept
    for secret in (b"Camera", b"Secret", b"2024:05"):
        assert secret in block
        assert secret not in kept
    assert len(kept) <= len(block)


def test_a_thumbnail_always_goes() -> None:
    thumbnail = photo()
    main = exif.build({COPYRIGHT: b"(c) me"})
    second = b"\0\x02\x02\x01\0\4\0\0\0\1" + (len(main) + 30).to_bytes(4, "big")
    second += b"\x02\x02\0\4\0\0\0\1" + len(thumbnail).to_bytes(4, "big") + bytes(4)
    block = bytearray(main + second + thumbnail)
    block[8 + 2 + 12 : 8 + 2 + 16] = len(main).to_bytes(4, "big")
    file = photo(exif=b"Exif\0\0" + bytes(block))
    assert file.count(b"\xff\xd8\xff") == 2

    data = finished(file, quick("jpeg"), metadata="all").data

    found = Image.open(io.BytesIO(data)).getexif()
    assert found[COPYRIGHT] == "(c) me"
    assert not found.get_ifd(1)
    assert data.count(b"\xff\xd8\xff") == 1


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_xmp_is_read_in_any_encoding(encoding: str) -> None:
    packet = PACKET.decode().encode(encoding)

    assert xmp.read_rights(packet) == ("\u00a9 Z & M", "Zo\u00eb; Max", "The Agency")
    assert xmp.has_position(packet)
    assert not xmp.has_position(xmp.without_private(packet, position=False))


def test_xmp_without_position_is_kept_to_the_byte() -> None:
    packet = b'<?xpacket begin="x"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><a/></x:xmpmeta>  '

    assert xmp.without_private(packet, position=False) is packet


def test_xmp_that_cannot_be_cleaned_goes_as_a_whole() -> None:
    assert xmp.without_private(b"<a GPSLatitude='1'", position=False) == b""
    bomb = b'<!DOCTYPE a [<!ENTITY b "GPS">]><a>&b;</a>'
    assert xmp.without_private(bomb, position=False) == b""
    assert xmp.read_rights(bomb + b"rights") == ("", "", "")


@given(
    st.builds(Rights, *[st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=40)] * 3)
)
def test_a_packet_says_what_was_put_in(rights: Rights) -> None:
    assert Rights(*xmp.read_rights(xmp.build(rights))) == rights


def test_bare_iptc_records() -> None:
    assert iptc.records(RECORDS) == RECORDS
    assert iptc.records(iptc.wrap(RECORDS)) == RECORDS
    assert iptc.read_dataset(iptc.wrap(RECORDS), 110) == b"Agency"


@pytest.mark.parametrize(
    ("policy", "groups"),
    [
        (None, {"copyright"}),
        ("copyright", {"copyright"}),
        ("none", set()),
        ("all", {"copyright", "exif", "xmp", "iptc"}),
        ({"keep": ["exif", "gps"]}, {"exif", "gps"}),
        (Keep(keep=("xmp",)), {"xmp"}),
        ({"keep": []}, set()),
    ],
)
def test_policies(policy: Any, groups: set[str]) -> None:
    assert parse_policy(policy) == groups
    if policy is not None:
        msgspec.convert(policy, MetadataPolicy)


@pytest.mark.parametrize("policy", ["some", 3, {"keep": ["icc"]}, {"keep": "exif"}, {"drop": []}])
def test_wrong_policies(policy: Any) -> None:
    with pytest.raises(RecipeError, match="metadata: expected 'copyright', 'none', 'all' or"):
        parse_policy(policy)


def test_pixels_do_not_depend_on_metadata() -> None:
    file = photo(exif=tags(), xmp=PACKET)
    one, two = (finished(file, quick("webp"), metadata=policy).data for policy in ("none", "all"))

    assert np.array_equal(samples.decoded(one), samples.decoded(two))


@pytest.mark.parametrize("kind", ["tEXt", "zTXt", "iTXt", "iTXt packed"])
@pytest.mark.parametrize("target", WITH_EXIF)
def test_rights_in_the_text_of_a_png_survive(kind: str, target: str, tmp_path: Path) -> None:
    chunks = PngImagePlugin.PngInfo()
    for word, text in (
        ("Copyright", "\u00a9 2024 Zo\u00eb"),
        ("Author", "Zo\u00eb"),
        ("Title", "Cat"),
    ):
        if kind.startswith("iTXt"):
            chunks.add_itxt(word, text, lang="en", zip=kind == "iTXt packed")
        else:
            chunks.add_text(word, text, zip=kind == "zTXt")
    file = photo("PNG", pnginfo=chunks)
    path = tmp_path / "in.png"
    path.write_bytes(file)
    for source in (Source("in", data=file), Source("in", path=str(path))):
        picture = open_picture(source, DEFAULT_LIMITS)
        result = encode(picture, parse_encoder(quick(target)), None, "srgb").data
        kept = Groups(exif=opened(result).info["exif"].removeprefix(b"Exif\0\0"))
        assert read_rights(kept) == Rights("\u00a9 2024 Zo\u00eb", "Zo\u00eb")
        assert b"Cat" not in result


def test_a_damaged_text_of_a_png_is_nothing() -> None:
    file = photo("PNG")
    rubbish = b"Copyright\0\0no deflate"
    chunk = len(rubbish).to_bytes(4, "big") + b"zTXt" + rubbish
    chunk += zlib.crc32(chunk[4:]).to_bytes(4, "big")
    assert not told(finished(file[:33] + chunk + file[33:], quick("jpeg")).data)[0]
