"""One platform for all journeys; one browser for each file of them.

Not one browser for all: while Playwright is open, this thread counts as asynchronous, and Django would refuse
its database to the tests that come after.
"""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.journeys.browser import headless_chromium
from tests.journeys.platform import Platform, running_platform


@pytest.fixture(scope="session")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    # Two passes show whether a network makes things up; each more is another restoration to wait for.
    with running_platform(tmp_path_factory.mktemp("var"), PULIH_INVENTION_PASSES="2") as platform:
        yield platform


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with headless_chromium() as browser:
        yield browser
