"""Has each hook of a charm with this layer begin and end with its coordinator."""

import charms.coordinator  # noqa: F401
