"""The drop-in for ``charmhelpers.coordinator``: the same classes, decided by the core.

A charm that uses ``charmhelpers`` changes one line::

    from charm_coordinator.charmhelpers import BaseCoordinator, Serial

Its subclasses, with their own ``default_grant`` and ``grant_<lock>``, stay as they are. Units that
still run the old library coordinate with those that run this one, and it works on Juju 4. What it
does differently, and why, is in ``RATIONALE.md``, "The drop-in".
"""

from __future__ import annotations

import datetime
import functools
import json
import os
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from charmhelpers.core import hookenv as _hookenv  # type: ignore

from charm_coordinator import charmhelpers_juju, errors, exchange, metadata, quiet
from charm_coordinator.charmhelpers_session import Session

if TYPE_CHECKING:
    from charm_coordinator import contract
    from charm_coordinator.swap import PolicySource

hookenv: Any = _hookenv

_timestamp_format = '%Y-%m-%d %H:%M:%S.%fZ'


class Singleton(type):
    """A class with one instance, wherever it is made."""

    _instances: ClassVar[dict[Any, Any]] = {}

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        """The one instance; arguments count the first time only."""
        if cls not in cls._instances:
            cls._instances[cls] = super().__call__(*args, **kwargs)
        return cls._instances[cls]

    @staticmethod
    def made() -> list[Any]:
        """All that were made."""
        return list(Singleton._instances.values())


