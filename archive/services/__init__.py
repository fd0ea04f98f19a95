"""Every write of the archive. Each function is one transaction and takes keywords only."""

from archive.events.kinds import AccessEvent, EventKind
from archive.services.access import (
    accept_invitation,
    add_member,
    change_role,
    invite_member,
    remove_member,
    revoke_invitation,
    transfer_collection,
)
from archive.services.api_tokens import create_api_token, note_use, revoke_api_token
from archive.services.bag_export import export_bag, may_export, record_failed_export
from archive.services.bag_import import (
    BagImportReport,
    BagPhotos,
    import_bag,
    record_bag_import,
    take_bag_collections,
)
from archive.services.bag_runs import begin_bag_run, end_bag_run, take_bag_photo
from archive.services.collections import create_collection, move_collection, update_collection
from archive.services.deletion import (
    BinReport,
    delete_collection,
    delete_photo,
    delete_photos,
    discard_unused_original,
    empty_bin,
    purge_collection,
    purge_photo,
    take_back_collection,
    take_back_photo,
)
from archive.services.description import describe_photo, describe_photos
from archive.services.events import NewEvent, record_event, record_events
from archive.services.fixity import (
    claim_fixity_run,
    continue_fixity_run,
    note_report,
    start_fixity_run,
    start_fixity_slice,
    unfinished_fixity_runs,
)
from archive.services.holds import (
    holding_collection,
    lift_legal_hold,
    refuse_if_held,
    set_legal_hold,
)
from archive.services.imports import (
    begin_import,
    claim_import,
    end_import,
    hold_import,
    pause_import,
    sweep_imports,
    take_entry,
)
from archive.services.ingest import ingest_photo
from archive.services.metadata import (
    apply_metadata,
    claim_metadata,
    continue_metadata,
    receive_metadata,
    sweep_metadata,
)
from archive.services.people import change_email, change_password, change_profile, end_sessions
from archive.services.renditions import keep_renditions, remake_renditions
from archive.services.sharing import count_visit, create_share_link, publish_collection, revoke_share_link
from archive.services.uploads import (
    begin_upload,
    cancel_upload,
    extend_upload,
    finish_upload,
    sweep_uploads,
    upload_zip,
)

__all__ = [
    "AccessEvent",
    "BagImportReport",
    "BagPhotos",
    "BinReport",
    "EventKind",
    "NewEvent",
    "accept_invitation",
    "add_member",
    "apply_metadata",
    "begin_bag_run",
    "begin_import",
    "begin_upload",
    "cancel_upload",
    "change_email",
    "change_password",
    "change_profile",
    "change_role",
    "claim_fixity_run",
    "claim_import",
    "claim_metadata",
    "continue_fixity_run",
    "continue_metadata",
    "count_visit",
    "create_api_token",
    "create_collection",
    "create_share_link",
    "delete_collection",
    "delete_photo",
    "delete_photos",
    "describe_photo",
    "describe_photos",
    "discard_unused_original",
    "empty_bin",
    "end_bag_run",
    "end_import",
    "end_sessions",
    "export_bag",
    "extend_upload",
    "finish_upload",
    "hold_import",
    "holding_collection",
    "import_bag",
    "ingest_photo",
    "invite_member",
    "keep_renditions",
    "lift_legal_hold",
    "may_export",
    "move_collection",
    "note_report",
    "note_use",
    "pause_import",
    "publish_collection",
    "purge_collection",
    "purge_photo",
    "receive_metadata",
    "record_bag_import",
    "record_event",
    "record_events",
    "record_failed_export",
    "refuse_if_held",
    "remake_renditions",
    "remove_member",
    "revoke_api_token",
    "revoke_invitation",
    "revoke_share_link",
    "set_legal_hold",
    "start_fixity_run",
    "start_fixity_slice",
    "sweep_imports",
    "sweep_metadata",
    "sweep_uploads",
    "take_back_collection",
    "take_back_photo",
    "take_bag_collections",
    "take_bag_photo",
    "take_entry",
    "transfer_collection",
    "unfinished_fixity_runs",
    "update_collection",
    "upload_zip",
]
