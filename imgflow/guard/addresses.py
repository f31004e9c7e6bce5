"""Network addresses: which of them are somebody else's, out on the public internet.

The tables are the special-purpose registries of IANA (RFC 6890 and its successors), written
out here because ``ipaddress`` has changed its mind between Python versions. Of IPv6 only
2000::/3 is in use as public unicast; inside it, ranges that carry an IPv4 address or that are
not routed are named.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from imgflow.errors import StorageError

_MACHINE = "this machine"
_PRIVATE = "a private network"
_CARRIER = "a carrier's network"
#: Where clouds hand out the credentials of a machine, besides the local link.
_PLATFORM = "the platform's own service"
_V4 = {
    "0.0.0.0/8": "this host",
    "10.0.0.0/8": _PRIVATE,
    "100.100.100.200/32": _PLATFORM,
    "100.64.0.0/10": _CARRIER,
    "127.0.0.0/8": _MACHINE,
    "168.63.129.16/32": _PLATFORM,
    "169.254.0.0/16": "the local link",
    "172.16.0.0/12": _PRIVATE,
    "192.0.0.0/24": "protocol assignments",
    "192.0.2.0/24": "documentation",
    "192.88.99.0/24": "a 6to4 relay",
    "192.168.0.0/16": _PRIVATE,
    "198.18.0.0/15": "benchmarks",
    "198.51.100.0/24": "documentation",
    "203.0.113.0/24": "documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "a reserved range",
}
_V6 = {
    "2001:db8::/32": "documentation",
    "2001::/32": "a Teredo tunnel",
    "2001::/23": "protocol assignments",
    "2002::/16": "a 6to4 tunnel",
    "3fff::/20": "documentation",
    "::1/128": _MACHINE,
    "::/128": "this host",
    "::ffff:0:0/96": "an IPv4 address in disguise",
    "::/96": "an IPv4 address in disguise",
    "64:ff9b:1::/48": "a translated network",
    "fd00:ec2::254/128": _PLATFORM,
    "fd20:ce::254/128": _PLATFORM,
    "fc00::/7": _PRIVATE,
    "fe80::/10": "the local link",
    "fec0::/10": "a site",
    "ff00::/8": "multicast",
}
_V4_NETWORKS = tuple((IPv4Network(text), what) for text, what in _V4.items())
_V6_NETWORKS = tuple((IPv6Network(text), what) for text, what in _V6.items())
_V6_PUBLIC = IPv6Network("2000::/3")
#: A gateway translates what is sent here to the IPv4 address in the last 32 bits (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
_LAST_32_BITS = 0xFFFF_FFFF
#: The upper half of an ISATAP interface identifier (RFC 5214); an IPv4 address follows.
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)


def check_address(text: str) -> None:
    """Refuse an address that is not public; raises StorageError with code ``not-allowed``."""
    if reason := describe_address(text):
        message = f"{text}: expected a public address, found one of {reason}"
        raise StorageError(message, code="not-allowed", retryable=False)


def is_public(text: str) -> bool:
    """Tell whether an address, in its usual form, is public."""
    return not describe_address(text)


def is_near(text: str) -> bool:
    """Tell whether an address is of this machine or a private network, as services at home are."""
    return describe_address(text) in {_MACHINE, _PRIVATE, _CARRIER}


def describe_address(text: str) -> str:
    """Say what kind of special range an address is in; "" for a public one."""
    try:
        address = ip_address(text)
    except ValueError:
        return "no known form"
    return _describe_v4(address) if isinstance(address, IPv4Address) else _describe_v6(address)


def _describe_v4(address: IPv4Address) -> str:
    return next((what for network, what in _V4_NETWORKS if address in network), "")


def _describe_v6(address: IPv6Address) -> str:
    if address.scope_id:
        return "the local link"
    for network, what in _V6_NETWORKS:
        if address in network:
            return what
    if address in _NAT64:
        return _describe_v4(IPv4Address(int(address) & _LAST_32_BITS))
    if address not in _V6_PUBLIC:
        return "a reserved range"
    return "an ISATAP tunnel" if int(address) >> 32 & _LAST_32_BITS in _ISATAP else ""
