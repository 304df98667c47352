"""Runs a policy that is a command: the input on standard input, the answer on standard output."""

from __future__ import annotations

from collections.abc import Sequence

from charm_coordinator import engine, wasi

_BEGIN = ('coordinator_start', '_start')


class Command:
    """A command that keeps the contract. Compiled once; each operation is a run of its own."""

    def __init__(self, program: engine.Program, limits: engine.Limits):
        self._program = program
        self._limits = limits
        self._begin = [name for name in _BEGIN if name in program.exports]

    def instantiate(self) -> Run:
        """Makes a fresh run, for one operation."""
        return Run(self._program, self._limits, begin=self._begin)


class Run(engine.Guarded):
    """One run of a command, for one operation."""

    def __init__(self, program: engine.Program, limits: engine.Limits, *, begin: Sequence[str]):
        self._wasi = wasi.Wasi(limits.text)
        # What runs at its start may call the host as well, and end the run.
        self._begin = begin
        super().__init__(program, limits, begin=(), given=self._wasi.functions())

    @property
    def lines(self) -> list[str]:
        """What it has written on standard error, without empty lines."""
        text = self._wasi.errors.decode('utf-8', 'replace')
        return [line for line in text.replace('\r\n', '\n').split('\n') if line]

    def call(self, text: bytes) -> bytes:
        """Gives the command its input, runs it to its end, and takes its output.

        Raises:
            ModuleError: ``exit`` if it ended with another exit code than 0, and by the codes of
                ``host/abi.md``.
        """
        self._check_input(text)
        self._wasi.begin(self._running, text, self._time_left)
        try:
            for name in self._begin:
                self._run(name)
        except wasi.ExitError as error:
            if error.code != 0:
                raise self._fail('exit', f'it ended with exit code {error.code}') from None
        except wasi.TooLongError:
            most = self._limits.text
            message = f'the answer has more than {most} bytes, which is the limit'
            raise self._fail('too_long', message) from None
        finally:
            self._wasi.end()
        answer = bytes(self._wasi.output)
        self._check_utf8(answer)
        return answer
