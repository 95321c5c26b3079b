"""The environment, read with a sentence for whoever wrote something into it that cannot be.

An empty variable counts as none, as files of variables have them.
"""

from __future__ import annotations  # methods below are named as the types are

import difflib
import ipaddress
import os
import re
from collections.abc import Callable
from email.utils import parseaddr
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

YES = ("1", "true", "yes", "on")
NO = ("0", "false", "no", "off")

REQUIRED: Any = object()

LOCAL = ("localhost", "127.0.0.1", "::1")

SHORTEST_SECRET_KEY = 50


def refuse(sentence: str) -> NoReturn:
    raise ImproperlyConfigured(f"Summit does not start: {sentence}")


class Environment:
    """Reads variables by kind. What is asked for is remembered, to find those that nobody asks for."""

    def __init__(self, variables: dict[str, str] | None = None) -> None:
        self._variables = dict(os.environ if variables is None else variables)
        self._asked: set[str] = set()

    def str(self, name: str, *, default: str = "") -> str:
        self._asked.add(name)
        return self._variables.get(name, "").strip() or default

    def bool(self, name: str, *, default: bool) -> bool:
        said = self.str(name).lower()
        if said and said not in (*YES, *NO):
            refuse(f"{name} is {said!r}; say true or false.")
        return said in YES if said else default

    def int(self, name: str, *, default: int, least: int = 0, most: int = 2**31 - 1) -> int:
        said = self.str(name)
        if not said:
            return default
        if not said.isdecimal() or not least <= int(said) <= most:
            refuse(f"{name} is {said!r}; it must be a number from {least} to {most}.")
        return int(said)

    def list(self, name: str, *, default: list[str] | None = None) -> list[str]:
        listed = [part.strip() for part in self.str(name).split(",") if part.strip()]
        return listed or list(default or [])

    def choice(self, name: str, choices: dict[str, Any] | list[str], *, default: str) -> str:
        said = self.str(name, default=default)
        if said not in choices:
            refuse(f"{name} is {said!r}; it must be one of {', '.join(choices)}.")
        return said

    def checked(self, name: str, fits: Callable[[str], bool], what: str, *, default: str) -> str:
        said = self.str(name, default=default)
        if said and not fits(said):
            refuse(f"{name} is {said!r}; it must be {what}.")
        return said

    def origins(self, name: str, *, schemes: tuple[str, ...]) -> list[str]:
        """Origins as browsers name them: a scheme, a host, perhaps a port, and nothing behind."""
        listed = self.list(name)
        for origin in listed:
            if not is_origin(origin, schemes) or "*" in origin:
                refuse(f"{name} holds {origin!r}; it must be {schemes[0]}:// and a host, with nothing behind it.")
        return listed

    def database(self, name: str, *, default: str) -> dict[str, Any]:
        said = self.str(name, default=default)
        scheme = said.partition(":")[0]
        # Never the whole: it holds a password.
        if scheme not in ("sqlite", "postgres", "postgresql"):
            refuse(f"{name} begins with {scheme!r}; it must be a sqlite:/// or postgres:// address.")
        try:
            found: dict[str, Any] = environ.Env.db_url_config(said)
        except (ValueError, environ.ImproperlyConfigured):
            found = {}
        if not found.get("NAME"):
            refuse(f"{name} names no database; it must look like postgres://user:password@host:5432/name.")
        if "CONN_MAX_AGE" in found or "pool" in found.get("OPTIONS", {}):
            refuse(f"{name} says how connections are kept; leave that out, server processes keep theirs by themselves.")
        if scheme == "sqlite" and not Path(found["NAME"]).parent.is_dir():
            refuse(f"{name} names a file in {str(Path(found['NAME']).parent)!r}, and there is no such folder.")
        return found

    def redis(self, name: str) -> str:
        """An address of Redis. It is never told: it may hold a password."""
        said = self.str(name)
        if not said:
            return ""
        try:
            parts = urlsplit(said)
            _ = parts.port
            fits = bool(parts.path if parts.scheme == "unix" else parts.hostname)
        except ValueError:
            fits = False
        if not fits or parts.scheme not in ("redis", "rediss", "unix"):
            refuse(f"{name} must be a redis://, rediss:// or unix:// address, like redis://127.0.0.1:6379.")
        return said

    def refuse_unknown(self, prefix: str) -> None:
        """Stop at a variable that nothing reads: mostly one that is spelt wrongly, and would do nothing, silently."""
        for name in sorted(self._variables):
            if name.startswith(prefix) and name not in self._asked:
                near = difflib.get_close_matches(name, sorted(self._asked), n=1)
                meant = f" Is {near[0]} meant?" if near else ""
                refuse(f"{name} is no setting of Summit.{meant}")


def is_host(value: str) -> bool:
    """A host's name or number alone, without scheme and port."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return re.fullmatch(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?", value) is not None
    return True


def can_be_guessed(key: str) -> bool:
    """Whether a key is no work of chance: there hardly any three characters stand twice, even in digits of sixteen."""
    triples = {key[at : at + 3] for at in range(len(key) - 2)}
    repeats = len(set(key)) < 10 or len(triples) < 0.75 * (len(key) - 2)
    return len(key) < SHORTEST_SECRET_KEY or repeats or "not-a-secret" in key


def is_sender(value: str) -> bool:
    """An address, or a name with an address in angle brackets, as letters have them."""
    name, bracket, address = value.rpartition("<")
    if bracket:
        address, closing, rest = address.partition(">")
        if not closing or rest or ">" in name:
            return False
    fits = re.fullmatch(r"[^\s@<>,;:\"]+@[^\s@<>,;:\"]+", address) is not None
    return fits and parseaddr(value)[1] == address


def is_server(value: str) -> bool:
    """An https:// address; on this very machine http:// will do."""
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    is_here = parts.hostname in LOCAL and parts.scheme == "http"
    return bool(parts.hostname) and (parts.scheme == "https" or is_here)


def is_origin(value: str, schemes: tuple[str, ...]) -> bool:
    try:
        parts = urlsplit(value)
        _ = parts.port
    except ValueError:
        return False
    rest = (parts.path, parts.query, parts.fragment, parts.username)
    return parts.scheme in schemes and bool(parts.hostname) and not any(rest)
