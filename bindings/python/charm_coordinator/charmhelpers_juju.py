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


class HookenvHost:
    """A host over ``hookenv``. It is its own leadership, peers and hook.

    When it is made it asks is-leader, before anything is read.

    Args:
        key: the key in relation data and leader settings.
        relid: the peer relation; None while there is none.
        now: tells the time, UTC, as the core reads it.
        saved: the requests that wait in the charm's directory while there is no peer relation.
        save: keeps them there.
    """

    def __init__(
        self,
        key: str,
        relid: str | None,
        now: Callable[[], str],
        saved: Callable[[], dict[str, Any]],
        save: Callable[[dict[str, Any]], None],
    ):
        self.key = key
        self.relid = relid
        self._now = now
        self._saved = saved
        self._save = save
        self._clock = juju.Clock()
        self._bags: dict[str, Values | None] = {}
        self._members: list[str] | None = None
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

    @property
    def leadership(self) -> HookenvHost:
        """Leadership."""
        return self

    @property
    def peers(self) -> HookenvHost:
        """The peer relation."""
        return self

    @property
    def hook(self) -> HookenvHost:
        """The hook."""
        return self

    def believe(self, grants: Mapping[str, Any], requests: Mapping[str, Any]) -> None:
        """Takes what somebody has put into the coordinator's attributes for what Juju says.

        All of it is new, so a grant without its request is over; only ``done`` can say that.
        """
        self.store = 'settings'
        self._settings = {self.key: json.dumps(grants, sort_keys=True)}
        for unit in {self.unit: None, **grants, **requests}:
            asked, held = requests.get(unit, {}), grants.get(unit, {})
            done = {lock: id_ for lock, id_ in held.items() if asked.get(lock) != id_}
            self._bags[unit] = {
                self.key: json.dumps(asked, sort_keys=True),
                f'{self.key}-v1': json.dumps({'done': done, 'v': 1}),
            }
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
        if not self.is_dry:
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
        requests = self._saved() if self.is_new else {}
        return json.dumps({'done': {}, 'requests': requests, 'v': 1}) if requests else ''

    def write_saved(self, key: str, value: str) -> None:
        """The local state. It is never emptied: the hook may still fail, and all be lost."""
        if value:
            self._save(parse(value).get('requests', {}))

    # ---- the hook

    @property
    def remote_unit(self) -> str | None:
        """JUJU_REMOTE_UNIT in a hook of this peer relation."""
        return self._of_this_relation('JUJU_REMOTE_UNIT')

    @property
    def departing_unit(self) -> str | None:
        """JUJU_DEPARTING_UNIT in a hook of this peer relation."""
        return self._of_this_relation('JUJU_DEPARTING_UNIT')

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
