"""A charm without a framework."""

import os

import charm_coordinator

host = charm_coordinator.juju_host(relation='coordinator')
with charm_coordinator.Coordinator(host, policy='serial') as coordinator:
    if os.environ['BENCH_ROLE'] == 'requester':
        coordinator.acquire('restart')
