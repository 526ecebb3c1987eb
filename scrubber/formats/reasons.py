"""Why a payload is not read, by its media type or its file name: the codes of `unread`."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

_OFFICE = frozenset({"application/msword", "application/rtf", "text/rtf", "application/vnd.visio"})
_ARCHIVES = frozenset({
    "application/zip", "application/x-zip-compressed", "application/x-7z-compressed", "application/gzip",
    "application/x-gzip", "application/x-tar", "application/vnd.rar", "application/x-rar-compressed",
    "application/x-bzip2", "application/x-xz",
})  # fmt: skip
_PREFIXES = (
    ("image/", "image"),
    ("audio/", "audio-video"),
    ("video/", "audio-video"),
    ("application/vnd.ms-", "office"),
    ("application/vnd.openxmlformats-officedocument", "office"),
    ("application/vnd.oasis.opendocument", "office"),
)
_EXTENSIONS = {
    extension: reason
    for reason, extensions in {
        "image": "png jpg jpeg gif bmp tif tiff webp heic svg ico",
        "pdf": "pdf",
        "office": "doc docx docm dot xls xlsx xlsm xlsb ppt pptx odt ods odp rtf pages numbers",
        "archive": "zip 7z gz tgz tar rar bz2 xz",
        "audio-video": "mp3 m4a ogg oga opus wav aac mp4 mov avi mkv webm 3gp amr",
    }.items()
    for extension in extensions.split()
}
TEXT_EXTENSIONS: Mapping[str, str] = MappingProxyType(
    {
        "txt": "text/plain", "log": "text/plain", "csv": "text/csv", "md": "text/markdown", "ics": "text/calendar",
        "vcf": "text/vcard", "htm": "text/html", "html": "text/html", "eml": "message/rfc822",
        "json": "application/json", "xml": "application/xml",
    }
)  # fmt: skip
"""What `application/octet-stream` really is when its name says so."""


def extension(filename: str) -> str:
    """The last suffix of a file name, lower case, without the dot; "" without one."""
    _, dot, last = filename.strip().rpartition(".")
    return last.lower() if dot else ""


def unread_reason(media_type: str, filename: str = "") -> str:
    """ "image", "pdf", "office", "archive", "audio-video", "tnef", "encrypted" or "unknown-type"."""
    if media_type == "application/pdf":
        return "pdf"
    if media_type in _OFFICE:
        return "office"
    if media_type in _ARCHIVES:
        return "archive"
    if media_type in {"application/ms-tnef", "application/vnd.ms-tnef"} or filename.lower() == "winmail.dat":
        return "tnef"
    if media_type in {"multipart/encrypted", "application/pgp-encrypted"}:
        return "encrypted"
    for prefix, reason in _PREFIXES:
        if media_type.startswith(prefix):
            return reason
    return _EXTENSIONS.get(extension(filename), "unknown-type")
