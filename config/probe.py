"""Ask the web process of this machine how it is, where no curl is to be had: in containers, in scripts.

python -m config.probe live     does it answer?
python -m config.probe ready    should requests be sent to it?

Ends with status 0 if so, else with 1; prints what was answered.
"""

import os
import sys
import urllib.error
import urllib.request

_SECONDS = 5


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in {"live", "ready"}:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    host, port = os.environ.get("PULIH_HOST", "127.0.0.1"), os.environ.get("PULIH_PORT", "8000")
    if host == "0.0.0.0":  # it is asked for, not bound  # nosec B104
        host = "127.0.0.1"
    request = urllib.request.Request(
        f"http://{host}:{port}/health/{arguments[0]}", headers={"Host": allowed_host()}
    )
    try:
        with urllib.request.urlopen(request, timeout=_SECONDS) as answer:  # http, above  # nosec B310
            said, is_well = answer.read().decode(), True
    except urllib.error.HTTPError as error:
        said, is_well = error.read().decode(errors="replace"), False
    except OSError as error:
        said, is_well = str(error), False
    sys.stdout.write(f"{said}\n")
    return 0 if is_well else 1


def allowed_host() -> str:
    """A name under which the platform answers: it refuses requests for any other."""
    first = os.environ.get("PULIH_ALLOWED_HOSTS", "localhost").split(",")[0].strip()
    return "localhost" if first == "*" else first.removeprefix(".")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
