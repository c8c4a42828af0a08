"""Waiter, the base of Poll, where the extension has none, as on PyPy."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class Waiter:
    """What extension/wait.c has as a type, in Python."""

    __slots__ = ()

    if TYPE_CHECKING:
        _capacity: int
        _poll: Any
        _with_room: Any

    def _attach(self, owner: "Any", address: int) -> None:
        pass

    def _wait(self, ns: int) -> "Any":
        return self._with_room(self._capacity)(ns)

    def poll(
        self,
        timeout: "Any" = None,
        *,
        timeout_ns: "int | None" = None,
        capacity: "int | None" = None,
    ) -> "Any":
        """Waits for events: a list of pairs (token, readiness)."""
        return self._poll(timeout, timeout_ns=timeout_ns, capacity=capacity)
