"""The API for charm authors: ask for a lock, see whether it is held, give it back at the end."""

from __future__ import annotations

import re

from charm_coordinator import asks, errors, exchange, quiet, swap

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Any

    from charm_coordinator import contract, engine
    from charm_coordinator.host import Host
    from charm_coordinator.policy import PolicyModule
    from charm_coordinator.swap import Asking, InForce, PolicySource

_ACTS = ('acquire', 'withdraw', 'release', 'decide')
_SELF_GRANTS = ('published', 'committed', 'unsafe')

# It becomes part of a hook tool's arguments: key=value.
_KEY = re.compile(r'[A-Za-z0-9][A-Za-z0-9_.-]*')


class Coordinator:
    """The coordinator of one hook.

    Example::

        with Coordinator(juju_host(), policy='serial') as coordinator:
            coordinator.when_granted('restart', restart_service)
            if config_changed:
                coordinator.acquire('restart')

    The end of a block that succeeded gives back what was held, and writes what has changed. A
    block that was left by an exception writes nothing: the hook must fail, and this unit still
    holds.

    The core and its engine are loaded when something has to be decided, and no sooner. So wrong
    rules in ``policy`` are told when the core is first asked: in the first hook of the leader at
    the latest.

    Args:
        host: Juju's side.
        policy: rules, a function of the charm's own, or a module (see :func:`load_policy`).
            Default: ``'simple'``, one unit at a time whatever the lock.
        operator_policy: rules that an operator gave, in place of ``policy``; ``''`` and None mean
            that there are none. They are not checked: with rules that are wrong nothing new is
            granted, and :meth:`status` says why.
        swap: where an operator's policy comes from, in place of ``policy``. Default: nowhere.
        self_grant: when the leader may act on a grant to itself.
        key: the key in relation data and leader settings; all units must use the same.
        allow: what is allowed in an action or juju-exec.
        core: the core; by default a fresh instance of the one in this package.

    Raises:
        UsageError: ``bad_type``.
    """

    def __init__(
        self,
        host: Host,
        *,
        policy: contract.Policy | contract.PolicyFunction | PolicyModule | None = None,
        operator_policy: object = None,
        swap: PolicySource | None = None,
        self_grant: contract.SelfGrant = 'published',
        key: str = 'coordinator',
        allow: Sequence[contract.Act] = (),
        core: engine.Callable | None = None,
    ):
        _check_key(key)
        if self_grant not in _SELF_GRANTS:
            raise _bad_type('self_grant', f'one of {", ".join(_SELF_GRANTS)}', self_grant)
        if isinstance(allow, str) or not all(act in _ACTS for act in allow):
            raise _bad_type('allow', f'a list of {", ".join(_ACTS)}', allow)
        _check_policy_type(policy)
        exchange.check_json('operator_policy', operator_policy)
        self._host = host
        self._policy = policy
        self._operator_policy = operator_policy
        self._swap = swap
        self._self_grant = self_grant
        self._key = key
        self._allow = list(allow)
        self._asker = asks.Asker(lambda: self._make_core(core), host, key)
        self._in_force: InForce | None = None
        # What `start` is to be told as soon as the core is asked, and None afterwards.
        self._unasked: dict[str, Any] | None = None
        self._view: contract.View | None = None
        self._is_over = False
        self._waiting: list[tuple[str, Callable[[], object]]] = []

    def __enter__(self) -> Coordinator:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        succeeded = error is None or (isinstance(error, SystemExit) and not error.code)
        if succeeded and (self._host.hook.kind == 'hook' or self._allow):
            self.end()

    def start(self) -> None:
        """Reads what Juju says and finds out what this unit holds.

        To be called once, before anything else; a ``with`` block does.

        Raises:
            HostError: if Juju cannot be read: the hook must fail.
            PolicyError: if the rules in ``policy`` are not valid.
        """
        if self._view is not None:
            raise errors.UsageError('bad_order', 'start() was called before')
        if self._in_force is None and self._swap is not None and self._swap.is_due(self._host.hook):
            # First of all: to fetch a module and to compile it may take long, and what is-leader
            # says is good for 30 seconds.
            self._in_force = self._swap.refresh(self._asking())
        snapshot = self._snapshot()
        if quiet.is_quiet(snapshot):
            self._unasked = snapshot
            self._view = {
                'granted': [],
                'requested': [],
                'leading': False,
                'flags': {'set': [], 'clear': []},
                'problems': [],
                'log': [],
            }
        else:
            self._begin(snapshot)
        self._run_granted()

    def acquire(self, lock: str, data: Mapping[str, Any] | None = None) -> bool:
        """Asks for a lock, unless it was asked for before.

        Args:
            lock: 1 to 256 bytes.
            data: for the policy; what JSON can say. Kept with the request.

        Returns:
            Whether the lock is held now. If not, a later hook of this unit will find it granted.

        Raises:
            CoreError: ``bad_lock``, ``bad_clock``, ``not_in_hook``, ``unknown_version``.
        """
        _check_lock(lock)
        _check_data(data)
        given = {} if data is None else {'data': data}
        self._take(self._ask({'op': 'acquire', 'lock': lock, **given}))
        self._run_granted()
        return self.granted(lock)

    def granted(self, lock: str) -> bool:
        """Whether this unit holds the lock now, until the end of this hook."""
        _check_lock(lock)
        return lock in self._seen()['granted']

    def requested(self, lock: str) -> bool:
        """Whether this unit has asked for the lock and does not hold it yet."""
        _check_lock(lock)
        return lock in self._seen()['requested']

    def withdraw(self, lock: str) -> None:
        """Takes a request back, or gives up a lock that is held."""
        _check_lock(lock)
        self._take(self._ask({'op': 'withdraw', 'lock': lock}))

    def status(self) -> contract.Status:
        """Who holds, who waits, and why."""
        status: contract.Status = self._ask({'op': 'status'})
        told = [] if self._in_force is None else self._in_force.problems
        return {**status, 'problems': [*status['problems'], *told]}

    @property
    def locks(self) -> tuple[str, ...]:
        """The locks that this unit holds now."""
        return tuple(self._seen()['granted'])

    def when_granted(self, lock: str, run: Callable[[], object]) -> None:
        """Runs ``run`` once, as soon as the lock is held in this hook.

        That is at once, or inside :meth:`start` or :meth:`acquire`. It must be done when it
        returns: a coroutine would outlive the lock.
        """
        _check_lock(lock)
        if not callable(run):
            raise _bad_type('run', 'a function to run', run)
        self._waiting.append((lock, run))
        if self._view is not None:
            self._run_granted()

    def end(self) -> None:
        """Gives back what is held, decides if this unit leads, and writes what has changed.

        A second call does nothing.

        Raises:
            ModuleError, CoreError: before anything is written.
            HostError: if a write fails. The hook must fail in each case.
        """
        if self._is_over:
            return
        self._seen()
        if self._unasked is not None:
            self._is_over = True
            return
        answer = self._asker.request({'op': 'end'})
        self._is_over = True
        acts = [self._act_of(effect) for effect in answer['effects']]
        self._log(answer['log'])
        for act in acts:
            act()

    def _make_core(self, core: engine.Callable | None) -> engine.Callable:
        if core is None:
            # Not before it is needed: it brings the engine with it.
            from charm_coordinator import core as own

            core = own.fresh_core()
        if self._policy is not None and not callable(self._policy):
            policy = _document_of(self._policy)
            answer = exchange.exchange(core, {'op': 'check', 'policy': policy})
            if 'error' in answer:
                error = answer['error']
                raise errors.PolicyError(error['code'], error['message'], error['path'])
        return core

    def _ask(self, text: dict[str, Any]) -> Any:
        """One operation between ``start`` and ``end``, of which the core may not have heard yet."""
        self._seen()
        if self._unasked is not None:
            snapshot, self._unasked = self._unasked, None
            self._begin(snapshot)
        return self._asker.request(text)

    def _begin(self, snapshot: dict[str, Any]) -> None:
        """Wakes the core."""
        in_force = self._policy_in_force(snapshot['leader'])
        self._asker.policy = in_force.module
        given = {} if in_force.document is None else {'policy': in_force.document}
        self._take(self._asker.request({**snapshot, **given}))

    def _policy_in_force(self, leader: bool) -> InForce:
        if self._in_force is None and self._swap is not None:
            self._in_force = self._swap.in_force(self._asking(), leader)
        elif self._in_force is None:
            self._in_force = swap.InForce(self._policy_given(), None, [])
        own = self._policy
        if self._in_force.module is None and (callable(own) or asks.is_module(own)):
            self._in_force.module = own
        return self._in_force

    def _asking(self) -> Asking:
        return swap.Asking(self._host, self._policy_given(), self._asker.check)

    def _snapshot(self) -> dict[str, Any]:
        """What ``start`` is given.

        The order is that of rule 4: is-leader, then this unit's data, then the grants; what only a
        leader needs comes last.
        """
        hook, leadership, peers = self._host.hook, self._host.leadership, self._host.peers
        leader = self._asker.is_leader()
        own = peers.own()
        settings = self._asker.grants(leadership.read())
        members = peers.members() if leader and own is not None else []
        databags = self._asker.databags(members)
        if own is not None:
            databags[hook.unit] = self._asker.databag(own)
        return {
            'op': 'start',
            'unit': hook.unit,
            'context': hook.kind,
            'hook': hook.name,
            'remote_unit': hook.remote_unit,
            'departing_unit': hook.departing_unit,
            'leader': leader,
            'store': leadership.store,
            'relation': own is not None,
            'databags': databags,
            'members': members,
            'settings': settings,
            **({'saved': peers.read_saved(self._key)} if own is None else {}),
            'flags': self._host.flags.current(),
            'self_grant': self._self_grant,
            'key': self._key,
            'subordinate': hook.subordinate,
            'allow': self._allow,
            **self._asker.times(),
        }

    def _policy_given(self) -> Any:
        if self._operator_policy is not None and self._operator_policy != '':
            return self._operator_policy
        return None if self._policy is None else _document_of(self._policy)

    def _seen(self) -> contract.View:
        if self._view is None or self._is_over:
            raise errors.UsageError('bad_order', 'this can be told only between start() and end()')
        return self._view

    def _take(self, view: contract.View) -> None:
        self._view = view
        self._change_flags(view['flags'])
        self._log(view['log'])

    def _log(self, lines: Sequence[Mapping[str, Any]]) -> None:
        for line in lines:
            self._host.hook.log(line['level'], line['message'])

    def _change_flags(self, changes: Mapping[str, Any]) -> None:
        for flag in changes['clear']:
            self._host.flags.clear(flag)
        for flag in changes['set']:
            self._host.flags.set(flag)

    def _run_granted(self) -> None:
        # What runs may itself acquire, and so come back here: each is taken off the list first.
        while (ready := self._next_granted()) is not None:
            lock, run = self._waiting.pop(ready)
            if hasattr(run(), '__await__'):
                raise errors.UsageError(
                    'bad_type',
                    f'what runs when {lock} is granted returned a coroutine; it must be done when '
                    'it returns',
                )

    def _next_granted(self) -> int | None:
        granted = self._seen()['granted']
        places = (place for place, (lock, _) in enumerate(self._waiting) if lock in granted)
        return next(places, None)

    def _act_of(self, effect: dict[str, Any]) -> Callable[[], None]:
        do = effect.get('do')
        if do == 'flags':
            return lambda: self._change_flags(effect)
        if do == 'databag':
            return lambda: self._host.peers.write_own(effect['values'])
        if do == 'saved':
            return lambda: self._host.peers.write_saved(self._key, effect['value'])
        if do in ('application', 'settings'):
            return lambda: self._write_grants(do, effect['values'])
        raise errors.ModuleError('bad_answer', f'unknown effect {effect}')

    def _write_grants(self, do: str, values: dict[str, str]) -> None:
        # Leader settings are written at once, and time may have passed since the core decided.
        if do == 'settings' and self._asker.is_late():
            message = (
                'the grants of this hook are not written: Juju said too long ago that this unit '
                'leads'
            )
        elif self._host.leadership.write(values):
            return
        else:
            message = 'Juju refused the grants of this hook: this unit does not lead any more'
        self._host.hook.log('WARNING', message)


