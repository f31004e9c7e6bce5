"""Which network addresses are public."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imgflow.errors import StorageError
from imgflow.guard import check_address, is_public

PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "2a00:1450:4001::200e"]
SPECIAL = [
    *("0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "100.127.255.255"),  # noqa: S104
    *("127.0.0.1", "127.255.255.254", "168.63.129.16", "169.254.169.254", "172.16.0.1"),
    *("172.31.255.255", "192.0.0.192", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1"),
    *("198.19.255.255", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.255.255.250"),
    *("240.0.0.1", "255.255.255.255"),
    *("::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "::8.8.8.8"),
    *("64:ff9b::127.0.0.1", "64:ff9b::169.254.169.254", "64:ff9b:1::1", "100::1"),
    *("2001::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:2::1", "2001:10::1", "2001:db8::1"),
    *("2002:7f00:1::", "2002:808:808::1", "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254"),
    *("fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fec0::1", "ff02::1"),
    *("2606:4700::5efe:7f00:1", "2606:4700::200:5efe:10.0.0.1", "4000::1", "::ffff:0:7f00:1"),
    *("", "localhost", "127.1", "0177.0.0.1", "2130706433", "1.2.3.4.5", "[::1]"),
]


@pytest.mark.parametrize("address", PUBLIC)
def test_public(address: str) -> None:
    check_address(address)
    assert is_public(address)


def test_translated_addresses_are_judged_by_what_they_are_translated_to() -> None:
    assert is_public("64:ff9b::8.8.8.8")
    assert not is_public("64:ff9b::10.0.0.1")


@pytest.mark.parametrize("address", SPECIAL)
def test_special(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(StorageError, match="expected a public address") as caught:
        check_address(address)
    assert caught.value.code == "not-allowed"
    assert not caught.value.retryable


@given(st.ip_addresses(v=4) | st.ip_addresses(v=6))
def test_public_ones_are_global_for_python_too(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> None:
    if is_public(str(address)) and not str(address).startswith("64:ff9b::"):
        assert address.is_global
        assert not address.is_multicast
        assert not address.is_reserved
