"""Three hundred names that somebody might give a file to do harm with them."""

import unicodedata

CONTROLS = [f"a{chr(number)}b.png" for number in [*range(32), *range(0x7F, 0xA0)]]
_DIRECTIONS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
DIRECTIONS = [f"photo{mark}gnp.exe" for mark in _DIRECTIONS] + [f"{mark}gpj.png" for mark in _DIRECTIONS]
DEVICES = [
    f"{name}{ending}"
    for name in (
        *("CON", "PRN", "AUX", "NUL", "con", "Aux", "CLOCK$"),
        *(f"COM{number}" for number in range(1, 10)),
        *(f"LPT{number}" for number in range(1, 10)),
    )
    for ending in ("", ".png")
]
PATHS = [
    *(
        "../../etc/passwd",
        "..\\..\\windows\\system32\\a.png",
        "/etc/passwd",
        "C:\\a.png",
        "\\\\host\\share\\a.png",
    ),
    *(
        "....//....//a.png",
        "%2e%2e%2fa.png",
        "..%c0%afa.png",
        "a/../../b.png",
        ".",
        "..",
        "...",
        "./",
        "/",
        "\\",
    ),
    *("file:///etc/passwd", "~/.ssh/id_rsa", "a.png/", "a.png\\", "a.png::$DATA", "a.png:stream", "a.png."),
    *(
        " ",
        "  a.png  ",
        ". a .png .",
        ".htaccess",
        ".bashrc",
        "web.config",
        "index.php",
        "a.php.png",
        "a.png.exe",
    ),
]
HEADERS = [
    "a.png\r\nSet-Cookie: session=evil",
    "a.png\r\n\r\n<script>alert(1)</script>",
    "a.png\nContent-Type: text/html",
    "a.png\rX-Evil: 1",
    'a".png',
    'a"; filename="b.html',
    "a.png; filename*=UTF-8''b.html",
    "a\\.png",
    'a\\".png',
    "a,b;c=d.png",
    "=?utf-8?B?PHNjcmlwdD4=?=.png",
    "a\u2028b.png",
    "a\u2029b.png",
    "a\x85b.png",
]
FORMULAS = [
    f"{first}cmd|' /C calc'!A0{ending}"
    for first in ("=", "+", "-", "@", "\t=", "\r=", " =", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'=", '"=')
    for ending in ("", ".png")
]
OPTIONS = [
    "-rf",
    "--",
    "-o.png",
    "--help.png",
    "-",
    "--output=/etc/passwd",
    "@file.png",
    "*",
    "*.png",
    "a b.png",
]
COMMANDS = [
    "$(id).png",
    "`id`.png",
    "a;id.png",
    "a|id.png",
    "a&&id.png",
    "%PATH%.png",
    "${HOME}.png",
    "a>b.png",
    "!!",
]
MARKUP = [
    *("<script>alert(1)</script>.png", "<img src=x onerror=alert(1)>.png", "';alert(1)//.png", "{{7*7}}.png"),
    *(
        "{% load x %}.png",
        "javascript:alert(1)",
        "%s%s%n.png",
        "%(code)s.png",
        "{0.__class__}.png",
        "&lt;.png",
    ),
    *(
        "' OR 1=1 --.png",
        "a\\u0000b.png",
        "]]>.png",
        "<!--.png",
        "\ufeffa.png",
        "\u200ba.png",
        "a\u00adb.png",
    ),
]
LETTERS = [
    *(
        "👩‍👩‍👧‍👦.png",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿.png",
        "\U0001d57b\U0001d58e.png",
        "𠜎𠜱𠝹.png",
        "\U0001f468\u200d\U0001f680.png",
        "ﷺ.png",
        "ꦥꦸꦭꦶꦃ.png",
    ),
    *(
        "Z" + "\u0301\u0327" * 100 + ".png",
        "\u0301.png",
        "e\u0301.png",
        "é.png",
        "ﬁ.png",
        "\u0131.png",
        "İ.png",
        "ß.png",
    ),
    *("\u0430.png", "a\u3000b.png", "\u00a0.png", "\u3164.png", "\ue000.png", "\uffff.png", "\ufdd0.png"),
    *(
        "\U0010ffff.png",
        "\ud800.png",
        "\udfff\ud800.png",
        "\u0378.png",
        "سلام.png",
        "שלום.png",
        "写真.png",
        "ภาพ.png",
    ),
]
LONG = [
    *("a" * 300, "a" * 300 + ".png", "a" * 10_000 + ".png", "." * 300, "a." * 200, "a" + "." * 300 + "png"),
    *(
        "📷" * 300 + ".png",
        "写" * 255,
        "a.png" + " " * 300,
        "a." + "p" * 300,
        "\u0301" * 600,
        "a/" * 600 + "b.png",
    ),
]

_ALL = [
    *(
        CONTROLS
        + DIRECTIONS
        + DEVICES
        + PATHS
        + HEADERS
        + FORMULAS
        + OPTIONS
        + COMMANDS
        + MARKUP
        + LETTERS
        + LONG
    ),
    *(
        f"{letter}{unicodedata.lookup('COMBINING ENCLOSING CIRCLE')}\u202e{n}.png"
        for n, letter in enumerate("abcdefghijkl")
    ),
    *(f"\u202d{'=' * n}\r\n..\\{n}\0.png" for n in range(1, 12)),
]

HOSTILE = list(dict.fromkeys(_ALL))
