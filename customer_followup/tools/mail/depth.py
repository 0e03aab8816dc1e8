"""E-mails whose parts lie in each other, deeper than programs can read."""

import base64
from email import message_from_bytes, policy
from email.message import Message

# Of an e-mail forwarded as a file, each forwarding adds two. Python reads about 150.
MAX_DEPTH = 20
_CONTAINERS = ("multipart", "message")
_FILE = "application/octet-stream"
_AS_IT_CAME = policy.compat32.clone(linesep="\r\n", max_line_length=0)


class _Part(Message):
    """A part of an e-mail, read as a file if it lies too deep to be opened."""

    depth = 0

    def attach(self, payload):
        # The parser attaches a part before it reads it.
        payload.depth = self.depth + 1
        return super().attach(payload)

    @property
    def is_closed(self):
        kind = Message.get_content_type(self)
        return self.depth >= MAX_DEPTH and kind.split("/")[0] in _CONTAINERS

    def get_content_type(self):
        return _FILE if self.is_closed else super().get_content_type()


def shallow(raw):
    """Return the bytes of an e-mail in which no part lies deeper than ``MAX_DEPTH``.

    What lies deeper becomes a file with all its parts, as they came.

    >>> shallow(b"Subject: Hello\\n\\nHi")
    b'Subject: Hello\\n\\nHi'
    """
    lower = raw.lower()
    # E-mails in a digest do not name their type.
    if sum(lower.count(f"{kind}/".encode()) for kind in _CONTAINERS) <= MAX_DEPTH // 2:
        return raw
    message = message_from_bytes(raw, _class=_Part, policy=_AS_IT_CAME)
    closed = [part for part in message.walk() if part.is_closed]
    for part in closed:
        _close(part)
    return message.as_bytes() if closed else raw


def _close(part):
    """Make a part a file that holds it with its headers."""
    content = part.as_bytes()
    for name in list(part):
        del part[name]
    part["Content-Type"] = _FILE
    part["X-Content-Type"] = "message/rfc822"
    part["Content-Disposition"] = 'attachment; filename="attached.eml"'
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.encodebytes(content).decode())
