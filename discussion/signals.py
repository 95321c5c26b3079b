"""What happens to comments, for apps above. Sent inside the action's transaction with `comment` and `actor`."""

from django.dispatch import Signal

comment_published = Signal()
comment_edited = Signal()
comment_hidden = Signal()
comment_withdrawn = Signal()
