"""What stands for a thing in an address."""

from django.urls.converters import IntConverter


class IdConverter(IntConverter):
    """The number of a row. One with more digits than a database keeps is no address at all, rather than an error."""

    regex = "[0-9]{1,18}"
