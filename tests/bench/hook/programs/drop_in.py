"""The same charm on the drop-in."""

import os

from charm_coordinator.charmhelpers import Serial
from charmhelpers.core import hookenv

coordinator = Serial(peer_relation_name='coordinator')
hookenv._run_atstart()
if os.environ['BENCH_ROLE'] == 'requester':
    coordinator.acquire('restart')
hookenv._run_atexit()
