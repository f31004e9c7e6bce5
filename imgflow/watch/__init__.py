"""A project that is kept up to date while its files are edited."""

from imgflow.watch.audience import Audience
from imgflow.watch.scene import Scene
from imgflow.watch.task import Task
from imgflow.watch.watcher import Watcher

__all__ = ["Audience", "Scene", "Task", "Watcher"]