class BaseCoordinator(metaclass=Singleton):
    """Locks for the units of an application. A subclass says who is granted which.

    Its policy for a lock is ``grant_<lock>(lock, unit, granted, queue)`` if it has that method,
    else ``default_grant``: whether ``unit`` is granted the lock now. ``granted`` is the set of the
    units that hold it, and ``queue`` the list of those that wait for it, the first one first.

    Args:
        relation_key: the key in relation data and leader settings; each subclass needs its own.
        peer_relation_name: default: the charm's first peer relation by name.
    """

    relid: str | None = None
    relname: str | None = None
    operator_policy: object = None
    """Rules that an operator gave, such as ``'parallel:2'``, in place of the methods of the class.

    To be set before the hook begins. They are not checked: with rules that are wrong nothing new is
    granted.
    """
    swap: PolicySource | None = None
    """Where an operator's policy comes from, in place of all that.

    To be set before the hook begins.
    """

    def __init__(self, relation_key: str = 'coordinator', peer_relation_name: str | None = None):
        self.key = relation_key
        self.relname = peer_relation_name
        self._grants: dict[str, Any] | None = None
        self._requests: dict[str, Any] | None = None
        self._are_peers_unread = False
        self._juju: charmhelpers_juju.HookenvHost | None = None
        self._session: Session | None = None
        self._deciding: contract.PolicyState | None = None
        hookenv.atstart(self.initialize)
        # Charms without a framework for hooks call it themselves.
        hookenv.atstart(self.handle)

    @property
    def grants(self) -> dict[str, Any] | None:
        """Ids of what is granted, by unit and lock; None before :meth:`initialize`.

        To be looked at: what is changed in it by hand is not published.
        """
        return self._grants

    @grants.setter
    def grants(self, grants: dict[str, Any] | None) -> None:
        self._juju = self._session = None
        self._grants = grants

    @property
    def requests(self) -> dict[str, Any] | None:
        """Ids of what is asked for, by unit and lock; None before :meth:`initialize`.

        The other units' are read when they are first looked at. This unit's may be deleted by hand.
        """
        if self._are_peers_unread:
            self._are_peers_unread = False
            assert self._requests is not None
            self._requests = {**self._load_peer_state(), **self._requests}
        return self._requests

    @requests.setter
    def requests(self, requests: dict[str, Any] | None) -> None:
        self._juju = self._session = None
        self._are_peers_unread = False
        self._requests = requests

    # ---- the hook: start and end

    def initialize(self) -> None:
        """Loads the state. ``hookenv`` calls it at the start of a hook; it may be called by hand.

        Raises:
            UsageError: ``key_taken`` if another coordinator uses the same key.
            HostError: ``no_relation`` if the charm's metadata has no peer relation.
        """
        if self._requests is not None:
            return
        self._check_key()
        # Where Juju does not say its version, hookenv looks for a file that charms in containers
        # do not have.
        is_new_enough = 'JUJU_VERSION' in os.environ or hookenv.has_juju_version('1.23')
        assert is_new_enough, 'Juju 1.23 or newer is needed'
        if self.relname is None:
            self.relname = _implicit_peer_relation_name()
        ids: list[str] = hookenv.relation_ids(self.relname)
        if ids:
            self.relid = min(ids)
        self._load_state()
        self._emit_state()
        hookenv.atexit(self._save_state)
        # Registered last, it is the first to run.
        hookenv.atexit(self._release_granted)

    def _check_key(self) -> None:
        for other in Singleton.made():
            if other is not self and other.key == self.key and other._requests is not None:
                raise errors.UsageError(
                    'key_taken',
                    f'{self._name()} and {other._name()} both use the key {self.key!r}, and would '
                    'overwrite each other: give one of them another relation_key',
                )

    def handle(self) -> None:
        """Finds out what this unit holds; on the leader, grants what can be granted.

        Grants to other units are published by :meth:`_save_state`, a grant of the leader to itself
        at once.
        """
        if self._requests is None:
            return
        session = self._begin()
        if session.leading and not session.is_over:
            self._take_grants(session.preview(self._own()))

    def _release_granted(self) -> None:
        """Gives up what this unit holds, with the next :meth:`_save_state`.

        In an action or juju-exec only what was acquired there: a hook that failed may still hold
        the rest, in the middle of its operation.
        """
        own = self._own()
        for lock in [lock for lock in own if self.granted(lock)]:
            if self._session is None or self._session.may_release(lock):
                self.msg(f'Released local {lock} lock')
                del own[lock]

    def _save_state(self) -> None:
        """Publishes requests and, on the leader, grants; the hook must end in success after it."""
        if self._juju is None:
            self._save_what_was_assigned()
            return
        session = self._begin()
        if not session.is_over:
            self._take_grants(session.finish(self._own()))

    def _save_what_was_assigned(self) -> None:
        """Nothing of it came from Juju, or was decided: it is written as it is."""
        if hookenv.is_leader():
            hookenv.leader_set({self.key: json.dumps(self._grants, sort_keys=True)})
        if self.relid is None:
            self._save_local_state(self._own())
            return
        text = json.dumps(self._own(), sort_keys=True)
        hookenv.relation_set(self.relid, relation_settings={self.key: text})

    # ---- the core

    def _begin(self) -> Session:
        """The hook's session; where the state was assigned by hand, a new one over that."""
        if self._juju is not None:
            if self._session is None:
                self._session = self._session_over(self._juju)
                self._take(self._session)
            return self._session
        assert self._requests is not None, 'initialize() comes first'
        host = self._new_host()
        host.believe(self._grants or {}, self._requests)
        session = self._session_over(host)
        self._take(session)
        return session

    def _new_host(self) -> charmhelpers_juju.HookenvHost:
        return charmhelpers_juju.HookenvHost(
            self.key,
            self.relid,
            now=lambda: _timestamp(),
            saved=lambda: self._load_local_state(),
            save=lambda state: self._save_local_state(state),
            data_file=f'{self._local_state_filename()}.data',
        )

    def _take(self, session: Session) -> None:
        """Brings the attributes in line with what the core says of this unit."""
        own, held = self._own(), session.held()
        own.clear()
        own.update(session.own())
        grants = self._grants = self._grants or {}
        grants.pop(hookenv.local_unit(), None)
        if held:
            grants[hookenv.local_unit()] = held

    def _take_grants(self, grants: dict[str, Any]) -> None:
        """Brings ``grants`` in line with what was decided, and tells what is new."""
        before = self._grants or {}
        # As the original does, it shows units that have given up all they held.
        self._grants = {**{unit: {} for unit in before}, **grants}
        for unit, lock, id_ in _pairs(before):
            if _id_in(grants, unit, lock) != id_ and self._hears_from(unit):
                self.released(unit, lock, datetime.datetime.strptime(id_, _timestamp_format))
        for unit, lock, id_ in _pairs(grants):
            if _id_in(before, unit, lock) != id_:
                self.msg(f'Leader grants {lock} to {unit}')

    def _hears_from(self, unit: str) -> bool:
        """Whether it is news that a grant to this unit is over.

        Such a grant may stand until the next one is made. Where it is written at once, it is news.
        """
        return self._tells_releases() or unit in (hookenv.local_unit(), hookenv.remote_unit())

    def _tells_releases(self) -> bool:
        """Whether the subclass waits for releases, and the policy is its own."""
        own = getattr(self.released, '__func__', None)
        is_own = self.operator_policy is None and self.swap is None
        return is_own and own is not BaseCoordinator.released

    def _session_over(self, host: charmhelpers_juju.HookenvHost) -> Session:
        return Session(
            host,
            self._policy(),
            operator_policy=self.operator_policy,
            swap=self.swap,
            needs={'released': []} if self._tells_releases() else None,
            led_at=host.led_at,
        )

    def _policy(self) -> contract.Policy | contract.PolicyFunction:
        def policy(state: contract.PolicyState) -> contract.PolicyDecision:
            return self._decide(state)

        policy.__name__ = self._name()
        return policy

    def _decide(self, state: contract.PolicyState) -> contract.PolicyDecision:
        """Asks the policies about the queue; in ``grants`` each finds what was granted before."""
        before, self._deciding = self._grants, state
        own = {one['lock']: one['id'] for one in state['queue'] if one['unit'] == state['leader']}
        self._own().update(own)
        self._grants = {}
        for holder in state['holders']:
            self._grants.setdefault(holder['unit'], {})[holder['lock']] = holder['id']
        try:
            for one in state['queue']:
                self._try_to_grant(one['lock'], one['unit'])
            return {
                'grant': [
                    {'unit': one['unit'], 'lock': one['lock']}
                    for one in state['queue']
                    if _id_in(self._grants, one['unit'], one['lock']) == one['id']
                ]
            }
        finally:
            self._grants, self._deciding = before, None

    def _try_to_grant(self, lock: str, unit: str) -> None:
        try:
            self.grant(lock, unit)
        except errors.UsageError as error:
            # Another lock may well have a policy.
            self.msg(str(error))

    # ---- what a charm asks

    def acquire(self, lock: str, *, data: Mapping[str, Any] | None = None) -> bool:
        """Asks for a lock, unless it was asked for before.

        Args:
            lock: 1 to 256 bytes.
            data: for rules and policy modules; an object that JSON can say, of at most 4,096 bytes.
                Kept with the request. Units that run the original do not see it.

        Returns:
            Whether the lock is held now, until the end of this hook. If not, a later hook of this
            unit will find it granted.

        Raises:
            UsageError: ``bad_type``.
            CoreError: ``bad_lock``, ``bad_clock``, ``unknown_version``.
        """
        is_new = lock not in self._own()
        if is_new:
            self.msg(f'Requested {lock}')
            self._ask_for(lock, data)
        if self.granted(lock):
            self.msg(f'Acquired {lock}')
            return True
        if is_new or self._juju is not None:
            return False
        # A state that was assigned by hand is decided anew each time.
        self._begin()
        return self.granted(lock)

    def _ask_for(self, lock: str, data: Mapping[str, Any] | None) -> None:
        session = self._begin()
        if lock in session.own():
            # Given up in this very hook.
            session.withdraw(lock)
        held = session.acquire(lock, data)
        self._own()[lock] = session.own()[lock]
        if held:
            assert self._grants is not None
            self._grants.setdefault(hookenv.local_unit(), {})[lock] = self._own()[lock]

    def granted(self, lock: str) -> bool:
        """Whether this unit holds the lock now."""
        id_ = self._own().get(lock)
        return bool(id_) and _id_in(self._grants or {}, hookenv.local_unit(), lock) == id_

    def requested(self, lock: str) -> bool:
        """Whether this unit has asked for the lock, be it granted or not."""
        return lock in self._own()

    def request_timestamp(self, lock: str) -> datetime.datetime | None:
        """When this unit asked for the lock: UTC, without a time zone. None if it did not."""
        id_ = self._own().get(lock)
        return None if id_ is None else datetime.datetime.strptime(id_, _timestamp_format)

    def require(
        self, lock: str, guard_func: Callable[..., object], *guard_args: Any, **guard_kw: Any
    ) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Decorates a function so that it runs only while the lock is held.

        Where it is not, and the guard says that it is needed, it is asked for.
        """

        def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
            @functools.wraps(function)
            def run_with_lock(*args: Any, **kwargs: Any) -> Any:
                if self.granted(lock):
                    self.msg(f'Granted {lock}')
                    return function(*args, **kwargs)
                if guard_func(*guard_args, **guard_kw) and self.acquire(lock):
                    return function(*args, **kwargs)
                return None

            return run_with_lock

        return decorate

    # ---- what a subclass defines

    def grant(self, lock: str, unit: str) -> bool:
        """Asks the policy whether a unit is granted a lock, and notes it in ``grants`` if so.

        Called on the leader for each request of the queue in turn. The core checks the outcome
        before it counts.

        Raises:
            UsageError: ``no_policy`` if the class says nothing about this lock.
        """
        if self._deciding is None and not hookenv.is_leader():
            return False
        grants = self._grants
        assert grants is not None
        granted = {name for name, locks in grants.items() if lock in locks}
        if unit in granted:
            return True
        queue = {name: id_ for name, id_ in self._queue(lock) if name not in granted}
        if unit not in queue or not self._policy_of(lock)(lock, unit, granted, list(queue)):
            return False
        grants.setdefault(unit, {})[lock] = queue[unit]
        return True

    def _queue(self, lock: str) -> list[tuple[str, str]]:
        """Who waits for the lock, and under which id, in order."""
        if self._deciding is not None:
            queue = self._deciding['queue']
            return [(one['unit'], one['id']) for one in queue if one['lock'] == lock]
        asked = {unit: locks.get(lock) for unit, locks in (self.requests or {}).items()}
        waiting = [(unit, id_) for unit, id_ in asked.items() if isinstance(id_, str)]
        return sorted(waiting, key=lambda one: (one[1], one[0]))

    def _policy_of(self, lock: str) -> Callable[[str, str, set[str], list[str]], object]:
        for name in (f'grant_{lock}', 'default_grant'):
            policy = getattr(self, name, None)
            if callable(policy):
                return policy
        raise errors.UsageError(
            'no_policy',
            f'{self._name()} has neither default_grant nor a method grant_{lock}: who is granted '
            f'{lock}? Derive it from Serial, or define one of them',
        )

    def released(self, unit: str, lock: str, timestamp: datetime.datetime) -> None:
        """Called on the leader when a unit is seen to have given up a lock; may be overridden."""
        self.msg(f'Leader released {lock} from {unit}, held {_utcnow() - timestamp}')

    def msg(self, msg: str) -> None:
        """Logs a line; may be overridden."""
        hookenv.log(f'coordinator.{self._name()} {msg}', level=hookenv.INFO)

    def _name(self) -> str:
        return self.__class__.__name__

    # ---- state

    def _own(self) -> dict[str, Any]:
        assert self._requests is not None, 'initialize() comes first'
        return self._requests.setdefault(hookenv.local_unit(), {})

    def _load_state(self) -> None:
        unit = hookenv.local_unit()
        # It asks is-leader, which has to come before anything is read.
        juju = self._new_host()
        self._grants = juju.grants()
        if self.relid is None:
            self._requests = {unit: self._load_local_state()}
        elif self._reads_its_own_way():
            self._requests = {unit: self._load_local_state(), **self._load_peer_state()}
        else:
            own = juju.requests_of(unit)
            if own is None:
                own = self._load_local_state() if juju.is_new else {}
            self._requests = {unit: own}
            self._are_peers_unread = True
        self._juju, self._session = juju, None

    def _emit_state(self) -> None:
        for lock in sorted(self._own()):
            self.msg(f'Granted {lock}' if self.granted(lock) else f'Waiting on {lock}')

    def _reads_its_own_way(self) -> bool:
        own = getattr(self._load_peer_state, '__func__', None)
        return own is not BaseCoordinator._load_peer_state

    def _load_peer_state(self) -> dict[str, Any]:
        juju = self._juju
        requests: dict[str, Any] = {}
        for unit in [*hookenv.related_units(self.relid), hookenv.local_unit()]:
            if juju is not None and juju.has_read(unit):
                found = juju.requests_of(unit)
            else:
                text = hookenv.relation_get(self.key, unit, self.relid)
                found = charmhelpers_juju.parse(text) if text else None
            if found is not None:
                requests[unit] = found
        return requests

    def _local_state_filename(self) -> str:
        return f'.charmhelpers.coordinator.{self._name()}'

    def _load_local_state(self) -> dict[str, Any]:
        try:
            with open(self._local_state_filename(), encoding='utf-8') as file:
                return json.load(file)
        except (FileNotFoundError, ValueError):
            return {}

    def _save_local_state(self, state: dict[str, Any]) -> None:
        with open(self._local_state_filename(), 'w', encoding='utf-8') as file:
            json.dump(state, file)


class Serial(BaseCoordinator):
    """One unit at a time for each lock, in the order of the queue."""

    def default_grant(self, lock: str, unit: str, granted: set[str], queue: list[str]) -> bool:
        """Whether the lock is free, and it is this unit's turn."""
        return not granted and queue[0] == unit


def _id_in(grants: dict[str, Any], unit: str, lock: str) -> object:
    ids = grants.get(unit)
    return ids.get(lock) if exchange.is_object(ids) else None


def _pairs(grants: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Unit, lock and id of each grant that is one."""
    for unit, ids in grants.items():
        for lock, id_ in ids.items() if exchange.is_object(ids) else ():
            if isinstance(id_, str) and quiet.is_id(id_):
                yield unit, lock, id_


def _implicit_peer_relation_name() -> str:
    peers = hookenv.metadata().get('peers')
    if not peers:
        raise metadata.missing('peer relation')
    return min(peers)


def _utcnow() -> datetime.datetime:
    """The time, UTC, without a time zone. Tests of charms replace it."""
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def _timestamp() -> str:
    return _utcnow().strftime(_timestamp_format)
