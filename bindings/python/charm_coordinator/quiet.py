"""Whether a hook has nothing to decide, so that the core need not be asked, nor its engine loaded.

Loading the engine takes longer than everything else in such a hook. The answer must be the core's
own: only what it would answer with nothing at all is recognised here, in the form in which the
core writes it. Whatever else is found, be it unusual, unreadable or new, is left to the core.
"""

from __future__ import annotations

import json
import re

from charm_coordinator.exchange import is_list, is_object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

_FIRST_HOOKS = frozenset(['start', 'config-changed', 'upgrade-charm', 'leader-elected'])
"""In these, and in relation-created, the core looks for requests saved without a relation."""

_MOST_VALUE = 65_536
_MOST_LOCK = 256
_MOST_DIGITS = 15

# A day that every year has; what the core thinks of others need not be known here.
_TIME = re.compile(
    r'(?!0000)[0-9]{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])'
    r'|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)'
    r' (?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z'
)


def is_quiet(snapshot: Mapping[str, Any]) -> bool:
    """Whether the core would answer this ``start``, and ``end`` after it, with nothing at all.

    Nothing is held, requested, changed, logged or found wrong: this unit does not lead, has no flag
    set and no request, its data and the grants are as the core writes them, and it has done with
    each grant that names it.

    Args:
        snapshot: the fields of ``start``, as ``host/abi.md`` has them.
    """
    if snapshot['leader'] or snapshot['flags']:
        return False
    key: str = snapshot['key']
    settings: Mapping[str, str] = snapshot['settings']
    own: Mapping[str, str] = snapshot['databags'].get(snapshot['unit'], {})
    # What JSON writes in escapes may be no text, and then the core says so.
    if not all(text.isascii() and '\\' not in text for text in (*settings.values(), *own.values())):
        return False
    try:
        done = _own_done(snapshot, own, key)
        return done is not None and _are_grants_quiet(snapshot, settings, key, done)
    except (ValueError, RecursionError):
        return False


def _own_done(
    snapshot: Mapping[str, Any], own: Mapping[str, str], key: str
) -> dict[str, str] | None:
    """What the unit has done, by lock; None where there is more to its own data."""
    if not snapshot['relation']:
        return None if own or snapshot['saved'] != '' else {}
    requests, extra = own.get(key, ''), own.get(f'{key}-v1', '')
    if requests not in ('', '{}') or len(extra) > _MOST_VALUE:
        return None
    if extra == '':
        return None if _may_have_saved(snapshot) else {}
    document = _read(extra)
    if document.keys() != {'done', 'v'} or not _is_v1(document):
        return None
    done = document['done']
    return done if _are_done(done) else None


def _may_have_saved(snapshot: Mapping[str, Any]) -> bool:
    name: str = snapshot['hook']
    if snapshot['context'] != 'hook':
        return False
    return name in _FIRST_HOOKS or name.endswith('-relation-created')


def _are_grants_quiet(
    snapshot: Mapping[str, Any], settings: Mapping[str, str], key: str, done: Mapping[str, str]
) -> bool:
    if snapshot['store'] == 'application':
        reign = _greatest_reign(settings, key)
        if reign == 0:
            return True
        document = _read(settings[f'{key}-r{reign}'])
        if not isinstance(document.get('writer'), str):
            return False
        grants = document.pop('grants', {})
    else:
        grants = _read(settings.get(key, '') or '{}')
        extra = settings.get(f'{key}-v1', '')
        document = _read(extra) if extra else {'v': 1}
    return (
        _are_ids_by_unit(grants)
        and all(done.get(lock, '') >= id_ for lock, id_ in grants.get(snapshot['unit'], {}).items())
        and _is_document(document)
    )


def _greatest_reign(settings: Mapping[str, str], key: str) -> int:
    prefix = f'{key}-r'
    greatest = 0
    for name, value in settings.items():
        number = name.removeprefix(prefix)
        if value == '' or number == name or not number.isdigit() or number.startswith('0'):
            continue
        if len(number) > _MOST_DIGITS:
            raise ValueError('left to the core')
        greatest = max(greatest, int(number))
    return greatest


def _is_document(document: dict[str, Any]) -> bool:
    """The leader's document without its grants."""
    known = {'generation', 'marks', 'order', 'policy', 'released', 'v', 'writer'}
    return (
        document.keys() <= known
        and _is_v1(document)
        and type(document.get('generation', 0)) is int
        and _are_ids_by_unit(document.get('marks', {}))
        and _are_ids_by_unit(document.get('released', {}))
        and _is_order(document.get('order', []))
        and _are_texts(document.get('policy', {}))
    )


def _is_v1(document: dict[str, Any]) -> bool:
    return type(document.get('v')) is int and document['v'] == 1


def _is_order(order: object) -> bool:
    return is_list(order) and all(
        is_list(item) and len(item) == 3 and all(isinstance(text, str) for text in item)
        for item in order
    )


def _are_texts(value: object) -> bool:
    return is_object(value) and all(isinstance(text, str) for text in value.values())


def _are_ids_by_unit(value: object) -> bool:
    return is_object(value) and all(_are_ids(ids) for ids in value.values())


def _are_done(value: object) -> bool:
    return (
        is_object(value) and _are_ids(value) and all(0 < len(lock) <= _MOST_LOCK for lock in value)
    )


def _are_ids(value: object) -> bool:
    return is_object(value) and all(isinstance(id_, str) and is_id(id_) for id_ in value.values())


def is_id(text: str) -> bool:
    """Whether a text is a request's id; of those that are, a leap day is left to the core."""
    return _TIME.fullmatch(text) is not None


def _read(text: str) -> dict[str, Any]:
    """Reads an object of the kind the core writes; anything else is a ValueError."""
    value = json.loads(
        text,
        object_pairs_hook=_object,
        parse_int=_whole,
        parse_float=_refuse,
        parse_constant=_refuse,
    )
    if not is_object(value):
        raise ValueError('left to the core')
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError('left to the core')
    return value


def _whole(text: str) -> int:
    if text.startswith('-') or len(text) > _MOST_DIGITS:
        raise ValueError('left to the core')
    return int(text)


def _refuse(text: str) -> Any:
    raise ValueError('left to the core')
