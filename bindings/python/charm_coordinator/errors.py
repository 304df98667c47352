"""Every error a charm author can meet.

Each has a ``code`` that stays the same from version to version and from language to language.
Messages are for people and may change.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = [
    'CoordinatorError',
    'CoreError',
    'HookToolError',
    'HostError',
    'InstallationError',
    'ModuleError',
    'PolicyError',
    'UsageError',
]


class CoordinatorError(Exception):
    """What all errors of this package have in common."""

    code: str
    """Stable; compare this and never the message."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class InstallationError(CoordinatorError):
    """Something that belongs to this package is not on this machine.

    The codes are ``no_engine`` (nothing here can run WebAssembly), ``no_core`` (the core, or
    ``meter.wasm`` beside it, was not built into the package) and ``no_yaml`` (PyYAML).
    """


class ModuleError(CoordinatorError):
    """A module cannot be loaded, or broke the contract while it ran.

    Its instance is of no more use. The codes are those of ``host/abi.md``, "What a host checks at
    load" and "A policy module".
    """

    trap: str | None
    """Why it trapped, as in ``host/abi.md``; only with the code ``trap``."""

    def __init__(self, code: str, message: str, trap: str | None = None):
        super().__init__(code, message)
        self.trap = trap


class CoreError(CoordinatorError):
    """The core answered ``error``: what it was asked cannot be done, and nothing has changed."""

    path: str
    """The field that was wrong, or ``''``."""

    def __init__(self, code: str, message: str, path: str):
        super().__init__(code, f'{message} (at {path})' if path else message)
        self.path = path


class PolicyError(CoreError):
    """The policy in the charm's own code is not valid; ``path`` names the rule or the field."""


class HostError(CoordinatorError):
    """Juju's side failed. In a hook this must become a failed hook, which Juju runs again."""


class HookToolError(HostError):
    """A hook tool failed."""

    tool: str
    args_given: tuple[str, ...]
    exit_code: int | None
    """None if the tool could not be started or was killed."""
    stderr: str

    def __init__(self, tool: str, args: Sequence[str], exit_code: int | None, stderr: str):
        how = 'did not run' if exit_code is None else f'exited with {exit_code}'
        command = ' '.join([tool, *args])[:200]
        super().__init__('hook_tool_failed', f'{command} {how}: {stderr.strip()}')
        self.tool = tool
        self.args_given = tuple(args)
        self.exit_code = exit_code
        self.stderr = stderr


class UsageError(CoordinatorError):
    """This package was called with a value of the wrong type, or when the call makes no sense."""
