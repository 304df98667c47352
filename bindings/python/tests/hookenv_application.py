"""An application whose units run hooks in this process, with ``hookenv`` answering for Juju.

The original ``charmhelpers.coordinator`` and the drop-in find the same ``hookenv`` here.
"""

from __future__ import annotations

import datetime
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import charmhelpers.coordinator
from charmhelpers.core import hookenv

from charm_coordinator import charmhelpers as drop_in

Values = dict[str, str]
_BEGINNING = datetime.datetime(2026, 1, 1)


class Application:
    """Units, their databags, and where the leader keeps the grants.

    Args:
        units: how many; ``app/0`` leads.
        juju: the version that Juju says it is.
    """

    def __init__(self, units: int, juju: str = '3.6.11'):
        self.units = [f'app/{number}' for number in range(units)]
        self.leader = 'app/0'
        self.juju = juju
        self.databags: dict[str, Values] = {unit: {} for unit in self.units}
        self.settings: Values = {}
        self.application: Values = {}
        self.config: dict[str, Any] = {}
        self.resources: Values = {}
        self.is_related = True
        self.calls: list[str] = []
        """The functions of ``hookenv`` that the last hook called, but for logging."""
        self.log: list[str] = []
        self.seconds = 0

    @contextmanager
    def hook(
        self,
        unit: str,
        make: Callable[[], Any],
        *,
        name: str = 'update-status',
        remote: str | None = None,
        action: bool = False,
    ) -> Iterator[Any]:
        """One hook: what its body raises makes it fail, and nothing of it is committed."""
        self.calls = []
        self.seconds += 1
        pending: dict[str, Values] = {'own': {}, 'application': {}}
        env = {'JUJU_VERSION': self.juju, 'JUJU_UNIT_NAME': unit, 'JUJU_CONTEXT_ID': 'x'}
        env['JUJU_ACTION_NAME' if action else 'JUJU_HOOK_NAME'] = 'do' if action else name
        if remote is not None:
            env |= {'JUJU_RELATION_ID': 'coordinator:0', 'JUJU_REMOTE_UNIT': remote}
        functions = _Functions(self, unit, pending)
        with (
            mock.patch.dict(os.environ, env, clear=True),
            mock.patch.multiple(hookenv, **functions.all()),
            mock.patch.object(charmhelpers.coordinator, '_utcnow', self.now),
            mock.patch.object(drop_in, '_utcnow', self.now),
        ):
            hookenv.cache.clear()
            del hookenv._atstart[:], hookenv._atexit[:]
            charmhelpers.coordinator.Singleton._instances.clear()
            drop_in.Singleton._instances.clear()
            coordinator = make()
            hookenv._run_atstart()
            yield coordinator
            hookenv._run_atexit()
        self.databags[unit] = _merged(self.databags[unit], pending['own'])
        self.application = _merged(self.application, pending['application'])

    def now(self) -> datetime.datetime:
        """The clock of all units."""
        self.seconds += 1
        return _BEGINNING + datetime.timedelta(seconds=self.seconds)

    def run(self, unit: str, make: Callable[[], Any], *acquire: str, **how: Any) -> list[str]:
        """A hook that asks for locks. What it holds in the end is told, and given back."""
        with self.hook(unit, make, **how) as coordinator:
            for lock in acquire:
                coordinator.acquire(lock)
            own = coordinator.requests[unit]
            return [lock for lock in sorted(own) if coordinator.granted(lock)]


class _Functions:
    """``hookenv`` in one hook."""

    def __init__(self, application: Application, unit: str, pending: dict[str, Values]):
        self._application = application
        self._unit = unit
        self._pending = pending

    def all(self) -> dict[str, Any]:
        names = [name for name in dir(type(self)) if not name.startswith('_') and name != 'all']
        return {name: self._told(name) for name in names}

    def _told(self, name: str) -> Any:
        function = getattr(self, name)

        def told(*args: Any, **kwargs: Any) -> Any:
            if name not in ('log', 'local_unit', 'metadata'):
                self._application.calls.append(name)
            return function(*args, **kwargs)

        return told

    def log(self, message: str, level: str = 'INFO') -> None:
        self._application.log.append(f'{self._unit} {level} {message}')

    def local_unit(self) -> str:
        return self._unit

    def metadata(self) -> Any:
        return {'peers': {'coordinator': {'interface': 'coordinator'}}}

    def has_juju_version(self, version: str) -> bool:
        return True

    def is_leader(self) -> bool:
        return self._application.leader == self._unit

    def config(self) -> Any:
        return self._application.config

    def resource_get(self, name: str) -> Any:
        return self._application.resources.get(name, False)

    def goal_state(self) -> Any:
        return {'units': {unit: {'status': 'active'} for unit in self._application.units}}

    def relation_ids(self, name: str) -> list[str]:
        return ['coordinator:0'] if self._application.is_related else []

    def related_units(self, relid: str) -> list[str]:
        return [unit for unit in self._application.units if unit != self._unit]

    def relation_get(
        self, attribute: Any = None, unit: Any = None, rid: Any = None, app: Any = None
    ) -> Any:
        if app is not None:
            return _merged(self._application.application, self._pending['application'])
        if unit not in self._application.databags:
            raise subprocess.CalledProcessError(1, ['relation-get', unit])
        values = self._application.databags[unit]
        if unit == self._unit:
            values = _merged(values, self._pending['own'])
        return values if attribute in (None, '-') else values.get(attribute)

    def relation_set(
        self, relation_id: Any = None, relation_settings: Any = None, app: bool = False
    ) -> None:
        if app and not self.is_leader():
            raise subprocess.CalledProcessError(1, ['relation-set', '--app'])
        self._pending['application' if app else 'own'].update(relation_settings)

    def leader_get(self, attribute: Any = None) -> Any:
        self._refuse_on_juju_4()
        settings = self._application.settings
        return dict(settings) if attribute in (None, '-') else settings.get(attribute)

    def leader_set(self, settings: Any) -> None:
        self._refuse_on_juju_4()
        if not self.is_leader():
            raise subprocess.CalledProcessError(1, ['leader-set'])
        self._application.settings = _merged(self._application.settings, settings)

    def _refuse_on_juju_4(self) -> None:
        if self._application.juju.startswith('4'):
            raise NotImplementedError


def _merged(values: Values, changes: Values) -> Values:
    return {key: value for key, value in {**values, **changes}.items() if value}
