"""Stylesheets sent whole: a browser learns of an `@import` only when the file with it has come, and waits again."""

import hashlib
import posixpath
import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.templatetags.static import static
from django.utils.cache import patch_cache_control, patch_vary_headers

from content.packing import best_packing, pack

# Those that somebody waits for: a reader, or a room.
WHOLE = {"site": "css/site.css", "live": "css/live.css", "console": "css/console.css", "wall": "css/wall.css"}
YEAR = 365 * 24 * 60 * 60
MINUTE = 60

_import = re.compile(r'@import url\("([^"]+)"\)(?: layer\(([\w-]+)\))?(?: (\w+))?;')
_relative = re.compile(r'url\("(?![a-z]+:|/)([^"]+)"\)')
_comment = re.compile(r"/\*.*?\*/", re.DOTALL)
_space = re.compile(r"\s*\n\s*")


@cache
def whole(name: str) -> tuple[str, str]:
    """A stylesheet with all that it imports, and a digest of it. Read once: the files change with the code."""
    text = _space.sub("\n", _comment.sub("", _with_imports(WHOLE[name]))).strip() + "\n"
    return text, hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _with_imports(path: str) -> str:
    folder = posixpath.dirname(path)

    def imported(found: re.Match[str]) -> str:
        address, layer, medium = found.groups()
        text = _with_imports(posixpath.join(folder, address))
        text = f"@layer {layer} {{\n{text}\n}}" if layer else text
        return f"@media {medium} {{\n{text}\n}}" if medium else text

    def absolute(found: re.Match[str]) -> str:
        return f'url("{static(posixpath.normpath(posixpath.join(folder, found[1])))}")'

    source = Path(str(finders.find(path))).read_text()
    # The addresses of imports are no addresses any more once they are here.
    parts = _import.split(source)
    own = [_relative.sub(absolute, part) for part in parts[::4]]
    taken = [imported(found) for found in _import.finditer(source)]
    return "".join(text for pair in zip(own, [*taken, ""], strict=True) for text in pair)


def serve(request: HttpRequest, digest: str, name: str) -> HttpResponse:
    """A whole stylesheet, kept by browsers for ever under its digest; for an older page today's, for a minute."""
    if name not in WHOLE:
        raise Http404("There is no such stylesheet.")
    text, today = whole(name)
    answer = HttpResponse(text, content_type="text/css; charset=utf-8")
    if digest == today:
        patch_cache_control(answer, public=True, max_age=YEAR, immutable=True)
    else:
        patch_cache_control(answer, public=True, max_age=MINUTE)
    patch_vary_headers(answer, ["Accept-Encoding"])
    pack(answer, best_packing(request))
    return answer
