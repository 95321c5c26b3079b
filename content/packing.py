"""Answers made smaller for the way to the browser."""

import gzip
import re
from typing import Final

import brotli
from django.http import HttpRequest, HttpResponse

# Shorter answers fit a packet or two as they are.
WORTH_PACKING: Final = 1_000
# Much smaller than level 4, hardly larger than 6, and a page takes a few milliseconds.
BROTLI_QUALITY: Final = 5

_refused = re.compile(r";\s*q=0(\.0*)?\s*$")


def best_packing(request: HttpRequest) -> str:
    """How the browser would have the answer packed: "br", "gzip", or empty for not at all."""
    named = request.headers.get("Accept-Encoding", "").lower().split(",")
    taken = {name.partition(";")[0].strip() for name in named if not _refused.search(name)}
    return next((name for name in ("br", "gzip") if name in taken), "")


def pack(response: HttpResponse, packing: str) -> None:
    """Pack an answer. Only what holds no secret, and nothing a stranger typed beside one: its size would tell of it."""
    if not packing or len(response.content) < WORTH_PACKING or response.has_header("Content-Encoding"):
        return
    if packing == "br":
        response.content = brotli.compress(response.content, quality=BROTLI_QUALITY)
    else:
        response.content = gzip.compress(response.content, mtime=0)
    response["Content-Encoding"] = packing
    response["Content-Length"] = str(len(response.content))
