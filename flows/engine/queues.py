"""What a shift works on: the interface between the machinery of shifts and the work itself.

A public service is a queue of ready cases; letters and messages are queues of rows to fulfil. This
module and `leases`, `shift` and `relay` load without Prefect.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection

if TYPE_CHECKING:
    from flows.engine.leases import LeaseHandle


@dataclass(slots=True)
class BatchReport:
    """What one batch, or a whole shift, did. All of it may be shown in Prefect: no personal data.

    counts: how many by what happened. incidents: "REFERENCE: exception class".
    more: whether to look again at once, because there may be more to do.
    """

    done: int = 0
    counts: Counter[str] = field(default_factory=Counter)
    references: list[str] = field(default_factory=list)
    incidents: list[str] = field(default_factory=list)
    more: bool = False

    def add(self, batch: BatchReport) -> None:
        """Add a batch to the report of its shift."""
        self.done += batch.done
        self.counts.update(batch.counts)
        self.references += batch.references
        self.incidents += batch.incidents


class Queue(ABC):
    """Work of one kind. `per_slot` is how much of it waits before a second worker is asked to help."""

    name: str
    per_slot: int = 500

    @abstractmethod
    def backlog(self, connection: Connection, at_most: int) -> int:
        """Return how much work waits that no shift has in hand, counting no further than `at_most`."""

    @abstractmethod
    def work_once(self, lease: LeaseHandle) -> BatchReport:
        """Do one batch. Its transaction calls `lease.check(connection)` before it writes.

        Raises LeaseLost when another shift has taken over. Any other exception must have left
        nothing half done: the shift rests a little and calls again.
        """

    def is_active(self, connection: Connection) -> bool:
        """Return whether this process's code is the one that may claim work here."""
        return True

    def work_alone(self, lease: LeaseHandle, case_id: int) -> BatchReport:
        """Do one case that was in hand when a shift died. Does nothing if it isn't ready any more."""
        raise NotImplementedError(f"queue {self.name} holds nothing, so nothing is found in a dead hand")

    def give_up(self, connection: Connection, case_id: int) -> None:
        """Make an incident of a case that was alone in hand at two deaths."""
        raise NotImplementedError(f"queue {self.name} holds nothing, so nothing is found in a dead hand")
