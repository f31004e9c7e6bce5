"""How large a step may make a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imgflow.errors import OperationError

if TYPE_CHECKING:
    from imgflow.geometry import Size

#: The longest side that can be asked for, in pixels.
LONGEST = 65535
#: The most pixels that a picture may grow to, all frames counted.
MOST_PIXELS = 400_000_000


def check_grown(operation: str, size: Size, frames: int) -> None:
    """Refuse to make a picture larger than any that could be opened; raises OperationError."""
    if max(size) <= LONGEST and size.width * size.height * frames <= MOST_PIXELS:
        return
    found = f"{size.width}x{size.height}" + (f" in {frames} frames" if frames > 1 else "")
    message = (
        f"{operation}: expected a result of at most {LONGEST} px a side and "
        f"{MOST_PIXELS // 1_000_000} megapixels in all, found {found}; ask for less"
    )
    raise OperationError(message, code="result-too-large")
