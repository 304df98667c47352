"""What is kept of the operator's policy from hook to hook, in a folder of the charm's directory.

It is the module that was found good, and beside it what decides, and what was refused. The format
is that of ``host/abi.md``, "Swapping a policy", the same in every language.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from charm_coordinator.exchange import is_object

if TYPE_CHECKING:
    from charm_coordinator import contract

Origin = Literal['resource', 'file', 'option']
"""Where something of a policy came from."""

_RECORD = 'policy.json'
_MODULE = 'policy.wasm'
_ORIGINS = ('resource', 'file', '')


class Refused(NamedTuple):
    """What an operator wanted last, and could not have."""

    origin: Origin
    sha256: str
    """Of the file; ``''`` if there is none, or it could not be read."""
    code: str
    message: str


class Kept(NamedTuple):
    """What decides, without the module itself; with nothing in it, the charm's own policy does."""

    origin: Literal['resource', 'file', ''] = ''
    """Of the module; ``''`` if there is none, and so are its name, version and sha256."""
    name: str = ''
    version: str = ''
    sha256: str = ''
    config: Any = {}  # noqa: RUF012
    """The module's."""
    needs: contract.PolicyNeeds = {}  # noqa: RUF012
    rules: Any = None
    """Those of the option; None if it has none."""
    limit: Any = None
    refused: Refused | None = None


class KeptFolder:
    """The folder.

    Args:
        path: it is made when something is to be kept, for this user alone.
    """

    def __init__(self, path: str):
        self.path = path

    def read(self) -> Kept | None:
        """What was kept; None if nothing was.

        Raises:
            OSError, ValueError: if there is something that cannot be read.
        """
        try:
            with open(self._at(_RECORD), encoding='utf-8') as file:
                record: Any = json.load(file)
        except FileNotFoundError:
            return None
        except RecursionError:
            record = None
        kept = _kept_of(record)
        if kept is None:
            raise ValueError('it is not what this version writes')
        return kept

    def module(self) -> bytes | None:
        """The module's file; None if it cannot be read."""
        try:
            with open(self._at(_MODULE), 'rb') as file:
                return file.read()
        except OSError:
            return None

    def write(self, kept: Kept, module: bytes | None) -> None:
        """Keeps this, the module first.

        If it ends in between, the record does not match the module, which its reader finds out.

        Args:
            kept: the record.
            module: the module's file; None if it stays as it is.

        Raises:
            OSError: if it cannot be written.
        """
        os.makedirs(self.path, mode=0o700, exist_ok=True)
        if module is not None:
            self._replace(_MODULE, module)
        text = json.dumps(_record_of(kept), indent=2, ensure_ascii=False)
        self._replace(_RECORD, f'{text}\n'.encode('utf-8', 'replace'))
        if kept.origin == '':
            with contextlib.suppress(FileNotFoundError):
                os.unlink(self._at(_MODULE))

    def forget(self) -> None:
        """Forgets everything: the next hook of a leader begins anew."""
        with contextlib.suppress(OSError):
            os.unlink(self._at(_RECORD))

    def _at(self, name: str) -> str:
        return os.path.join(self.path, name)

    def _replace(self, name: str, content: bytes) -> None:
        fresh = self._at(f'{name}.new')
        with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 'wb') as file:
            file.write(content)
        os.replace(fresh, self._at(name))


def _record_of(kept: Kept) -> dict[str, Any]:
    refused = None
    if kept.refused is not None:
        origin, sha256, code, message = kept.refused
        refused = {'from': origin, 'sha256': sha256, 'code': code, 'message': message}
    return {
        'v': 1,
        'from': kept.origin,
        'name': kept.name,
        'version': kept.version,
        'sha256': kept.sha256,
        'config': kept.config,
        'needs': kept.needs,
        'rules': kept.rules,
        'limit': kept.limit,
        'refused': refused,
    }


def _kept_of(record: Any) -> Kept | None:
    """The record's content; None if it is not of this version's form."""
    if not is_object(record) or record.get('v') is True or record.get('v') != 1:
        return None
    if not _are_texts(record, 'name', 'version', 'sha256') or record.get('from') not in _ORIGINS:
        return None
    if not is_object(record.get('needs')) or not {'config', 'rules', 'limit'} <= record.keys():
        return None
    refused = record.get('refused', ())
    if refused is not None and not (
        is_object(refused) and _are_texts(refused, 'from', 'sha256', 'code', 'message')
    ):
        return None
    return Kept(
        record['from'],
        record['name'],
        record['version'],
        record['sha256'],
        record['config'],
        record['needs'],
        record['rules'],
        record['limit'],
        _refused_of(refused),
    )


def _refused_of(refused: Any) -> Refused | None:
    if refused is None:
        return None
    return Refused(refused['from'], refused['sha256'], refused['code'], refused['message'])


def _are_texts(record: Mapping[str, Any], *members: str) -> bool:
    return all(isinstance(record.get(member), str) for member in members)
