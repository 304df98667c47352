"""A charm on the operator framework, tested as its author would."""

from __future__ import annotations

import dataclasses
import json
import pathlib
from typing import Any

import ops
import pytest
from ops import testing
from scripted_policy import scripted_policy

from charm_coordinator import PolicySource, errors
from charm_coordinator.ops import Coordinator, GrantedEvent, RequestedEvent
from charm_coordinator.testing import grants, peer_relation, requests

META: dict[str, Any] = {
    'name': 'my-charm',
    'peers': {'coordinator': {'interface': 'coordinator'}, 'another': {'interface': 'another'}},
}
ACTIONS: dict[str, Any] = {'restart': {}}


class MyCharm(ops.CharmBase):
    done: list[str]
    defers: bool
    fails: bool

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.coordinator = Coordinator(self, policy='serial')
        framework.observe(self.on.config_changed, self._on_config_changed)
        framework.observe(self.on.update_status, self._on_update_status)
        framework.observe(self.on.restart_action, self._on_restart_action)
        framework.observe(self.on.collect_unit_status, self._on_collect_unit_status)
        framework.observe(self.coordinator.on.granted, self._on_granted)
        framework.observe(self.coordinator.on.requested, self._on_requested)

    def _on_config_changed(self, event: ops.ConfigChangedEvent):
        self.done.append('config-changed')
        self.coordinator.acquire('restart')

    def _on_update_status(self, event: ops.UpdateStatusEvent):
        self.done.append('update-status')

    def _on_restart_action(self, event: ops.ActionEvent):
        try:
            self.coordinator.acquire('restart')
        except errors.CoreError as error:
            event.fail(error.code)

    def _on_granted(self, event: GrantedEvent):
        if self.fails:
            raise RuntimeError('the service does not start')
        self.done.append(f'granted {event.lock}')
        assert self.coordinator.granted(event.lock)
        if self.defers:
            event.defer()

    def _on_requested(self, event: RequestedEvent):
        self.done.append(f'requested {event.lock}')

    def _on_collect_unit_status(self, event: ops.CollectStatusEvent):
        waits = self.coordinator.requested('restart')
        status = ops.WaitingStatus('waits to restart') if waits else ops.ActiveStatus()
        event.add_status(status)


@pytest.fixture
def context() -> testing.Context[MyCharm]:
    MyCharm.done, MyCharm.defers, MyCharm.fails = [], False, False
    return testing.Context(MyCharm, meta=META, actions=ACTIONS)


def test_granted(context: testing.Context[MyCharm]):
    """The leader, another unit, has granted the lock: it is held for one hook."""
    peers = peer_relation('my-charm/0', granted=['restart'])
    out = context.run(context.on.update_status(), testing.State(relations={peers}))
    assert MyCharm.done == ['update-status', 'granted restart']
    assert requests(out.get_relation(peers.id)) == []
    context.run(context.on.update_status(), out)
    assert MyCharm.done == ['update-status', 'granted restart', 'update-status']


def test_waiting(context: testing.Context[MyCharm]):
    """The unit asks, and another one leads."""
    peers = peer_relation('my-charm/0')
    out = context.run(context.on.config_changed(), testing.State(relations={peers}))
    assert MyCharm.done == ['config-changed', 'requested restart']
    assert requests(out.get_relation(peers.id)) == ['restart']
    assert out.unit_status == ops.WaitingStatus('waits to restart')


def test_leader(context: testing.Context[MyCharm]):
    """Two units have asked; the leader lets the first one go."""
    peers = peer_relation(
        'my-charm/0', others={'my-charm/2': ['restart'], 'my-charm/1': ['restart']}
    )
    state = testing.State(leader=True, relations={peers}, planned_units=3)
    out = context.run(context.on.relation_changed(peers, remote_unit=1), state)
    assert grants(out.get_relation(peers.id)) == {'my-charm/2': ['restart']}


def test_data_goes_with_a_request(context: testing.Context[MyCharm]):
    """As ``peer_relation`` gives it, so does the charm's own request."""
    given = peer_relation('my-charm/0', requested={'restart': {'zone': 'a'}}, others={})
    charm = context(context.on.update_status(), testing.State(relations={given}))
    with charm as manager:
        manager.charm.coordinator.acquire('other', {'zone': 'b'})
        out = manager.run()
    extra = json.loads(out.get_relation(given.id).local_unit_data['coordinator-v1'])
    assert extra['data'] == {'other': {'zone': 'b'}, 'restart': {'zone': 'a'}}


def test_a_lock_that_another_unit_holds_is_not_granted(context: testing.Context[MyCharm]):
    peers = peer_relation(
        'my-charm/0',
        requested=['restart'],
        others={'my-charm/1': ['restart']},
        granted_to={'my-charm/1': ['restart']},
    )
    state = testing.State(leader=True, relations={peers}, planned_units=2)
    out = context.run(context.on.update_status(), state)
    assert MyCharm.done == ['update-status']
    assert grants(out.get_relation(peers.id)) in ({'my-charm/1': ['restart']}, {})
    assert out.unit_status == ops.WaitingStatus('waits to restart')


def test_a_hook_that_fails_gives_nothing_back(context: testing.Context[MyCharm]):
    MyCharm.fails = True
    peers = peer_relation('my-charm/0', granted=['restart'])
    state = testing.State(relations={peers})
    with pytest.raises(testing.errors.UncaughtCharmError):
        context.run(context.on.update_status(), state)
    MyCharm.fails = False
    context.run(context.on.update_status(), state)
    assert MyCharm.done[-1] == 'granted restart'


