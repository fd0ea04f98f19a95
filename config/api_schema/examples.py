"""What requests and answers look like: examples of the main operations, by operation id."""

from __future__ import annotations

from typing import Any

_ROOT = "https://archive.example.org/api/v1"
_COLLECTION = "4cb8bca2-9d47-44c8-af3b-15b572eefe5f"
_PHOTO = "40946221-4871-4f43-91a0-dde9a5b9d089"
_RESTORATION = "68d15091-c9e8-4214-8c5f-7370d788af52"
_MODEL = "a2941c5a-e23e-4713-ad30-86d91894e226"


def _layer(name: str, sha256: str, media_type: str = "image/png") -> dict[str, str]:
    address = f"{_ROOT}/restorations/{_RESTORATION}/layers/{name}/"
    return {"url": address, "sha256": sha256, "media_type": media_type}


_SAID = {
    "title": "On the jetty",
    "description": "Three sailors wait for the boat to Belawan.",
    "creator": "Studio Kurkdjian",
    "date_edtf": "193X",
    "rights": "Public domain",
    "language": "id",
    "call_number": "KIT-1147",
    "notes": "",
}

COLLECTION = {
    "id": _COLLECTION,
    "parent": None,
    "level": "fonds",
    **_SAID,
    "title": "Family of a sailor",
    "date_earliest": "1930-01-01",
    "date_latest": "1939-12-31",
    "auto_restore": True,
    "owner": "siti",
    "role": "owner",
    "photo_count": 148,
    "created_at": "2026-11-23T03:31:50.205456Z",
}

RESTORATION = {
    "id": _RESTORATION,
    "url": f"{_ROOT}/restorations/{_RESTORATION}/",
    "photo": _PHOTO,
    "status": "done",
    "progress": 100,
    "attempts": 1,
    "error": None,
    "result": {
        "url": f"{_ROOT}/restorations/{_RESTORATION}/result/",
        "sha256": "00f822f744cd287767d9535452b0705a89df3d0e68ddae24fa13d1768f1c9500",
        "media_type": "image/tiff",
        "byte_size": 18_874_512,
        "width": 2048,
        "height": 3072,
    },
    "review_state": "unreviewed",
    "requested_by": "siti",
    "requested_at": "2026-11-23T03:31:55.076396Z",
    "started_at": "2026-11-23T03:31:58.093949Z",
    "finished_at": "2026-11-23T03:32:31.469449Z",
    "original_sha256": "30753425787603cb0c787bcd45f4b32ebb0ab1ba974f2778fc2874eb0993dec4",
    "wanted_model": None,
    "strength": 100,
    "quick": False,
    "thorough": False,
    "hand": None,
    "based_on": None,
    "model_version": {
        "name": "pix2pix-unet-256",
        "version": "3",
        "weights_sha256": "b578a885f1581304e505342923d6028232ab75c51d54d3454c831fe3100ef54d",
    },
    "code_version": "sources-sha256:0123456789abcdef",
    "parameters": {"tile": 1536},
    "seed": 812987429,
    "change_report": {
        "share_changed": 0.0831,
        "mean_change": 0.011,
        "max_change": 0.76,
        "mean_change_inside": 0.14,
        "max_change_inside": 0.76,
        "mean_change_outside": 0.0,
        "max_change_outside": 0.0,
        "share_damaged": 0.0794,
        "level": "medium",
        "page_count": 1,
        "pages_repaired": 1,
        "seconds": 33.4,
    },
    "share_damaged": 0.0794,
    "invention": 6.5,
    "warnings": [],
    "layers": {
        "mask": _layer("mask", "88de8a6e007d1517e2cf32eb0848c7fff92726a9d02940d222425e550d55b2f4"),
        "change": _layer("change", "cfb3e7585cf6d710e09c78f562d24d635390b49b172533e11191daa45dec1829"),
        "invention": _layer("invention", "ca2fa6455b41a9af81914971f86b79c2be9cbfb07cb816aaf8817e372b213fb7"),
    },
    "repair": _layer(
        "repair", "5d3e0b5f0c7a9b1c3d4b1f6a520b7e4d0e8d8ecfb3e7585cf6d710e09c78f562", "image/tiff"
    ),
    "peak_memory_bytes": 1_623_456_789,
}
_QUEUED = RESTORATION | {
    "status": "queued",
    "progress": 0,
    "attempts": 0,
    "result": None,
    "started_at": None,
    "finished_at": None,
    "model_version": None,
    "code_version": "",
    "parameters": {},
    "change_report": {},
    "share_damaged": None,
    "invention": None,
    "layers": {"mask": None, "change": None, "invention": None},
    "repair": None,
    "peak_memory_bytes": None,
}

