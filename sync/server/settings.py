"""server.json: where the county's database lies. An address with a password in it stands there only under the data key."""

from __future__ import annotations

import json
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from sync.server.errors import DatabaseTrouble, NoServerHere, WrongServerKey

SETTINGS_NAME: Final = "server.json"
_PLACE: Final = b"server.json database"


def write_settings(folder: Path, url: str, key: bytes) -> None:
    """Notes the address of the database.

    Args:
        url: of PostgreSQL; "" for the encrypted file in the folder.

    Raises:
        DatabaseTrouble: no address.
    """
    shown = ""
    if url:
        try:
            shown = make_url(url).render_as_string(hide_password=True)
        except ArgumentError as error:
            raise DatabaseTrouble("not an address of a database") from error
    settings = {"database": shown}
    if shown != url:
        nonce = secrets.token_bytes(12)
        settings["sealed"] = (nonce + AESGCM(key).encrypt(nonce, url.encode(), _PLACE)).hex()
    (folder / SETTINGS_NAME).write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")


def read_settings(folder: Path, key: bytes) -> str:
    """The address of the database, "" for the encrypted file.

    Raises:
        NoServerHere: no server in this folder. WrongServerKey: the address does not open.
    """
    try:
        settings = json.loads((folder / SETTINGS_NAME).read_text(encoding="utf-8"))
        url, sealed = str(settings["database"]), bytes.fromhex(settings.get("sealed", ""))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise NoServerHere("no settings", folder=folder.name) from error
    if not sealed:
        return url
    try:
        return AESGCM(key).decrypt(sealed[:12], sealed[12:], _PLACE).decode()
    except (InvalidTag, ValueError) as error:
        raise WrongServerKey("the address does not open") from error
