"""The public holidays of countries and their subdivisions, as the `holidays` library knows them."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from types import MappingProxyType

_CODE = re.compile("[A-Z]{2}")
_KNOWN_YEARS = range(1900, 2101)


@lru_cache(maxsize=4096)
def public_holidays(country: str, subdivision: str | None, observed: bool, year: int) -> Mapping[date, str]:
    """The public holidays of one year with their names, in English where the library has them so.

    Args:
        country: ISO 3166-1 code of two letters, such as CH.
        subdivision: ISO 3166-2 code without the country, such as ZH; None: what the whole country keeps.
        observed: whether a holiday on a weekend also closes the weekday on which it is made up for, where
            the country has such a rule.
        year: calendar year. Before 1900 and after 2100 no holiday is known.

    Raises:
        ValueError: there is no such country or subdivision.
    """
    import holidays

    if year not in _KNOWN_YEARS:
        return MappingProxyType({})
    try:
        if not _CODE.fullmatch(country):  # the library takes names of its own, such as Switzerland, too
            raise NotImplementedError
        found = holidays.country_holidays(
            country, subdiv=subdivision, years=year, observed=observed, expand=False, language="en_US"
        )
    except NotImplementedError:
        raise ValueError(_unknown(country, subdivision)) from None
    return MappingProxyType({day: found[day] for day in sorted(found) if day.year == year})


def _unknown(country: str, subdivision: str | None) -> str:
    import holidays

    subdivisions = holidays.list_supported_countries(include_aliases=False).get(country)
    if subdivisions is None:
        return f"'{country}' is not a country whose holidays are known; use two capital letters such as CH."
    known = ", ".join(subdivisions) or "none"
    return f"'{subdivision}' is not a subdivision of {country} whose holidays are known; there are: {known}."