def test_a_deferred_event_asks_again_and_never_runs_without_the_lock(
    context: testing.Context[MyCharm],
):
    MyCharm.defers = True
    peers = peer_relation('my-charm/0', granted={'restart': {'zone': 'a'}})
    out = context.run(context.on.update_status(), testing.State(relations={peers}))
    assert requests(out.get_relation(peers.id)) == []
    assert out.deferred == []
    MyCharm.done.clear()
    MyCharm.defers = False
    # The unit asks again, waits, and is granted by the leader: only now its handler runs.
    out = context.run(context.on.update_status(), out)
    assert MyCharm.done == ['update-status', 'requested restart']
    asked = out.get_relation(peers.id)
    assert requests(asked) == ['restart']
    extra = json.loads(asked.local_unit_data['coordinator-v1'])
    assert extra['data'] == {'restart': {'zone': 'a'}}
    leader = testing.Context(MyCharm, meta=META, actions=ACTIONS, unit_id=1)
    seen = dataclasses.replace(asked, peers_data={0: asked.local_unit_data}, local_unit_data={})  # type: ignore
    state = testing.State(leader=True, relations={seen}, planned_units=2)
    decided = leader.run(leader.on.relation_changed(seen, remote_unit=0), state)
    given = decided.get_relation(peers.id)
    assert grants(given) == {'my-charm/0': ['restart']}
    mine = dataclasses.replace(asked, local_app_data=given.local_app_data)  # type: ignore
    MyCharm.done.clear()
    out = context.run(context.on.update_status(), dataclasses.replace(out, relations={mine}))
    assert MyCharm.done == ['update-status', 'granted restart']


def test_without_a_peer_relation_a_request_is_kept(context: testing.Context[MyCharm]):
    out = context.run(context.on.config_changed(), testing.State())
    peers = testing.PeerRelation('coordinator')
    state = dataclasses.replace(out, relations={peers})
    out = context.run(context.on.relation_created(peers), state)
    assert requests(out.get_relation(peers.id)) == ['restart']


def test_an_action_asks_for_nothing(context: testing.Context[MyCharm]):
    peers = peer_relation('my-charm/0', granted=['restart'])
    with pytest.raises(testing.ActionFailed, match='not_in_hook'):
        context.run(context.on.action('restart'), testing.State(relations={peers}))
    assert MyCharm.done == []


@pytest.mark.parametrize('relation', [None, 'nonsense'])
def test_a_charm_without_the_peer_relation_is_told_so(relation: str | None):
    class Bare(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            with pytest.raises(errors.HostError, match='declare one under peers') as raised:
                Coordinator(self, relation=relation)
            assert raised.value.code == 'no_relation'

    context = testing.Context(Bare, meta={'name': 'bare'})
    context.run(context.on.update_status(), testing.State())


def test_wrong_types_are_told_at_once():
    class Wrong(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            coordinator = Coordinator(self, policy='serial')
            with pytest.raises(errors.UsageError, match='named by a string'):
                coordinator.acquire(7)  # type: ignore
            with pytest.raises(errors.UsageError, match='policy must be'):
                Coordinator(self, policy=7, key='other')  # type: ignore

    context = testing.Context(Wrong, meta={'name': 'wrong', 'peers': META['peers']})
    context.run(context.on.update_status(), testing.State())


def test_the_policy_may_come_from_the_operator(tmp_path: pathlib.Path):
    class Swapping(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            self.coordinator = Coordinator(self, policy='pause', swap=PolicySource())

    meta = {**META, 'resources': {'coordinator-policy': {'type': 'file', 'filename': 'x.wasm'}}}
    config = {'options': {'coordinator-policy': {'type': 'string', 'default': ''}}}
    context = testing.Context(Swapping, meta=meta, config=config, charm_root=tmp_path / 'charm')
    (tmp_path / 'charm').mkdir()
    module = tmp_path / 'attached.wasm'
    grant = [{'unit': 'my-charm/1', 'lock': 'restart'}]
    module.write_bytes(scripted_policy(decide={'ok': {'grant': grant}}))
    peers = peer_relation('my-charm/0', others={'my-charm/1': ['restart']})
    state = testing.State(leader=True, relations={peers}, planned_units=2)
    assert grants(context.run(context.on.start(), state).get_relation(peers.id)) == {}

    attached = testing.Resource(name='coordinator-policy', path=module)
    changed = dataclasses.replace(state, resources={attached})
    granted = {'my-charm/1': ['restart']}
    out = context.run(context.on.upgrade_charm(), changed)
    assert grants(out.get_relation(peers.id)) == granted
    assert grants(context.run(context.on.update_status(), state).get_relation(peers.id)) == granted
    rules = dataclasses.replace(changed, config={'coordinator-policy': 'pause'})
    out = context.run(context.on.config_changed(), rules)
    assert grants(out.get_relation(peers.id)) == {}


def test_an_unknown_policy_is_told_of_in_the_first_hook_of_the_leader():
    class Wrong(ops.CharmBase):
        def __init__(self, framework: ops.Framework):
            super().__init__(framework)
            self.coordinator = Coordinator(self, policy='serail')

    context = testing.Context(Wrong, meta={'name': 'wrong', 'peers': META['peers']})
    state = testing.State(leader=True, relations={testing.PeerRelation('coordinator')})
    with pytest.raises(testing.errors.UncaughtCharmError) as raised:
        context.run(context.on.install(), state)
    assert isinstance(raised.value.__cause__, errors.PolicyError)