PHOTO = {
    "id": _PHOTO,
    "collection": _COLLECTION,
    "filename": "KIT-1147.tif",
    "folder": "album 3/page 12",
    **_SAID,
    "contributor": "",
    "publisher": "",
    "place": "Surabaya",
    "source": "",
    "relation": "",
    "date_earliest": "1930-01-01",
    "date_latest": "1939-12-31",
    "tags": ["harbour", "sailors"],
    "uploaded_by": "siti",
    "created_at": "2026-11-23T03:31:55.025821Z",
    "updated_at": "2026-11-23T03:31:55.025854Z",
    "original": {
        "sha256": "30753425787603cb0c787bcd45f4b32ebb0ab1ba974f2778fc2874eb0993dec4",
        "byte_size": 18_920_114,
        "media_type": "image/tiff",
        "width": 2048,
        "height": 3072,
    },
    "original_url": f"{_ROOT}/photos/{_PHOTO}/original/",
    "latest_restoration": RESTORATION,
}

_PAGE = {"next": None, "previous": None}
_FOUND = _PAGE | {"count": 1, "count_is_exact": True, "results": [PHOTO]}
_DONE = {"id": _PHOTO, "status": "done", "code": "", "message": ""}

REQUESTS: dict[str, Any] = {
    "sign_in": {"username": "siti", "password": "a long walk home", "scopes": ["read", "upload"]},
    "tokens_create": {
        "name": "Scanner room",
        "scopes": ["read", "upload"],
        "collections": [_COLLECTION],
        "expires_at": "2036-12-31T17:00:00Z",
    },
    "collections_create": {"title": "Family of a sailor", "level": "fonds", "date_edtf": "193X"},
    "collections_partial_update": {"description": "Given by the family in 1998."},
    "collections_restore": {"photos": [_PHOTO], "thorough": True},
    "collections_invitations_create": {"email": "budi@example.org", "role": "reviewer"},
    "photos_describe": {"title": "On the jetty", "date_edtf": "193X", "tags": ["harbour", "sailors"]},
    "photos_delete_many": {"photos": [_PHOTO]},
    "photos_restorations_request": {"model": _MODEL, "strength": 80, "quick": False, "thorough": True},
    "restorations_strength": {"strength": 60},
    "restorations_reviews_create": {"decision": "approved", "comment": "", "expected_state": "unreviewed"},
    "review_decide": {"decisions": [{"restoration": _RESTORATION, "decision": "approved"}]},
}

# By operation and status.
ANSWERS: dict[tuple[str, str], Any] = {
    ("sign_in", "200"): {
        "token": "6f2b9c0e8d1a47f5b3c4e7a98d0f12345b6c7d8e9f0a1b2c3d4e5f60718293a4",
        "expires_at": "2026-12-23T03:31:50.205456Z",
    },
    ("collections_list", "200"): _PAGE | {"results": [COLLECTION]},
    ("collections_create", "201"): COLLECTION,
    ("collections_retrieve", "200"): COLLECTION,
    ("collections_photos_list", "200"): _FOUND,
    ("collections_photos_upload", "201"): PHOTO | {"latest_restoration": _QUEUED},
    ("photos_list", "200"): _FOUND,
    ("photos_retrieve", "200"): PHOTO,
    ("photos_describe", "200"): PHOTO,
    ("photos_delete_many", "200"): {"results": [_DONE]},
    ("photos_restorations_request", "202"): _QUEUED,
    ("restorations_retrieve", "200"): RESTORATION,
    ("me", "200"): {
        "username": "siti",
        "email": "siti@example.org",
        "first_name": "Siti",
        "last_name": "Rahayu",
        "language": "id",
        "theme": "dark",
        "mail_when_finished": True,
    },
}
