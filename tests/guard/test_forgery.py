"""Requests that a server is talked into (SSRF): no connection is made, not even a try."""

from __future__ import annotations

import socket
from typing import Any

import pytest
import web

from imgflow.errors import StorageError
from imgflow.guard import Allowed, Client

PUBLIC = "93.184.216.34"
Names = dict[str, list[list[str]]]


class Dialled(list[tuple[Any, ...]]):
    """The addresses that anything tried to connect to; ``let`` is the one port that is let."""

    let = 0


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> Dialled:
    found = Dialled()
    connect = socket.socket.connect

    def note(self: socket.socket, address: tuple[Any, ...]) -> None:
        if address[1] == found.let:
            connect(self, address)
            return
        found.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket.socket, "connect", note)
    monkeypatch.setattr(socket.socket, "connect_ex", note)
    return found


class Resolver:
    """Knows some names, with an answer for each time it is asked; and literals, as any does."""

    def __init__(self, names: Names) -> None:
        self.names = {name: list(answers) for name, answers in names.items()}
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        if host in self.names:
            return self.names[host].pop(0)
        found = socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST)
        return [str(entry[4][0]) for entry in found]


def latin(text: str) -> str:
    """Disguise UTF-8 as Latin-1, which is what the server of the standard library writes."""
    return text.encode().decode("latin-1")


