"""XMP: read who made a picture, take positions out, or build a packet anew.

Namespaces and properties: XMP specification, parts 1 and 2; IPTC photo metadata.
"""

from __future__ import annotations

import re
from html import escape
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.dom.minidom import Document, Element

    from imgflow.metadata.rights import Rights

_DC = "http://purl.org/dc/elements/1.1/"
_PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_TELLING = re.compile(rb"rights|creator|Credit|\0")
_PRIVATE = re.compile(r"gps|latitude|longitude|geotag|thumbnail", re.IGNORECASE)
_POSITION = re.compile(r"gps|latitude|longitude|geotag", re.IGNORECASE)
_MAKER = "imgflow"


def read_rights(xmp: bytes) -> tuple[str, str, str]:
    """Return copyright, artist and credit; empty where there is none."""
    if not _TELLING.search(xmp):
        return "", "", ""
    document = _parse(xmp)
    if document is None:
        return "", "", ""
    return (
        _property(document, _DC, "rights"),
        _property(document, _DC, "creator"),
        _property(document, _PHOTOSHOP, "Credit"),
    )


def has_position(xmp: bytes) -> bool:
    """Tell whether a packet holds a position, as far as names tell."""
    return bool(_POSITION.search(_text(xmp)))


def without_private(xmp: bytes, *, position: bool) -> bytes:
    """Return a packet without its thumbnails, and without positions unless asked for.

    Whatever is named like a position goes, in any namespace: drones and phones have their
    own. A packet that cannot be parsed but may hold one goes as a whole.
    """
    private = re.compile("thumbnail", re.IGNORECASE) if position else _PRIVATE
    if not private.search(_text(xmp)):
        return xmp
    document = _parse(xmp)
    if document is None:
        return b""
    _strip(document, private)
    packet: bytes = document.toxml(encoding="utf-8")
    return packet


def build(rights: Rights) -> bytes:
    """Return a packet of copyright, artist and credit."""
    parts = [
        ("dc:rights", 'Alt><rdf:li xml:lang="x-default"', rights.copyright, "Alt"),
        ("dc:creator", "Seq><rdf:li", rights.artist, "Seq"),
    ]
    body = "".join(
        f"<{name}><rdf:{opening}>{escape(text, quote=False)}</rdf:li></rdf:{closing}></{name}>"
        for name, opening, text, closing in parts
        if text
    )
    if rights.credit:
        body += f"<photoshop:Credit>{escape(rights.credit, quote=False)}</photoshop:Credit>"
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="{_MAKER}"><rdf:RDF xmlns:rdf="{_RDF}">'
        f'<rdf:Description rdf:about="" xmlns:dc="{_DC}" xmlns:photoshop="{_PHOTOSHOP}">'
        f'{body}</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def _text(xmp: bytes) -> str:
    """Decode; UTF-16 and UTF-32 are told by their zeros."""
    if xmp.startswith((b"\xff\xfe", b"\xfe\xff")):
        return xmp.decode("utf-16", "replace")
    return xmp.replace(b"\0", b"").decode("utf-8-sig", "replace")


def _parse(xmp: bytes) -> Document | None:
    """Parse a packet; None if it is not well formed, or declares entities."""
    from xml.dom import minidom
    from xml.parsers.expat import ExpatError

    text = _text(xmp).strip("\0 \t\r\n\ufeff")
    if "<!DOCTYPE" in text:
        return None
    try:
        return minidom.parseString(text.encode())  # noqa: S318
    except (ExpatError, ValueError):
        return None


def _property(document: Document, namespace: str, name: str) -> str:
    """Return a property, be it an attribute, plain text or the items of a list.

    The items of ``rights`` are translations: the first one counts.
    """
    for element in document.getElementsByTagNameNS(namespace, name):
        items = tuple(element.getElementsByTagNameNS(_RDF, "li"))
        if name == "rights":
            items = items[:1]
        text = "; ".join(filter(None, (_content(item) for item in items or (element,))))
        if text:
            return text
    for element in document.getElementsByTagNameNS(_RDF, "Description"):
        if text := element.getAttributeNS(namespace, name).strip():
            return text
    return ""


def _content(element: Element) -> str:
    texts = (node.data for node in element.childNodes if node.nodeType == node.TEXT_NODE)
    return "".join(texts).strip()


def _strip(document: Document, private: re.Pattern[str]) -> None:
    for element in tuple(document.getElementsByTagName("*")):
        if private.search(element.localName or "") and element.parentNode:
            element.parentNode.removeChild(element)
        for name in [name for name in element.attributes.keys() if private.search(name)]:  # noqa: SIM118
            if not name.startswith("xmlns"):
                element.removeAttribute(name)
