"""Who events may be told to, besides everybody."""

CONSOLE = "console"
WALL = "wall"
ROOM = "room"


def audience_of_participant(participant_id: int) -> str:
    return f"participant:{participant_id}"
