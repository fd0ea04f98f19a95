"""Keeps an endless upload from filling the disk before anybody has looked at it."""

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class UploadLimitHandler(FileUploadHandler):
    """First of FILE_UPLOAD_HANDLERS: beyond PULIH_MAX_UPLOAD_BYTES bytes are read but no longer kept.

    What is kept is more than the limit by a part of one chunk, so ingest refuses the file like any other that
    is too large, with the same words, and the rest of the form arrives.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Pass `raw_data`, which begins at byte `start` of its file, on to the next handler, or drop it."""
        return raw_data if start <= settings.PULIH_MAX_UPLOAD_BYTES else None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        """Leave the file to the handlers that have kept it."""
        return None


def largest_upload() -> int:
    """The size (bytes) beyond which no resumable upload is begun, whatever it holds."""
    return max(settings.PULIH_MAX_UPLOAD_BYTES, settings.PULIH_MAX_ZIP_BYTES)
