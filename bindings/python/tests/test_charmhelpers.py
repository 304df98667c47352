"""The drop-in for ``charmhelpers.coordinator``."""

from __future__ import annotations

import datetime
import json
import pathlib
from typing import Any, ClassVar
from unittest import mock

import pytest
from charmhelpers.core import hookenv
from hookenv_application import Application
from scripted_policy import scripted_policy

from charm_coordinator import PolicySource, errors
from charm_coordinator import charmhelpers as drop_in
from charm_coordinator.charmhelpers import BaseCoordinator, Serial


@pytest.fixture(autouse=True)
def _in_a_charm_directory(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.chdir(tmp_path)


class Pairs(BaseCoordinator):
    """Two units at a time; ``solo`` is for the last one of the queue alone."""

    asked: ClassVar[list[Any]] = []

    def default_grant(self, lock: str, unit: str, granted: set[str], queue: list[str]) -> bool:
        self.asked.append((lock, unit, set(granted), list(queue)))
        return len(granted) < 2

    def grant_solo(self, lock: str, unit: str, granted: set[str], queue: list[str]) -> bool:
        return not granted and unit == queue[-1]


def ids(text: str | None) -> dict[str, Any]:
    return json.loads(text or '{}')


def test_one_unit_after_another():
    application = Application(3)
    assert application.run('app/0', Serial, 'restart') == ['restart']  # the leader, at once
    assert application.run('app/1', Serial, 'restart') == []
    assert application.run('app/2', Serial, 'restart') == []
    held: list[str] = []
    for _ in range(2):
        application.run('app/0', Serial, name='coordinator-relation-changed', remote='app/1')
        for unit in ('app/1', 'app/2'):
            held += [unit] * (application.run(unit, Serial) == ['restart'])
    assert held == ['app/1', 'app/2']


def test_it_works_on_juju_4_which_has_no_leader_settings():
    application = Application(2, juju='4.0.0')
    assert application.run('app/1', Serial, 'restart') == []
    assert application.run('app/0', Serial, 'restart') == []  # nothing counts before its commit
    assert application.run('app/1', Serial) == ['restart']
    assert application.run('app/0', Serial, remote='app/1') == []
    assert application.run('app/0', Serial) == ['restart']
    assert application.settings == {}


def test_a_policy_is_asked_in_the_order_of_the_queue():
    application = Application(4)
    for unit in ('app/3', 'app/1', 'app/2'):
        application.run(unit, Pairs, 'restart', 'solo')
    Pairs.asked.clear()
    with application.hook('app/0', Pairs) as coordinator:
        assert Pairs.asked[:3] == [
            ('restart', 'app/3', set(), ['app/3', 'app/1', 'app/2']),
            ('restart', 'app/1', {'app/3'}, ['app/1', 'app/2']),
            ('restart', 'app/2', {'app/3', 'app/1'}, ['app/2']),
        ]
        assert sorted(coordinator.grants) == ['app/1', 'app/2', 'app/3']
        assert list(coordinator.grants['app/2']) == ['solo']
    grants = ids(application.settings['coordinator'])
    assert {unit: sorted(locks) for unit, locks in grants.items()} == {
        'app/1': ['restart'],
        'app/2': ['solo'],
        'app/3': ['restart'],
    }


def test_a_leader_that_releases_grants_to_the_next_in_the_same_hook():
    """Row 2: the old library leaves it to the next hook, which may never come."""
    application = Application(2)
    application.run('app/1', Serial, 'restart')
    with application.hook('app/0', Serial) as coordinator:
        assert ids(application.settings.get('coordinator')) == {}
        assert list(coordinator.grants['app/1']) == ['restart']
    assert application.run('app/1', Serial) == ['restart']
    application = Application(2)
    with application.hook('app/0', Serial) as coordinator:
        assert coordinator.acquire('restart')
        # Published before it is acted on (row 10).
        assert list(ids(application.settings['coordinator'])) == ['app/0']
        application.databags['app/1'] = {
            'coordinator': '{"restart": "2026-01-01 00:00:00.000001Z"}'
        }
    application.run('app/0', Serial, remote='app/1')
    assert list(ids(application.settings['coordinator'])) == ['app/1']


def test_a_hook_that_fails_keeps_its_lock():
    application = Application(2)
    application.run('app/1', Serial, 'restart')
    application.run('app/0', Serial)
    with pytest.raises(RuntimeError), application.hook('app/1', Serial) as coordinator:
        assert coordinator.granted('restart')
        raise RuntimeError
    application.run('app/0', Serial)
    assert application.run('app/1', Serial) == ['restart']


def test_a_leader_that_loses_leadership_goes_on_without_it():
    application = Application(2)
    application.run('app/1', Serial, 'restart')
    with application.hook('app/0', Serial):
        application.leader = 'app/1'
    assert application.settings == {}
    with application.hook('app/0', Serial) as coordinator:
        assert not coordinator.acquire('restart')


@pytest.mark.parametrize(
    'text', ['{', '[]', '"x"', '{"restart": 7}', '{"restart": "yesterday"}', '{"restart": null}']
)
def test_what_a_peer_has_spoiled_breaks_no_hook_and_is_granted_nothing(text: str):
    """Rows 3 and 4."""
    application = Application(3)
    application.databags['app/2'] = {'coordinator': text}
    application.run('app/1', Serial, 'restart')
    application.run('app/0', Serial)
    assert list(ids(application.settings['coordinator'])) == ['app/1']
    assert any('WARNING' in line and 'app/2' in line for line in application.log)


def test_requests_are_by_unit_and_nothing_else():
    """Row 8: policies count them."""
    application = Application(3)
    application.run('app/1', Serial, 'restart')
    with application.hook('app/0', Serial) as coordinator:
        coordinator.acquire('migrate')
        assert sorted(coordinator.requests) == ['app/0', 'app/1']
    with application.hook('app/2', Serial) as coordinator:
        assert coordinator.requests.keys() == {'app/0', 'app/1', 'app/2'}
        assert list(coordinator.requests['app/1']) == ['restart']


def test_a_lock_without_a_policy_is_granted_to_nobody_and_the_others_are():
    """Row 7, where also an attribute that is no method was called."""

    class Some(BaseCoordinator):
        grant_odd = 3

        def grant_migrate(self, lock: str, unit: str, granted: set[str], queue: list[str]) -> bool:
            return True

    application = Application(2)
    application.run('app/1', Some, 'restart', 'migrate', 'odd')
    application.run('app/0', Some)
    assert list(ids(application.settings['coordinator'])['app/1']) == ['migrate']
    assert any('no' in line and 'grant_restart' in line for line in application.log)


def test_a_policy_that_raises_grants_nothing_and_breaks_no_hook():
    class Broken(BaseCoordinator):
        def default_grant(self, lock: str, unit: str, granted: set[str], queue: list[str]) -> bool:
            return bool(1 // 0)

    application = Application(2)
    application.run('app/1', Broken, 'restart')
    application.run('app/0', Broken)
    assert ids(application.settings.get('coordinator')) == {}
    assert any('WARNING' in line and 'ZeroDivisionError' in line for line in application.log)


def test_a_policy_sees_the_request_that_it_decides_on():
    seen: list[Any] = []

    class Seeing(Serial):
        def default_grant(self, lock: str, unit: str, granted: set[str], queue: list[str]) -> bool:
            assert self.requests is not None
            seen.append(sorted(self.requests[unit]))
            return super().default_grant(lock, unit, granted, queue)

    assert Application(1).run('app/0', Seeing, 'restart') == ['restart']
    assert seen == [['restart']]


@pytest.mark.parametrize('text', ['{"app/0": 3, "app/1": null}', '[', '{"-o x": {"a": "b"}}'])
def test_grants_that_cannot_be_read_break_no_hook(text: str):
    application = Application(2)
    application.settings = {'coordinator': text}
    assert application.run('app/1', Serial, 'restart') == []
    assert application.run('app/0', Serial, 'restart') == []
    assert application.settings == {'coordinator': text}


def test_two_coordinators_under_one_key_are_refused():
    """Row 11: they overwrote each other."""

    def make() -> Any:
        Pairs()
        return Serial()

    with pytest.raises(errors.UsageError) as caught:
        Application(1).run('app/0', make)
    assert caught.value.code == 'key_taken'

    def apart() -> Any:
        Pairs('pairs')
        return Serial()

    assert Application(1).run('app/0', apart, 'restart') == ['restart']


def test_requests_made_before_there_is_a_peer_relation_move_there_once():
    """Row 12: an old file was merged again into a relation that was empty."""
    application = Application(2)
    application.is_related = False
    application.leader = 'app/1'
    application.run('app/0', Serial, 'restart', name='install')
    assert application.databags['app/0'] == {}
    application.is_related = True
    application.run('app/0', Serial, name='config-changed')
    assert list(ids(application.databags['app/0']['coordinator'])) == ['restart']
    application.run('app/1', Serial)
    assert application.run('app/0', Serial) == ['restart']
    application.run('app/0', Serial, name='config-changed')
    assert ids(application.databags['app/0']['coordinator']) == {}


def data_of(application: Application, unit: str) -> Any:
    return ids(application.databags[unit]['coordinator-v1']).get('data')


def test_data_goes_with_a_request_and_with_that_request_only():
    application = Application(2)
    zone = {'zone': 'a', 'priority': 5}
    with application.hook('app/1', Serial) as coordinator:
        assert not coordinator.acquire('restart', data=zone)
        assert not coordinator.acquire('restart', data={'zone': 'b'})
        assert not coordinator.acquire('other')
    assert data_of(application, 'app/1') == {'restart': zone}
    application.run('app/0', Serial)
    assert application.run('app/1', Serial, 'restart') == ['other', 'restart']
    assert data_of(application, 'app/1') is None


@pytest.mark.parametrize('leads', [True, False])
def test_data_is_kept_in_a_hook_that_keeps_its_locks(leads: bool):
    class Keeping(Serial):
        def _release_granted(self) -> None:
            pass

    application = Application(2)
    application.leader = 'app/0' if leads else 'app/1'
    application.run('app/0', Keeping, 'first')
    application.run('app/1', Keeping, remote='app/0')
    with application.hook('app/0', Keeping) as coordinator:
        assert coordinator.granted('first')
        coordinator.acquire('second', data={'zone': 'a'})
    assert data_of(application, 'app/0') == {'second': {'zone': 'a'}}
    application.run('app/0', Keeping)
    assert data_of(application, 'app/0') == {'second': {'zone': 'a'}}


def test_data_given_before_there_is_a_peer_relation_moves_there_too():
    application = Application(2)
    application.leader = 'app/1'
    application.is_related = False
    with application.hook('app/0', Serial, name='install') as coordinator:
        coordinator.acquire('restart', data={'zone': 'a'})
        coordinator.acquire('other')
    application.is_related = True
    application.run('app/0', Serial, name='config-changed')
    assert data_of(application, 'app/0') == {'restart': {'zone': 'a'}}


def test_an_operators_policy_goes_before_the_classs_methods(tmp_path: pathlib.Path):
    class Swapping(Serial):
        swap = PolicySource()

    def run(*locks: str, name: str = 'update-status') -> list[str]:
        return application.run('app/0', Swapping, *locks, name=name)

    application = Application(2)
    application.config['coordinator-policy'] = 'pause'
    assert run('restart', name='config-changed') == []
    assert application.run('app/1', Swapping, 'restart') == []
    # It is kept, and there is one look in a hook, however often the drop-in begins anew in it.
    assert run() == []
    assert 'resource_get' not in application.calls
    application.config['coordinator-policy'] = ''
    grant = [{'unit': 'app/1', 'lock': 'restart'}]
    (tmp_path / 'attached.wasm').write_bytes(scripted_policy(decide={'ok': {'grant': grant}}))
    application.resources['coordinator-policy'] = str(tmp_path / 'attached.wasm')
    assert run(name='upgrade-charm') == []
    assert application.calls.count('resource_get') == 1
    assert application.run('app/1', Swapping) == ['restart']


@pytest.mark.parametrize('leader', ['app/0', 'app/2'])
def test_rules_see_the_data_of_each_request_the_leaders_own_too(leader: str):
    class Ordered(Serial):
        operator_policy: ClassVar[Any] = ['serial', {'rule': 'order', 'priority': 'priority'}]

    application = Application(3)
    application.leader = leader
    held: list[str] = []
    for unit, priority in (('app/1', 1), ('app/2', 5)):
        with application.hook(unit, Ordered) as coordinator:
            if coordinator.acquire('restart', data={'priority': priority}):
                held.append(unit)
    application.run('app/0', Ordered)
    held += [unit for unit in ('app/1', 'app/2') if application.run(unit, Ordered)]
    assert held[:1] == ['app/2']


def test_data_that_is_none_is_told_at_once():
    with Application(1).hook('app/0', Serial) as coordinator:
        for wrong in (7, [1], {'a': object()}):
            with pytest.raises(errors.UsageError, match='data'):
                coordinator.acquire('restart', data=wrong)


def test_an_action_does_not_give_back_what_a_hook_may_still_hold():
    application = Application(2)
    application.run('app/1', Serial, 'restart')
    application.run('app/0', Serial)
    with application.hook('app/1', Serial, action=True) as coordinator:
        assert coordinator.granted('restart')
    assert application.run('app/1', Serial) == ['restart']
    # What the action itself has acquired, it gives back.
    application.run('app/0', Serial)
    with application.hook('app/0', Serial, action=True) as coordinator:
        assert coordinator.acquire('restart')
    assert ids(application.databags['app/0']['coordinator']) == {}


def test_a_charm_that_keeps_its_lock_over_several_hooks_does():
    class Keeping(Serial):
        def _release_granted(self) -> None:
            if keeps:
                return
            super()._release_granted()

    keeps = True
    application = Application(2)
    application.run('app/1', Keeping, 'restart')
    assert application.run('app/0', Keeping, 'restart') == []
    for _ in range(3):
        assert application.run('app/1', Keeping) == ['restart']
        assert application.run('app/0', Keeping, remote='app/1') == []
    keeps = False
    assert application.run('app/1', Keeping) == ['restart']
    keeps = True
    for _ in range(2):  # the leader, too, and what it had asked for in a hook that kept it
        assert application.run('app/0', Keeping, remote='app/1') == ['restart']
    keeps = False
    assert application.run('app/0', Keeping) == ['restart']
    assert application.run('app/0', Keeping) == []


def test_a_save_that_decides_once_more_gives_back_all_the_same():
    """As the coordinator of the reactive layer does it."""

    class Layered(Serial):
        def _save_state(self) -> None:
            self.handle()
            super()._save_state()

    application = Application(2)
    application.run('app/1', Layered, 'restart')
    application.run('app/0', Layered)
    assert application.run('app/1', Layered) == ['restart']
    assert application.run('app/1', Layered) == []
    assert ids(application.databags['app/1']['coordinator']) == {}


def test_a_request_deleted_by_hand_is_withdrawn():
    application = Application(2)
    application.run('app/1', Serial, 'restart')
    with application.hook('app/1', Serial) as coordinator:
        del coordinator.requests['app/1']['restart']
    application.run('app/0', Serial)
    assert ids(application.settings.get('coordinator')) == {}


def test_a_function_that_requires_a_lock():
    runs: list[str] = []

    def restart(application: Application, unit: str, needed: bool) -> None:
        with application.hook(unit, Serial) as coordinator:
            decorate = coordinator.require('restart', lambda: needed)
            decorate(lambda: runs.append(unit))()

    application = Application(2)
    restart(application, 'app/1', needed=False)
    assert application.databags['app/1'] == {}
    restart(application, 'app/1', needed=True)
    restart(application, 'app/0', needed=False)
    assert runs == []
    restart(application, 'app/1', needed=False)
    assert runs == ['app/1']


def test_released_is_called_on_the_leader_once():
    told: list[tuple[str, str, datetime.datetime]] = []

    class Told(Serial):
        def released(self, unit: str, lock: str, timestamp: datetime.datetime) -> None:
            told.append((unit, lock, timestamp))

    application = Application(2)
    with application.hook('app/1', Told) as coordinator:
        coordinator.acquire('restart')
        asked = coordinator.request_timestamp('restart')
    application.run('app/0', Told)
    application.run('app/1', Told)
    application.run('app/0', Told, remote='app/1')
    application.run('app/0', Told)
    assert told == [('app/1', 'restart', asked)]


def test_a_grant_that_is_over_is_told_when_it_is_heard_and_then_not_shown_though_it_stands():
    told: list[str] = []

    class Telling(Serial):
        def msg(self, msg: str) -> None:
            if msg.startswith('Leader released restart from app/1'):
                told.append(msg)

    application = Application(2)
    application.run('app/1', Telling, 'restart')
    application.run('app/0', Telling)
    application.run('app/1', Telling)
    with application.hook('app/0', Telling, remote='app/1') as coordinator:
        assert coordinator.grants == {'app/1': {}}
    assert len(told) == 1
    with application.hook('app/0', Telling) as coordinator:
        assert coordinator.grants == {'app/1': {}}
    assert len(told) == 1
    assert list(json.loads(application.settings['coordinator'])) == ['app/1']


def test_a_hook_with_nothing_to_do_calls_four_hook_tools_and_writes_nothing():
    """Row 14; the old library reads the databags of all units and writes in every hook."""
    application = Application(30)
    application.run('app/1', Serial, 'restart')
    with application.hook('app/2', Serial) as coordinator:
        assert not coordinator.granted('restart')
    assert sorted(application.calls) == ['is_leader', 'leader_get', 'relation_get', 'relation_ids']


def test_a_subclass_with_its_own_relation_and_messages():
    class Quiet(Serial):
        def __init__(self):
            super().__init__(peer_relation_name='cluster')

        def msg(self, msg: str) -> None:
            said.append(msg)

    said: list[str] = []
    application = Application(1)
    with application.hook('app/0', Quiet) as coordinator:
        assert coordinator.relname == 'cluster'
        coordinator.acquire('restart')
    assert said[:2] == ['Requested restart', 'Acquired restart']


def test_without_a_peer_relation_in_metadata_it_says_what_is_missing():
    application = Application(1)
    with (
        pytest.raises(errors.HostError) as caught,
        application.hook('app/0', lambda: _without_peers()),
    ):
        pass
    assert caught.value.code == 'no_relation'


def _without_peers() -> Serial:
    hookenv.metadata = lambda: {'name': 'my-charm'}
    return Serial()


def test_a_lock_is_named_by_a_string():
    with (
        pytest.raises(errors.UsageError) as caught,
        Application(1).hook('app/0', Serial) as coordinator,
    ):
        coordinator.acquire(7)
    assert caught.value.code == 'bad_type'


def test_a_leader_set_that_fails_while_this_unit_leads_fails_the_hook():
    application = Application(2)
    application.run('app/1', Serial, 'restart')
    with (
        pytest.raises(errors.HostError) as caught,
        application.hook('app/0', Serial),
    ):
        hookenv.leader_set = mock.Mock(side_effect=OSError('no room'))
    assert caught.value.code == 'hook_tool_failed'


# ---- a state that a test of a charm has put there by hand


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> Any:
    for name in ('leader_get', 'leader_set', 'relation_get', 'relation_set', 'log', 'goal_state'):
        monkeypatch.setattr(hookenv, name, mock.Mock())
    monkeypatch.setattr(hookenv, 'local_unit', lambda: 'foo/1')
    monkeypatch.setattr(hookenv, 'is_leader', mock.Mock(return_value=False))
    drop_in.Singleton._instances.clear()
    return hookenv


def test_there_is_one_of_each_class(by_hand: Any):
    assert Serial() is Serial()
    assert BaseCoordinator() is BaseCoordinator()
    assert Serial() is not BaseCoordinator()


def test_by_hand_nothing_happens_before_initialize(by_hand: Any):
    coordinator = Serial()
    coordinator.handle()
    assert coordinator.grants is None
    assert coordinator.requests is None


def test_by_hand_acquire_asks_once(by_hand: Any):
    coordinator = Serial()
    coordinator.grants, coordinator.requests = {}, {'foo/1': {}}
    assert not coordinator.acquire('restart')
    asked = coordinator.request_timestamp('restart')
    assert not coordinator.acquire('restart')
    assert coordinator.request_timestamp('restart') == asked
    assert coordinator.requested('restart')
    coordinator.grants = {'foo/1': dict(coordinator.requests['foo/1'])}
    assert coordinator.acquire('restart')


def test_by_hand_a_leader_decides_at_each_acquire(by_hand: Any):
    by_hand.is_leader.return_value = True
    coordinator = Serial()
    coordinator.grants, coordinator.requests = {}, {'foo/1': {}}
    with mock.patch.object(coordinator, 'default_grant', side_effect=[False, True]) as policy:
        assert not coordinator.acquire('restart')
        assert coordinator.acquire('restart')
        assert coordinator.acquire('restart')
        assert policy.call_count == 2


def test_by_hand_handle_drops_and_grants(by_hand: Any):
    by_hand.is_leader.return_value = True
    old, new = drop_in._timestamp(), drop_in._timestamp()
    coordinator = Serial()
    coordinator.requests = {'foo/1': {}, 'foo/2': {'restart': new}, 'foo/3': {'restart': old}}
    coordinator.grants = {'foo/4': {'restart': old}}
    with mock.patch.object(coordinator, 'released') as released:
        coordinator.handle()
    assert released.mock_calls == [
        mock.call('foo/4', 'restart', datetime.datetime.strptime(old, drop_in._timestamp_format))
    ]
    assert coordinator.grants == {'foo/3': {'restart': old}, 'foo/4': {}}


def test_by_hand_handle_grants_to_the_leader_itself_and_writes_nothing(by_hand: Any):
    by_hand.is_leader.return_value = True
    asked = drop_in._timestamp()
    coordinator = Serial()
    coordinator.grants, coordinator.requests = {}, {'foo/1': {'restart': asked}}
    coordinator.handle()
    assert coordinator.grants == {'foo/1': {'restart': asked}}
    by_hand.leader_set.assert_not_called()


def test_by_hand_grant_asks_the_policy_about_one_unit(by_hand: Any):
    first, second = drop_in._timestamp(), drop_in._timestamp()
    coordinator = Serial()
    coordinator.requests = {'foo/2': {'restart': second}, 'foo/3': {'restart': first}}
    coordinator.grants = {}
    assert not coordinator.grant('restart', 'foo/3')  # does not lead
    by_hand.is_leader.return_value = True
    with mock.patch.object(coordinator, 'default_grant', return_value=True) as policy:
        assert coordinator.grant('restart', 'foo/3')
        assert coordinator.grant('restart', 'foo/2')
        assert coordinator.grant('restart', 'foo/2')
        assert not coordinator.grant('restart', 'foo/1')
    assert policy.mock_calls == [
        mock.call('restart', 'foo/3', set(), ['foo/3', 'foo/2']),
        mock.call('restart', 'foo/2', {'foo/3'}, ['foo/2']),
    ]


def test_by_hand_whatever_is_json_is_saved_as_it_is(by_hand: Any):
    by_hand.is_leader.return_value = True
    coordinator = Serial()
    coordinator.relid = 'cluster:1'
    coordinator.grants, coordinator.requests = {'any': True}, {'foo/1': {'lock': 7}}
    coordinator._save_state()
    by_hand.leader_set.assert_called_once_with({'coordinator': '{"any": true}'})
    by_hand.relation_set.assert_called_once_with(
        'cluster:1', relation_settings={'coordinator': '{"lock": 7}'}
    )


def test_by_hand_whatever_is_json_is_loaded(by_hand: Any):
    by_hand.leader_get.side_effect = lambda key=None: '{"any": true}'
    by_hand.relation_get.side_effect = lambda key, unit, relid: {
        ('coordinator', 'foo/1', 'cluster:1'): '{"lock": 7}',
        ('coordinator', 'foo/2', 'cluster:1'): '{"lock": 8}',
    }.get((key, unit, relid))
    with mock.patch.object(by_hand, 'related_units', return_value=['foo/2', 'foo/3']):
        coordinator = Serial()
        coordinator.relid = 'cluster:1'
        coordinator._load_state()
        assert coordinator.grants == {'any': True}
        assert coordinator.requests == {'foo/1': {'lock': 7}, 'foo/2': {'lock': 8}}
        assert not coordinator.granted('lock')
