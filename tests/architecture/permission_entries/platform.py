"""What belongs to no collection: signing in, languages, the description of the API."""

from tests.architecture.permission_levels import ANYBODY, Entry

ENTRIES = {
    "sign_in": Entry(get=ANYBODY, post=ANYBODY, put=ANYBODY),
    "sign_out": Entry(post=ANYBODY),
    # Django's own: it sends back whoever comes without a choice.
    "set_language": Entry(get=ANYBODY, post=ANYBODY, put=ANYBODY, patch=ANYBODY, delete=ANYBODY),
    "api:token": Entry(post=(ANYBODY, None)),
    "api:errors": Entry(get=(ANYBODY, "read")),
    "api:schema": Entry(get=(ANYBODY, "read")),
    "api:docs": Entry(get=(ANYBODY, "read")),
}
