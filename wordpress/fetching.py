"""Fetching pictures and documents from the old site. Only when somebody asked for it, and never in a transaction."""

from content.fetch import FetchError, fetch
from wordpress.media import LARGEST_FILE, UnusableMedia

SECONDS = 60.0


def fetch_file(address: str) -> bytes:
    """A file of the old site. Addresses that only this server could reach are refused, whoever named them."""
    try:
        answer = fetch(address, longest=LARGEST_FILE, seconds=SECONDS)
    except FetchError as error:
        raise UnusableMedia(f"It could not be fetched: {error}"[:300]) from error
    if answer.status != 200:
        raise UnusableMedia(f"It could not be fetched: the old site answered {answer.status}")
    return answer.body
