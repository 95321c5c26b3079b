"""The words for what an import finds and what becomes of it."""

from django.db import models


class BatchState(models.TextChoices):
    READY = "ready", "Looked at"
    TRYING = "trying", "Being tried"
    WAITING = "waiting", "Waiting for its turn"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed; nothing of it was kept"
    UNDONE = "undone", "Undone"


class Outcome(models.TextChoices):
    IMPORTED = "imported", "Imported"
    UPDATED = "updated", "Updated"
    UNCHANGED = "unchanged", "Unchanged"
    SKIPPED = "skipped", "Skipped"


class SuspicionState(models.TextChoices):
    OPEN = "open", "To be looked at"
    KEPT = "kept", "Kept as it is"
    CUT = "cut", "Cut out"
