"""Who hears of what a watch does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    from imgflow.errors import ImgflowError
    from imgflow.job import Result
    from imgflow.project.project import Project, Work
    from imgflow.watch.scene import Scene


class Audience(Protocol):
    """Shows what a watch does, and hears of it in this order, the first two once."""

    def catch_up(self, project: Project, work: Work) -> None:
        """Bring a project up to date for the first time, and show it."""

    def ready(self, scene: Scene, folders: int) -> None:
        """Hear that changes in some folders are waited for from now on."""

    def found(self, project: Project) -> None:
        """Hear of a project that is looked at, before anything is made."""

    def made(self, result: Result) -> None:
        """Hear of an image that was made anew."""

    def failed(self, result: Result) -> None:
        """Hear of an image that failed, and will until something changes."""

    def finished(self, project: Project) -> None:
        """Hear of a project of which all sources have been gone through.

        Its manifest is to be written. Raises StorageError.
        """

    def lost(self, sources: Mapping[str, int]) -> None:
        """Hear of sources that are no more, with the number of files made of each."""

    def stuck(self, error: ImgflowError) -> None:
        """Hear why nothing new is made: a recipe that is wrong, say."""

    def recovered(self) -> None:
        """Hear that the last reason for that is gone."""