METADATA = "/latest/meta-data/"
LITERALS = {
    "loopback": "http://127.0.0.1/",
    "loopback, another": "http://127.8.8.8/",
    "this host": "http://0.0.0.0/",
    "metadata": f"http://169.254.169.254{METADATA}",
    "metadata over https": f"https://169.254.169.254{METADATA}",
    "metadata of alibaba": f"http://100.100.100.200{METADATA}",
    "metadata of azure": "http://168.63.129.16/machine?comp=goalstate",
    "metadata of oracle": "http://192.0.0.192/opc/v1/instance/",
    "metadata over v6": f"http://[fd00:ec2::254]{METADATA}",
    "private 10": "http://10.0.0.1/",
    "private 172": "http://172.16.0.1/",
    "private 192": "http://192.168.0.1/",
    "carrier": "http://100.64.0.1/",
    "benchmark": "http://198.18.0.1/",
    "broadcast": "http://255.255.255.255/",
    "multicast": "http://224.0.0.1/",
    "reserved": "http://240.0.0.1/",
    "documentation": "http://192.0.2.1/",
    "decimal": "http://2130706433/",
    "decimal metadata": "http://2852039166/",
    "decimal overflow": "http://6425673729/",
    "octal": "http://0177.0.0.1/",
    "octal, one number": "http://017700000001/",
    "octal, padded": "http://0000177.0.0.01/",
    "hex": "http://0x7f.0x0.0x0.0x1/",
    "hex, one number": "http://0x7f000001/",
    "hex, capital": "http://0X7F000001/",
    "hex, empty": "http://0x/",
    "mixed bases": "http://0x7f.1/",
    "short": "http://127.1/",
    "shorter": "http://127.0.1/",
    "zero": "http://0/",
    "number of five parts": "http://127.0.0.1.1/",
    "overflowing octet": "http://127.0.0.256/",
    "trailing dot": "http://127.0.0.1./",
    "trailing dot of a name": "http://localhost./",
    "leading dot": "http://.localhost/",
    "two dots": "http://127.0..1/",
    "v6 loopback": "http://[::1]/",
    "v6 loopback in full": "http://[0:0:0:0:0:0:0:1]/",
    "v6 unspecified": "http://[::]/",
    "v6 mapped": "http://[::ffff:127.0.0.1]/",
    "v6 mapped in hex": "http://[::ffff:7f00:1]/",
    "v6 mapped metadata": f"http://[::ffff:a9fe:a9fe]{METADATA}",
    "v6 compatible": "http://[::127.0.0.1]/",
    "v6 translated": "http://[::ffff:0:127.0.0.1]/",
    "nat64": "http://[64:ff9b::7f00:1]/",
    "nat64 metadata": "http://[64:ff9b::169.254.169.254]/",
    "nat64 local": "http://[64:ff9b:1::a9fe:a9fe]/",
    "6to4": "http://[2002:7f00:1::]/",
    "teredo": "http://[2001:0:7f00:1::1]/",
    "isatap": "http://[2606:4700::5efe:7f00:1]/",
    "v6 private": "http://[fc00::1]/",
    "v6 link": "http://[fe80::1]/",
    "v6 site": "http://[fec0::1]/",
    "v6 multicast": "http://[ff02::1]/",
    "v6 with a zone": "http://[fe80::1%25lo]/",
    "v6 without brackets": "http://::1/",
    "user": "http://public.example@127.0.0.1/",
    "user and password": "http://public.example:80@127.0.0.1/",
    "user with a fragment": "http://127.0.0.1#@public.example/",
    "user behind a slash": "http://127.0.0.1\\@public.example/",
    "user that is encoded": "http://public.example%40127.0.0.1/",
    "backslashes": "http:\\\\127.0.0.1\\",
    "slash encoded": "http://127.0.0.1%2f.public.example/",
    "null": "http://127.0.0.1\0.public.example/",
    "null encoded": "http://127.0.0.1%00.public.example/",
    "tab": "http://127.0.\t0.1/",
    "newline": "http://public.example\r\nHost: 127.0.0.1/",
    "space": "http://127.0.0.1 .public.example/",
    "dot of ideographs": "http://127\u30020\u30020\u30021/",
    "full-width digits": "http://\uff11\uff12\uff17.0.0.1/",
    "circled digits": "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
    "letters that fold": "http://\u24dbocalho\u017ft/",
    "kelvin sign": "http://\u212aube.local/",
    "soft hyphen": "http://local\u00adhost/",
    "no slashes": "http:127.0.0.1/",
    "three slashes": "http:///127.0.0.1/",
    "no scheme": "//127.0.0.1/",
    "port 22": "http://public.example:22/",
    "port of redis": "http://public.example:6379/",
    "port 0": "http://public.example:0/",
    "port beyond": "http://public.example:65616/",
    "port in other digits": "http://public.example:\uff18\uff10/",
    "port with a sign": "http://public.example:+80/",
    "ftp": "ftp://public.example/",
    "gopher": "gopher://127.0.0.1:6379/_FLUSHALL",
    "dict": "dict://127.0.0.1:6379/info",
    "file": "file:///etc/passwd",
    "unix": "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "data": "data:image/png;base64,AAAA",
    "name of many letters": f"http://{'a' * 64}.example/",
    "path that climbs": "http://public.example/../x",
}
RESOLVED = {
    "localhost": ["127.0.0.1"],
    "localhost over v6": ["::1"],
    "a name for loopback": ["127.0.0.1"],
    "a name for metadata": ["169.254.169.254"],
    "a name for a private host": ["10.1.2.3"],
    "one bad among the good": [PUBLIC, "10.0.0.1"],
    "one bad before the good": ["::ffff:10.0.0.1", PUBLIC],
    "a zone": ["fe80::1%eth0"],
    "no address at all": [],
    "nonsense": ["what"],
}
HOPS = {
    "to loopback": "http://127.0.0.1:22/",
    "to the next port": "http://127.0.0.1:1/",
    "to metadata": f"http://169.254.169.254{METADATA}",
    "to metadata, relative": f"//169.254.169.254{METADATA}",
    "to a name of loopback": "http://loopback.example/",
    "to a decimal": "http://2130706433/",
    "to a user": "http://public.example@127.0.0.1/",
    "to another host": "http://private.example/",
    "to a file": "file:///etc/passwd",
    "to gopher": "gopher://127.0.0.1:6379/_FLUSHALL",
    "to v6": "http://[::1]/",
    "to a dot of ideographs": "http://127\u30020\u30020\u30021/",
}


def test_there_are_enough() -> None:
    assert len({**LITERALS, **RESOLVED, **HOPS}) >= 100


