"""What the installation knows of its own parts. Nothing of it is about anybody."""

from django.db import models


class Worker(models.Model):
    """A process that does tasks, as it says of itself every few seconds. One that stops in order takes its row away."""

    id = models.CharField(max_length=64, primary_key=True)
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # Since when it has been at the task that it does now.
    task_since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.id}, seen at {self.seen_at:%H:%M:%S}"


class Duty(models.Model):
    """When something that is due by the clock was last done, and when it last failed."""

    name = models.CharField(max_length=64, primary_key=True)
    done_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "duties"

    def __str__(self) -> str:
        return self.name

    @property
    def has_failed(self) -> bool:
        """Whether its last try failed."""
        return self.failed_at is not None and (self.done_at is None or self.failed_at > self.done_at)
