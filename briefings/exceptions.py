"""What may be refused here."""


class BriefingError(Exception):
    """A refusal about a briefing. Its text can be shown as it is."""


class NotAllowed(BriefingError):
    """The account may not do this."""


class BriefingNotReady(BriefingError):
    """The briefing may not be published: some checks that block are not met. Nothing was lost."""

    def __init__(self, page_id: int | None, problems: list[str]) -> None:
        self.page_id = page_id
        self.problems = problems
        super().__init__("Not published. " + " ".join(problems))
