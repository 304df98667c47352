"""The sample charm on charms.reactive.

An HTTP server in each unit, restarted for a new version only while its unit holds the lock.
"""

import pathlib

import charms.coordinator
import service
from charmhelpers.core import hookenv
from charms.reactive import hook, when

charms.coordinator.coordinator.operator_policy = hookenv.config('policy')

_config = hookenv.config()
_version = str(_config['version'])
_service = service.Service(pathlib.Path(hookenv.charm_dir()), float(_config['warm-up']))


@hook('start')
def start():
    # The first start takes nothing away from anybody, so it needs no lock.
    _service.start(_version)
    hookenv.status_set('active', f'serves version {_version}')


@hook('config-changed')
def config_changed():
    serves = _service.version()
    if serves is None or serves == _version:
        return
    if not charms.coordinator.acquire('restart'):
        hookenv.status_set('waiting', f'waits for restart to version {_version}')


@when('coordinator.granted.restart')
def restart():
    # In the hook in which the lock is held: perhaps the one above, perhaps a later one. If this
    # raises, or is killed, the unit keeps the lock and tries again: it must be able to run twice.
    if _service.version() != _version:
        hookenv.status_set('maintenance', f'restart: to version {_version}')
        _service.stop()
        _service.start(_version)
    hookenv.status_set('active', f'serves version {_version}')


@hook('stop')
def stop():
    _service.stop()
