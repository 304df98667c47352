"""Locks for charms on the operator framework.

Example::

    import ops
    from charm_coordinator.ops import Coordinator, GrantedEvent


    class MyCharm(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            self.coordinator = Coordinator(self, policy='serial')
            framework.observe(self.on.config_changed, self._on_config_changed)
            framework.observe(self.coordinator.on.granted, self._on_granted)

        def _on_config_changed(self, event: ops.ConfigChangedEvent):
            self.coordinator.acquire('restart')

        def _on_granted(self, event: GrantedEvent):
            if event.lock == 'restart':
                restart_service()
"""

from __future__ import annotations

import json
import os
import weakref
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import ops

from charm_coordinator import coordinator, juju, metadata, ops_model

if TYPE_CHECKING:
    from charm_coordinator import contract
    from charm_coordinator.host import Host, Store
    from charm_coordinator.policy import PolicyModule
    from charm_coordinator.swap import PolicySource


class LockEvent(ops.EventBase):
    """Something happened to a lock.

    Attributes:
        lock: the lock's name.
    """

    def __init__(self, handle: ops.Handle, lock: str):
        super().__init__(handle)
        self.lock = lock

    def snapshot(self) -> dict[str, Any]:
        """Used by the framework to keep the event's data."""
        return {'lock': self.lock}

    def restore(self, snapshot: dict[str, Any]) -> None:
        """Used by the framework to bring the event's data back."""
        self.lock = snapshot['lock']


class GrantedEvent(LockEvent):
    """This unit holds the lock until the end of this hook.

    Emitted once in a hook, after the handlers of the hook's own event. What is done now may be done
    a second time later, after a crash, but never beside another unit.
    """

    def defer(self) -> None:
        """Gives the lock back without having used it, and asks for it again in the next hook.

        The handler runs again when the lock is granted again, and never without it. Other units may
        go first. The request has the same data as before.
        """
        owner = self.handle.parent and self.handle.parent.parent
        found = _coordinators[self.framework].get(owner.path) if owner else None
        assert found is not None, 'a granted event belongs to a coordinator'
        found.ask_again(self.lock)


class RequestedEvent(LockEvent):
    """This unit has asked for the lock in this hook, and has to wait for it."""


class CoordinatorEvents(ops.ObjectEvents):
    """The events of a :class:`Coordinator`."""

    granted = ops.EventSource(GrantedEvent)
    requested = ops.EventSource(RequestedEvent)


# A framework makes events anew from their data, so they have to find their coordinator again.
_coordinators: weakref.WeakKeyDictionary[
    ops.Framework, weakref.WeakValueDictionary[str, Coordinator]
] = weakref.WeakKeyDictionary()


