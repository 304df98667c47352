"""The API for charm authors, on an application in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

import charm_coordinator
from charm_coordinator import Coordinator, MemoryApplication, MemoryHost, errors


def in_hook(
    application: MemoryApplication,
    unit: str,
    act: Callable[[Coordinator], Any] = lambda coordinator: None,
    **options: Any,
) -> Any:
    """A hook of one unit that does one thing and succeeds."""
    host = application.hook(unit)
    with Coordinator(host, **{'policy': 'serial', **options}) as coordinator:
        result = act(coordinator)
    host.commit()
    return result


def acquire(coordinator: Coordinator) -> bool:
    return coordinator.acquire('restart')


def granted(coordinator: Coordinator) -> bool:
    return coordinator.granted('restart')


@pytest.mark.parametrize('store', ['settings', 'application'])
def test_a_lock_goes_round(store: Any):
    """Asked for, granted, held for one hook, given back."""
    application = MemoryApplication(units=3, store=store)
    assert not in_hook(application, 'app/1', acquire), 'only the leader grants'
    assert not in_hook(application, 'app/2', acquire)
    in_hook(application, 'app/0')
    held = [in_hook(application, unit, granted) for unit in ('app/2', 'app/1', 'app/1')]
    assert held == [False, True, False]
    in_hook(application, 'app/0')
    assert [in_hook(application, unit, granted) for unit in ('app/1', 'app/2')] == [False, True]


def test_the_example_of_the_package():
    assert charm_coordinator.__doc__
    example = charm_coordinator.__doc__.split('::\n')[1]
    exec('if True:\n' + example, {})


def test_a_hook_that_fails_keeps_the_lock():
    application = MemoryApplication(units=2)
    in_hook(application, 'app/1', acquire)
    in_hook(application, 'app/0')
    host = application.hook('app/1')
    with pytest.raises(RuntimeError), Coordinator(host, policy='serial'):
        raise RuntimeError('the service does not start')
    # Even if the hook is committed, against all rules, nothing was given back.
    host.commit()
    assert in_hook(application, 'app/1', granted)


@pytest.mark.parametrize(('code', 'is_kept'), [(0, False), (None, False), (1, True), ('no', True)])
def test_leaving_by_an_exit_code_is_success_or_failure(code: Any, is_kept: bool):
    application = MemoryApplication(units=2)
    in_hook(application, 'app/1', acquire)
    in_hook(application, 'app/0')
    host = application.hook('app/1')
    with pytest.raises(SystemExit), Coordinator(host, policy='serial'):
        raise SystemExit(code)
    host.commit()
    assert in_hook(application, 'app/1', granted) == is_kept


def test_what_waits_for_a_lock_runs_once_as_soon_as_it_is_held():
    ran: list[str] = []
    with Coordinator(MemoryApplication(units=1).hook('app/0'), policy='serial') as coordinator:

        def first() -> None:
            ran.append('first')
            coordinator.when_granted('restart', lambda: ran.append('from inside'))
            coordinator.acquire('restart')

        coordinator.when_granted('restart', first)
        assert ran == []
        assert coordinator.acquire('restart')
        assert ran == ['first', 'from inside']
        coordinator.when_granted('restart', lambda: ran.append('held already'))
        coordinator.when_granted('other', lambda: ran.append('never'))
    assert ran == ['first', 'from inside', 'held already']


def test_what_waits_for_a_lock_must_not_be_a_coroutine():
    async def later() -> None:
        pass

    with Coordinator(MemoryApplication(units=1).hook('app/0')) as coordinator:
        coordinator.when_granted('restart', later)
        with pytest.raises(errors.UsageError, match='coroutine'), pytest.warns(RuntimeWarning):
            coordinator.acquire('restart')


def test_a_request_can_be_taken_back():
    application = MemoryApplication(units=2)

    def act(coordinator: Coordinator) -> None:
        coordinator.acquire('restart')
        assert coordinator.requested('restart')
        coordinator.withdraw('restart')
        assert not coordinator.requested('restart')

    in_hook(application, 'app/1', act)
    assert json.loads(application.databags['app/1']['coordinator']) == {}


def test_status_names_who_holds_who_waits_and_why():
    application = MemoryApplication(units=3)
    for unit in ('app/1', 'app/2'):
        in_hook(application, unit, acquire)
    in_hook(application, 'app/0')
    status = in_hook(application, 'app/0', lambda coordinator: coordinator.status())
    assert status['policy'] == 'serial'
    assert [(one['unit'], one['lock']) for one in status['holders']] == [('app/1', 'restart')]
    reasons = [(one['unit'], one['reason']) for one in status['queue']]
    assert reasons == [('app/2', 'app/1 holds restart')]


def test_a_policy_may_be_a_function():
    def last_first(state: charm_coordinator.PolicyState) -> charm_coordinator.PolicyDecision:
        return {'grant': [] if state['holders'] else state['queue'][-1:]}

    application = MemoryApplication(units=3)
    for unit in ('app/1', 'app/2'):
        in_hook(application, unit, acquire, policy=last_first)
    status = in_hook(application, 'app/0', Coordinator.status, policy=last_first)
    assert status['policy'] == 'last_first'
    held = [in_hook(application, unit, granted) for unit in ('app/1', 'app/2')]
    assert held == [False, True]


def test_a_policy_function_that_fails_grants_nothing_and_breaks_no_hook():
    def broken(state: Any) -> Any:
        raise ValueError('out of order')

    for policy in (broken, lambda state: None, lambda state: {'grant': [object()]}):
        application = MemoryApplication(units=2)
        in_hook(application, 'app/1', acquire, policy=policy)
        in_hook(application, 'app/0', policy=policy)
        assert not in_hook(application, 'app/1', granted, policy=policy)
        assert {entry.level for entry in application.log} >= {'WARNING'}


def test_an_authors_wrong_policy_is_an_error_and_an_operators_is_only_reported():
    host = MemoryApplication(units=1).hook('app/0')
    with pytest.raises(errors.PolicyError) as raised:
        Coordinator(host, policy='parallel:none').start()
    assert raised.value.code == 'bad_policy'
    for wrong in ('serail', {'rules': 7}, 12):

        def act(coordinator: Coordinator) -> None:
            assert not coordinator.acquire('restart')
            assert coordinator.status()['problems'][0]['code'] == 'bad_policy'

        in_hook(MemoryApplication(units=1), 'app/0', act, operator_policy=wrong)


def test_an_operators_policy_stands_in_place_of_the_authors_unless_it_is_empty():
    def policy_of(operator_policy: str) -> str:
        status = in_hook(
            MemoryApplication(units=1),
            'app/0',
            lambda coordinator: coordinator.status(),
            operator_policy=operator_policy,
        )
        return status['policy']

    assert [policy_of('pause'), policy_of('')] == ['pause', 'serial']


class _Noting(MemoryHost):
    """Notes what is asked of Juju's side."""

    def __init__(self, *args: Any):
        super().__init__(*args)
        self.calls: list[str] = []

    def __getattribute__(self, name: str) -> Any:
        noted = {'is_leader', 'own', 'read', 'members', 'of', 'write', 'write_own', 'write_saved'}
        if name in noted:
            self.calls.append(name)
        return super().__getattribute__(name)

    def is_leader(self) -> bool:
        return self._application.leader == self.unit

    def read(self) -> dict[str, str]:
        return dict(self._application.settings)

    def write(self, values: Any) -> bool:
        return self._application.leader == self.unit


