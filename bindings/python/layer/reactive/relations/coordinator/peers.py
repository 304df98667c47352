"""Tells charms.reactive, which looks for one, that the peer relation has no endpoint of its own."""

from charms.reactive.relations import RelationFactory


class CoordinatorPeers(RelationFactory):
    """The coordinator reads and writes its relation itself."""

    @classmethod
    def from_name(cls, relation_name):
        """There is nothing to talk to."""
        return None

    @classmethod
    def from_flag(cls, flag):
        """Handlers of ``coordinator.granted.LOCK`` are given nothing."""
        return None
