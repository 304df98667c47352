"""The sample charm on the operator framework.

An HTTP server in each unit, restarted for a new version only while its unit holds the lock.
"""

import pathlib

import ops
import service
from charm_coordinator import PolicySource
from charm_coordinator.ops import Coordinator, GrantedEvent


class SampleCharm(ops.CharmBase):
    """Restarts one unit after another, as the policy in its configuration permits."""

    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.version = str(self.config['version'])
        warm_up = float(self.config['warm-up'])
        self.service = service.Service(pathlib.Path(self.charm_dir), warm_up)
        # What the operator attaches or configures under the name `coordinator-policy` goes before
        # the option `policy`.
        self.coordinator = Coordinator(
            self, operator_policy=self.config['policy'], swap=PolicySource()
        )
        framework.observe(self.on.start, self._on_start)
        framework.observe(self.on.config_changed, self._on_config_changed)
        framework.observe(self.coordinator.on.granted, self._on_granted)
        framework.observe(self.on.stop, self._on_stop)

    def _on_start(self, event: ops.StartEvent) -> None:
        # The first start takes nothing away from anybody, so it needs no lock.
        self.service.start(self.version)
        self.unit.status = ops.ActiveStatus(f'serves version {self.version}')

    def _on_config_changed(self, event: ops.ConfigChangedEvent) -> None:
        serves = self.service.version()
        if serves is None or serves == self.version:
            return
        if not self.coordinator.acquire('restart'):
            self.unit.status = ops.WaitingStatus(f'waits for restart to version {self.version}')

    def _on_granted(self, event: GrantedEvent) -> None:
        # In the hook in which the lock is held: perhaps the one above, perhaps a later one. If this
        # raises, or is killed, the unit keeps the lock and tries again: it must be able to run
        # twice.
        if self.service.version() != self.version:
            self.unit.status = ops.MaintenanceStatus(f'restart: to version {self.version}')
            self.service.stop()
            self.service.start(self.version)
        self.unit.status = ops.ActiveStatus(f'serves version {self.version}')

    def _on_stop(self, event: ops.StopEvent) -> None:
        self.service.stop()


if __name__ == '__main__':
    ops.main(SampleCharm)
