"""How often something may happen: so many times in so many seconds, counted for each key."""

import time
from collections import Counter


class Limit:
    """At most `most` times in `seconds` for a key, such as an address; what is over is forgotten."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._span, self._counts = 0.0, Counter()

    def reached(self, key: str, more: int = 0) -> bool:
        """Tell whether it may not happen again now; more: how often it has just happened."""
        span = time.monotonic() // self.seconds
        if span != self._span:
            self._span, self._counts = span, Counter()
        full = self._counts[key] >= self.most
        self._counts[key] += more
        return full
