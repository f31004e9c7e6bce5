"""A small disk of one's own, to be filled up."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path
from typing import Self


class SmallDisk:
    """A file system in memory, of some kilobytes, mounted on ``folder``."""

    def __init__(self, folder: Path, kilobytes: int) -> None:
        self.folder = folder
        self._size = f"size={kilobytes}k"
        self._filler = folder / ".filler"

    def __enter__(self) -> Self:
        """Mount it; raises CalledProcessError where that is not permitted."""
        self.folder.mkdir(parents=True, exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", self._size, "tmpfs", str(self.folder)]
        subprocess.run(command, check=True, capture_output=True)
        return self

    def __exit__(self, *_: object) -> None:
        subprocess.run(["umount", "--lazy", str(self.folder)], check=True, capture_output=True)

    def fill(self, leave: int = 0) -> None:
        """Take all the room there is but some bytes."""
        room = os.statvfs(self.folder)
        wanted = max(0, room.f_bavail * room.f_frsize - leave)
        with contextlib.suppress(OSError), self._filler.open("ab") as file:
            file.write(bytes(wanted))

    def make_room(self) -> None:
        self._filler.unlink()


def may_mount(folder: Path) -> bool:
    """Tell whether this user may mount file systems."""
    if os.geteuid() != 0:
        return False
    try:
        with SmallDisk(folder, 64):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False
