"""Counting in the cache how often something is done within a time: no query, and right whoever does it at once.

While a shared cache is away nothing counts, as everywhere here: limits keep floods out, they are no permission.
"""

from dataclasses import dataclass

from django.core.cache import cache


@dataclass(frozen=True)
class Limit:
    """So many times within so many seconds, which begin with the first."""

    name: str
    most: int
    seconds: int

    def take(self, key: str) -> bool:
        """Count one more. Answers whether that was still within the limit; what was too much does not prolong it."""
        place = self._place(key)
        if cache.add(place, 1, self.seconds):
            return True
        try:
            count = cache.incr(place)
        except ValueError:  # It ran out in between.
            cache.add(place, 1, self.seconds)
            return True
        if count == 1:
            # It ran out while Redis counted, which then makes a counter that never ends.
            cache.touch(place, self.seconds)
        return count <= self.most

    def give_back(self, key: str) -> None:
        """Take one for not done: it made nothing."""
        if cache.get(self._place(key), 0) > 0:
            try:
                cache.decr(self._place(key))
            except ValueError:
                return

    def _place(self, key: str) -> str:
        return f"discussion.limit:{self.name}:{key}"
