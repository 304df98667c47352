"""The sample charm on charmhelpers as it was before it moved over: with the original coordinator."""

import os
import sys

import charmhelpers.coordinator
from charmhelpers.core import hookenv

# The charm changes the line of an import; here the import finds the original instead.
sys.modules['charm_coordinator.charmhelpers'] = charmhelpers.coordinator
# It would look for Juju's own files, which no container of Kubernetes has either.
hookenv.juju_version = lambda: os.environ['JUJU_VERSION']

import charm  # noqa: E402

charm.hooks.execute([os.environ['JUJU_DISPATCH_PATH']])