def test_is_leader_is_asked_before_anything_is_read_and_peers_are_read_only_to_lead():
    application = MemoryApplication(units=3)

    def reads_of(unit: str) -> list[str]:
        host = _Noting(application, unit, 'update-status')
        with Coordinator(host):
            pass
        return host.calls

    assert reads_of('app/1') == ['is_leader', 'own', 'read']
    assert reads_of('app/0') == ['is_leader', 'own', 'read', 'members', 'of', 'of']


class _ScriptedCore:
    """Gives prepared answers."""

    def __init__(self, *answers: Any):
        self._answers = list(answers)
        self.inputs: list[dict[str, Any]] = []

    def call(self, text: bytes) -> bytes:
        self.inputs.append(json.loads(text))
        return json.dumps(self._answers.pop(0)).encode()


VIEW: dict[str, Any] = {
    'ok': {
        'granted': [],
        'requested': [],
        'leading': True,
        'flags': {'set': [], 'clear': []},
        'problems': [],
        'log': [],
    }
}


def _end(*effects: Any) -> dict[str, Any]:
    return {'ok': {'effects': list(effects), 'released': [], 'grants': [], 'log': []}}


def test_only_values_under_the_relation_key_reach_the_core():
    application = MemoryApplication(units=2)
    application.databags['app/0'] = {'coordinator': '{}', 'password': 'secret'}
    application.databags['app/1'] = {'coordinator-v1': '{}', 'password': 'secret'}
    application.settings = {'coordinator': '{}', 'password': 'secret'}
    core = _ScriptedCore(VIEW)
    Coordinator(application.hook('app/0'), core=core).start()
    assert 'coordinator-v1' in json.dumps(core.inputs)
    assert 'secret' not in json.dumps(core.inputs)


def test_effects_are_carried_out_in_the_order_given():
    values = {'coordinator': '{}'}
    host = _Noting(MemoryApplication(units=2), 'app/0', 'update-status')
    core = _ScriptedCore(
        VIEW,
        _end(
            {'do': 'flags', 'set': [], 'clear': []},
            {'do': 'databag', 'values': values},
            {'do': 'saved', 'value': ''},
            {'do': 'settings', 'values': values},
        ),
    )
    coordinator = Coordinator(host, core=core)
    coordinator.start()
    host.calls.clear()
    coordinator.end()
    assert host.calls == ['write_own', 'write_saved', 'write']


