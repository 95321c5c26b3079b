"""The roles of an installation, as Django groups. Facilitators are named per session, not here."""

MODERATORS = "Moderators"
EDITORS = "Editors"
ORGANISERS = "Organisers"
FACILITATORS = "Facilitators"

ALL = (MODERATORS, EDITORS, ORGANISERS, FACILITATORS)
