"""Hook tools as functions: run one, read its JSON, and refuse what Juju would never say."""

from __future__ import annotations

import json

from charm_coordinator import errors, exchange, process

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from re import Pattern
    from typing import Any

    RunTool = Callable[[str, Sequence[str], str], str]
    """Runs a hook tool with arguments and input, and gives its output; raises HookToolError."""


def run_tool(tool: str, args: Sequence[str], text: str = '') -> str:
    """Runs the tool that is on PATH.

    Raises:
        HookToolError
    """
    try:
        code, output, stderr = process.run(tool, args, text.encode())
    except (OSError, ValueError) as error:
        raise errors.HookToolError(tool, args, None, str(error)) from None
    if code != 0:
        message = stderr.decode('utf-8', 'replace')
        raise errors.HookToolError(tool, args, code if code > 0 else None, message)
    return output.decode('utf-8', 'replace')


class Tools:
    """Hook tools with their answers checked."""

    def __init__(self, run: RunTool):
        self.run = run

    def json(self, tool: str, *args: str) -> Any:
        """What a tool answers; any form of JSON."""
        output = self.run(tool, ['--format=json', *args], '')
        try:
            return json.loads(output)
        except (ValueError, RecursionError):
            raise unexpected(tool, 'JSON', output) from None

    def values(self, tool: str, *args: str) -> dict[str, str]:
        """The strings by key that a tool answers."""
        answer = self.json(tool, *args)
        if answer is None:
            return {}
        if exchange.is_object(answer) and all(isinstance(value, str) for value in answer.values()):
            return answer
        raise unexpected(tool, 'strings by key', answer)

    def strings(self, tool: str, *args: str) -> list[str]:
        """The list of strings that a tool answers."""
        answer = self.json(tool, *args)
        if answer is None:
            return []
        if exchange.is_list(answer) and all(isinstance(item, str) for item in answer):
            return answer
        raise unexpected(tool, 'a list of strings', answer)

    def write(self, refusal: Pattern[str], tool: str, args: Sequence[str], text: str = '') -> bool:
        """Runs a tool that writes; False if it refused because this unit does not lead."""
        try:
            self.run(tool, args, text)
        except errors.HookToolError as error:
            if refusal.search(error.stderr):
                return False
            raise
        return True

    def is_leader(self) -> bool:
        """is-leader."""
        answer = self.json('is-leader')
        if isinstance(answer, bool):
            return answer
        raise unexpected('is-leader', 'true or false', answer)


def unexpected(tool: str, expected: str, found: object) -> errors.HostError:
    """The error for an answer that Juju would never give."""
    return errors.HostError('bad_output', f'{tool} gave {str(found)[:80]}; expected {expected}')
