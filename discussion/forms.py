"""What people fill in to comment."""

from django_comments_xtd.forms import XtdCommentForm


class CommentForm(XtdCommentForm):
    """The library's form, saving our comments."""
