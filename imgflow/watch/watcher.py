"""The watch itself: listens, finds out what to do, and has it done."""

from __future__ import annotations

import dataclasses
import os
from contextlib import closing, suppress
from typing import TYPE_CHECKING

from imgflow.errors import ImgflowError
from imgflow.recipe import RecipeInvalid
from imgflow.watch.clock import Clock
from imgflow.watch.ears import Ears
from imgflow.watch.losses import Losses
from imgflow.watch.meaning import kind_of, read_changes
from imgflow.watch.scene import Scene, scene_of
from imgflow.watch.trials import SETTLED, Trials
from imgflow.watch.trouble import Trouble

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from typing import NoReturn

    from imgflow.job import Result
    from imgflow.project.project import Project, Work
    from imgflow.watch.audience import Audience
    from imgflow.watch.task import Task
    from imgflow.watch.workspace import Workspace


class Watcher:
    """Keeps what a recipe makes up to date with what it is made of.

    What the system tells of changes is a hint: each is followed, once there is quiet, by a look
    at everything, which finds whatever no hint was given of. What is wrong is told of when it
    lasts.
    """

    def __init__(self, task: Task, work: Work, audience: Audience) -> None:
        """Look at nothing yet."""
        self._task = task
        self._audience = audience
        self._trials = Trials(work)
        self._trouble = Trouble()
        self._losses = Losses()
        self._clock = Clock()
        self._ears = Ears()
        self._scene = Scene(recipes=frozenset({os.path.abspath(task.file)}))
        self._open: Workspace | None = None

    def run(self) -> NoReturn:
        """Bring everything up to date, and keep it so until a signal ends that.

        A recipe that is wrong is waited for; whatever else is wrong at the start ends it, and
        so does a system that tells of no more changes. Raises ImgflowError.
        """
        try:
            self._begin()
            _warm_up()
            while True:
                self._step()
        finally:
            self._close()

    def _begin(self) -> None:
        try:
            self._look(lambda project: self._audience.catch_up(project, self._trials.work))
        except RecipeInvalid as error:
            self._be_stuck(error, at_once=True)
        self._trials.mark_told()
        self._audience.ready(self._scene, len(self._ears.names))

    def _step(self) -> None:
        """Wait for changes, or for the time to look at all again, and do what is needed."""
        if self._clock.left == 0:
            self._clock.clear()
            self._guard(self._look)
            self._settle()
            return
        heard = self._ears.wait(self._clock.left)
        if heard is None:
            self._ears.listen(self._scene, anew=True)
            self._clock.expect()
        elif heard:
            self._follow(heard)

    def _follow(self, heard: Iterable[str]) -> None:
        changes = {path: kind_of(path) for path in heard}
        found = read_changes(changes, self._scene, self._ears.names)
        if not found:
            return
        if "moved" in found:
            self._guard(lambda: self._ears.listen(self._scene, anew=True))
        if "recipe" in found:
            self._trials.forget()
            self._guard(self._look)
        elif "edited" in found:
            self._guard(lambda: self._renew(found["edited"]))
        if found.keys() & {"moved", "arrived"}:
            self._clock.expect()
        else:
            self._clock.put_off()

    def _guard(self, act: Callable[[], object]) -> None:
        try:
            act()
        except ImgflowError as error:
            self._be_stuck(error)

    def _look(self, catch_up: Callable[[Project], None] | None = None) -> None:
        """Look at everything, and make what is not up to date; raises ImgflowError."""
        recipe = self._task.recipe()
        before = self._open
        sources = self._scene.sources
        self._scene = dataclasses.replace(scene_of(recipe, self._task.inputs), sources=sources)
        if self._ears.listen(self._scene):
            self._clock.put_off()
        if before:
            before.flush()
        workspace = self._open = self._task.open(recipe)
        if before:
            self._losses.note(before, workspace.known)
            before.close()
        self._scene = scene_of(recipe, self._task.inputs, workspace.known.values())
        if self._ears.listen(self._scene):
            self._clock.put_off()
        self._trials.keep(job.input for job in workspace.known.values())
        if self._trouble.end():
            self._audience.recovered()
        self._audience.found(workspace.project)
        if catch_up:
            catch_up(workspace.project)
        else:
            self._show(workspace.project.bring_up(self._trials.work))
        self._audience.finished(workspace.project)

    def _renew(self, paths: Iterable[str]) -> None:
        """Make again what is made of some sources, but for those that keep failing."""
        workspace = self._open
        if workspace is None or self._task.shares:
            return
        jobs = {path: job for path in paths if (job := workspace.known.get(path))}
        fine = [path for path, job in jobs.items() if not self._trials.is_failing(job.input)]
        if fine:
            self._show(workspace.part(fine).bring_up(self._trials.work))
            workspace.flush()

    def _show(self, results: Generator[Result]) -> None:
        with closing(results):
            for result in results:
                if any(output.status != "kept" for output in result.outputs):
                    self._audience.made(result)

    def _settle(self) -> None:
        """Tell of what did not come right by itself; look again while any of it may."""
        for result in self._trials.settle():
            self._audience.failed(result)
        if self._trials.waiting:
            self._clock.put_off(SETTLED)
        if lost := self._losses.settle(self._open.known if self._open else ()):
            self._audience.lost(lost)

    def _be_stuck(self, error: ImgflowError, *, at_once: bool = False) -> None:
        """Go on with what there was before, and wait for files that are at fault, too."""
        if self._open:
            self._losses.note(self._open)
        self._trouble.meet(error, self._audience.stuck, at_once=at_once)
        if self._trouble.waiting:
            self._clock.put_off()
        texts = error.sources if isinstance(error, RecipeInvalid) else {}
        recipes = self._scene.recipes | set(map(os.path.abspath, texts))
        self._scene = dataclasses.replace(self._scene, recipes=recipes, loose=True)
        if self._ears.listen(self._scene):
            self._clock.put_off()

    def _close(self) -> None:
        """Let go of everything; what cannot be written any more is no news by then."""
        self._ears.close()
        if self._open:
            with suppress(ImgflowError):
                self._open.close()


def _warm_up() -> None:
    """Load what makes pictures, so that the first save need not wait for it."""
    import imgflow.execute  # noqa: F401 - to have it in memory
    from imgflow.libvips import libvips

    libvips()
