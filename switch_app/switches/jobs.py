"""bgapi commands under way, each waiting for its BACKGROUND_JOB event."""

from __future__ import annotations

from collections.abc import Callable

OnText = Callable[[str], None]


class Jobs:
    """Who waits for which job, and until when (a monotonic moment)."""

    def __init__(self) -> None:
        self._waiting: dict[str, tuple[float, OnText]] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, job_uuid: str, due_at: float, on_text: OnText) -> None:
        self._waiting[job_uuid] = (due_at, on_text)

    def done(self, job_uuid: str) -> OnText | None:
        """Who waited for this job; None if nobody, or no more."""
        return self._waiting.pop(job_uuid, (0.0, None))[1]

    def overdue(self, now: float) -> list[OnText]:
        """Take out those whose time is over."""
        late = [job for job, (due_at, _) in self._waiting.items() if due_at <= now]
        return [self._waiting.pop(job)[1] for job in late]

    def clear(self) -> list[OnText]:
        """Take out all."""
        left = [on_text for _, on_text in self._waiting.values()]
        self._waiting.clear()
        return left
