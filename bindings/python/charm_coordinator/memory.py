"""An application in memory, for the tests of a charm: units, databags and leader settings.

There is no Juju and none of its events: the test says which unit runs a hook when.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from charm_coordinator import errors, flags

if TYPE_CHECKING:
    from charm_coordinator.host import ContextKind, LogLevel, Store, Values


class LogEntry(NamedTuple):
    """A line that a unit logged."""

    unit: str
    level: str
    message: str


class MemoryApplication:
    """An application in memory.

    Example::

        application = MemoryApplication(units=3)
        host = application.hook('app/1', 'config-changed')
        with Coordinator(host) as coordinator:
            coordinator.acquire('restart')
        host.commit()

    Args:
        units: how many; they are called ``app/0``, ``app/1`` and so on.
        leader: the number of the unit that leads.
        store: where the grants are kept.
    """

    leader: str
    """The unit that leads; set it to move leadership."""
    units: tuple[str, ...]
    config: dict[str, Any]
    """What config-get answers."""
    resources: dict[str, str]
    """What resource-get answers: paths by name."""
    log: list[LogEntry]
    """What was logged, oldest first."""
    databags: dict[str, Values]
    """The committed databag of each unit."""
    settings: Values
    """The grants' store: leader settings, or the application databag."""

    def __init__(self, *, units: int, leader: int = 0, store: Store = 'settings'):
        _check_units(units)
        self.units = tuple(f'app/{number}' for number in range(units))
        self.leader = f'app/{leader}'
        self.store: Store = store
        self.config = {}
        self.resources = {}
        self.log = []
        self.databags = {unit: {} for unit in self.units}
        self.settings = {}
        self._saved: dict[str, Values] = {unit: {} for unit in self.units}
        self._microseconds = 0

    def hook(self, unit: str, name: str = 'update-status') -> MemoryHost:
        """Begins a hook of one unit."""
        return MemoryHost(self, unit, name)

    def now(self) -> str:
        """The time.

        Each look at the clock is a microsecond later, so that a test gives the same history each
        time.
        """
        self._microseconds += 1
        minutes, rest = divmod(self._microseconds, 60_000_000)
        seconds, micros = divmod(rest, 1_000_000)
        return f'2026-01-01 {minutes // 60:02}:{minutes % 60:02}:{seconds:02}.{micros:06}Z'

    def monotonic(self) -> float:
        """Seconds since the beginning."""
        return self._microseconds / 1e6

    def saved_of(self, unit: str) -> Values:
        """What state-get shows to a unit."""
        return self._saved[unit]


class MemoryHost:
    """A host whose hook ends when the test says so. It is its own leadership, peers and hook."""

    def __init__(self, application: MemoryApplication, unit: str, name: str):
        self._application = application
        self._databag: Values = {}
        self._settings: Values = {}
        self._pending_saved: Values = {}
        self._is_over = False
        self.flags = flags.MemoryFlags()
        self.unit = unit
        self.name = name
        self.kind: ContextKind = 'hook'
        self.remote_unit: str | None = None
        self.departing_unit: str | None = None
        self.subordinate = False
        self.store: Store = application.store

    @property
    def leadership(self) -> MemoryHost:
        """Leadership."""
        return self

    @property
    def peers(self) -> MemoryHost:
        """The peer relation."""
        return self

    @property
    def hook(self) -> MemoryHost:
        """The hook."""
        return self

    def commit(self) -> None:
        """The hook succeeded: keeps what was written."""
        self._end()
        application = self._application
        if self._settings:
            if not self.is_leader():
                raise errors.UsageError('refused', 'Juju refuses the commit: not the leader')
            application.settings = _merge(application.settings, self._settings)
        application.databags[self.unit] = _merge(application.databags[self.unit], self._databag)
        application.saved_of(self.unit).update(self._pending_saved)

    def fail(self) -> None:
        """The hook failed: what was written is dropped.

        Leader settings stay as they are, since Juju writes them at once.
        """
        self._end()

    def _end(self) -> None:
        if self._is_over:
            raise errors.UsageError('bad_order', 'this hook has ended')
        self._is_over = True

    def is_leader(self) -> bool:
        """is-leader."""
        return self._application.leader == self.unit

    def read(self) -> Values:
        """leader-get, or relation-get --app."""
        return _merge(self._application.settings, self._settings if self.is_leader() else {})

    def write(self, values: Mapping[str, str]) -> bool:
        """leader-set, or relation-set --app."""
        if not self.is_leader():
            return False
        if self.store == 'settings':
            self._application.settings = _merge(self._application.settings, values)
        else:
            self._settings.update(values)
        return True

    def own(self) -> Values | None:
        """relation-get of this unit."""
        return _merge(self._application.databags[self.unit], self._databag)

    def members(self) -> list[str]:
        """relation-list."""
        return [unit for unit in self._application.units if unit != self.unit]

    def of(self, unit: str) -> Values | None:
        """relation-get of another unit."""
        return self._application.databags.get(unit)

    def write_own(self, values: Mapping[str, str]) -> None:
        """relation-set."""
        self._databag.update(values)

    def planned(self) -> dict[str, str]:
        """goal-state."""
        return dict.fromkeys(self._application.units, 'active')

    def read_saved(self, key: str) -> str:
        """state-get."""
        saved = self._application.saved_of(self.unit)
        return self._pending_saved.get(key, saved.get(key, ''))

    def write_saved(self, key: str, value: str) -> None:
        """state-set."""
        self._pending_saved[key] = value

    def now(self) -> str:
        """UTC, microseconds."""
        return self._application.now()

    def monotonic(self) -> float:
        """Seconds."""
        return self._application.monotonic()

    def config(self) -> Mapping[str, Any]:
        """config-get."""
        return dict(self._application.config)

    def resource(self, name: str) -> str | None:
        """resource-get."""
        return self._application.resources.get(name)

    def log(self, level: LogLevel, message: str) -> None:
        """juju-log."""
        self._application.log.append(LogEntry(self.unit, level, message))


def _check_units(units: object) -> None:
    if not isinstance(units, int) or units < 1:
        message = f'units must be a whole number of at least 1, not {units!r}'
        raise errors.UsageError('bad_type', message)


def _merge(values: Mapping[str, str], changes: Mapping[str, str]) -> Values:
    """Juju's way with a map: an empty value deletes its key."""
    return {key: value for key, value in {**values, **changes}.items() if value != ''}
