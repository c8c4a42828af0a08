"""From results of the library to exceptions.

Plain OSError, so that Python picks FileExistsError and its like by the number;
the number by name, since the library's and Python's may differ.
"""

from ._miopoll import lib
from ._values import SELECTORS, text

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

_LIMITS = {
    "EMFILE": "the process has too many open descriptors",
    "ENFILE": "the system has too many open descriptors",
}

MAKING = {
    **_LIMITS,
    "EINVAL": "{}; built in: " + ", ".join(SELECTORS),
    "EOPNOTSUPP": "{} is not built into this library; built in: "
    + ", ".join(SELECTORS),
    "ENOSYS": "this kernel has not got {}",
}
WAITING = {
    "EBUSY": "another thread waits on this Poll, or the code that this signal "
    "handler interrupted",
    "EINVAL": "a capacity is at least 1",
}
CLOSING = {
    name: why + ", so that {} could not be woken; the Poll is closed when its "
    "wait ends, or by calling close() again"
    for name, why in _LIMITS.items()
}
DESCRIPTOR = {
    "EOPNOTSUPP": "selector {} has no descriptor of its own; see "
    "Poll.features",
}
REGISTERING = {
    "EINVAL": "{}: an interest has at least one of READABLE, WRITABLE and "
    "PRIORITY, and at most one of LEVEL and ONESHOT; EXCLUSIVE goes with "
    "READABLE and WRITABLE only, and not with reregister(); a Poll cannot "
    "watch itself",
    "EOPNOTSUPP": "{}: this selector cannot watch for that; see Poll.features",
    "EBADF": "{} is not an open descriptor",
    "EPERM": "{}: the kernel cannot watch regular files and directories, "
    "which are always ready",
    "ELOOP": "{}: polls cannot watch each other, nor nest that deep",
    "EEXIST": "{} is registered here already; use reregister()",
    "ENOENT": "{} is not registered here; use register()",
    "ENOSPC": "{}: the limit of fs.epoll.max_user_watches is reached",
}
REGISTERING_SOURCES = {
    **REGISTERING,
    "EEXIST": "{} is registered already, here or with another Poll; use "
    "reregister(), or deregister() it there",
    "EBADF": "{}: its descriptor was closed by somebody else",
}
MAKING_SOURCES = {
    **_LIMITS,
    "EINVAL": "{} is no address for it",
    "EADDRINUSE": "{} is taken, or a file of that name is there",
    "EADDRNOTAVAIL": "{} is no address of this machine",
    "EACCES": "{} is not allowed",
    "ENOENT": "{}: there is no such file or directory",
    "ECONNREFUSED": "nobody listens at {}",
    "EAGAIN": "the backlog of {} is full",
}
SENDING = {
    "EINVAL": "{} is no address that this socket can send to",
    "ECONNREFUSED": "nobody listens at {}",
    "ENOENT": "{}: there is no such file or directory",
}
GROUPS = {
    "EINVAL": "the group is no multicast address of the socket's family, or "
    "the interface is of another",
    "EADDRINUSE": "it is a member already",
    "EADDRNOTAVAIL": "it is no member",
    "ENODEV": "no such interface, or none that has a way to the group",
}
TAKING = {"EINVAL": "{}", "EBADF": "{}: it is not open"}
BLOCKING = {
    "EINVAL": "an interest is one or more of READABLE, WRITABLE and PRIORITY",
}
ACCEPTING = _LIMITS
WAKERS = {
    **_LIMITS,
    "ENOSPC": f"a Poll has at most {lib.MIO_WAKERS_MAX} wakers; or the limit "
    "of fs.epoll.max_user_watches is reached",
}


def error(
    rc: int, kind: str, advice: "Mapping[str, str]", what: str = ""
) -> Exception:
    """The exception for a negative result of an object of that kind."""
    if rc == lib.GUARD_SOURCE_CLOSED:
        return ValueError(f"{what} is closed")
    if rc == lib.GUARD_CLOSED:
        return ValueError(f"{kind} is closed")
    if rc == lib.GUARD_CLOSING:
        return ValueError("poll was closed during the wait")
    if rc == lib.GUARD_FORKED:
        return RuntimeError(
            f"this {kind} was made before a fork, and is the parent's; make a "
            "new one in the child"
        )
    import errno  # Here, since most programs never come here.

    name = text(lib.mio_err_name(rc))
    message = text(lib.mio_err_text(rc))
    if name in advice:
        message += ": " + advice[name].format(what)
    return OSError(getattr(errno, name, -rc), message)
