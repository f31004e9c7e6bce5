"""Secrets and signatures, against the library of Standard Webhooks."""

from __future__ import annotations

import base64
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from imgflow.errors import UsageError
from imgflow.webhooks.signature import read_secrets, sign

OLD = "whsec_" + base64.b64encode(b"o" * 24).decode()
NEW = "whsec_" + base64.b64encode(b"n" * 64).decode()


@given(st.text(st.characters(exclude_categories=["Cs"])), st.uuids().map(str))
def test_the_library_takes_our_signatures(text: str, message_id: str) -> None:
    body = text.encode()
    headers = sign(read_secrets(NEW), message_id, int(time.time()), body)
    Webhook(NEW).verify(body, headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(NEW).verify(body + b" ", headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(body, headers, json_parse=False)


def test_both_secrets_sign_while_one_is_changed_for_the_other() -> None:
    headers = sign(read_secrets(f"{NEW} {OLD}"), "id", int(time.time()), b"{}")
    Webhook(NEW).verify(b"{}", headers)
    Webhook(OLD).verify(b"{}", headers)


def test_the_example_of_the_standard() -> None:
    # https://github.com/standard-webhooks/standard-webhooks, the vector of its own tests
    secrets = read_secrets("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = sign(secrets, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers["webhook-signature"] == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_no_secret() -> None:
    assert read_secrets("") == ()


@pytest.mark.parametrize(
    "text",
    [
        "my-own-secret",
        "whsec_",
        "whsec_c2hvcnQ=",
        "whsec_####",
        NEW[6:],
        f"{NEW} what",
        NEW + "AAAA",
    ],
)
def test_wrong_secrets_are_told_of_but_not_shown(text: str) -> None:
    with pytest.raises(UsageError, match="expected whsec_ and 24 to 64 bytes") as caught:
        read_secrets(text)
    assert caught.value.code == "bad-setting"
    assert all(
        part not in caught.value.message for part in text.split("_") if part != "whsec" and part
    )
