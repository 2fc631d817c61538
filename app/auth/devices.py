"""What people call the program and the machine they sign in with."""

import re

PROGRAMS = {
    "Edge": r"\bEdg(e|A|iOS)?/",
    "Opera": r"\b(OPR|Opera)/",
    "Yandex Browser": r"\bYaBrowser/",
    "Samsung Internet": r"\bSamsungBrowser/",
    "Firefox": r"\b(Firefox|FxiOS)/",
    "Chrome": r"\b(Chrome|CriOS|Chromium)/",
    "Safari": r"\bSafari/",
}
SYSTEMS = {
    "iPhone": r"\biPhone\b",
    "iPad": r"\biPad\b",
    "Android": r"\bAndroid\b",
    "Windows": r"\bWindows\b",
    "macOS": r"\bMac ?OS\b|\bMacintosh\b",
    "ChromeOS": r"\bCrOS\b",
    "Linux": r"\bLinux\b",
}
"""Both in this order: browsers also call themselves what they want to be taken for."""
LONGEST_NAME = 40
UNKNOWN = "Unknown device"


def device_of(user_agent: str) -> str:
    """``Firefox on Linux``; of a program that is no browser its own name, ``curl/8.5`` as ``curl``."""
    program, system = _first(PROGRAMS, user_agent), _first(SYSTEMS, user_agent)
    if program and system:
        return f"{program} on {system}"
    return program or system or user_agent.partition("/")[0].strip()[:LONGEST_NAME] or UNKNOWN


def _first(names: dict[str, str], user_agent: str) -> str | None:
    return next((name for name, pattern in names.items() if re.search(pattern, user_agent)), None)
