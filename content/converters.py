"""What stands for a thing in an address."""

import re

from django.urls.converters import IntConverter


class IdConverter(IntConverter):
    """The number of a row. One with more digits than a database keeps is no address at all, rather than an error."""

    regex = "[0-9]{1,18}"


def id_in(text: str | None) -> int | None:
    """The number of a row that a field or a query names; None if it is no number that a database keeps."""
    return int(text) if text and re.fullmatch(IdConverter.regex, text) else None
