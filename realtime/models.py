"""The event log: one append-only sequence per stream."""

import uuid

from django.db import models
from django.utils import timezone


class Stream(models.Model):
    """Something whose changes are read in one order. `seq` is the number of its last event."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    seq = models.PositiveBigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.id)


class Event(models.Model):
    """One change of a stream. Never updated; deleted only with its stream."""

    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, related_name="events")
    seq = models.PositiveBigIntegerField()
    kind = models.CharField(max_length=60)
    audience = models.CharField(max_length=80, default="all")
    payload = models.JSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stream", "seq"], name="one_event_per_seq")]

    def __str__(self) -> str:
        return f"{self.kind} {self.seq}"
