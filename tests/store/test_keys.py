from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from fieldapp.errors import DiskFull, KeyFileMissing, TooManyTries, WeakPassphrase, WrongPassphrase
from fieldapp.store.keys import KEY_FILE, KeyCost, KeyFile, KeyHolder, Keys, check_passphrase
from tests.store.conftest import Clock

GOOD = "xiong huai da zhi"


@pytest.fixture
def keys(tmp_path: Path, clock: Clock) -> Keys:
    made = Keys(tmp_path, cost=KeyCost(8, 1, 1), clock=clock)
    made.write(KeyFile((made.wrap(KeyHolder("enum01", "王建国", "ENUM"), bytes(range(32)), GOOD),)))
    return made


def test_the_right_passphrase_gives_the_key(keys: Keys) -> None:
    assert keys.open("enum01", GOOD) == bytes(range(32))


@pytest.mark.usefixtures("keys")
def test_the_file_holds_neither_key_nor_passphrase(tmp_path: Path) -> None:
    content = (tmp_path / KEY_FILE).read_text(encoding="utf-8")
    assert GOOD not in content
    assert bytes(range(32)).hex() not in content
    assert json.loads(content)["holders"][0]["name"] == "王建国"


def test_wrong_passphrases_are_counted_on_disk_and_a_restart_does_not_help(
    tmp_path: Path, keys: Keys, clock: Clock
) -> None:
    for left in (4, 3, 2, 1):
        again = Keys(tmp_path, clock=clock)  # a new process each time
        with pytest.raises(WrongPassphrase) as told:
            again.open("enum01", "wrong")
        assert told.value.fields["left"] == left
    with pytest.raises(TooManyTries):
        keys.open("enum01", "wrong")
    with pytest.raises(TooManyTries) as told_more:
        Keys(tmp_path, clock=clock).open("enum01", GOOD)
    assert told_more.value.fields["minutes"] == 10
    clock.now += timedelta(minutes=11)
    assert keys.open("enum01", GOOD)


def test_a_clock_set_back_neither_frees_nor_blocks_for_years(keys: Keys, clock: Clock) -> None:
    for _ in range(4):
        with pytest.raises(WrongPassphrase):
            keys.open("enum01", "wrong")
    with pytest.raises(TooManyTries):
        keys.open("enum01", "wrong")
    clock.now -= timedelta(days=2000)
    with pytest.raises(TooManyTries) as told:
        keys.open("enum01", GOOD)
    assert told.value.fields["minutes"] == 10
    clock.now += timedelta(minutes=11)
    assert keys.open("enum01", GOOD)


def test_a_right_passphrase_starts_the_count_anew(keys: Keys) -> None:
    with pytest.raises(WrongPassphrase):
        keys.open("enum01", "wrong")
    keys.open("enum01", GOOD)
    with pytest.raises(WrongPassphrase) as told:
        keys.open("enum01", "wrong")
    assert told.value.fields["left"] == 4


def test_changing_the_passphrase_keeps_the_key(keys: Keys) -> None:
    keys.change_passphrase("enum01", GOOD, "quite another one")
    assert keys.open("enum01", "quite another one") == bytes(range(32))
    with pytest.raises(WrongPassphrase):
        keys.open("enum01", GOOD)


def test_the_county_recovers_the_key_and_another_county_does_not(keys: Keys) -> None:
    county = X25519PrivateKey.generate()
    keys.seal_for_recovery(bytes(range(32)), county.public_key())
    assert keys.recover(county) == bytes(range(32))
    with pytest.raises(KeyFileMissing):
        keys.recover(X25519PrivateKey.generate())


def test_a_torn_key_file_falls_back_to_the_one_before(keys: Keys, tmp_path: Path) -> None:
    keys.set_facts(county_name="云岭县")
    (tmp_path / KEY_FILE).write_text('{"holders": [', encoding="utf-8")
    assert keys.open("enum01", GOOD) == bytes(range(32))


@pytest.mark.parametrize("weak", ["short", "123456789012", "aaaaaaaaaaaa", "一二三四五"])
def test_an_easy_passphrase_is_refused(weak: str) -> None:
    with pytest.raises(WeakPassphrase):
        check_passphrase(weak)


@pytest.mark.parametrize("good", ["shuanghe-2026", "山 高 水 长", "correct horse battery staple"])
def test_ten_characters_or_four_words_will_do(good: str) -> None:
    check_passphrase(good)


def test_a_damaged_key_file_never_takes_the_place_of_the_last_good_one(
    tmp_path: Path, keys: Keys, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.set_facts(device_name="YL-07")
    (tmp_path / KEY_FILE).write_bytes(bytes(512))  # what a power cut leaves
    replaced = []

    def full_at_the_second(path: Path, content: bytes) -> None:
        replaced.append(path.name)
        if path.name == KEY_FILE:
            raise OSError(28, "full")
        path.write_bytes(content)

    with monkeypatch.context() as patched:
        patched.setattr("fieldapp.store.keys._replace_with", full_at_the_second)
        with pytest.raises(DiskFull):
            keys.open("enum01", GOOD)
    assert replaced == [KEY_FILE]
    assert keys.open("enum01", GOOD) == bytes(range(32))
