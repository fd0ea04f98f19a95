"""`python -m pulih_client` is `pulih`."""

import sys

from pulih_client.command.main import main

sys.exit(main())
