"""What becomes of a source's metadata: the policy, and the blocks that survive it."""

from __future__ import annotations

from imgflow.metadata.groups import Groups, read_groups
from imgflow.metadata.policy import DEFAULT_POLICY, Group, Keep, MetadataPolicy, parse_policy
from imgflow.metadata.rights import Rights, read_rights
from imgflow.metadata.selection import select

__all__ = [
    "DEFAULT_POLICY",
    "Group",
    "Groups",
    "Keep",
    "MetadataPolicy",
    "Rights",
    "parse_policy",
    "read_groups",
    "read_rights",
    "select",
]