class Coordinator(ops.Object):
    """Asks for locks, and emits an event when one is held.

    To be made in the charm's ``__init__``, before the charm observes ``collect_unit_status``, so
    that a status is collected after the operation. It never sets a status itself. When ops commits
    the hook, the locks that were held are given back; a hook that fails gives back nothing.

    In an action nothing is asked for, held or given back, unless ``allow`` says so.

    Args:
        charm: the charm.
        policy: rules, a function of the charm's own, or a module.
        relation: the peer relation. Default: ``coordinator`` if the charm has it, else its first
            peer relation by name.
        operator_policy: rules that an operator gave, in place of ``policy``.
        swap: where an operator's policy comes from, in place of ``policy``. Default: nowhere.
        self_grant: when the leader may act on a grant to itself.
        store: where the grants are kept. Default: the application databag on Juju 4 and later and
            under ``ops.testing``, else leader settings.
        key: the key in relation data, and of this object; all units must use the same.
        allow: what is allowed in an action.

    Raises:
        HostError: ``no_relation`` if the charm's metadata has no such peer relation.
        UsageError: ``bad_type``.
    """

    on = CoordinatorEvents()  # type: ignore
    _stored = ops.StoredState()

    def __init__(
        self,
        charm: ops.CharmBase,
        policy: contract.Policy | contract.PolicyFunction | PolicyModule = 'serial',
        *,
        relation: str | None = None,
        operator_policy: object = None,
        swap: PolicySource | None = None,
        self_grant: contract.SelfGrant = 'published',
        store: Store | None = None,
        key: str = 'coordinator',
        allow: Sequence[contract.Act] = (),
    ):
        peers = _relation_of(charm, relation)
        super().__init__(charm, key)
        self._charm = charm
        self._host = self._make_host(peers, store)
        self._allow = tuple(allow)
        self._inner = coordinator.Coordinator(
            self._host,
            policy=policy,
            operator_policy=operator_policy,
            swap=swap,
            self_grant=self_grant,
            key=key,
            allow=allow,
        )
        self._is_started = False
        self._emitted: set[str] = set()
        known = _coordinators.setdefault(self.framework, weakref.WeakValueDictionary())
        known[self.handle.path] = self
        self.framework.observe(charm.on.collect_unit_status, self._on_collect_unit_status)
        self.framework.observe(self.framework.on.pre_commit, self._on_pre_commit)
        # Before the stored state is first looked at, which is then saved later in the same event.
        self.framework.observe(self.framework.on.commit, self._on_commit)
        self._stored.set_default(again={}, saved='')

    def acquire(self, lock: str, data: Mapping[str, Any] | None = None) -> bool:
        """Asks for a lock, unless it was asked for before.

        ``granted`` is emitted in the hook in which the lock is held, be it this one: what is to be
        done with the lock belongs into its handler.

        Args:
            lock: 1 to 256 bytes.
            data: for the policy; what JSON can say. Kept with the request.

        Returns:
            Whether the lock is held now.

        Raises:
            CoreError: ``bad_lock``, ``bad_clock``, ``not_in_hook``, ``unknown_version``.
        """
        inner = self._started()
        was_requested = inner.requested(lock)
        if inner.acquire(lock, data):
            return True
        if not was_requested:
            self.on.requested.emit(lock)
        return False

    def granted(self, lock: str) -> bool:
        """Whether this unit holds the lock now, until the end of this hook."""
        return self._started().granted(lock)

    def requested(self, lock: str) -> bool:
        """Whether this unit has asked for the lock and does not hold it yet."""
        return self._started().requested(lock)

    def withdraw(self, lock: str) -> None:
        """Takes a request back, or gives up a lock that is held."""
        self._started().withdraw(lock)

    def status(self) -> contract.Status:
        """Who holds, who waits, and why."""
        return self._started().status()

    def ask_again(self, lock: str) -> None:
        """For :meth:`GrantedEvent.defer`: asks for the lock in the next hook."""
        data = [one.get('data') for one in self.status()['requests'] if one['lock'] == lock]
        self._stored.again = {**self._again, lock: json.dumps(data)}

    @property
    def _again(self) -> dict[str, str]:
        """The data, in a list, as JSON, by lock."""
        stored: Any = self._stored.again
        return dict(stored)

    def _make_host(self, relation: str, store: Store | None) -> Host:
        # Without the context's id there are no hook tools: this is a test.
        if 'JUJU_CONTEXT_ID' in os.environ:
            return juju.juju_host(relation=relation, store=store)
        return ops_model.ModelHost(self._charm, relation, lambda: self._stored)

    @property
    def _acts(self) -> bool:
        return self._host.hook.kind == 'hook' or bool(self._allow)

    def _started(self) -> coordinator.Coordinator:
        if not self._is_started:
            self._is_started = True
            self._inner.start()
            if self._host.hook.kind == 'hook':
                again, self._stored.again = self._again, {}
                for lock, data in again.items():
                    self.acquire(lock, *json.loads(data))
        return self._inner

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent) -> None:
        # Not for a status: this comes after the handlers of the hook's own event.
        if self._acts:
            self._emit_granted()

    def _on_pre_commit(self, event: ops.EventBase) -> None:
        # What was acquired while statuses were collected.
        if self._is_started and self._acts:
            self._emit_granted()

    def _emit_granted(self) -> None:
        inner = self._started()
        while left := [lock for lock in inner.locks if lock not in self._emitted]:
            self._emitted.add(left[0])
            self.on.granted.emit(left[0])

    def _on_commit(self, event: ops.EventBase) -> None:
        if self._is_started and self._acts:
            self._inner.end()


def _relation_of(charm: ops.CharmBase, relation: str | None) -> str:
    peers = list(charm.meta.peers)
    if relation is None and peers:
        return metadata.choose(peers)
    if relation in peers:
        assert relation is not None
        return relation
    wanted = 'peer relation' if relation is None else f'peer relation "{relation}"'
    raise metadata.missing(wanted)
