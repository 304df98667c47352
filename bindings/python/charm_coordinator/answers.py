"""What a policy answers, taken strictly.

Whatever it says that nobody expects is an error, never a guess.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from charm_coordinator import errors, exchange

if TYPE_CHECKING:
    from charm_coordinator import contract

_MOST_DEPTH = 64


def check_depth(answer: bytes) -> None:
    """Refuses JSON that is nested deeper than the core itself takes it.

    Raises:
        ModuleError: ``not_json``.
    """
    # What is left is brackets.
    brackets = re.sub(rb'"(?:[^"\\]|\\.)*"|[^][{}]', b'', answer, flags=re.DOTALL)
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket in b'[{' else -1
        if depth > _MOST_DEPTH:
            raise errors.ModuleError('not_json', f'the answer is nested deeper than {_MOST_DEPTH}')


def facts_of(answer: Mapping[str, Any]) -> tuple[str, str]:
    """Who the policy says it is: its name and its version.

    Raises:
        ModuleError: ``bad_answer``.
    """
    if 'error' in answer:
        raise _wrong('describe', f'it answered {_told(answer["error"])}')
    about = answer.get('ok', {})
    kind, name, version = about.get('kind'), about.get('name'), about.get('version')
    if kind != 'policy':
        raise _wrong('describe', f'its kind is {_show(kind)}; expected "policy"')
    if not _is_text(name):
        raise _wrong('describe', f'its name is {_show(name)}; expected a text')
    if not _is_text(version):
        raise _wrong('describe', f'its version is {_show(version)}; expected a text')
    return name, version


def needs_of(answer: Mapping[str, Any]) -> contract.PolicyNeeds:
    """What it wants to be told.

    Raises:
        ModuleError: ``bad_config``, ``bad_answer``.
    """
    if 'error' in answer:
        raise errors.ModuleError('bad_config', f'check: {_told(answer["error"])}')
    if 'ok' not in answer:
        raise _wrong('check', 'it asks, where a policy must answer')
    needs: Any = answer['ok'].get('needs', {})
    if not exchange.is_object(needs):
        raise _wrong('check', f'its needs are {_show(needs)}; expected an object')
    for need, value in needs.items():
        if need in ('options', 'released'):
            if not (exchange.is_list(value) and all(_is_text(one) for one in value)):
                raise _wrong('check', f'its need {need} is {_show(value)}; expected texts')
        elif need == 'units':
            if not isinstance(value, bool):
                raise _wrong('check', f'its need units is {_show(value)}; expected true or false')
        else:
            raise _wrong('check', f'it needs {_show(need)}, which is not known')
    known: Any = needs
    return known


def decision_of(answer: Mapping[str, Any], state: contract.PolicyState) -> contract.PolicyDecision:
    """The decision, if it is of the right form and grants only what is asked for, and that once.

    Nothing is left in it that the core could refuse to read.

    Raises:
        ModuleError: ``policy_error``, ``bad_answer``, ``not_asked``.
    """
    if 'error' in answer:
        raise errors.ModuleError('policy_error', f'decide: it answered {_told(answer["error"])}')
    if 'ok' not in answer:
        raise _wrong('decide', 'it asks, where a policy must answer')
    ok = answer['ok']
    unknown = ok.keys() - {'grant', 'wait', 'retry_after'}
    if unknown:
        found = _show(min(unknown))
        raise _wrong('decide', f'it has {found}; expected grant, wait and retry_after only')
    grant, wait, retry_after = ok.get('grant'), ok.get('wait', []), ok.get('retry_after', 0)
    granted = _entries(grant, 'unit', 'lock')
    if granted is None:
        raise _wrong('decide', f'grant is {_show(grant)}; expected objects with unit and lock')
    waiting = _entries(wait, 'unit', 'lock', 'reason')
    if waiting is None:
        raise _wrong('decide', f'wait is {_show(wait)}; expected such objects, with a reason')
    if not _are_seconds(retry_after):
        raise _wrong('decide', f'retry_after is {_show(retry_after)}; expected seconds')
    _check_asked(granted, state)
    decision: contract.PolicyDecision = {'grant': granted}
    if 'wait' in ok:
        decision['wait'] = waiting
    if 'retry_after' in ok:
        decision['retry_after'] = retry_after
    return decision


def _check_asked(grant: Iterable[Mapping[str, str]], state: contract.PolicyState) -> None:
    queued = {(one['unit'], one['lock']) for one in state['queue']}
    left = set(queued)
    for entry in grant:
        unit, lock = entry['unit'], entry['lock']
        if (unit, lock) in left:
            left.remove((unit, lock))
            continue
        is_queued = (unit, lock) in queued
        what = 'twice' if is_queued else 'who has not asked for it, or holds it already'
        raise errors.ModuleError('not_asked', f'decide: it grants {lock} to {unit}, {what}')


def _entries(entries: object, *members: str) -> list[dict[str, str]] | None:
    """These members of each entry; None if one is missing."""
    if not exchange.is_list(entries):
        return None
    found: list[dict[str, str]] = []
    for entry in entries:
        if not exchange.is_object(entry):
            return None
        texts = {name: entry[name] for name in members if isinstance(entry.get(name), str)}
        if len(texts) < len(members):
            return None
        found.append({name: exchange.well_formed(text) for name, text in texts.items()})
    return found


def _are_seconds(value: object) -> bool:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return False
    return 0 <= value < math.inf


def _is_text(value: object) -> bool:
    return isinstance(value, str) and value != ''


def _wrong(op: str, what: str) -> errors.ModuleError:
    return errors.ModuleError('bad_answer', f'{op}: {what}')


def _told(error: Mapping[str, str]) -> str:
    """The policy's own words for what it refuses."""
    code, message, path = error['code'], error['message'], error['path']
    return f'{message or code}{f" (at {path})" if path else ""}'


def _show(value: object) -> str:
    return 'missing' if value is None else json.dumps(value)[:80]