def _document_of(policy: contract.Policy | contract.PolicyFunction | PolicyModule) -> Any:
    """A policy as the core takes it."""
    if asks.is_module(policy):
        external = {'name': policy.name, 'sha256': policy.sha256, 'needs': policy.needs}
        return {'external': external}
    if callable(policy):
        return {'external': {'name': getattr(policy, '__name__', '') or 'function'}}
    return policy


def _check_key(key: object) -> None:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise errors.UsageError('bad_type', f'key must be a word, not {key!r}')


def _check_lock(lock: object) -> None:
    if not isinstance(lock, str):
        raise errors.UsageError('bad_type', f'a lock is named by a string, not {_show(lock)}')


def _check_data(data: object) -> None:
    if data is None:
        return
    if not exchange.is_object(data):
        raise _bad_type('data', 'a dict', data)
    exchange.check_json('data', data)


def _check_policy_type(policy: object) -> None:
    if policy is None or callable(policy) or asks.is_module(policy):
        return
    if isinstance(policy, str) or exchange.is_list(policy) or exchange.is_object(policy):
        exchange.check_json('policy', policy)
        return
    raise _bad_type('policy', 'a rule, a list of rules, a dict, a function or a module', policy)


def _bad_type(name: str, expected: str, found: object) -> errors.UsageError:
    return errors.UsageError('bad_type', f'{name} must be {expected}, not {_show(found)}')


def _show(value: object) -> str:
    return repr(value) if isinstance(value, str) else f'a {type(value).__name__}'
