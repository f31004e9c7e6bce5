"""A recipe and what was made by it so far: what there is to do, and doing just that."""

from imgflow.project.opening import open_project
from imgflow.project.project import Project, Step

__all__ = ["Project", "Step", "open_project"]
