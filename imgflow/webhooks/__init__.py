"""Webhooks: jobs' ends told to who asked, signed as Standard Webhooks ask for."""

from imgflow.webhooks.address import check_webhook, receivers
from imgflow.webhooks.courier import Courier
from imgflow.webhooks.signature import Secrets, read_secrets

__all__ = ["Courier", "Secrets", "check_webhook", "read_secrets", "receivers"]
