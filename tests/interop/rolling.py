"""One charm for the original library and for the drop-in.

On config-changed it asks for two locks, and it does the operation of each only while it holds it.
Everything of ``hookenv`` is the original's; only the programs that it runs are answered in this
process.
"""

import datetime
import os
import subprocess

import charm_coordinator.charmhelpers
import charm_coordinator.core
import charmhelpers.coordinator
from charmhelpers.core import hookenv

LOCKS = ('restart', 'migrate')
MODULES = {
    'original': charmhelpers.coordinator,
    'drop-in': charm_coordinator.charmhelpers,
}


class Programs:
    """``subprocess``, as far as ``hookenv`` uses it."""

    CalledProcessError = subprocess.CalledProcessError
    PIPE = subprocess.PIPE
    STDOUT = subprocess.STDOUT

    def __init__(self, call):
        self._call = call

    def check_output(self, command, **options):
        """Standard output; raises if the program fails."""
        exit_code, stdout, stderr = self._call(command[0], command[1:])
        if exit_code != 0:
            raise subprocess.CalledProcessError(exit_code, command, stdout, stderr)
        return stdout if options.get('universal_newlines') else stdout.encode()

    def check_call(self, command):
        """Raises if the program fails."""
        self.check_output(command)

    def call(self, command):
        """The exit code."""
        return self._call(command[0], command[1:])[0]


def simple(module):
    """The policy of the reactive layer: one unit at a time, whatever the lock."""

    class Simple(module.BaseCoordinator):
        def default_grant(self, lock, unit, granted, queue):
            if self.grants.get(unit):
                return True
            if any(self.grants.values()):
                return False
            return queue[0] == unit

        def _save_state(self):
            self.handle()
            super()._save_state()

    return Simple


CLASSES = {
    (name, policy): make
    for name, module in MODULES.items()
    for policy, make in (('serial', module.Serial), ('simple', simple(module)))
}


def warm_up() -> None:
    """Loads what a hook would load, so that its fork need not."""
    charm_coordinator.core.fresh_core()


def run(library: str, policy: str, serves: dict, call) -> None:
    """One hook."""

    def now() -> datetime.datetime:
        return datetime.datetime.strptime(call('now', [])[1], '%Y-%m-%d %H:%M:%S.%fZ')

    hookenv.subprocess = Programs(call)
    # It would look for Juju's own files, which no container of Kubernetes has either.
    hookenv.juju_version = lambda: os.environ['JUJU_VERSION']
    MODULES[library]._utcnow = now
    coordinator = CLASSES[library, policy]()
    hooks = hookenv.Hooks()
    name = os.environ['JUJU_HOOK_NAME']

    @hooks.hook(name)
    def anything():
        wanted = str(hookenv.config('version'))
        if name == 'start':
            for lock in LOCKS:
                serves.setdefault(lock, wanted)
                call('serves', [lock, wanted])
        for lock in LOCKS:
            if serves.get(lock, wanted) == wanted:
                continue
            held = coordinator.granted(lock)
            if not held and name == 'config-changed':
                held = coordinator.acquire(lock)
            if held:
                call('operate', [lock])
                call('serves', [lock, wanted])

    hooks.execute([name])
