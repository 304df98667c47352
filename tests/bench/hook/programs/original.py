"""A charm on charmhelpers, with its own coordinator."""

import os

from charmhelpers.coordinator import Serial
from charmhelpers.core import hookenv

# It would run the agent's program, which is on machines of Juju alone.
hookenv.juju_version = lambda: '3.6.0'
coordinator = Serial(peer_relation_name='coordinator')
hookenv._run_atstart()
if os.environ['BENCH_ROLE'] == 'requester':
    coordinator.acquire('restart')
hookenv._run_atexit()
