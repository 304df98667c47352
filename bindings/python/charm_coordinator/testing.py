"""Peer relations for the tests of a charm that uses :mod:`charm_coordinator.ops`.

Example::

    from ops import testing
    from charm_coordinator.testing import peer_relation


    def test_restarts_when_granted():
        context = testing.Context(MyCharm)
        peers = peer_relation('my-charm/0', granted=['restart'])
        context.run(context.on.update_status(), testing.State(relations={peers}))
        assert restarted == ['my-charm/0']

Here the leader is another unit, and has granted. With ``requested`` in place of ``granted`` this
unit has asked and waits. For a test of the leader give the requests of other units, and look at
what was granted to whom::

    def test_the_leader_lets_one_unit_restart():
        context = testing.Context(MyCharm)
        peers = peer_relation('my-charm/0', others={'my-charm/1': ['restart']})
        state = testing.State(leader=True, relations={peers})
        out = context.run(context.on.relation_changed(peers, remote_unit=1), state)
        assert grants(out.get_relation(peers.id)) == {'my-charm/1': ['restart']}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from ops import testing

Locks = Iterable[str] | Mapping[str, Mapping[str, Any]]
"""Names of locks; or the data that goes with each request, by lock."""

_ASKED_AT = '2026-01-01 00:00:00.{:06}Z'


def peer_relation(
    unit: str,
    *,
    granted: Locks = (),
    requested: Locks = (),
    others: Mapping[str, Locks] | None = None,
    granted_to: Mapping[str, Iterable[str]] | None = None,
    endpoint: str = 'coordinator',
    **more: Any,
) -> testing.PeerRelation:
    """A peer relation in which locks have been asked for and granted.

    Args:
        unit: the unit under test: ``my-charm/0``.
        granted: locks that this unit has asked for and been granted.
        requested: locks that it has asked for and waits for.
        others: the locks that other units have asked for, by unit. Who comes first has asked first.
            Here as above, a dict in place of a list has the data that goes with each request.
        granted_to: of those, the locks that have been granted. All others in sight need no entry.
        endpoint: the name of the relation.
        more: other arguments of ``ops.testing.PeerRelation``.
    """
    number = 0

    def ask(locks: Locks) -> dict[str, str]:
        nonlocal number
        ids: dict[str, str] = {}
        for lock in locks:
            number += 1
            ids[lock] = _ASKED_AT.format(number)
        return ids

    held = ask(granted)
    own = {**held, **ask(requested)}
    asked = {other: ask(locks) for other, locks in (others or {}).items()}
    databags = {
        _number(other): _databag(ids, (others or {})[other]) for other, ids in asked.items()
    }
    grants = {unit: held} if held else {}
    for other, locks in (granted_to or {}).items():
        grants[other] = {lock: asked[other][lock] for lock in locks}
    return testing.PeerRelation(
        endpoint,
        local_unit_data=_databag(own, granted, requested),
        local_app_data=_document(unit, grants),
        peers_data=databags,
        **more,
    )


def grants(relation: testing.RelationBase) -> dict[str, list[str]]:
    """The locks that are granted in a relation, by unit."""
    reigns = [key for key in relation.local_app_data if key.startswith('coordinator-r')]
    if not reigns:
        return {}
    newest = max(reigns, key=lambda key: int(key.removeprefix('coordinator-r')))
    document = json.loads(relation.local_app_data[newest])
    return {unit: sorted(ids) for unit, ids in document['grants'].items()}


def requests(relation: testing.RelationBase) -> list[str]:
    """The locks that the unit under test has asked for, granted or not."""
    return sorted(json.loads(relation.local_unit_data.get('coordinator', '{}')))


def _number(unit: str) -> int:
    return int(unit.partition('/')[2])


def _databag(ids: dict[str, str], *asked: Locks) -> dict[str, str]:
    if not ids:
        return {}
    data: dict[str, Any] = {}
    for locks in asked:
        data |= locks if isinstance(locks, Mapping) else {}
    extra: dict[str, Any] = {'done': {}, 'v': 1}
    if data:
        extra['data'] = data
    return {
        'coordinator': json.dumps(ids, sort_keys=True),
        'coordinator-v1': json.dumps(extra, sort_keys=True),
    }


def _document(unit: str, given: dict[str, dict[str, str]]) -> dict[str, str]:
    if not given:
        return {}
    # Another unit than the one under test has led so far.
    writer = f'{unit.partition("/")[0]}/999'
    document: dict[str, Any] = {
        'generation': 1,
        'grants': given,
        'order': [],
        'v': 1,
        'writer': writer,
    }
    return {'coordinator-r1': json.dumps(document, sort_keys=True)}
