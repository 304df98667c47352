"""Flags kept in memory, for hosts whose charm has no flag store of its own."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins


class MemoryFlags:
    """Flags kept in memory.

    Args:
        flags: those set already; it is changed, so that who gave it can keep it for the next hook.
    """

    def __init__(self, flags: builtins.set[str] | None = None):
        self._set = set[str]() if flags is None else flags

    def current(self) -> list[str]:
        """The ``coordinator.…`` flags now set."""
        return sorted(flag for flag in self._set if flag.startswith('coordinator.'))

    def set(self, flag: str) -> None:
        """Sets a flag."""
        self._set.add(flag)

    def clear(self, flag: str) -> None:
        """Clears a flag."""
        self._set.discard(flag)
