"""Why something of the site cannot be done."""


class EventRefused(Exception):
    """Said to the organiser, beside the field it is about if there is one."""

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field
