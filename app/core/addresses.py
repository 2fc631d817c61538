"""E-mail addresses, each written in one way, whatever alphabet its domain is in."""

from email_validator import EmailNotValidError, ValidatedEmail, validate_email


def normal_address(written: str) -> str:
    """The address as accounts keep it: ``ivan@xn--80a1acny.xn--p1ai`` is ``ivan@почта.рф``.

    What is no address stays as it is.
    """
    parts = _parts(written)
    return written if parts is None else parts.normalized


def wire_address(address: str) -> str:
    """The address with its domain in ASCII, which every mail server understands (RFC 5890, A-labels)."""
    parts = _parts(address)
    return address if parts is None else f"{parts.local_part}@{parts.ascii_domain}"


def _parts(address: str) -> ValidatedEmail | None:
    try:
        return validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return None
