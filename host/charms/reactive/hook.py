"""Runs one hook, as the hooks do that charm build makes."""

import platform

# charmhelpers refuses to load where it finds no Ubuntu; the local Juju runs anywhere.
platform.linux_distribution = lambda: ('Ubuntu',)

from charms import reactive

reactive.main()
