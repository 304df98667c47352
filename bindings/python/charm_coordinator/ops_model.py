"""The host of a charm under ``ops.testing``: there are no hook tools, only the model of ops.

Grants are kept in the application databag, since the model knows no leader settings.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import ops

from charm_coordinator import errors, flags, juju

if TYPE_CHECKING:
    from charm_coordinator.host import ContextKind, LogLevel, Store, Values

logger = logging.getLogger(__name__)

_LEVELS = {level: getattr(logging, level) for level in ('DEBUG', 'INFO', 'WARNING', 'ERROR')}


class ModelHost(juju.WholeHost):
    """A host over the model of ops. It is its own leadership, peers and hook.

    Args:
        charm: the charm.
        relation: the name of its peer relation.
        stored: where requests are kept while there is no peer relation, under ``saved``; looked at
            only when it is needed.
    """

    store: Store = 'application'

    def __init__(self, charm: ops.CharmBase, relation: str, stored: Callable[[], Any]):
        self._charm = charm
        self._relation = relation
        self._stored = stored
        self._clock = juju.Clock()
        self.flags = flags.MemoryFlags()
        self.unit = charm.unit.name
        self.name = os.environ.get('JUJU_HOOK_NAME', '')
        self.kind: ContextKind = 'action' if os.environ.get('JUJU_ACTION_NAME') else 'hook'
        self.subordinate = bool(os.environ.get('JUJU_PRINCIPAL_UNIT'))

    @property
    def _peers(self) -> ops.Relation | None:
        return self._charm.model.get_relation(self._relation)

    def _existing(self) -> ops.Relation:
        relation = self._peers
        if relation is None:
            raise errors.HostError('no_relation', 'there is no peer relation yet')
        return relation

    def _of_this_relation(self, variable: str) -> str | None:
        if os.environ.get('JUJU_RELATION') != self._relation:
            return None
        return os.environ.get(variable) or None

    def is_leader(self) -> bool:
        """is-leader."""
        return self._charm.unit.is_leader()

    def read(self) -> Values:
        """relation-get --app."""
        relation = self._peers
        return {} if relation is None else dict(relation.data[self._charm.app])

    def write(self, values: Mapping[str, str]) -> bool:
        """relation-set --app."""
        if not self.is_leader():
            return False
        self._existing().data[self._charm.app].update(values)
        return True

    def own(self) -> Values | None:
        """relation-get of this unit."""
        relation = self._peers
        return None if relation is None else dict(relation.data[self._charm.unit])

    def members(self) -> list[str]:
        """relation-list."""
        relation = self._peers
        return [] if relation is None else sorted(unit.name for unit in relation.units)

    def of(self, unit: str) -> Values | None:
        """relation-get of another unit."""
        relation = self._peers
        known = {} if relation is None else {each.name: each for each in relation.units}
        if relation is None or unit not in known:
            return None
        return dict(relation.data[known[unit]])

    def write_own(self, values: Mapping[str, str]) -> None:
        """relation-set."""
        self._existing().data[self._charm.unit].update(values)

    def planned(self) -> dict[str, str]:
        """goal-state: the model has no more than the peer relation says."""
        return dict.fromkeys([self.unit, *self.members()], 'active')

    def read_saved(self, key: str) -> str:
        """state-get."""
        return self._stored().saved

    def write_saved(self, key: str, value: str) -> None:
        """state-set."""
        self._stored().saved = value

    def now(self) -> str:
        """UTC, microseconds."""
        return juju.utc_now()

    def monotonic(self) -> float:
        """Seconds."""
        return self._clock.seconds()

    def config(self) -> Mapping[str, Any]:
        """config-get."""
        return self._charm.config

    def resource(self, name: str) -> str | None:
        """resource-get."""
        try:
            return str(self._charm.model.resources.fetch(name))
        except (NameError, RuntimeError):
            # Neither the charm nor the test knows of it.
            return None
        except ops.ModelError as error:
            raise errors.HostError('hook_tool_failed', f'resource-get {name}: {error}') from None

    def log(self, level: LogLevel, message: str) -> None:
        """juju-log."""
        logger.log(_LEVELS[level], '%s', message)
