"""Reads what a coordinator has to read, and does nothing with it."""

import json
import os
import subprocess


def tool(*args):
    return json.loads(subprocess.check_output([args[0], '--format=json', *args[1:]]))


leader = tool('is-leader')
relation = tool('relation-ids', 'coordinator')[0]
tool('relation-get', '-r', relation, '-', os.environ['JUJU_UNIT_NAME'])
tool('leader-get', '-')
if leader:
    for unit in tool('relation-list', '-r', relation):
        tool('relation-get', '-r', relation, '-', unit)
