"""The words for what may happen to a comment or a mention."""

from django.db import models


class CommentState(models.TextChoices):
    HELD = "held", "Awaiting moderation"
    PUBLISHED = "published", "Published"
    HIDDEN = "hidden", "Hidden"
    WITHDRAWN = "withdrawn", "Withdrawn"


class MentionState(models.TextChoices):
    HELD = "held", "Awaiting moderation"
    PUBLISHED = "published", "Published"
    HIDDEN = "hidden", "Hidden"
    GONE = "gone", "The link is gone"


class MentionKind(models.TextChoices):
    INTERNAL = "internal", "A link from this site"
    PINGBACK = "pingback", "A link from another site (pingback)"
    WEBMENTION = "webmention", "A link from another site (webmention)"


class Override(models.TextChoices):
    """What an event says to a rule that holds everywhere."""

    AS_EVERYWHERE = "", "As everywhere"
    YES = "yes", "Yes"
    NO = "no", "No"


class Frequency(models.TextChoices):
    AT_ONCE = "at_once", "Soon after it is said"
    WEEKLY = "weekly", "Once a week"


class MailKind(models.TextChoices):
    CONFIRMATION = "confirmation", "A link to confirm something"
    NOTICE = "notice", "What was said lately"
    DIGEST = "digest", "What was said in a week"


class NoticeState(models.TextChoices):
    """What became of another site's word that it links to us."""

    WAITING = "waiting", "Waiting to be looked at"
    ACCEPTED = "accepted", "The link was found"
    REFUSED = "refused", "Not taken"


class SentState(models.TextChoices):
    """What became of telling another site that we link to it."""

    WAITING = "waiting", "Waiting"
    SENT = "sent", "Told"
    UNWANTED = "unwanted", "Takes no mentions"
    REFUSED = "refused", "Refused"
    FAILED = "failed", "Not reached"


class SuspectState(models.TextChoices):
    """What was decided about words that may have been injected."""

    OPEN = "open", "To be looked at"
    FINE = "fine", "Fine"
    TAKEN_OUT = "taken_out", "Taken out"


class SuspectPlace(models.TextChoices):
    """Where suspicious words stand."""

    PUBLISHED = "published", "In what readers see"
    DRAFT = "draft", "In a draft"
    EARLIER = "earlier", "In an earlier revision only"


class Sort(models.TextChoices):
    OLDEST = "oldest", "Oldest"
    NEWEST = "newest", "Newest"
    SUPPORTED = "supported", "Most supported"
