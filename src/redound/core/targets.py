r"""Where a callback may go, judged from its URL alone: strict, pure, and before any resolver is asked.

URL parsers disagree (`http://127.0.0.1\@example.com/`), so nothing here is repaired or guessed: the raw
string is judged, and what is sent is exactly what was judged. Braces are fine after the authority (a
template may be judged as well as a rendered URL) and never in it. Codes are the lint's where it has one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import TYPE_CHECKING

import idna

from redound.core.addresses import Address, Allowed, Network, Refusal, check_address

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["MAX_URL", "Allowed", "Origin", "Refusal", "Target", "check_address", "check_url"]

MAX_URL = 8192
_MAX_HOST = 253
_MAX_AUTHORITY = 400
_MAX_PORT = 65_535
_FIRST_UNPRIVILEGED = 1024
_DEFAULT_PORTS = {"http": 80, "https": 443}

# Ports from 1024 on where something other than a web server listens, that a forged request could harm.
_DENIED_PORTS = frozenset({*range(5900, 5910), *range(6000, 6011)})
_DENIED_PORTS |= {
    *(1080, 1433, 1434, 1521, 1719, 1720, 1723, 1883, 2049, 2181, 2375, 2376, 2379, 2380, 3128, 3268, 3269),
    *(3306, 3389, 3659, 4045, 4190, 4222, 4369, 5060, 5061, 5222, 5432, 5433, 5671, 5672, 5984),
    *(5985, 5986, 6379, 6380, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 7000, 7199),
    *(8086, 8300, 8301, 8500, 8600, 9042, 9092, 9100, 9160, 9200, 9300, 10080, 10250, 10255, 11211, 15672),
    *(25672, 26379, 27017, 27018, 27019, 28017),
}

# Names that mean this machine, this network or nothing; an operator who allows networks may use them.
_LOCAL_NAMES = frozenset({"localhost", "localdomain", "local", "internal", "intranet", "private", "corp"})
_LOCAL_NAMES |= {"home", "lan", "home.arpa", "svc"}
# Names never called: cloud metadata, the resolver's own tree, networks that are not the internet.
_NEVER_NAMES = frozenset({"metadata", "instance-data", "metadata.google.internal", "metadata.goog", "arpa"})
_NEVER_NAMES |= {"instance-data.ec2.internal", "metadata.azure.internal", "metadata.tencentyun.com"}
_NEVER_NAMES |= {"metadata.aliyun.internal", "rancher-metadata", "onion", "alt"}
_ARPA_HOME = "home.arpa"

# Characters that stand nowhere in a URL: controls, blanks, the backslash, and what cannot be seen.
_UNFIT = (
    r"\x00-\x20\x7f-\xa0\\\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180e\u2000-\u200f\u2028-\u202f"
    r"\u205f-\u206f\u2800\u3000\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff"
)
_SHAPE = re.compile(
    rf"([A-Za-z][A-Za-z0-9+.-]{{0,19}})://([^/?#{_UNFIT}]*)([/?][^#{_UNFIT}]*)?(?:#[^{_UNFIT}]*)?"
)
_ASCII_SHAPE = re.compile(
    r"([A-Za-z][A-Za-z0-9+.-]{0,19})://([^/?#\x00-\x20\x7f\\]*)([/?][!\"$-\[\]-~]*)?(?:#[!-\[\]-~]*)?",
    re.ASCII,
)
_UNFIT_CHARACTER = re.compile(f"[{_UNFIT}]")
_SCHEME_ONLY = re.compile(r"([A-Za-z][A-Za-z0-9+-]*):(?![0-9])")
_QUAD = re.compile(r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})")
_ENDS_IN_NUMBER = re.compile(r"(?:^|\.)(?:[0-9]+|0[xX][0-9A-Fa-f]*)$")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_TOP = re.compile(r"[a-z](?:[a-z0-9-]*[a-z0-9])?")
_PORT = re.compile(r"[1-9][0-9]{0,4}")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port, in one spelling: what connections are pooled by.

    `host` is a lower-case ASCII name or an IP address without brackets; then `address` is set. `authority`
    is what the Host header says, `key` the whole in one string. `local`: a name of the operator's network.
    """

    scheme: str
    host: str
    port: int
    authority: str
    key: str
    address: Address | None = None
    local: bool = False


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be called, as far as its text tells. `path_and_query` goes on the wire as it stands.

    Characters beyond ASCII in it are percent-encoded (UTF-8); a fragment is never sent.
    """

    origin: Origin
    path_and_query: str

    @property
    def scheme(self) -> str:
        """Either "http" or "https"."""
        return self.origin.scheme

    @property
    def host(self) -> str:
        """The lower-case ASCII name, or the IP address without brackets."""
        return self.origin.host

    @property
    def port(self) -> int:
        """The port, also where the URL names none."""
        return self.origin.port

    @property
    def address(self) -> Address | None:
        """The IP address, where the host is one."""
        return self.origin.address


def check_url(raw: str, allowed: Sequence[Network] = ()) -> Target | Refusal:
    """Judge a URL (a template or a rendered one) by its text.

    `allowed` are the operator's networks: with any of them, names of the local network pass (their
    addresses are judged later), and an address literal inside them may use every unprivileged port.
    Never raises. A few µs, most of it saved for an authority seen before.
    """
    if len(raw) > MAX_URL:
        return Refusal("too_long", f"A URL may have {MAX_URL} characters at most.")
    shape = (_ASCII_SHAPE if raw.isascii() else _SHAPE).fullmatch(raw)
    if shape is None:
        return _explain(raw)
    if len(shape[2]) > _MAX_AUTHORITY:
        return _BAD_HOST
    origin = _judge_origin(shape[1], shape[2], allowed if type(allowed) is tuple else tuple(allowed))
    if isinstance(origin, Refusal):
        return origin
    path = shape[3] or "/"
    if path[0] == "?":
        path = "/" + path
    if not path.isascii():
        path = _NOT_ASCII.sub(_percent, path)
    return Target(origin, path)


_BAD_SCHEME = Refusal("bad_scheme", "Only http:// and https:// addresses are called.")
_BAD_HOST = Refusal("bad_host", "The host is not a valid name or address.")
_BAD_PORT = Refusal("bad_port", "The port is a number between 1 and 65535 without leading zeros.")


def _percent(found: re.Match[str]) -> str:
    return "".join(f"%{byte:02X}" for byte in found[0].encode())


_UNFIT_KINDS = (
    (re.compile(r"\\"), Refusal("backslash", "A backslash does not belong in a URL.")),
    (re.compile(" "), Refusal("stray_space", "A URL cannot hold a blank; write %20.")),
    (re.compile(r"[\x00-\x1f\x7f]"), Refusal("control_char", "The URL holds a control character.")),
    (re.compile(""), Refusal("invisible_char", "The URL holds a character that cannot be seen.")),
)


def _explain(raw: str) -> Refusal:
    """Say what is wrong with a string that is not even shaped like a URL."""
    if not raw:
        return Refusal("empty", "There is no URL.")
    if raw != raw.strip(" \t\r\n\f\v"):
        return Refusal("surrounding_space", "Blank characters stand before or after the URL.")
    found = _UNFIT_CHARACTER.search(raw)
    if found is not None:
        return next(refusal for form, refusal in _UNFIT_KINDS if form.match(found[0]))
    if _SCHEME_ONLY.match(raw):
        return _BAD_SCHEME
    return Refusal("missing_scheme", "A URL begins with https:// or http:// and a host.")


@lru_cache(maxsize=8192)
def _judge_origin(scheme: str, authority: str, allowed: tuple[Network, ...]) -> Origin | Refusal:
    scheme = scheme.lower()
    problem = _authority_problem(scheme, authority)
    if problem is not None:
        return problem
    host, colon, port_text = _split_port(authority)
    if colon and not _PORT.fullmatch(port_text):
        return _BAD_PORT
    port = int(port_text) if colon else _DEFAULT_PORTS[scheme]
    judged = _judge_host(host, allowed)
    if isinstance(judged, Refusal):
        return judged
    if not _port_is_fine(port, lenient=judged.own):
        return Refusal("bad_port", "Callbacks go to port 80, 443 or a web server's port from 1024 on.")
    name, address = judged.name, judged.address
    shown = f"[{name}]" if isinstance(address, IPv6Address) else name
    shown = shown if port == _DEFAULT_PORTS[scheme] else f"{shown}:{port}"
    return Origin(scheme, name, port, shown, f"{scheme}://{shown}", address, judged.own and address is None)


@dataclass(frozen=True, slots=True)
class _Host:
    """A host in its one spelling; `own`: one that only the operator's networks let in."""

    name: str
    address: Address | None
    own: bool


