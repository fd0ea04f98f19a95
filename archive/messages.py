"""The archive's errors: one table of codes and sentences."""

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext, gettext_noop

from archive.errors import InputError, KeyReusedError, StaleError, StateError

MESSAGES = {
    # Finding
    "archive:finding:place": gettext_noop(
        "The address names no place in the list. Please start at its first page."
    ),
    "archive:privacy:unclear": gettext_noop(
        "The file's metadata cannot be read to its end, so it is not given out without its camera data."
    ),
    "archive:file:empty": gettext_noop("The file is empty."),
    "archive:file:too-large": gettext_noop("The file is larger than %(limit)s."),
    "archive:file:kind-not-accepted": gettext_noop(
        "This is a file of the kind “%(kind)s”. Only JPEG, PNG, TIFF, WebP and BMP pictures are accepted."
    ),
    "archive:file:not-an-image": gettext_noop("The file is not a JPEG, PNG, TIFF, WebP or BMP picture."),
    "archive:file:too-many-pixels": gettext_noop(
        "The picture has %(width)s x %(height)s pixels; at most %(limit)s million are accepted."
    ),
    "archive:file:too-much-memory": gettext_noop(
        "A picture of this kind can only be decoded whole, which takes %(size)s of memory here; at most "
        "%(limit)s are allowed. Save it with 8 or 16 bits a sample."
    ),
    "archive:file:too-many-pages": gettext_noop("The file has more than %(limit)s pages."),
    "archive:file:unpacks-too-far": gettext_noop(
        "The picture claims far more pixels than its file can hold: it is incomplete, or made to do harm."
    ),
    "archive:file:decoder-stopped": gettext_noop(
        "Reading the picture took too much time or memory, and was stopped. It may be damaged, or made to do "
        "harm."
    ),
    "archive:file:truncated": gettext_noop(
        "The picture is damaged or incomplete and cannot be read to its end."
    ),
    "archive:photo:duplicate": gettext_noop(
        "This collection already holds the same file, as “%(filename)s”."
    ),
    # Ingest
    "archive:file:checksum": gettext_noop(
        "The file arrived with other bytes than its sender's checksum says. Please send it again."
    ),
    "archive:photo:in-bin": gettext_noop(
        "This collection holds the same file in its bin, as “%(filename)s”. Restore it from there."
    ),
    "archive:file:unreadable": gettext_noop("The file cannot be read: %(reason)s."),
    "archive:upload:too-many": gettext_noop(
        "%(limit)s of your uploads have not been finished. Please finish some first."
    ),
    "archive:upload:no-room": gettext_noop(
        "There is not enough room for this file in the archive's storage."
    ),
    "archive:upload:checksum-form": gettext_noop("A SHA-256 is written with 64 hexadecimal digits."),
    "archive:upload:offset": gettext_noop("The upload goes on at byte %(offset)s."),
    "archive:upload:too-long": gettext_noop("More bytes were sent than the upload was said to have."),
    "archive:upload:gone": gettext_noop(
        "The upload has ended or was not continued in time. Please begin it again."
    ),
    "archive:upload:protocol": gettext_noop("The request does not keep to the tus protocol, version 1.0.0."),
    "archive:upload:being-checked": gettext_noop("The file has arrived and is being checked."),
    "archive:import:given-up": gettext_noop("The import was stopped at this file again and again."),
    "archive:zip:not-a-zip": gettext_noop("The file is not a ZIP, or it is damaged."),
    "archive:zip:too-many-entries": gettext_noop("The ZIP holds more than %(limit)s files."),
    "archive:zip:overlapping": gettext_noop("Files in the ZIP lie over one another, as only a trap's do."),
    "archive:zip:too-much": gettext_noop("Unpacked, the ZIP is larger than %(limit)s."),
    "archive:zip:encrypted": gettext_noop("The file is encrypted. Please pack it without a password."),
    "archive:zip:no-file": gettext_noop("It is a link or a device, not a file."),
    "archive:zip:unsafe-path": gettext_noop("Its path leads out of the ZIP."),
    "archive:zip:twice": gettext_noop("The ZIP holds two files of this name; this is the second."),
    "archive:zip:nested": gettext_noop("A ZIP inside a ZIP is not opened. Please send it by itself."),
    "archive:zip:compression": gettext_noop("It is packed by a method that is not supported; use deflate."),
    "archive:zip:damaged": gettext_noop(
        "It cannot be unpacked: the ZIP is damaged here, or lies about its size."
    ),
    # Description
    "archive:date:not-edtf": gettext_noop(
        "“%(date)s” is not a date in EDTF (levels 0 and 1), such as "
        "1965-08-17, 1965, 196X, 1965~ or 1965/1970."
    ),
    "archive:date:backwards": gettext_noop("“%(date)s” ends before it begins."),
    "archive:description:too-long": gettext_noop("%(field)s: at most %(limit)s characters."),
    "archive:description:bad-tag": gettext_noop("A tag has 1 to 100 characters and no comma or semicolon."),
    "archive:description:too-many-tags": gettext_noop("A photo has at most %(limit)s tags."),
    "archive:description:too-many-photos": gettext_noop("At most %(limit)s photos can be described at once."),
    "archive:csv:too-large": gettext_noop("The table is larger than %(limit)s."),
    "archive:csv:not-text": gettext_noop("The file is not text in UTF-8. Save the table as “CSV UTF-8”."),
    "archive:csv:broken": gettext_noop(
        "The table is broken in line %(line)s: a quotation mark is missing, "
        "or a cell is too many or too long."
    ),
    "archive:csv:no-columns": gettext_noop("The first line names none of the columns that are known."),
    "archive:csv:column-twice": gettext_noop("The column “%(column)s” comes twice."),
    "archive:csv:too-many-rows": gettext_noop("The table has more than %(limit)s rows."),
    "archive:csv:no-key": gettext_noop("No column says which photo a row is about: one of %(columns)s."),
    "archive:csv:nothing-said": gettext_noop("The table has no column that says anything about the photos."),
    "archive:csv:not-found": gettext_noop("No photo here is “%(key)s”."),
    "archive:csv:ambiguous": gettext_noop("%(number)s photos here are “%(key)s”."),
    "archive:csv:applied": gettext_noop("This table has been applied already."),
    "archive:csv:being-applied": gettext_noop("This table is being applied."),
    "archive:csv:not-planned": gettext_noop(
        "This table has not been looked through, or would change nothing."
    ),
    "archive:csv:given-up": gettext_noop(
        "The table was stopped at the same rows again and again. What lies before them has been done."
    ),
    "archive:csv:twice": gettext_noop("“%(key)s” stands in an earlier row already."),
    "archive:tree:not-deeper": gettext_noop(
        "A %(level)s cannot stand in a %(parent_level)s: parts go fonds, series, file."
    ),
    "archive:tree:children-not-deeper": gettext_noop(
        "As a %(level)s this collection would not stand above all of its parts."
    ),
    "archive:tree:circle": gettext_noop("A collection cannot stand in itself or in one of its own parts."),
    # Access
    "archive:access:past": gettext_noop("The end must lie in the future."),
    "archive:invitation:closed": gettext_noop(
        "This invitation has ended, was revoked, or has been accepted already. Ask for a new one."
    ),
    "archive:invitation:member": gettext_noop(
        "A member of this collection already has the address %(email)s."
    ),
    "archive:member:responsible": gettext_noop(
        "This person is responsible for the collection. Hand it over to somebody else first."
    ),
    "archive:member:unknown": gettext_noop("Only a member can become responsible for the collection."),
    "archive:token:collections": gettext_noop("Choose at least one collection, of those that you may see."),
    "archive:token:scopes": gettext_noop("Choose at least one thing that the token is good for."),
    # Webhooks
    "archive:webhook:url": gettext_noop(
        "This is no address on the web, or one with a user name or a “#” in it."
    ),
    "archive:webhook:https": gettext_noop(
        "The address must begin with https://, unless the operator trusts its host."
    ),
    "archive:webhook:port": gettext_noop("The port must be 443, or 1024 and above."),
    "archive:webhook:inside": gettext_noop(
        "The address leads into a private network or to this machine itself, where nothing is sent."
    ),
    "archive:webhook:kinds": gettext_noop(
        "Choose at least one kind of thing to be told of, of those listed."
    ),
    "archive:webhook:too-many": gettext_noop("There are %(limit)s webhooks already, which is the most."),
    "archive:webhook:not-permitted": gettext_noop(
        "Only an owner of the collection may have others told what happens in it."
    ),
    "archive:webhook:not-sending": gettext_noop(
        "The webhook is paused or switched off. Resume it, and then send."
    ),
    "archive:webhook:unknown-host": gettext_noop("The host's name is not known."),
    "archive:webhook:no-connection": gettext_noop("No connection could be made, or it broke."),
    "archive:webhook:timeout": gettext_noop("No answer came in time."),
    "archive:webhook:certificate": gettext_noop(
        "The host's certificate is not valid for its name, or nobody known has signed it."
    ),
    "archive:webhook:no-tls": gettext_noop("The host does not speak https."),
    "archive:webhook:no-http": gettext_noop("What came was no answer in HTTP."),
    "archive:webhook:worker-lost": gettext_noop("The worker was lost at the last attempt."),
    # Accounts
    "archive:account:own": gettext_noop("Nobody closes the account that he is signed in with."),
    "archive:account:wrong-password": gettext_noop("This is not your present password."),
    "archive:account:email-proof": gettext_noop(
        "This address works once, for three days, and as long as nothing else changes on the account. "
        "Ask for a new e-mail."
    ),
    # Bags, backups
    "archive:bag:not-a-bag": gettext_noop("This is neither the folder of a bag (BagIt) nor a ZIP with one."),
    "archive:bag:unsafe": gettext_noop("The bag refers to files outside of itself and is not opened."),
    "archive:bag:no-room": gettext_noop("There is not enough room on the disk to unpack the bag."),
    "archive:bag:invalid": gettext_noop("The bag is damaged or incomplete: %(reason)s"),
    "archive:bag:nothing": gettext_noop("There are no photos to export."),
    "archive:bag:files-missing": gettext_noop(
        "%(number)s files are missing from the archive's storage, the first is %(first)s. "
        "A bag must be whole."
    ),
    "archive:bag:not-permitted": gettext_noop("You may not export this collection for this purpose."),
    "archive:bag:not-for-keeping": gettext_noop(
        "The bag holds no records of Pulih. Only a bag that was exported for keeping can be imported."
    ),
    "archive:bag:too-new": gettext_noop("The bag was made by a later version of Pulih."),
    "archive:bag:unreadable": gettext_noop("What the bag says about “%(file)s” cannot be understood."),
    "archive:bag:events-changed": gettext_noop(
        "The bag's history was changed after it was recorded: event %(event)s does not match its hash."
    ),
    "archive:bag:taken": gettext_noop(
        "%(id)s is in use here already, by something that did not come with this bag."
    ),
    "archive:backup:target-exists": gettext_noop("%(target)s exists already; a backup overwrites nothing."),
    "archive:backup:target-inside": gettext_noop("%(target)s lies inside the folder that is backed up."),
    "archive:backup:base-not-whole": gettext_noop(
        "%(base)s is no backup, or its lists were changed. Take another one, or none."
    ),
    "archive:backup:base-elsewhere": gettext_noop(
        "%(base)s lies on another disk than the new backup, so that nothing can be linked."
    ),
    "archive:backup:tool-missing": gettext_noop("%(tool)s is needed and is not on the PATH."),
    "archive:backup:tool-failed": gettext_noop("%(tool)s failed: %(message)s"),
    "archive:restore:database-in-use": gettext_noop(
        "The database holds tables already; a backup is put into an empty one only."
    ),
    "archive:restore:media-in-use": gettext_noop("%(folder)s holds files already; nothing is overwritten."),
    "archive:restore:other-database": gettext_noop(
        "The backup holds no database of the kind that is configured here."
    ),
    # Keeping
    "archive:bin:inside": gettext_noop(
        "The collection that holds it is in the bin itself. Take that back first."
    ),
    "archive:bin:not-there": gettext_noop("It is not in the bin."),
    "archive:fixity:running": gettext_noop("A check of the same files is running already."),
    "archive:hold:held": gettext_noop("“%(collection)s” is under legal hold: nothing of it may be deleted."),
    "archive:hold:long-reason": gettext_noop("A reason has at most %(limit)s characters."),
    "archive:hold:no-reason": gettext_noop("A legal hold needs a reason."),
    "archive:hold:not-held": gettext_noop("No legal hold stands on this collection itself."),
    # API
    "archive:precondition:changed": gettext_noop(
        "This has been changed since you looked at it. Please look again before you change it."
    ),
    "archive:idempotency:bad-key": gettext_noop(
        "An Idempotency-Key has 1 to 255 characters, all of them printable ASCII."
    ),
    "archive:idempotency:other-request": gettext_noop(
        "This Idempotency-Key was sent with another request. Please send a new one."
    ),
    # IIIF
    "archive:iiif:busy": gettext_noop("This picture is being prepared. Please ask again in a few seconds."),
    "archive:iiif:region": gettext_noop(
        "A region is “full”, “square”, “x,y,w,h” or “pct:x,y,w,h”, and some of it lies in the picture."
    ),
    "archive:iiif:size": gettext_noop(
        "A size is “max”, “w,”, “,h”, “w,h”, “!w,h” or “pct:n”, not larger than the region and at most "
        "%(limit)s pixels in all."
    ),
    "archive:iiif:rotation": gettext_noop("A rotation is 0, 90, 180 or 270, and “!” before it mirrors."),
    "archive:iiif:quality": gettext_noop("The quality is one of %(offered)s."),
    "archive:iiif:format": gettext_noop("The format is one of %(offered)s."),
}


