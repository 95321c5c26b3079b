"""Why something about a person cannot be done."""


class PersonalError(Exception):
    """Said to whoever asked, in a sentence."""


class NotAllowed(PersonalError):
    def __init__(self) -> None:
        super().__init__("Only the person, or an organiser whom they asked, may do this.")


class NothingKept(PersonalError):
    def __init__(self) -> None:
        super().__init__("Nothing about you is kept here.")


class LastOrganiser(PersonalError):
    def __init__(self) -> None:
        super().__init__("You are the only organiser. Make somebody else an organiser first, then come back.")
