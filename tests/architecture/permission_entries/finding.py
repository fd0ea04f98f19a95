"""Search over everything that one sees."""

from tests.architecture.permission_levels import SIGNED_IN, Entry

ENTRIES = {
    "restoration:search": Entry(get=SIGNED_IN),
    "api:photo-list": Entry(get=(SIGNED_IN, "read")),
}
