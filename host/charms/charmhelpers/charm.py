"""The sample charm on charmhelpers.

An HTTP server in each unit, restarted for a new version only while its unit holds the lock. With the
old library it is the same charm, but for the line that imports Serial.
"""

import os
import pathlib

import service
from charm_coordinator.charmhelpers import Serial
from charmhelpers.core import hookenv

hooks = hookenv.Hooks()
coordinator = Serial()


def wanted() -> str:
    """The version that the configuration names."""
    return str(hookenv.config('version'))


def server() -> service.Service:
    """This unit's server."""
    return service.Service(pathlib.Path(hookenv.charm_dir()), float(hookenv.config('warm-up')))


def is_outdated() -> bool:
    """Whether the server runs, and not the wanted version."""
    return server().version() not in (None, wanted())


@coordinator.require('restart', is_outdated)
def restart() -> None:
    """Runs while this unit holds the lock. If it is cut short it runs again."""
    if is_outdated():
        hookenv.status_set('maintenance', f'restart: to version {wanted()}')
        server().stop()
    server().start(wanted())
    hookenv.status_set('active', f'serves version {wanted()}')


@hooks.hook('start')
def start() -> None:
    """The first start takes nothing away from anybody, so it needs no lock."""
    server().start(wanted())
    hookenv.status_set('active', f'serves version {wanted()}')


@hooks.hook('stop')
def stop() -> None:
    """The unit goes."""
    server().stop()


@hooks.hook(
    'install',
    'config-changed',
    'update-status',
    'leader-elected',
    'leader-settings-changed',
    'coordinator-relation-created',
    'coordinator-relation-joined',
    'coordinator-relation-changed',
    'coordinator-relation-departed',
    'upgrade-charm',
    'remove',
)
def anything() -> None:
    """The lock may have been granted; if it is needed and was not asked for, it is asked for."""
    restart()
    if coordinator.requested('restart') and not coordinator.granted('restart'):
        hookenv.status_set('waiting', f'waits for restart to version {wanted()}')


if __name__ == '__main__':
    hooks.execute([os.environ['JUJU_DISPATCH_PATH']])