def _authority_problem(scheme: str, authority: str) -> Refusal | None:
    if scheme not in _DEFAULT_PORTS:
        return _BAD_SCHEME
    if "{" in authority or "}" in authority:
        return Refusal("macro_in_host", "A macro cannot stand in the host or port.")
    if "@" in authority:
        return Refusal("userinfo", "A user name or password cannot stand in the URL; use the auth settings.")
    if "%" in authority:
        return Refusal("bad_host", "The host cannot hold a percent sign.")
    if authority.lower() in {"http:", "https:", "http", "https"}:
        return Refusal("double_scheme", "The scheme is written twice.")
    return None if authority and authority[0] != ":" else Refusal("missing_host", "The URL names no host.")


def _split_port(authority: str) -> tuple[str, str, str]:
    """Split at the colon before the port, which is not one inside brackets."""
    if authority.startswith("["):
        inside, bracket, rest = authority.partition("]")
        colon, port = rest[:1], rest[1:]
        return (inside + bracket, colon, port) if colon in {"", ":"} else (authority, "", "")
    return authority.partition(":")


def _port_is_fine(port: int, *, lenient: bool) -> bool:
    if port in {80, 443}:
        return True
    if not _FIRST_UNPRIVILEGED <= port <= _MAX_PORT:
        return False
    return lenient or port not in _DENIED_PORTS


