"""What this process holds, and the order in which deliveries of one postback and conversion go out.

The rule: when a newer delivery is due the older one is tried first, and two of one
conversion are never on the wire at once, so that a late "pending" does not overwrite an "approved". Once a
newer one got through, older unfinished ones are void. The database sees to those that nobody holds; this
sees to those in our hands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from redound.core.deliveries import LeasedDelivery

_Key = tuple[str, str]


class _Sequence:
    """The held deliveries of one key where there were several, and the ID of the one on the wire."""

    __slots__ = ("busy", "held", "waiting")

    def __init__(self, first: LeasedDelivery, *, busy: bool) -> None:
        self.held = [first]
        self.waiting: list[LeasedDelivery] = []
        self.busy = first.id if busy else ""


def _key(delivery: LeasedDelivery) -> _Key:
    # Clicks have no conversion, and a test waits for nobody: each of them is a sequence of its own.
    if delivery.test or not delivery.conversion_id:
        return (delivery.id, "")
    return (delivery.postback_id, delivery.conversion_id)


class Sequences:
    """Every delivery in this process: buffered, on the wire, or not yet recorded.

    Nearly all are alone under their key and cost one dictionary entry; only siblings make a sequence.
    """

    def __init__(self) -> None:
        self._alone: dict[_Key, LeasedDelivery] = {}
        self._sequences: dict[_Key, _Sequence] = {}
        self._begun: set[str] = set()
        self._void: set[str] = set()
        self.held = 0

    def hold(self, delivery: LeasedDelivery) -> bool:
        """Take a delivery in; False when it is here already, then it must not be tried a second time.

        This closes the race of a lease that ran out while its send was still on the wire and that the same
        process claims again.
        """
        key = _key(delivery)
        other = self._alone.setdefault(key, delivery)
        if other is not delivery:
            sequence = self._sequences.get(key)
            if sequence is None:
                sequence = _Sequence(other, busy=other.id in self._begun)
            if any(each.id == delivery.id for each in sequence.held):
                return False
            self._sequences[key] = sequence
            sequence.held.append(delivery)
        self.held += 1
        return True

    def is_void(self, delivery: LeasedDelivery) -> bool:
        """Say whether a newer one got through meanwhile: the database has ended this one already."""
        return bool(self._void) and delivery.id in self._void

    def begin(self, delivery: LeasedDelivery) -> bool:
        """Say whether it may go now. If not it is kept, and `leave` returns it when its turn has come."""
        if self._sequences:
            sequence = self._sequences.get(_key(delivery))
            if sequence is not None:
                if sequence.busy or any(other.id < delivery.id for other in sequence.held):
                    sequence.waiting.append(delivery)
                    return False
                sequence.busy = delivery.id
        self._begun.add(delivery.id)
        return True

    def leave(self, delivery: LeasedDelivery, *, delivered: bool = False) -> list[LeasedDelivery]:
        """Let go of a delivery; return those that waited for it, newest first.

        An ordered one that got through voids the older ones that are held.
        """
        key = _key(delivery)
        if key not in self._alone:
            return []
        self.held -= 1
        self._begun.discard(delivery.id)
        sequence = self._sequences.get(key)
        if sequence is None:
            del self._alone[key]
            return []
        self._void.discard(delivery.id)
        sequence.held = [other for other in sequence.held if other.id != delivery.id]
        if not sequence.held:
            del self._sequences[key], self._alone[key]
            return []
        if sequence.busy == delivery.id:
            sequence.busy = ""
        if delivered and delivery.ordered:
            self._void.update(other.id for other in sequence.held if other.id < delivery.id)
        waiting, sequence.waiting = sequence.waiting, []
        return sorted(waiting, key=lambda other: other.id, reverse=True)

    def all(self) -> Iterator[LeasedDelivery]:
        """Return every held delivery."""
        for key, delivery in self._alone.items():
            sequence = self._sequences.get(key)
            yield from (delivery,) if sequence is None else sequence.held

    def waiting(self) -> list[LeasedDelivery]:
        """Take out those that wait for another one, for a stop."""
        out: list[LeasedDelivery] = []
        for sequence in self._sequences.values():
            out.extend(sequence.waiting)
            sequence.waiting.clear()
        return out
