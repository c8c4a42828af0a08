"""Doc comments: `/** text @tag value */` becomes a Doc."""

from __future__ import annotations

import re

from .errors import HeaderError
from .model import Doc

TAGS = ("param", "return", "errors", "threadsafe", "ownership", "since")
TAG = re.compile(r"(?:^|(?<=\s))@(\w+)")
RELEASE = re.compile(r"\d+\.\d+\Z")

# The errors of POSIX.1-2017, each under one name: what mio_err_name() says.
ERRNO = frozenset("""
    E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF
    EBADMSG EBUSY ECANCELED ECHILD ECONNABORTED ECONNREFUSED ECONNRESET
    EDEADLK EDESTADDRREQ EDOM EDQUOT EEXIST EFAULT EFBIG EHOSTUNREACH EIDRM
    EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR ELOOP EMFILE EMLINK
    EMSGSIZE EMULTIHOP ENAMETOOLONG ENETDOWN ENETRESET ENETUNREACH ENFILE
    ENOBUFS ENODATA ENODEV ENOENT ENOEXEC ENOLCK ENOLINK ENOMEM ENOMSG
    ENOPROTOOPT ENOSPC ENOSR ENOSTR ENOSYS ENOTCONN ENOTDIR ENOTEMPTY
    ENOTRECOVERABLE ENOTSOCK ENOTTY ENXIO EOPNOTSUPP EOVERFLOW EOWNERDEAD
    EPERM EPIPE EPROTO EPROTONOSUPPORT EPROTOTYPE ERANGE EROFS ESPIPE ESRCH
    ESTALE ETIME ETIMEDOUT ETXTBSY EXDEV
""".split())
ALIASES = {"EWOULDBLOCK": "EAGAIN", "ENOTSUP": "EOPNOTSUPP"}


def read(path, token):
    """The Doc of a comment token; an empty Doc where there is none."""
    if token is None:
        return Doc()
    lines = plain(token.text)
    sections = list(split(path, token.line, lines))
    doc = Doc(text=flow(sections[0][2]))
    for tag, line, value in sections[1:]:
        take(path, doc, tag, line, value)
    return doc


def plain(comment):
    """The comment's lines without its stars."""
    body = comment[3:-2]
    return [re.sub(r"^\s*\*? ?", "", line).rstrip()
            for line in body.split("\n")]


def flow(lines):
    return " ".join(" ".join(lines).split())


def split(path, first, lines):
    """Yields (tag, line number, lines); the text before all tags first."""
    tag, start, value = None, first, []
    for number, text in enumerate(lines, first):
        at = 0
        for match in TAG.finditer(text):
            value.append(text[at:match.start()])
            yield tag, start, value
            tag, start, value, at = match[1], number, [], match.end()
            if tag not in TAGS:
                raise HeaderError(path, number, f"unknown tag @{tag}")
        value.append(text[at:])
    yield tag, start, value


def take(path, doc, tag, line, value):
    """Puts one tag into the Doc."""
    text = flow(value)
    if tag == "param":
        name, _, text = text.partition(" ")
        if name in doc.params:
            raise HeaderError(path, line, f"duplicate @param {name}")
        doc.params[name] = text
        tag = f"param {name}"
    else:
        attribute = "returns" if tag == "return" else tag
        if getattr(doc, attribute) is not None:
            raise HeaderError(path, line, f"duplicate @{tag}")
        if tag == "errors":
            doc.errors = read_errors(path, line, value)
        else:
            setattr(doc, attribute, text)
    if not text:
        raise HeaderError(path, line, f"@{tag} says nothing")
    if tag == "since" and not RELEASE.match(text):
        raise HeaderError(path, line, f"@since {text}: expected MAJOR.MINOR")


def read_errors(path, first, lines):
    """`none`, or lines `- NAME: when` that may run on."""
    if flow(lines) == "none":
        return []
    errors = []
    for number, text in enumerate(lines, first):
        entry = re.match(r"- (\w+): (.+)", text)
        if entry:
            name = check_error(path, number, entry[1], errors)
            errors.append((name, [entry[2]]))
        elif text.strip() and (not errors or text.startswith("-")):
            raise HeaderError(path, number, "@errors: expected `none`, or "
                              "lines `- NAME: when`")
        elif text.strip():
            errors[-1][1].append(text)
    return [(name, flow(when)) for name, when in errors]


def check_error(path, line, name, earlier):
    if name in ALIASES:
        raise HeaderError(path, line, f"@errors {name}: one name for a "
                          f"number, {ALIASES[name]}")
    if name not in ERRNO:
        raise HeaderError(path, line, f"@errors {name}: not an error of POSIX")
    if any(name == other for other, _ in earlier):
        raise HeaderError(path, line, f"duplicate error {name}")
    return name
