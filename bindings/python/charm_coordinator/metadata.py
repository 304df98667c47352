"""The name of the peer relation, from the charm's own metadata."""

from __future__ import annotations

import os

from charm_coordinator import errors, exchange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping


def peer_relation_name(env: Mapping[str, str]) -> str | None:
    """The peer relation to use; None if the charm declares none.

    ``coordinator`` if ``metadata.yaml`` or ``charmcraft.yaml`` declares it, else the first by name.

    Raises:
        HostError: ``bad_metadata`` if a file is there and cannot be read.
    """
    directory = env.get('JUJU_CHARM_DIR') or env.get('CHARM_DIR') or os.getcwd()
    for file in ('metadata.yaml', 'charmcraft.yaml'):
        names = _peers_in(os.path.join(directory, file))
        if names:
            return choose(names)
    return None


def choose(names: list[str]) -> str:
    """Of the peer relations of a charm the one to use."""
    return 'coordinator' if 'coordinator' in names else min(names)


def _peers_in(file: str) -> list[str]:
    try:
        with open(file, encoding='utf-8') as stream:
            text = stream.read()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise errors.HostError('bad_metadata', f'{file} cannot be read: {error}') from None
    # Loading a YAML parser takes as long as a hook tool, so a charm that names its peer relation is
    # spared it.
    import yaml

    try:
        metadata = yaml.safe_load(text)
    except Exception as error:
        # Not YAMLError alone: a date that is none is a ValueError, a number without digits an
        # IndexError, and so on.
        raise errors.HostError('bad_metadata', f'{file} is not YAML: {error}') from None
    peers = metadata.get('peers') if exchange.is_object(metadata) else None
    return [str(name) for name in peers] if exchange.is_object(peers) else []


def missing(wanted: str) -> errors.HostError:
    """The error for a charm that does not declare the peer relation it needs."""
    return errors.HostError(
        'no_relation',
        f"the charm's metadata has no {wanted}: declare one under peers, such as "
        'coordinator: { interface: coordinator }',
    )