@pytest.mark.parametrize(
    'answer',
    [
        {'error': {'code': 'bad_order', 'message': 'not now'}},
        _end({'do': 'databag', 'values': {}}, {'do': 'dance'}),
        {'neither': {}},
    ],
)
def test_where_the_core_fails_at_the_end_nothing_is_written(answer: Any):
    host = _Noting(MemoryApplication(units=1), 'app/0', 'update-status')
    coordinator = Coordinator(host, core=_ScriptedCore(VIEW, answer))
    coordinator.start()
    host.calls.clear()
    with pytest.raises(errors.CoordinatorError):
        coordinator.end()
    assert host.calls == []


@pytest.mark.parametrize(('passed', 'is_written'), [(29.9, True), (30.0, False)])
def test_grants_are_not_written_once_the_30_seconds_are_over(passed: float, is_written: bool):
    application = MemoryApplication(units=1)
    clock = [0.0]
    application.monotonic = lambda: clock[0]
    values = {'coordinator': '{}'}
    core = _ScriptedCore(VIEW, _end({'do': 'settings', 'values': values}))
    coordinator = Coordinator(application.hook('app/0'), core=core)
    coordinator.start()
    clock[0] = passed
    coordinator.end()
    assert application.settings == (values if is_written else {})
    assert [entry.level for entry in application.log] == ([] if is_written else ['WARNING'])


def test_nothing_is_published_once_the_30_seconds_are_over():
    application = MemoryApplication(units=1)
    clock = [0.0]
    application.monotonic = lambda: clock[0]

    class Slow(_ScriptedCore):
        def call(self, text: bytes) -> bytes:
            clock[0] += 30
            return super().call(text)

    core = Slow({'ask': {'what': 'publish', 'values': {'coordinator': '{}'}}}, VIEW)
    Coordinator(application.hook('app/0'), core=core).start()
    assert core.inputs[1]['failure'] == 'refused'
    assert application.settings == {}


def test_without_a_peer_relation_requests_are_saved_and_then_move():
    application = MemoryApplication(units=2)

    class Install(MemoryHost):
        def own(self) -> None:
            return None

    install = Install(application, 'app/1', 'install')
    with Coordinator(install) as coordinator:
        coordinator.acquire('restart')
    install.commit()
    assert application.databags['app/1'] == {}
    created = application.hook('app/1', 'coordinator-relation-created')
    with Coordinator(created) as coordinator:
        assert coordinator.requested('restart')
    created.commit()
    assert 'restart' in application.databags['app/1']['coordinator']
    assert application.hook('app/1').read_saved('coordinator') == ''


def test_outside_a_hook_nothing_is_asked_for_unless_it_is_allowed_by_name():
    host = MemoryApplication(units=2).hook('app/1', '')
    host.kind = 'action'
    with pytest.raises(errors.CoreError) as raised, Coordinator(host) as coordinator:
        coordinator.acquire('restart')
    assert raised.value.code == 'not_in_hook'
    with Coordinator(host, allow=['acquire']) as coordinator:
        assert not coordinator.acquire('restart')
    assert 'restart' in (host.own() or {})['coordinator']


def test_wrong_types_are_told_at_once():
    host = MemoryApplication(units=1).hook('app/0')
    wrong: list[dict[str, Any]] = [
        {'key': ''},
        {'key': 'a=b'},
        {'key': 7},
        {'policy': 7},
        {'policy': {'rules': object()}},
        {'self_grant': 'sometimes'},
        {'allow': 'acquire'},
        {'allow': ['everything']},
        {'operator_policy': object()},
    ]
    for options in wrong:
        with pytest.raises(errors.UsageError) as raised:
            Coordinator(host, **options)
        assert raised.value.code == 'bad_type'
    with Coordinator(host) as coordinator:
        for call in (
            lambda: coordinator.acquire(7),  # type: ignore
            lambda: coordinator.acquire('restart', data=[]),  # type: ignore
            lambda: coordinator.acquire('restart', data={'at': object()}),
            lambda: coordinator.acquire('restart', data={'at': float('nan')}),
            lambda: coordinator.when_granted('restart', 'restart'),  # type: ignore
        ):
            with pytest.raises(errors.UsageError):
                call()
        with pytest.raises(errors.CoreError) as refused:
            coordinator.acquire('')
        assert refused.value.code == 'bad_lock'


def test_calls_at_the_wrong_time_are_told():
    coordinator = Coordinator(MemoryApplication(units=1).hook('app/0'))
    with pytest.raises(errors.UsageError) as raised:
        coordinator.acquire('restart')
    assert raised.value.code == 'bad_order'
    coordinator.start()
    with pytest.raises(errors.UsageError):
        coordinator.start()
    coordinator.end()
    with pytest.raises(errors.UsageError):
        coordinator.granted('restart')