def input_error(code: str, **values: object) -> InputError:
    """Build the error for `code`, its sentence filled with `values`, in the language that is active now.

    Raises KeyError for an unknown code.
    """
    return InputError(code, gettext(MESSAGES[code]) % values)


def state_error(code: str, **values: object) -> StateError:
    """As `input_error`, for what the present state of things does not allow."""
    return StateError(code, gettext(MESSAGES[code]) % values)


def stale_error() -> StaleError:
    """The refusal to change what is not as the caller has seen it."""
    code = "archive:precondition:changed"
    return StaleError(code, gettext(MESSAGES[code]))


def key_reused_error() -> KeyReusedError:
    """The refusal of a key that came with another request before."""
    code = "archive:idempotency:other-request"
    return KeyReusedError(code, gettext(MESSAGES[code]))


def sentence(code: str) -> str:
    """The sentence of a code that needs no values, in the language that is active now; "" for none."""
    return gettext(MESSAGES[code]) if code in MESSAGES else ""


def too_large(limit_bytes: int) -> InputError:
    """The refusal of a file above `limit_bytes`."""
    return input_error("archive:file:too-large", limit=plain_size(limit_bytes))


def plain_size(byte_count: int) -> str:
    """A number of bytes for a sentence, in the active language, with a plain space."""
    return filesizeformat(byte_count).replace("\xa0", " ")
