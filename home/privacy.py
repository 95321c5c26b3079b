"""What is true of this installation, read from its settings: so the privacy page cannot say otherwise."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

from discussion import devices as of_comments
from gathering import encoder
from live import devices as of_sessions
from people import retention

DAY = 24 * 60 * 60


@dataclass(frozen=True)
class Cookie:
    name: str
    when: str
    purpose: str
    how_long: str


@dataclass(frozen=True)
class OnDevice:
    """Something that somebody's own browser keeps for this site, and that only its scripts read."""

    what: str
    how_long: str


@dataclass(frozen=True)
class Elsewhere:
    """Somebody else's server that this one may send something to."""

    who: str
    what: str


def cookies() -> list[Cookie]:
    """Every cookie that this site can set. Who only reads gets none of them."""
    longest = max(of_comments.COOKIE_AGE, of_sessions.LIFETIME) // DAY
    return [
        Cookie(
            of_comments.cookie_name(),
            "when you comment, support or join a session",
            "Knows your browser again, so that you can change, withdraw and see what you said without an account.",
            f"{of_sessions.LIFETIME // DAY} to {longest} days",
        ),
        Cookie(
            settings.SESSION_COOKIE_NAME,
            "when you sign in, or begin to",
            "Knows that you are signed in.",
            f"{settings.SESSION_COOKIE_AGE // DAY} days, or until you sign out",
        ),
        Cookie(
            settings.CSRF_COOKIE_NAME,
            "on the pages of your account",
            "Proves that a form was sent from our own page.",
            f"{settings.CSRF_COOKIE_AGE // DAY} days",
        ),
        Cookie("messages", "after some forms", "Carries one sentence to the next page.", "until it is shown"),
        Cookie(
            "wagtail_sidebar_collapsed",
            "when somebody who edits folds the admin’s menu",
            "Keeps it folded.",
            "until the browser is closed",
        ),
    ]


def on_devices() -> list[OnDevice]:
    """What our pages leave in the browsers of those who do something, besides cookies."""
    return [
        OnDevice(
            "What you are writing below a page, with the name and the address you gave, so that nothing is lost",
            "until it is posted or you clear it, two weeks at most",
        ),
        OnDevice(
            "What you say in a live session until the server has it; a copy of it and of the session’s page, to be read"
            " without a signal",
            "until you clear your browser’s data, or are erased in it",
        ),
        OnDevice(
            "For those who run a session or sort: decisions until the server has them, and how the screen was set up",
            "until you clear your browser’s data",
        ),
    ]


def how_mail_leaves() -> str:
    """In words, without a name or a password: through which server letters leave."""
    if settings.SHOW_MAIL:
        return "is not sent at all: this is a demonstration, and whoever can reach it reads every letter at /mail/"
    server = settings.MAILERS.get("server", settings.MAILERS["default"]).get("OPTIONS", {}).get("host", "localhost")
    if server in ("localhost", "127.0.0.1", "::1"):
        return "leaves through a mail server on the same machine"
    return f"leaves through the mail server {server}"


def servers_elsewhere() -> list[Elsewhere]:
    """Whoever may learn something from this site besides those who ask it and those who get letters."""
    found = [
        Elsewhere(
            f"{app['name']} ({urlsplit(app['settings']['server_url']).hostname})",
            "if you choose to sign in with an account there: that you did. It tells us your name and e-mail address.",
        )
        for app in settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    ]
    if settings.SPAM_CHECK:
        found.append(
            Elsewhere(
                "Akismet, of Automattic Inc.",
                "the text of a comment that nothing here holds back, the name shown beside it and the address of the"
                " page, to be told whether it is advertising. Neither your e-mail nor your network address.",
            )
        )
    if settings.SENDS_MENTIONS:
        found.append(
            Elsewhere(
                "Sites that our pages link to",
                "that a page of ours does, and its address (webmention, pingback). Nothing about its readers.",
            )
        )
    return found


def words() -> dict[str, object]:
    """Everything that the privacy page says of this installation."""
    return {
        "cookies": cookies(),
        "on_devices": on_devices(),
        "kept": retention.rules(),
        "mail": how_mail_leaves(),
        "elsewhere": servers_elsewhere(),
        "has_encoder": encoder.is_installed(),
    }
