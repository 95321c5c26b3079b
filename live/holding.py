"""When a contribution waits for a moderator, beyond a session's own setting. Pure rules."""

import re

LINK = re.compile(r"https?://|\bwww\.|\b[\w-]+\.(?:com|net|org|info|biz|ru|io|co\.uk)\b", re.IGNORECASE)

EVERYTHING = "Everything is read before it is shown."
FIRST_POST_WITH_LINK = "First post, with a link."


def reason_to_hold(body: str, *, is_first: bool, holds_everything: bool) -> str:
    """Why to hold it, in words for its author; empty to show it at once."""
    if holds_everything:
        return EVERYTHING
    if is_first and LINK.search(body):
        return FIRST_POST_WITH_LINK
    return ""
