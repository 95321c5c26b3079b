"""What a crowd of anonymous readers costs: next to nothing.

A reader without any cookie gets the same page as every other, so one answer is kept for a few seconds and given to
all. Any change that somebody saves makes the kept answers stale; what changes rows behind the models' back shows
`READER_CACHE_SECONDS` later. Whoever carries a cookie (signed in, joined to a session, has just commented) is
always answered anew.

While a summit goes on somebody saves something many times a second. A stale answer is therefore still given for
`FRESH_FOR` after it was made, and while another reader's request makes the next one, for `STALE_AT_MOST`. So is one
that has run out, for as long after that: else all who ask at that moment would make it, each for themselves.
"""

import hashlib
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.core.cache import cache, caches
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers

from content.packing import best_packing, pack

GENERATION = "summit:readers:generation"
LONGEST_ADDRESS = 512
# Seconds. A change shows after one, if a crowd is reading; otherwise at once.
FRESH_FOR = 1.0
PROXY_KEEPS = 1
STALE_AT_MOST = 5.0
LARGEST_ANSWER = 1_000_000
PACKED_KINDS = ("text/", "application/atom+xml", "application/json", "application/rss+xml", "application/xml")
# What these apps write is nothing that a reader is shown.
WITHOUT_READERS = {"sessions", "django_tasks_db", "usersessions", "contenttypes", "admin", "realtime", "mfa", "summit"}


def for_readers(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Say that a view's answer is the same for every reader without a cookie, and may be kept for them.

    Wagtail's own pages need not say so. Never for what is reached by a personal link: that page is somebody's own.
    """

    @wraps(view, updated=())
    def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.is_for_readers = True  # type: ignore[attr-defined]
        return response

    return marked


def forget_kept_answers(sender: type[models.Model] | None = None, **kwargs: object) -> None:
    """Make every kept answer stale once the present transaction is committed. Connected to all saves and deletions."""
    if settings.READER_CACHE_SECONDS and (sender is None or sender._meta.app_label not in WITHOUT_READERS):
        transaction.on_commit(_next_generation)


def _next_generation() -> None:
    cache.add(GENERATION, 0, timeout=None)
    cache.incr(GENERATION)


class ReaderCacheMiddleware:
    """Give readers without cookies a kept answer, with an ETag so that an unchanged page is not sent again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if not _is_reader(request):
            return self.get_response(request)
        key = _key(request)
        kept = _kept_answer(key) if settings.READER_CACHE_SECONDS else None
        if kept is not None:
            status, headers, content = kept
            response: HttpResponseBase = HttpResponse(content, status=status, headers=headers)
        else:
            generation, begun = _generation(), time.time()
            response = self.get_response(request)
            if not isinstance(response, HttpResponse) or not _may_be_kept(request, response):
                return response
            patch_vary_headers(response, ["Cookie", "Accept-Encoding"])
            # Caches may keep it, and must ask whether it is still the same: somebody may have spoken meanwhile.
            patch_cache_control(response, public=True, max_age=0, s_maxage=settings.READER_CACHE_SECONDS)
            response["ETag"] = f'W/"{hashlib.blake2b(response.content, digest_size=16).hexdigest()}"'
            # Once for all who are given it: it holds no secret.
            if request.method == "GET" and response["Content-Type"].startswith(PACKED_KINDS):
                pack(response, best_packing(request))
            if settings.READER_CACHE_SECONDS and len(response.content) <= LARGEST_ANSWER:
                # nginx keeps it too, and takes this header away.
                response["X-Accel-Expires"] = str(PROXY_KEEPS)
                answer = (response.status_code, dict(response.items()), response.content)
                # A little longer than it is good for: one reader makes the next, and the others do not all make it too.
                caches["readers"].set(key, (generation, begun, answer), settings.READER_CACHE_SECONDS + STALE_AT_MOST)
                caches["readers"].delete(f"{key}:making")
        return get_conditional_response(request, etag=response["ETag"], response=response) or response


def _is_reader(request: HttpRequest) -> bool:
    return (
        request.method in ("GET", "HEAD")
        and not request.COOKIES
        and "HX-Request" not in request.headers
        and "Authorization" not in request.headers
        and len(request.get_full_path()) <= LONGEST_ADDRESS
    )


def _key(request: HttpRequest) -> str:
    # HEAD has an answer of its own: Django's says the length of a body that it does not hold.
    address = request.get_full_path()
    named = "\n".join([request.method or "", request.scheme or "", request.get_host(), address, best_packing(request)])
    return f"summit:readers:{hashlib.blake2b(named.encode(), digest_size=20).hexdigest()}"


def _generation() -> int:
    return int(cache.get(GENERATION, 0)) if settings.READER_CACHE_SECONDS else 0


def _kept_answer(key: str) -> tuple[int, dict[str, str], bytes] | None:
    """What may still be given, or nothing: then it is for this request to make the next answer."""
    answers = caches["readers"]
    found = answers.get(key)
    if found is None:
        return None
    generation, made_at, answer = found
    age = time.time() - made_at
    is_same = age >= FRESH_FOR and generation == _generation()
    good_for = settings.READER_CACHE_SECONDS if is_same else FRESH_FOR
    if age < good_for:
        return answer  # type: ignore[no-any-return]
    longest = STALE_AT_MOST + (settings.READER_CACHE_SECONDS if is_same else 0)
    is_being_made = age < longest and not answers.add(f"{key}:making", 1, STALE_AT_MOST)
    return answer if is_being_made else None


def _may_be_kept(request: HttpRequest, response: HttpResponse) -> bool:
    page = request.resolver_match and request.resolver_match.view_name == "wagtail_serve"
    return (
        bool(page or getattr(response, "is_for_readers", False))
        and response.status_code == 200
        and not response.cookies
        and "Cache-Control" not in response
    )
