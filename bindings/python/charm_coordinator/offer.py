"""What an operator offers as the policy.

That is a module in a charm resource, or else in a file of the charm, and what stands in the config
option. Nothing of it has been looked into yet.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal, NamedTuple

from charm_coordinator import errors, kept, option, policy

if TYPE_CHECKING:
    from charm_coordinator.host import Hook


class Places(NamedTuple):
    """Where it is to be found; None: nowhere."""

    resource: str | None
    option: str | None
    file: str | None
    """A path."""


class File(NamedTuple):
    """A file that may hold a module."""

    origin: Literal['resource', 'file']
    wasm: bytes
    sha256: str


class Offer(NamedTuple):
    """What there is."""

    file: File | None
    option: option.Option


class RefusalError(Exception):
    """Why something new does not become the policy."""

    def __init__(self, origin: kept.Origin, code: str, message: str, sha256: str = ''):
        super().__init__(f'{code}: {message}')
        self.refused = kept.Refused(origin, sha256, code, message)


def find_offer(hook: Hook, places: Places, decided_before: bool) -> Offer:
    """Asks Juju, and reads.

    Args:
        hook: the hook that runs.
        places: where to look.
        decided_before: whether the policy in force came from the resource. One that was never
            attached is none; one that has decided and is not to be had any more is a failure.

    Raises:
        RefusalError
    """
    return Offer(_find_file(hook, places, decided_before), _find_option(hook, places.option))


def _find_file(hook: Hook, places: Places, decided_before: bool) -> File | None:
    if places.resource is not None:
        path = _path_of(hook, places.resource)
        if path is None and decided_before:
            raise RefusalError('resource', 'resource_failed', 'Juju does not have it any more')
        wasm = b'' if path is None else _read('resource', path)
        # Juju keeps no resource without a file, so an empty one is how to take a policy back.
        if wasm:
            return File('resource', wasm, policy.sha256_of(wasm))
    if places.file is None:
        return None
    wasm = _read('file', places.file)
    return File('file', wasm, policy.sha256_of(wasm))


def _path_of(hook: Hook, resource: str) -> str | None:
    try:
        return hook.resource(resource)
    except errors.HostError as error:
        raise RefusalError('resource', 'resource_failed', str(error)) from None


def _find_option(hook: Hook, name: str | None) -> option.Option:
    if name is None:
        return option.Option()
    try:
        value = hook.config().get(name)
    except errors.HostError as error:
        raise RefusalError('option', 'config_failed', str(error)) from None
    try:
        return option.read_option(value)
    except errors.CoordinatorError as error:
        raise RefusalError('option', error.code, str(error)) from None


def _read(origin: Literal['resource', 'file'], path: str) -> bytes:
    try:
        size = os.path.getsize(path)
        if size > policy.MOST_FILE:
            message = f'the file has {size} bytes; at most {policy.MOST_FILE}'
            raise RefusalError(origin, 'too_big', message)
        with open(path, 'rb') as file:
            return file.read()
    except OSError as error:
        raise RefusalError(origin, f'{origin}_failed', str(error)) from None
