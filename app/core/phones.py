"""Phone numbers, all written the same way."""

import phonenumbers

LONGEST = 32


def normal_phone(written: str, region: str) -> str | None:
    """The number as E.164, with its extension if it has one; ``None`` if nobody can be called by it.

    A number without a country code is one of ``region`` (ISO 3166-1, such as ``RU``). Only the length is
    checked: operators get new ranges before the library knows them.
    """
    try:
        number = phonenumbers.parse(written, region)
    except phonenumbers.NumberParseException:
        return None
    reason = phonenumbers.is_possible_number_with_reason(number)
    if reason != phonenumbers.ValidationResult.IS_POSSIBLE:
        return None
    plain = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    whole = f"{plain};ext={number.extension}" if number.extension else plain
    return whole if len(whole) <= LONGEST else None
