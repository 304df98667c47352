"""Locks for the units of a Juju application: ask, be granted by the leader, operate, give back.

:class:`Coordinator` with :func:`juju_host` is for charms without a framework; ``charm_coordinator
.ops`` is for charms on the operator framework; :class:`MemoryApplication` is for tests.

A program for every event, and a test of it without Juju::

    import charm_coordinator

    restarted = []


    def run(host):
        with charm_coordinator.Coordinator(host, policy='serial') as coordinator:
            coordinator.when_granted('restart', lambda: restarted.append(host.hook.unit))
            if host.hook.name == 'config-changed':
                coordinator.acquire('restart')


    application = charm_coordinator.MemoryApplication(units=3)
    for event in ['config-changed', 'update-status', 'update-status']:
        for unit in application.units:
            host = application.hook(unit, event)
            run(host)
            host.commit()
    assert restarted == ['app/0', 'app/1', 'app/2']
"""

from charm_coordinator.asks import PolicyFunction
from charm_coordinator.contract import Policy, PolicyDecision, PolicyState, Problem, Rule, Status
from charm_coordinator.coordinator import Act, Coordinator, SelfGrant
from charm_coordinator.errors import (
    CoordinatorError,
    CoreError,
    HookToolError,
    HostError,
    InstallationError,
    ModuleError,
    PolicyError,
    UsageError,
)
from charm_coordinator.juju import JujuHost, juju_host
from charm_coordinator.memory import MemoryApplication, MemoryHost

__all__ = [
    'Act',
    'Coordinator',
    'CoordinatorError',
    'CoreError',
    'HookToolError',
    'HostError',
    'InstallationError',
    'JujuHost',
    'MemoryApplication',
    'MemoryHost',
    'ModuleError',
    'Policy',
    'PolicyDecision',
    'PolicyError',
    'PolicyFunction',
    'PolicyState',
    'Problem',
    'Rule',
    'SelfGrant',
    'Status',
    'UsageError',
    'juju_host',
]