@pytest.mark.parametrize("case", LITERALS)
@pytest.mark.parametrize("method", ["get", "post"])
def test_urls(case: str, method: str, dialled: Dialled) -> None:
    resolver = Resolver({"public.example": [[PUBLIC]], "localhost": [["127.0.0.1"]]})
    client = Client(Allowed(["http://", "https://"]), resolver=resolver)
    with pytest.raises(StorageError) as caught:
        client.get(LITERALS[case]) if method == "get" else client.post(LITERALS[case], b"", {})
    assert caught.value.code in {"bad-uri", "not-allowed"}
    assert dialled == []


@pytest.mark.parametrize("case", RESOLVED)
def test_names(case: str, dialled: Dialled) -> None:
    resolver = Resolver({"some.example": [RESOLVED[case]]})
    client = Client(Allowed(["https://", "https://some.example/"]), resolver=resolver)
    with pytest.raises(StorageError) as caught:
        client.get("https://some.example/")
    assert caught.value.code == ("not-allowed" if RESOLVED[case] else "host-unknown")
    assert dialled == []


@pytest.mark.parametrize("case", HOPS)
def test_redirects(case: str, dialled: Dialled) -> None:
    names: Names = {"loopback.example": [["127.0.0.1"]], "private.example": [["10.0.0.1"]]}
    with web.serve(lambda *_: web.Answer(302, headers={"Location": latin(HOPS[case])})) as site:
        dialled.let = site.port
        client = Client(Allowed(["http://", f"{site.url}/"]), resolver=Resolver(names))
        with pytest.raises(StorageError) as caught:
            client.get(f"{site.url}/start")
        assert caught.value.code in {"bad-uri", "not-allowed"}
        assert dialled == []
        assert len(site.requests) == 1


def test_a_name_that_changes_its_mind(dialled: Dialled) -> None:
    resolver = Resolver({"two-faced.example": [[PUBLIC], ["127.0.0.1"], ["169.254.169.254"]]})
    client = Client(Allowed(["http://"]), resolver=resolver)
    with pytest.raises(StorageError) as caught:
        client.get("http://two-faced.example/")
    assert caught.value.code == "response-failed"
    assert resolver.asked == ["two-faced.example"]
    assert [address[0] for address in dialled] == [PUBLIC]


def test_a_name_that_changes_its_mind_between_redirects(dialled: Dialled) -> None:
    # The first answer is let by a prefix that names the host, as a private one.
    with web.serve(lambda *_: web.Answer(307, headers={"Location": "/again"})) as site:
        dialled.let = site.port
        names: Names = {"home": [["127.0.0.1"], ["169.254.169.254"]]}
        allowed = Allowed([f"http://home:{site.port}/"])
        with pytest.raises(StorageError) as caught:
            Client(allowed, resolver=Resolver(names)).get(f"http://home:{site.port}/")
    assert caught.value.code == "not-allowed"
    assert dialled == []


@pytest.mark.parametrize("address", ["169.254.169.254", "fe80::1", "0.0.0.0", "224.0.0.1"])  # noqa: S104
def test_private_names_do_not_reach_the_local_link(address: str, dialled: Dialled) -> None:
    allowed = Allowed(["http://minio:9000/", "private+http://a.corp.example/"])
    for url in ("http://minio:9000/", "http://a.corp.example/"):
        resolver = Resolver({"minio": [[address]], "a.corp.example": [[address]]})
        with pytest.raises(StorageError, match="expected a host with public addresses"):
            Client(allowed, resolver=resolver).get(url)
    assert dialled == []


def test_a_public_name_does_not_become_private_by_being_allowed(dialled: Dialled) -> None:
    resolver = Resolver({"images.example.com": [["10.0.0.1"]]})
    with pytest.raises(StorageError, match="a private host must be allowed by name"):
        Client(Allowed(["http://images.example.com/"]), resolver=resolver).get(
            "http://images.example.com/x"
        )
    assert dialled == []


@pytest.mark.parametrize("name", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])
def test_proxies_of_the_environment_are_not_asked(
    name: str, dialled: Dialled, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:3128")
    resolver = Resolver({"public.example": [[PUBLIC]]})
    with pytest.raises(StorageError, match="expected an answer"):
        Client(Allowed(["http://"]), resolver=resolver).get("http://public.example/")
    assert dialled == [(PUBLIC, 80)]
