"""What leaves as a bag."""

from tests.architecture.permission_levels import VIEWER, Entry

ENTRIES = {
    "archive:collection_export": Entry(get=VIEWER, post=VIEWER, body={"purpose": "passing-on"}),
    "api:collection-export": Entry(post=(VIEWER, "export")),
}
