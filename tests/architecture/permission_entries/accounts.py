"""One's own account, and what guests choose for themselves."""

from tests.architecture.permission_levels import ANYBODY, SIGNED_IN, STAFF, VIEWER, Entry

ENTRIES = {
    "api:user-list": Entry(get=(STAFF, "admin"), post=(STAFF, "admin")),
    "api:user-detail": Entry(
        get=(STAFF, "admin"), patch=(STAFF, "admin"), args=lambda world: [world.owner.pk]
    ),
    "api:user-roles": Entry(get=(STAFF, "admin"), args=lambda world: [world.owner.pk]),
    "archive:account": Entry(get=SIGNED_IN, post=SIGNED_IN),
    "archive:email_change": Entry(post=SIGNED_IN),
    # With a proof that proves nothing: the page says so.
    "archive:email_confirm": Entry(get=ANYBODY, post=ANYBODY, args=lambda world: ["no-proof"]),
    "archive:password_change": Entry(get=SIGNED_IN, post=SIGNED_IN, put=SIGNED_IN),
    "archive:sessions_end": Entry(post=SIGNED_IN),
    "archive:password_reset": Entry(get=ANYBODY, post=ANYBODY, put=ANYBODY),
    "archive:password_reset_sent": Entry(get=ANYBODY),
    # With a key that opens nothing: Django's own page says so, whichever way it is asked.
    "archive:password_reset_confirm": Entry(
        get=ANYBODY,
        post=ANYBODY,
        put=ANYBODY,
        patch=ANYBODY,
        delete=ANYBODY,
        args=lambda world: ["MQ", "bad-key"],
    ),
    "restoration:sample_create": Entry(post=SIGNED_IN),
    # It leads on as soon as there is a photo.
    "restoration:sample_arriving": Entry(get=VIEWER),
    "archive:theme_choice": Entry(post=ANYBODY),
    "api:collection-sample": Entry(post=(SIGNED_IN, "upload")),
    "api:me": Entry(get=(SIGNED_IN, "read"), patch=(SIGNED_IN, "admin")),
    "api:me-email": Entry(put=(SIGNED_IN, None)),
    "api:me-email-confirmation": Entry(post=(SIGNED_IN, None)),
    "api:me-password": Entry(put=(SIGNED_IN, None)),
    "api:me-sessions": Entry(delete=(SIGNED_IN, None)),
}
