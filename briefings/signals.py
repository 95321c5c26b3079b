"""What publishing a briefing asks and tells."""

from django.dispatch import Signal

# Sent with `briefing`, as it would be published, just before it is. A receiver that raises stops it.
briefing_publishing = Signal()

# Sent with `revision` and `problems` when the schedule would have published a briefing that is not ready.
schedule_refused = Signal()
