"""What a check of a project finds, and how people and services are told."""

from imgflow.check.checked import Checked, Commands
from imgflow.check.checking import check
from imgflow.check.checkout import Checkout, find_checkout
from imgflow.check.finding import Finding, Kind

__all__ = ["Checked", "Checkout", "Commands", "Finding", "Kind", "check", "find_checkout"]
