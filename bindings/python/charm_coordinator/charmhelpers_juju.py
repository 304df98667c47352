"""Juju as the drop-in for ``charmhelpers.coordinator`` sees it: through ``hookenv`` alone.

So whoever replaces functions of ``hookenv``, in a test or a charm, replaces them here as well.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from charmhelpers.core import hookenv as _hookenv  # type: ignore

from charm_coordinator import errors, flags, juju
from charm_coordinator.exchange import is_object

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from charm_coordinator.host import ContextKind, LogLevel, Store, Values

hookenv: Any = _hookenv

_FAILURES = (subprocess.CalledProcessError, OSError, NotImplementedError, ValueError)
"""What a function of hookenv raises when its hook tool fails."""


def parse(text: object) -> dict[str, Any]:
    """What a peer wrote, if it is an object; else an empty one. The core reports what is wrong."""
    try:
        value = json.loads(text) if isinstance(text, str) and text else None
    except (ValueError, RecursionError):
        return {}
    return value if is_object(value) else {}


class HookenvHost(juju.WholeHost):
    """A host over ``hookenv``. It is its own leadership, peers and hook.

    When it is made it asks is-leader, before anything is read.

    Args:
        key: the key in relation data and leader settings.
        relid: the peer relation; None while there is none.
        now: tells the time, UTC, as the core reads it.
        saved: the requests that wait in the charm's directory while there is no peer relation.
        save: keeps them there.
        data_file: the file beside them for the data of requests, which theirs has no room for.
    """

    def __init__(
        self,
        key: str,
        relid: str | None,
        now: Callable[[], str],
        saved: Callable[[], object],
        save: Callable[[dict[str, Any]], None],
        data_file: str,
    ):
        self.key = key
        self.relid = relid
        self._now = now
        self._saved = saved
        self._save = save
        self._data_file = data_file
        self._clock = juju.Clock()
        self._bags: dict[str, Values | None] = {}
        self._members: list[str] | None = None
        self._has_tools = True
        self._settings: Values | None = None
        self.written: Values = {}
        """What this hook has written to this unit's databag."""
        self.flags = flags.MemoryFlags()
        self.unit: str = hookenv.local_unit()
        self.name = os.environ.get('JUJU_HOOK_NAME', '')
        self.kind: ContextKind = _kind(self.name)
        self.subordinate = bool(os.environ.get('JUJU_PRINCIPAL_UNIT'))
        self.store: Store = juju.default_store(os.environ)
        self.is_dry = False
        """Nothing is written: what comes of a decision is only to be seen."""
        self.led_at: float | None = None
        """When is-leader was first asked, if it said True: seconds of :meth:`monotonic`."""
        before = self.monotonic()
        if self.is_leader():
            self.led_at = before

    def believe(self, grants: Mapping[str, Any], requests: Mapping[str, Any]) -> None:
        """Takes what somebody has put into the coordinator's attributes for what Juju says.

        All of it is new, so a grant whose request is not there is over.
        """
        self.store = 'settings'
        # A test of a charm has no hook tools.
        self._has_tools = 'JUJU_CONTEXT_ID' in os.environ
        in_force = {
            unit: {lock: id_ for lock, id_ in held.items() if requests[unit].get(lock) == id_}
            for unit, held in grants.items()
            if unit in requests
        }
        self._settings = {self.key: json.dumps(in_force, sort_keys=True)}
        for unit in {self.unit: None, **requests}:
            asked = json.dumps(requests.get(unit, {}), sort_keys=True)
            self._bags[unit] = {self.key: asked, f'{self.key}-v1': '{"done": {}, "v": 1}'}
        self._members = [unit for unit in self._bags if unit != self.unit]

    # ---- the grants

    def is_leader(self) -> bool:
        """is-leader, asked now."""
        return bool(hookenv.is_leader())

    def read(self) -> Values:
        """leader-get, or relation-get --app."""
        if self.store == 'settings':
            values = hookenv.leader_get('-')
            if not is_object(values):
                values = {self.key: hookenv.leader_get(self.key)}
            self._settings = _texts(values)
        elif self.relid is None:
            self._settings = {}
        else:
            application = self.unit.partition('/')[0]
            self._settings = _texts(hookenv.relation_get(rid=self.relid, app=application))
        return self._settings

    @property
    def settings(self) -> Values:
        """The grants' store as this hook has read it, with what it has written since."""
        return self.read() if self._settings is None else self._settings

    def grants(self) -> dict[str, Any]:
        """Ids by unit and lock."""
        return self.grants_in(self.settings)

    def grants_in(self, values: Mapping[str, str]) -> dict[str, Any]:
        """Ids by unit and lock, in values of the grants' store."""
        if self.store == 'settings':
            return parse(values.get(self.key))
        reigns = [key for key in values if re.fullmatch(f'{re.escape(self.key)}-r[0-9]+', key)]
        if not reigns:
            return {}
        newest = max(reigns, key=lambda key: int(key.rpartition('-r')[2]))
        grants = parse(values[newest]).get('grants')
        return grants if is_object(grants) else {}

    def write(self, values: Mapping[str, str]) -> bool:
        """leader-set, or relation-set --app."""
        if self.is_dry:
            return True
        try:
            self._write(dict(values))
        except _FAILURES as error:
            # hookenv does not tell why Juju refused.
            if not self.is_leader():
                return False
            raise _failed('the grants cannot be written', error) from error
        self._settings = {**self.settings, **values}
        return True

    def _write(self, values: Values) -> None:
        if not self._has_tools:
            return
        if self.store == 'settings':
            hookenv.leader_set(values)
        else:
            hookenv.relation_set(self.relid, relation_settings=values, app=True)

    # ---- the peer relation

    def own(self) -> Values | None:
        """relation-get of this unit."""
        return self.of(self.unit) if self.relid is not None or self._bags else None

    @property
    def is_new(self) -> bool:
        """This unit has never written to the peer relation."""
        return not {self.key, f'{self.key}-v1'} & (self.own() or {}).keys()

    def members(self) -> list[str]:
        """relation-list, asked once."""
        if self._members is None:
            self._members = [] if self.relid is None else sorted(hookenv.related_units(self.relid))
        return self._members

    def of(self, unit: str) -> Values | None:
        """relation-get of a unit, asked once."""
        if unit not in self._bags:
            self._bags[unit] = self._read_bag(unit)
        return self._bags[unit]

    def has_read(self, unit: str) -> bool:
        """Whether this hook has read the unit's databag."""
        return unit in self._bags

    def requests_of(self, unit: str) -> dict[str, Any] | None:
        """What a unit asks for: ids by lock; None if it has written nothing."""
        text = (self.of(unit) or {}).get(self.key)
        return None if text is None else parse(text)

    def _read_bag(self, unit: str) -> Values | None:
        # The names come out of data that any unit may write: nothing that a hook tool could take
        # for an option.
        if not juju.is_unit_name(unit):
            return None
        try:
            values = hookenv.relation_get('-', unit, self.relid)
            if not is_object(values):
                values = {self.key: hookenv.relation_get(self.key, unit, self.relid)}
        except subprocess.CalledProcessError:
            if unit == self.unit:
                raise
            return None
        return _texts(values)

    def write_own(self, values: Mapping[str, str]) -> None:
        """relation-set."""
        hookenv.relation_set(self.relid, relation_settings=dict(values))
        self.written.update(values)

    def planned(self) -> dict[str, str]:
        """goal-state."""
        try:
            units = hookenv.goal_state()['units']
            return {unit: str(about.get('status', '')) for unit, about in units.items()}
        except (*_FAILURES, KeyError, TypeError, AttributeError) as error:
            raise _failed('goal-state', error) from error

    def read_saved(self, key: str) -> str:
        """The local state, as the core keeps it.

        What lies in the file of a unit that has the relation was moved there long ago.
        """
        requests = self._saved() if self.is_new else None
        if not requests or not is_object(requests):
            return ''
        data = {lock: data for lock, data in self._read_data().items() if lock in requests}
        return json.dumps({'data': data, 'done': {}, 'requests': requests, 'v': 1})

    def write_saved(self, key: str, value: str) -> None:
        """The local state. It is never emptied: the hook may still fail, and all be lost."""
        if not value:
            return
        saved = parse(value)
        self._save(saved.get('requests', {}))
        data = saved.get('data', {})
        if data or os.path.exists(self._data_file):
            with open(self._data_file, 'w', encoding='utf-8') as file:
                json.dump(data, file)

    def _read_data(self) -> dict[str, Any]:
        try:
            with open(self._data_file, encoding='utf-8') as file:
                return parse(file.read())
        except (FileNotFoundError, ValueError):
            return {}

    # ---- the hook

    def _of_this_relation(self, variable: str) -> str | None:
        if self.relid is None or os.environ.get('JUJU_RELATION_ID') != self.relid:
            return None
        return os.environ.get(variable) or None

    def now(self) -> str:
        """UTC, microseconds."""
        return self._now()

    def monotonic(self) -> float:
        """Seconds on a clock that counts suspension."""
        return self._clock.seconds()

    def config(self) -> Mapping[str, Any]:
        """config-get."""
        return dict(hookenv.config() or {})

    def resource(self, name: str) -> str | None:
        """resource-get; hookenv does not tell why there is none."""
        path = hookenv.resource_get(name)
        return path.removesuffix('\n') if path else None

    def log(self, level: LogLevel, message: str) -> None:
        """juju-log; what a hook prints is logged at DEBUG, for nothing."""
        if level in ('WARNING', 'ERROR'):
            hookenv.log(juju.without_control(message), level=level)
        else:
            juju.print_line(sys.stdout, f'{level} {juju.without_control(message)}')


def _kind(hook_name: str) -> ContextKind:
    if os.environ.get('JUJU_ACTION_NAME'):
        return 'action'
    # Outside of Juju, as in a test of a charm, everything is a hook.
    is_exec = bool(os.environ.get('JUJU_CONTEXT_ID')) and not hook_name
    return 'exec' if is_exec else 'hook'


def _texts(values: object) -> Values:
    if not is_object(values):
        return {}
    return {key: value for key, value in values.items() if isinstance(value, str) and value}


def _failed(what: str, error: Exception) -> errors.HostError:
    return errors.HostError('hook_tool_failed', f'{what}: {error!r}')
