"""What a binding needs of Juju, and nothing more.

That is leadership (and the grants it guards), relation data, flag callbacks and the hook itself.
``juju`` supplies it by hook tools, ``memory`` for tests, ``ops`` inside the operator framework.

The end of the hook is no part of it: a ``with`` block around the coordinator, or the framework that
runs the charm, knows whether the hook has succeeded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, Protocol

Values = dict[str, str]
"""The raw values of a databag or of leader settings. Setting ``''`` deletes its key, as in Juju."""

Store = Literal['settings', 'application']
"""Where the leader keeps the grants.

Leader settings (Juju ≤ 3.6) or the application databag (Juju ≥ 4.0).
"""

ContextKind = Literal['hook', 'action', 'exec']
"""``action`` when JUJU_ACTION_NAME is set; ``exec`` (juju-exec) when JUJU_HOOK_NAME is empty."""

LogLevel = Literal['DEBUG', 'INFO', 'WARNING', 'ERROR']


class Leadership(Protocol):
    """Leadership, and the one place only a leader may write."""

    @property
    def store(self) -> Store:
        """Where the grants are kept."""
        ...

    def is_leader(self) -> bool:
        """Asks Juju now. True is good for 30 seconds; False is final for this hook."""
        ...

    def read(self) -> Values:
        """All values of leader settings, or of the peer relation's application databag."""
        ...

    def write(self, values: Mapping[str, str]) -> bool:
        """leader-set, or relation-set --app.

        Leader settings change at once; the application databag with the hook's commit, which Juju
        may still refuse as a whole.

        Returns:
            False if Juju refused because this unit does not lead. That is no failure: the hook
            goes on.

        Raises:
            HostError: for any other failure. At the end of a hook the hook must fail; before it the
                core is told, and goes on as a unit that does not lead.
        """
        ...


class Peers(Protocol):
    """The peer relation."""

    def own(self) -> Values | None:
        """This unit's databag; None while there is no peer relation."""
        ...

    def members(self) -> list[str]:
        """The units of relation-list: those whose relation-joined this unit has run."""
        ...

    def of(self, unit: str) -> Values | None:
        """The databag of another unit, member or not; None if Juju refuses to show it."""
        ...

    def write_own(self, values: Mapping[str, str]) -> None:
        """relation-set: committed with the hook."""
        ...

    def planned(self) -> dict[str, str]:
        """The units of goal-state with their status. A dead unit is not among them."""
        ...

    def read_saved(self, key: str) -> str:
        """state-get of one key; ``''`` if it was never set.

        Requests wait there while there is no peer relation.
        """
        ...

    def write_saved(self, key: str, value: str) -> None:
        """state-set of one key: committed with the hook."""
        ...


class Flags(Protocol):
    """What the charm is told: flags as in charms.reactive (``coordinator.granted.restart``)."""

    def current(self) -> list[str]:
        """The ``coordinator.…`` flags now set."""
        ...

    def set(self, flag: str) -> None:
        """Sets a flag."""
        ...

    def clear(self, flag: str) -> None:
        """Clears a flag."""
        ...


class Hook(Protocol):
    """The hook that is running."""

    @property
    def unit(self) -> str:
        """This unit: ``app/0``."""
        ...

    @property
    def kind(self) -> ContextKind:
        """Hook, action or juju-exec."""
        ...

    @property
    def name(self) -> str:
        """JUJU_HOOK_NAME: ``config-changed``; ``''`` in an action or juju-exec."""
        ...

    @property
    def remote_unit(self) -> str | None:
        """JUJU_REMOTE_UNIT in a hook of this peer relation; None in any other.

        There it says nothing about a peer's databag.
        """
        ...

    @property
    def departing_unit(self) -> str | None:
        """JUJU_DEPARTING_UNIT in a hook of this peer relation; None in any other."""
        ...

    @property
    def subordinate(self) -> bool:
        """JUJU_PRINCIPAL_UNIT is not empty.

        goal-state then leaves out units beside other principals.
        """
        ...

    def now(self) -> str:
        """UTC, microseconds: ``2026-11-22 09:52:56.123456Z``."""
        ...

    def monotonic(self) -> float:
        """Seconds on a clock that never goes back."""
        ...

    def config(self) -> Mapping[str, Any]:
        """config-get."""
        ...

    def resource(self, name: str) -> str | None:
        """resource-get: the path of a charm resource's file; None if none was attached.

        Raises:
            HostError: if it cannot be had.
        """
        ...

    def log(self, level: LogLevel, message: str) -> None:
        """Writes a line to Juju's log."""
        ...


class Host(Protocol):
    """The four together."""

    @property
    def leadership(self) -> Leadership:
        """Leadership, and where the grants are."""
        ...

    @property
    def peers(self) -> Peers:
        """The peer relation."""
        ...

    @property
    def flags(self) -> Flags:
        """What the charm is told."""
        ...

    @property
    def hook(self) -> Hook:
        """The hook that is running."""
        ...
