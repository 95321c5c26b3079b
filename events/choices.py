"""The words of events that other modules choose from."""

from django.db import models


class Phase(models.TextChoices):
    BEFORE = "before", "Before"
    DURING = "during", "During"
    AFTER = "after", "After"
    ARCHIVED = "archived", "Archived"


class Tier(models.TextChoices):
    PRINCIPAL = "principal", "Principal"
    SUPPORTING = "supporting", "Supporting"
    IN_KIND = "in_kind", "In kind"
