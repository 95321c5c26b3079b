"""What happens to comments, for apps above. Sent inside the action's transaction with `comment` and `actor`.

`comment_published` is sent whenever a comment comes into sight: at once (then it carries `is_new`), after it was held,
or again after it was hidden. `comment_hidden` is sent whenever a published comment goes out of sight by a moderator's
hand or a rule: `comment.state` says whether it is hidden or held again. Receivers must bear being told twice. One that
`is_imported` was said on another site: nobody is told that it is new.
"""

from django.dispatch import Signal

comment_published = Signal()
comment_edited = Signal()
comment_hidden = Signal()
comment_withdrawn = Signal()
# Once the transaction is through: somebody outside is to be asked about it.
comment_waits_for_check = Signal()
