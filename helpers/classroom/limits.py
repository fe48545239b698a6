"""How often something may happen: so many times in so many seconds, counted for each key."""

import time
from collections import defaultdict, deque


class Limit:
    """At most `most` times in `seconds` for a key, such as an address."""

    def __init__(self, most: int, seconds: float) -> None:
        self.most, self.seconds = most, seconds
        self._times: dict[str, deque] = defaultdict(deque)

    def reached(self, key: str) -> bool:
        """Tell whether it may not happen again now."""
        times, now = self._times.get(key, ()), time.monotonic()
        while times and times[0] < now - self.seconds:
            times.popleft()
        if not times:
            self._times.pop(key, None)
        return len(times) >= self.most

    def count(self, key: str) -> None:
        """Count that it has happened."""
        if len(self._times) > 10_000:  # a flood of keys: forget those that are over
            for one in list(self._times):
                self.reached(one)
        self._times[key].append(time.monotonic())
