"""When broken DAG files are imported again though nobody has changed them.

What broke them may be mended elsewhere: a package is installed, a server is back.
"""

from __future__ import annotations

import math
from typing import NamedTuple

FIRST_PAUSE_S = 60.0
LONGEST_PAUSE_S = 960.0
# A file that takes long to fail is tried so seldom that it takes a hundredth of a lane.
PAUSE_PER_SECOND = 100.0


class _Chance(NamedTuple):
    due_at: float
    failures: int


class SecondChances:
    """Says which broken files to import again; the pause of a file doubles with each failure.

    Times are seconds of a clock that only goes forward.
    """

    def __init__(self) -> None:
        self._chances: dict[str, _Chance] = {}

    def failed(self, path: str, now: float, took_s: float) -> None:
        """A file is broken, perhaps still."""
        failures = self._chances[path].failures if path in self._chances else 0
        pause = min(FIRST_PAUSE_S * 2**failures, LONGEST_PAUSE_S)
        due_at = now + max(pause, took_s * PAUSE_PER_SECOND)
        self._chances[path] = _Chance(due_at, failures + 1)

    def forget(self, path: str) -> None:
        """A file is fine, gone, or was changed: it begins anew."""
        self._chances.pop(path, None)

    def due(self, now: float) -> list[str]:
        """Return the files whose time has come, each once until it fails again."""
        found = sorted(path for path, chance in self._chances.items() if chance.due_at <= now)
        for path in found:
            self._chances[path] = self._chances[path]._replace(due_at=math.inf)
        return found
