"""Addresses that lead, or would lead, into networks of ours."""

import random
from collections.abc import Iterator
from urllib.parse import quote

PUBLIC = ("93.184.216.34", "8.8.8.8")
PRIVATE = (
    *("10.0.0.1", "172.16.0.1", "192.168.0.1", "169.254.169.254", "100.64.0.1", "198.18.0.1", "192.0.0.192"),
    *("192.0.2.1", "203.0.113.1", "240.0.0.1", "fd00::1", "fec0::1", "2002:a00:1::1", "64:ff9b::a00:1"),
    *("2001:db8::1", "2001::1"),
)
GOOD = "good.test"
NAMES: dict[str, tuple[str, ...]] = {
    GOOD: (PUBLIC[0],),
    "private.test": ("10.0.0.1",),
    "loopback.test": ("127.0.0.1",),
    "metadata.test": ("169.254.169.254",),
    "mapped.test": ("::ffff:127.0.0.1",),
    "six.test": ("fd00::1",),
    "both.test": (PUBLIC[0], "10.0.0.1"),
    "turned.test": ("10.0.0.1", PUBLIC[0]),
}
REBINDING = "rebinding"
"""A name that begins so is public when it is asked for first, and loopback ever after."""
SPELLINGS = (
    *(
        "127.0.0.1",
        "2130706433",
        "0177.0.0.1",
        "0x7f.0.0.1",
        "0x7f000001",
        "127.1",
        "127.0.1",
        "0",
        "0.0.0.0",  # noqa: S104 - where nobody may be led
    ),
    *("017700000001", "127.0.0.1.", "localhost", "LOCALHOST", "localhost.", "ip6-localhost"),
    *("127。0。0。1", "①②⑦.⓪.⓪.①", "１２７.0.0.1", "127.0.0.2", "127.255.255.254"),
    *("[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[0:0:0:0:0:ffff:7f00:1]"),
    *(
        "[::ffff:10.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[2002:7f00:1::]",
        "[fe80::1%25lo]",
        "[fe80::1]",
        "[ff02::1]",
    ),
    *("224.0.0.1", "255.255.255.255", "0251.0376.0251.0376", "2852039166", "0xa9fea9fe"),
)
SCHEMES = (
    *(
        "file:///etc/passwd",
        "file://localhost/etc/passwd",
        "gopher://127.0.0.1:80/_GET",
        "dict://127.0.0.1:80/",
    ),
    *(
        "ftp://127.0.0.1/a",
        "ldap://127.0.0.1/a",
        "jar:http://127.0.0.1!/",
        "data:text/plain,solid",
        "//127.0.0.1/a",
    ),
    *("HTTP+UNIX://%2ftmp/a", "unix:///tmp/a", "tftp://127.0.0.1/a", "javascript:1", "http:127.0.0.1/a"),
    *("http:///127.0.0.1/a", "http://", "http://:80/", "https://127.0.0.1/a", "httpx://127.0.0.1/a"),
)
DISGUISES = (
    *(f"http://{GOOD}@127.0.0.1/a", f"http://{GOOD}:80@127.0.0.1/a", f"http://127.0.0.1#@{GOOD}/a"),
    *(f"http://127.0.0.1\\@{GOOD}/a", f"http://{GOOD}\\@127.0.0.1/a", f"http://127.0.0.1?@{GOOD}/a"),
    *(f"http://127.0.0.1/{GOOD}", f"http://127.0.0.1%23.{GOOD}/a", f"http://127.0.0.1%00.{GOOD}/a"),
    *("http://127.0.0.1:80:80/a", "http://127.0.0.1:65616/a", "http://[::1/a", "http://127.0.0.1%2f/a"),
)


def forbidden(dice: random.Random) -> Iterator[str]:
    """Addresses nobody may connect to, straight, by name, and by redirect from a public one."""
    hosts = [*SPELLINGS, *(f"[{one}]" if ":" in one else one for one in PRIVATE)]
    hosts += [name for name, found in NAMES.items() if name != GOOD]
    straight = [f"http://{host}/a.stl" for host in hosts] + [f"http://{host}:8080/" for host in hosts]
    straight += [*SCHEMES, *DISGUISES]
    dice.shuffle(straight)
    for address in straight:
        yield address
        yield f"http://{GOOD}/to?{quote(address, safe='')}"


def rebinding(dice: random.Random) -> str:
    """A name of its own for every try, which changes its mind after the first answer."""
    return f"http://{REBINDING}-{dice.getrandbits(64):x}.test/a.stl"
