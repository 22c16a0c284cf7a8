"""Digests and base64."""

from __future__ import annotations

import base64
import binascii
import hashlib

from forms.engine.xpath.errors import XPathValueError

_ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def digest(text: str, algorithm: str, encoding: str = "base64") -> str:
    """The digest of a text (UTF-8), base64 or hex. It serves to compare and to shorten, not to protect.

    Raises:
        XPathValueError: an algorithm or encoding that the specification does not name.
    """
    name = _ALGORITHMS.get(algorithm)
    if name is None:
        raise XPathValueError("digest", "算法应为 MD5、SHA-1、SHA-256、SHA-384 或 SHA-512")
    if encoding not in ("base64", "hex"):
        raise XPathValueError("digest", "编码应为 base64 或 hex")
    raw = hashlib.new(name, text.encode("utf-8"), usedforsecurity=False).digest()
    return raw.hex() if encoding == "hex" else base64.b64encode(raw).decode("ascii")


def base64_decode(text: str) -> str:
    """The text behind base64, read as UTF-8; blank for what is not base64."""
    try:
        return base64.b64decode(text, validate=True).decode("utf-8", errors="replace")
    except (binascii.Error, ValueError):
        return ""
