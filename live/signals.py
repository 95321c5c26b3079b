"""What happens to contributions, for apps above. Sent inside the action's transaction with `actor`.

`contribution_shown` carries `contributions`, a list, because contributions are written in batches; the others carry
one `contribution`. It carries `is_new` too when they were written just now, in this transaction.
"""

from django.dispatch import Signal

contribution_shown = Signal()
contribution_edited = Signal()
contribution_hidden = Signal()
contribution_withdrawn = Signal()
contribution_starred = Signal()
