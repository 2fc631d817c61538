"""Which addresses belong to the public internet: nothing of ours lies behind them."""

from ipaddress import IPv4Address, IPv6Network, ip_address

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA has given out for the public internet (RFC 4291, 2.4)."""


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet.

    Private, loopback, link-local, shared (RFC 6598), multicast, reserved and documentation addresses do not,
    nor any IPv6 address that hides an IPv4 address in it: packets to it may end anywhere.
    """
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        return parsed.is_global and not parsed.is_multicast
    hides_ipv4 = parsed.sixtofour is not None or parsed.teredo is not None
    return parsed in GLOBAL_UNICAST and parsed.is_global and parsed.scope_id is None and not hides_ipv4
