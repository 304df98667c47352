"""One hook of the drop-in for ``charmhelpers.coordinator``, as a coordinator of the binding."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from charm_coordinator import coordinator
from charm_coordinator.charmhelpers_juju import parse
from charm_coordinator.exchange import is_object

if TYPE_CHECKING:
    from collections.abc import Container, Mapping

    from charm_coordinator import contract
    from charm_coordinator.charmhelpers_juju import HookenvHost
    from charm_coordinator.swap import InForce, PolicySource

Ids = dict[str, dict[str, str]]
"""Ids by unit and lock."""

_ACTS = ('acquire', 'withdraw', 'decide')


class Session(coordinator.Coordinator):
    """A coordinator whose charm says itself what it gives up, and when.

    Args:
        host: Juju, as ``hookenv`` shows it.
        policy: decides what is granted.
        operator_policy: rules that an operator gave, in place of ``policy``.
        swap: where an operator's policy comes from.
        in_force: what the session that it goes on from has found there.
        needs: what the policy wants to be told besides. With ``released`` the core writes at once
            that a grant is over, else with the next grant.
        instead: what ``start`` is given instead of what Juju says.
        led_at: when Juju last said that this unit leads, on the host's monotonic clock.
    """

    def __init__(
        self,
        host: HookenvHost,
        policy: contract.Policy | contract.PolicyFunction,
        *,
        operator_policy: object = None,
        swap: PolicySource | None = None,
        in_force: InForce | None = None,
        needs: contract.PolicyNeeds | None = None,
        instead: Mapping[str, Any] | None = None,
        led_at: float | None,
    ):
        super().__init__(
            host, policy=policy, operator_policy=operator_policy, swap=swap, key=host.key
        )
        self._in_force = in_force
        self._juju = host
        self._given_policy = policy
        self._needs = needs
        self._instead = instead or {}
        self._asker.led_at = led_at
        self._acquired: set[str] = set()
        self._data: dict[str, Mapping[str, Any]] = {}
        self.start()

    def _snapshot(self) -> dict[str, Any]:
        """What ``start`` is given. is-leader was asked before anything of it was read."""
        host, leader = self._juju, self._asker.led_at is not None
        settings = self._asker.grants(host.settings)
        own = host.own()
        members = host.members() if leader and own is not None else []
        databags = self._asker.databags(members)
        if own is not None:
            databags[host.unit] = self._asker.databag(own)
        return {
            'op': 'start',
            'unit': host.unit,
            'context': host.kind,
            'hook': host.name,
            'remote_unit': host.remote_unit,
            'departing_unit': host.departing_unit,
            'leader': leader,
            'store': host.store,
            'relation': own is not None,
            'databags': databags,
            'members': members,
            'settings': settings,
            **({'saved': host.read_saved(host.key)} if own is None else {}),
            'flags': [],
            'self_grant': 'published',
            'key': host.key,
            'subordinate': host.subordinate,
            'allow': _ACTS,
            **self._instead,
            **self._asker.times(),
        }

    def _policy_given(self) -> Any:
        given = super()._policy_given()
        if not self._needs:
            return given
        return {'external': {**given['external'], 'needs': self._needs}}

    @property
    def leading(self) -> bool:
        """Whether this unit leads, as far as this hook knows."""
        return self._view is not None and self._view['leading']

    @property
    def is_over(self) -> bool:
        """The hook's writes are done."""
        return self._is_over

    def own(self) -> dict[str, str]:
        """This unit's requests: ids by lock, granted or not."""
        return {request['lock']: request['id'] for request in self._requests()}

    def held(self) -> dict[str, str]:
        """What this unit holds: ids by lock."""
        return {
            request['lock']: request['id'] for request in self._requests() if request['granted']
        }

    def _requests(self) -> list[contract.OwnRequest]:
        return [] if self._unasked is not None else self.status()['requests']

    def acquire(self, lock: str, data: Mapping[str, Any] | None = None) -> bool:
        """See :meth:`charm_coordinator.Coordinator.acquire`."""
        is_new = lock not in self.own()
        if super().acquire(lock, data):
            self._acquired.add(lock)
        if is_new and data is not None:
            self._data[lock] = data
        return self.granted(lock)

    def may_release(self, lock: str) -> bool:
        """Whether what is held may be given up: in a hook, or where it was acquired."""
        return self._juju.kind == 'hook' or lock in self._acquired

    def preview(self, left: Container[str]) -> Ids:
        """The grants after a decision that is made now and published by nobody.

        What is not among ``left`` is given up.
        """
        host = self._juju
        host.is_dry = True
        try:
            dry = self._again(['decide'], self._own_bag(left))
            over = dry.over()
            values = dict(host.settings)
            for effect in dry.effects():
                if effect['do'] in ('settings', 'application'):
                    values |= effect['values']
            return self._without_unheld(_without(host.grants_in(values), over), self.held())
        finally:
            host.is_dry = False

    def over(self) -> Ids:
        """On the leader, what is published still although its unit has done with it."""
        if not self.leading or self._unasked is not None or self.status()['hold']:
            return {}
        held = [(one['unit'], one['lock'], one['id']) for one in self.status()['holders']]
        return {
            unit: {lock: id_ for lock, id_ in ids.items() if (unit, lock, id_) not in held}
            for unit, ids in self._juju.grants().items()
            if is_object(ids)
        }

    def effects(self) -> list[dict[str, Any]]:
        """What :meth:`end` would do."""
        return self._asker.request({'op': 'end'})['effects']

    def finish(self, left: Container[str]) -> Ids:
        """Ends the hook: gives up what is not among ``left``, decides, and writes.

        Returns:
            The grants.
        """
        own, held, over = self.own(), self.held(), self.over()
        gone = [lock for lock in own if lock not in left]
        if self._juju.kind == 'hook' and any(lock in left for lock in held):
            self._finish_and_keep(gone)
        else:
            for lock in gone:
                # In a hook the end releases what is held.
                if self._juju.kind != 'hook' or lock not in held:
                    self.withdraw(lock)
            self.end()
        self._is_over = True
        return self._without_unheld(_without(self._juju.grants(), over), held)

    def _finish_and_keep(self, gone: list[str]) -> None:
        """Ends a hook that goes on holding: to the core it is one that releases only by name."""
        host = self._juju
        committed, wanted = host.own() or {}, self._own_bag(self.own())
        session = self._again(_ACTS, wanted)
        for lock in gone:
            session.withdraw(lock)
        session.end()
        # It took this hook's requests for committed ones, and saw no reason to write them.
        unwritten = {
            key: text
            for key, text in wanted.items()
            if key not in host.written and committed.get(key) != text
        }
        if unwritten:
            host.write_own(unwritten)

    def _again(self, allow: Any, own: dict[str, str]) -> Session:
        """A session that begins where this one is, and does only what is allowed by name."""
        host = self._juju
        snapshot = self._snapshot()
        instead = {
            'leader': self.leading,
            'context': 'exec',
            'allow': allow,
            'databags': {**snapshot['databags'], host.unit: own},
        }
        return Session(
            host,
            self._given_policy,
            operator_policy=self._operator_policy,
            swap=self._swap,
            in_force=self._in_force,
            needs=self._needs,
            instead=instead,
            led_at=self._asker.led_at,
        )

    def _own_bag(self, left: Container[str]) -> dict[str, str]:
        """This unit's databag with the requests that are left, and the others done with."""
        key, own = self._juju.key, self.own()
        bag = dict(self._juju.own() or {})
        asked = {lock: id_ for lock, id_ in own.items() if lock in left}
        done = {lock: id_ for lock, id_ in own.items() if lock not in left}
        if own:
            extra = {'v': 1, **parse(bag.get(f'{key}-v1'))}
            before = extra.get('done')
            extra['done'] = {**before, **done} if is_object(before) else done
            committed = extra.pop('data', None)
            data = {**committed, **self._data} if is_object(committed) else self._data
            if asked.keys() & data.keys():
                extra['data'] = {lock: data[lock] for lock in asked if lock in data}
            bag[f'{key}-v1'] = json.dumps(extra, sort_keys=True)
        return {**bag, key: json.dumps(asked, sort_keys=True)}

    def _without_unheld(self, grants: Ids, held: Mapping[str, str]) -> Ids:
        """Grants without those of this unit that it does not hold yet."""
        unit = self._juju.unit
        granted = grants.get(unit)
        ids = granted if is_object(granted) else {}
        mine = {lock: id_ for lock, id_ in ids.items() if held.get(lock) == id_}
        others = {name: ids for name, ids in grants.items() if name != unit}
        return {**others, unit: mine} if mine else others


def _without(grants: Ids, over: Ids) -> Ids:
    """Grants without those that are over; a unit that then holds nothing is left out."""
    left = {
        unit: {lock: id_ for lock, id_ in ids.items() if over.get(unit, {}).get(lock) != id_}
        if is_object(ids)
        else ids
        for unit, ids in grants.items()
    }
    return {unit: ids for unit, ids in left.items() if ids}
