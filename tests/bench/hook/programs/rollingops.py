"""A charm on ops, with charmlibs-rollingops over its peer relation."""

import os
import pathlib

import ops
from charmlibs import pathops, rollingops

folder = pathlib.Path(os.environ['BENCH'])
(folder / 'metadata.yaml').write_text(
    'name: app\npeers:\n  coordinator: {interface: coordinator}\n'
)
os.environ['JUJU_CHARM_DIR'] = str(folder)
os.environ['JUJU_DISPATCH_PATH'] = f'hooks/{os.environ["JUJU_HOOK_NAME"]}'
os.environ['JUJU_MODEL_NAME'] = 'bench'
os.environ['JUJU_MODEL_UUID'] = '00000000-0000-4000-8000-000000000000'


class Charm(ops.CharmBase):
    def __init__(self, framework: ops.Framework):
        super().__init__(framework)
        self.operations = rollingops.RollingOpsManager(
            self,
            callback_targets={'restart': self.restart},
            peer_relation_name='coordinator',
            base_dir=pathops.LocalPath(folder / 'rollingops'),
        )
        framework.observe(self.on.update_status, self.ask)

    def ask(self, _: ops.EventBase):
        if os.environ['BENCH_ROLE'] == 'requester':
            self.operations.request_async_lock(callback_id='restart')

    def restart(self) -> rollingops.OperationResult:
        return rollingops.OperationResult.RELEASE


ops.main(Charm)
