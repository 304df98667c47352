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

TYPE_CHECKING = False
if TYPE_CHECKING:
    from charm_coordinator.contract import (
        Act,
        Policy,
        PolicyDecision,
        PolicyFunction,
        PolicyNeeds,
        PolicyState,
        Problem,
        Rule,
        SelfGrant,
        Status,
    )
    from charm_coordinator.coordinator import Coordinator
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
    from charm_coordinator.policy import PolicyModule, load_policy
    from charm_coordinator.swap import PolicySource

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
    'PolicyModule',
    'PolicyNeeds',
    'PolicySource',
    'PolicyState',
    'Problem',
    'Rule',
    'SelfGrant',
    'Status',
    'UsageError',
    'juju_host',
    'load_policy',
]

_CONTRACT = (
    'Act',
    'Policy',
    'PolicyDecision',
    'PolicyFunction',
    'PolicyNeeds',
    'PolicyState',
    'Problem',
    'Rule',
    'SelfGrant',
    'Status',
)
_MODULES = {
    'Coordinator': 'coordinator',
    'JujuHost': 'juju',
    'juju_host': 'juju',
    'MemoryApplication': 'memory',
    'MemoryHost': 'memory',
    'PolicyModule': 'policy',
    'PolicySource': 'swap',
    'load_policy': 'policy',
    **dict.fromkeys(_CONTRACT, 'contract'),
}


def __getattr__(name: str) -> object:
    # What a hook does not use, it does not pay for.
    if name not in __all__:
        raise AttributeError(f'module {__name__!r} has no attribute {name!r}')
    import importlib

    home = importlib.import_module(f'{__name__}.{_MODULES.get(name, "errors")}')
    return getattr(home, name)
