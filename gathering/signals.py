"""What the desk asks and tells apps above."""

from django.dispatch import Signal

# Sent before excerpts leave their point (`excerpt_ids`: list of UUID). A receiver that answers a sentence, such as
# "Briefing 4 cites it in point 3.", keeps them where they are: the decision is refused with that sentence.
excerpts_leaving = Signal()

# Sent before a point is taken away (`point`). A receiver that answers a sentence keeps it.
point_leaving = Signal()

# Sent inside the transaction in which words stop being for showing: withdrawn, hidden or erased. `event_ids` are those
# of the events where they were said, `entry_ids` what could be shown until now. Whoever keeps something made from them
# throws it away.
words_left = Signal()

# Sent inside the transaction of every decision: `decisions` (a list, made in one go) and `actor`.
entries_decided = Signal()
