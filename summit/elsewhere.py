"""Accounts that people have elsewhere: the servers that an installation believes when they say who somebody is."""

from typing import Any

from summit.settings.environment import Environment, refuse

# Whoever else speaks OpenID Connect is named by its address.
KNOWN = {
    "google": ("Google", "https://accounts.google.com"),
    "linkedin": ("LinkedIn", "https://www.linkedin.com/oauth"),
    "gitlab": ("GitLab", "https://gitlab.com"),
}
NAMES = {"microsoft": "Microsoft"}


def apps_of(env: Environment, names: list[str]) -> list[dict[str, Any]]:
    """What allauth must know of each server, read from variables that carry its name."""
    return [_app(env, name.strip().lower()) for name in names if name.strip()]


def _app(env: Environment, name: str) -> dict[str, Any]:
    label, address = KNOWN.get(name, (NAMES.get(name, name.capitalize()), ""))
    start = f"SUMMIT_{name.upper().replace('-', '_')}"
    found = {
        "CLIENT_ID": env.str(f"{start}_CLIENT_ID", default=""),
        "SECRET": env.str(f"{start}_SECRET", default=""),
        "SERVER": env.str(f"{start}_SERVER", default=address),
    }
    missing = " and ".join(f"{start}_{word}" for word, value in found.items() if not value)
    if missing:
        refuse(f"SUMMIT_SIGN_IN_WITH names {name}, which needs {missing}.")
    return {
        "provider_id": name,
        "name": env.str(f"{start}_LABEL", default=label),
        "client_id": found["CLIENT_ID"],
        "secret": found["SECRET"],
        "settings": {"server_url": found["SERVER"].rstrip("/")},
    }
