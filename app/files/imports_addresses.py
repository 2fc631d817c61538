"""Which addresses belong to the public internet: nothing of ours lies behind them."""

from ipaddress import IPv4Address, IPv4Network, IPv6Network, ip_address

GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA has given out for the public internet (RFC 4291, 2.4)."""
OF_PROTOCOLS = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
"""Given out for protocols, not for hosts (RFC 6890, RFC 7526); not all releases of Python know them."""


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
        is_host = not any(parsed in network for network in OF_PROTOCOLS)
        return parsed.is_global and is_host and not parsed.is_multicast
    hides_ipv4 = parsed.sixtofour is not None or parsed.teredo is not None
    return parsed in GLOBAL_UNICAST and parsed.is_global and parsed.scope_id is None and not hides_ipv4
