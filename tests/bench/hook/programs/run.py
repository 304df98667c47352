"""Runs a program of this folder, and tells the processor time of its process alone: seconds, from the start of Python on."""

import sys
import time

program = sys.argv.pop(1)
with open(program) as file:
    code = compile(file.read(), program, 'exec')
exec(code, {'__name__': '__main__'})
with open(sys.argv.pop(1), 'w') as file:
    file.write(str(time.process_time()))
