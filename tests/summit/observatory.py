"""How safe an answer's headers are, after the rules that MDN's HTTP Observatory publishes.

Written after what its version 1.4.8 (algorithm 4; npm `@mdn/mdn-http-observatory`) takes from and adds to a score of
100, where 100 and more is A+. It scans only hosts on the internet, so `make headers` brings the scanner itself before a
whole installation, and this stands for it in the tests. What is added counts only from 90 on.
"""

import re
from collections.abc import Iterable, Mapping

BROAD = {"*", "http:", "https:", "ftp:", "http://*", "https://*"}
INLINE = {"'unsafe-inline'", "data:"}
SIX_MONTHS = 15_552_000
PRIVATE = {"no-referrer", "same-origin", "strict-origin", "strict-origin-when-cross-origin"}


def score(headers: Mapping[str, str], cookies: Iterable[str], html: str) -> tuple[int, dict[str, int]]:
    """The score of an answer over HTTPS, and what each rule took from it or added."""
    policy = parse(headers.get("Content-Security-Policy", ""))
    told = {
        "content-security-policy": _policy(policy),
        "cookies": _cookies(list(cookies)),
        "referrer-policy": _referrer(headers.get("Referrer-Policy")),
        "strict-transport-security": _hsts(headers.get("Strict-Transport-Security", "")),
        "subresource-integrity": -50 if re.search(r"<script[^>]*src=[\"']?(?:https?:)?//", html) else 0,
        "x-content-type-options": 0 if headers.get("X-Content-Type-Options", "").lower() == "nosniff" else -5,
        "x-frame-options": _frames(policy, headers.get("X-Frame-Options", "")),
        "cross-origin-resource-policy": _resources(headers.get("Cross-Origin-Resource-Policy")),
        "cross-origin-resource-sharing": -50 if "Access-Control-Allow-Credentials" in headers else 0,
    }
    taken = 100 + sum(points for points in told.values() if points < 0)
    return (100 + sum(told.values()) if taken >= 90 else taken), told


def parse(policy: str) -> dict[str, set[str]]:
    parts = [part.split() for part in policy.split(";") if part.strip()]
    return {name.lower(): set(sources) for name, *sources in parts}


def _policy(policy: dict[str, set[str]]) -> int:
    if not policy:
        return -25
    default = policy.get("default-src", {"*"})
    script, style = policy.get("script-src", default), policy.get("style-src", default)
    if script & (BROAD | INLINE) or policy.get("object-src", default) & BROAD:
        return -20
    if any(source.startswith(("http:", "ftp:")) for sources in policy.values() for source in sources):
        return -20
    if "'unsafe-eval'" in script | style:
        return -10
    if style & (BROAD | INLINE):
        return 0
    return 10 if default == {"'none'"} else 5


def _cookies(cookies: list[str]) -> int:
    worst = 5 if cookies else 0
    for cookie in cookies:
        name, flags = cookie.partition("=")[0].lower(), cookie.lower()
        if "samesite=lax" not in flags and "samesite=strict" not in flags:
            worst = min(worst, -20 if "csrf" in name or "samesite=" in flags else 0)
        if "secure" not in flags:
            worst = min(worst, -40 if "sess" in name else -20)
        if "sess" in name and "httponly" not in flags:
            worst = min(worst, -30)
    return worst


def _referrer(policy: str | None) -> int:
    if policy is None:
        return 0
    return 5 if policy.lower().split(",")[-1].strip() in PRIVATE else -5


def _hsts(header: str) -> int:
    age = re.search(r"max-age=(\d+)", header)
    if age is None:
        return -20
    return 0 if int(age[1]) >= SIX_MONTHS else -10


def _frames(policy: dict[str, set[str]], header: str) -> int:
    if "frame-ancestors" in policy:
        return 5
    return 0 if header.lower() in ("deny", "sameorigin") else -20


def _resources(header: str | None) -> int:
    if header is None:
        return 0
    return {"same-origin": 10, "same-site": 10, "cross-origin": 0}.get(header.lower(), -5)
