"""Sent with `briefing`, as it would be published, just before it is. A receiver that raises stops it."""

from django.dispatch import Signal

briefing_publishing = Signal()