def _judge_host(host: str, allowed: tuple[Network, ...]) -> _Host | Refusal:
    if host.startswith("["):
        inside = host[1:-1]
        return _judge_literal(inside, allowed) if host.endswith("]") and ":" in inside else _BAD_HOST
    if host.endswith("."):
        return Refusal("trailing_dot_host", "The host ends with a dot.")
    if _ENDS_IN_NUMBER.search(host):
        if not _QUAD.fullmatch(host):
            return Refusal("ip_host", "An IPv4 address is written as four plain decimal numbers.")
        return _judge_literal(host, allowed)
    name = _ascii_name(host)
    return name if isinstance(name, Refusal) else _judge_name(name, local_is_fine=bool(allowed))


def _judge_literal(text: str, allowed: tuple[Network, ...]) -> _Host | Refusal:
    try:
        address = IPv6Address(text) if ":" in text else IPv4Address(text)
    except ValueError:
        return _BAD_HOST
    judged = check_address(address, allowed)
    return judged if isinstance(judged, Refusal) else _Host(str(address), address, judged.private)


def _ascii_name(host: str) -> str | Refusal:
    """Return the name in lower-case ASCII by strict IDNA 2008: no mapping, so look-alikes are refused."""
    try:
        labels = [_ascii_label(label) for label in host.split(".")]
    except (idna.IDNAError, UnicodeError):
        return _BAD_HOST
    name = ".".join(labels)
    if len(name) > _MAX_HOST or not _TOP.fullmatch(labels[-1]):
        return _BAD_HOST
    return name


def _ascii_label(label: str) -> str:
    """Return one label; underscores are fine, as some trackers have them. IDNAError for a bad one."""
    if not label.isascii():
        return idna.alabel(label).decode("ascii")
    lower = label.lower()
    if not _LABEL.fullmatch(lower):
        msg = "not a label"
        raise idna.IDNAError(msg)
    if lower.startswith("xn--") and idna.alabel(idna.ulabel(lower)) != lower.encode("ascii"):
        msg = "not the one spelling of this label"
        raise idna.IDNAError(msg)
    return lower


def _judge_name(name: str, *, local_is_fine: bool) -> _Host | Refusal:
    labels = name.split(".")
    tails = {".".join(labels[index:]) for index in range(len(labels))}
    if tails & _NEVER_NAMES and _ARPA_HOME not in tails:
        return Refusal("private_host", "This name does not belong to a receiver on the public internet.")
    local = len(labels) == 1 or bool(tails & _LOCAL_NAMES)
    if not local or local_is_fine:
        return _Host(name, None, local)
    if tails & _LOCAL_NAMES:
        return Refusal("private_host", "This name belongs to a private network, so it is not called.")
    return Refusal("single_label_host", "The host needs a full name such as tracker.example.com.")
