"""What stands at the top of the schema: what holds for all of the API."""

DESCRIPTION = """\
Restores damaged photographs and keeps every original as it came. Everything that the pages can do, programs
can do here.

**Signing in.** Send `Authorization: Token <key>`. `POST /api/v1/token/` exchanges name and password for a
token; people make tokens with fewer scopes, for some collections, on the page of their account. What you may
not see is not there: 404.

**Errors** have one form, `{"code", "message", "fields"}`. `code` is for programs and never changes
(`GET /api/v1/errors/` lists them), `message` is for people and follows `Accept-Language`, and `fields` says
which fields were refused, and why. JSON has types, and they are kept to: `"5"` is no number.

**Lists** come in pages: follow `next` until it is null. `page_size` is at most 200; `fields=id,title` leaves
the rest out.

**Doubles and lost updates.** With an `Idempotency-Key`, a request that makes something can be repeated until
it is answered, and makes it once. Send the `ETag` that you have read as `If-Match`, and you overwrite nobody:
the answer is 412.

**Long work** is answered with 202 and a `Location` that tells how far it is. `progress/` waits for news where
it is asked to (`after`, `wait`).
"""
