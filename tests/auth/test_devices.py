import pytest

from app.auth.devices import device_of

GECKO = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
CHROME = "Mozilla/5.0 ({}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36{}"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.6 Mobile/15E148 Safari/604.1"
)


@pytest.mark.parametrize(
    ("user_agent", "device"),
    [
        (GECKO, "Firefox on Linux"),
        (CHROME.format("Windows NT 10.0; Win64; x64", ""), "Chrome on Windows"),
        (CHROME.format("Windows NT 10.0; Win64; x64", " Edg/142.0.0.0"), "Edge on Windows"),
        (CHROME.format("Windows NT 10.0; Win64; x64", " YaBrowser/25.10"), "Yandex Browser on Windows"),
        (CHROME.format("Linux; Android 15; K", ""), "Chrome on Android"),
        (CHROME.format("Macintosh; Intel Mac OS X 10_15_7", ""), "Chrome on macOS"),
        (IPHONE, "Safari on iPhone"),
        ("curl/8.5.0", "curl"),
        ("python-httpx/0.28.1", "python-httpx"),
        ("x" * 255, "x" * 40),
        ("", "Unknown device"),
        ("/", "Unknown device"),
    ],
)
def test_a_device_has_the_name_people_call_it(user_agent: str, device: str) -> None:
    assert device_of(user_agent) == device
