"""Failures of the laptop's own (tree in forms/errors.py).

FieldAppError
├─ StoreError
│  ├─ WrongKey              the key does not fit the store, or the file is no store
│  ├─ DamagedStore          a page cannot be read
│  ├─ DiskFull              nothing was written
│  ├─ ReadOnlyDisk
│  ├─ StoreBusy             another copy of the program holds it
│  └─ NewerStore            written by a newer program
├─ WrongPassphrase, TooManyTries, WeakPassphrase, KeyFileMissing, AlreadyEnrolled, NotEnrolled, FingerprintMissing
├─ NotAllowed               the role may not
├─ NoSuchHousehold, NoSuchInterview, NoSuchAssignment, NoConflict, FormMissing
├─ NotReady, ReadOnlyInterview, NotWaiting, InConflict, ReasonMissing, ReturnLimit
├─ SessionLocked
└─ Cancelled
"""

from __future__ import annotations

from forms.errors import FieldAppError

__all__ = [
    "AlreadyEnrolled",
    "Cancelled",
    "DamagedStore",
    "DiskFull",
    "FieldAppError",
    "FingerprintMissing",
    "FormMissing",
    "InConflict",
    "KeyFileMissing",
    "NewerStore",
    "NoConflict",
    "NoSuchAssignment",
    "NoSuchHousehold",
    "NoSuchInterview",
    "NotAllowed",
    "NotEnrolled",
    "NotReady",
    "NotWaiting",
    "ReadOnlyDisk",
    "ReadOnlyInterview",
    "ReasonMissing",
    "ReturnLimit",
    "SessionLocked",
    "StoreBusy",
    "StoreError",
    "TooManyTries",
    "WeakPassphrase",
    "WrongKey",
    "WrongPassphrase",
]


class StoreError(FieldAppError):
    """The encrypted store could not be read or written."""

    zh = "本机资料库这一步没有做成，已存的资料没有动。请再试一次，还不行就找乡镇。"


class WrongKey(StoreError):
    """The key does not open this file, or the file is no store."""

    zh = "这个资料库用这把钥匙打不开，里面的资料没有动。电脑里可能换过文件，带到乡镇看看。"


class DamagedStore(StoreError):
    """Part of the store cannot be read."""

    zh = "资料库有一处读不出来，其余都在。别再往里填，先带到乡镇从备份补回。"


class DiskFull(StoreError):
    """The disk is full; nothing was written and nothing lost."""

    zh = "没存住：硬盘满了。这一格还在屏上，别关；腾出地方再存，以前存好的都在。"


class ReadOnlyDisk(StoreError):
    """The folder of the store cannot be written."""

    zh = "没存住：资料所在的文件夹不让写。以前存好的都在；把文件夹改成可写，再打开程序。"


class StoreBusy(StoreError):
    """Another program holds the store."""

    zh = "资料库正被另一个窗口用着，资料都在。关掉那个窗口，再试一次。"


class NewerStore(StoreError):
    """The store was written by a newer version of the program."""

    zh = "这台电脑的资料是更新版的程序写的，资料都在。装上新版再打开。"


class WrongPassphrase(FieldAppError):
    """The passphrase does not open the key."""

    zh = "口令不对，还能试 {left} 次。忘了带到乡镇重设，资料不丢。"


class TooManyTries(FieldAppError):
    """Five wrong passphrases; a restart does not shorten the wait."""

    zh = "口令错了 5 次，{minutes} 分钟后再试。忘了带到乡镇重设，资料不丢。"


class WeakPassphrase(FieldAppError):
    """The new passphrase is too easy to guess."""

    zh = "口令太好猜：至少 10 位、不能全是数字，或者用四个词、中间空格。原来的口令没有变。"


class KeyFileMissing(FieldAppError):
    """keys.json is missing or unreadable."""

    zh = "这台电脑上找不到钥匙文件，资料还锁着没有动。带到乡镇用县里的备用钥匙打开。"


class AlreadyEnrolled(FieldAppError):
    """This folder already holds a county's data."""

    zh = "这台电脑已经登记过了，原有资料没有动。要换县，先请县里清空这台电脑。"


class NotEnrolled(FieldAppError):
    """Nobody has enrolled this laptop yet."""

    zh = "这台电脑还没有登记到县里。拿到一次性登记码，先登记再用。"


class FingerprintMissing(FieldAppError):
    """Without the fingerprint of the enrolment slip nobody knows which server this is."""

    zh = "登记单上的服务器校验码还没有填，什么都没有发出去。照登记单填上，再登记。"


class NotAllowed(FieldAppError):
    """This role may not do this."""

    zh = "{role}不能{deed}，什么都没有改。"


class NoSuchHousehold(FieldAppError):
    """The household is not on this laptop."""

    zh = "这户不在这台电脑上，可能分给了别人，或还没有带回来。交接一次再找。"


class NoSuchInterview(FieldAppError):
    """The interview is not on this laptop."""

    zh = "这份问卷不在这台电脑上。交接一次再看。"


class NoSuchAssignment(FieldAppError):
    """The assignment is not on this laptop."""

    zh = "这份任务不在这台电脑上，可能改派了。交接一次再看。"


class NoConflict(FieldAppError):
    """There is nothing left to decide."""

    zh = "这一格已经定过了，没有要定的。"


class FormMissing(FieldAppError):
    """The questionnaire has not reached this laptop."""

    zh = "这期的问卷还没有带到这台电脑上，别的都能用。交接一次就有了。"


class NotReady(FieldAppError):
    """Something still blocks handing in."""

    zh = "还不能交：{what}。按 F7 一条条看，已填的都存好了。"


class ReadOnlyInterview(FieldAppError):
    """The interview cannot be written now."""

    zh = "这份问卷现在只能看：{reason}。"


class NotWaiting(FieldAppError):
    """The interview is not waiting for this decision."""

    zh = "这份问卷现在是“{status}”，不能做这一步，什么都没有改。"


class InConflict(FieldAppError):
    """Conflicts have to be decided first."""

    zh = "这份问卷有 {n} 格两人填得不一样，先到冲突里定了，再通过。"


class ChangedMeanwhile(FieldAppError):
    """What is decided about is no longer what the person's screen shows."""

    zh = "您看的时候又收到了新的内容，什么都没有定。再打开看一遍，再做这一步。"


class ReasonMissing(FieldAppError):
    """A reason has to be given."""

    zh = "还没有写原因。选一条原因，写一句话，再做这一步。"


class ReturnLimit(FieldAppError):
    """Returned three times already."""

    zh = "这份已经退过 3 次，再退要由县里来退，什么都没有改。"


class SessionLocked(FieldAppError):
    """The person has locked the laptop."""

    zh = "已经锁屏，存好的都在。输入口令接着用。"


class Cancelled(FieldAppError):
    """The person stopped it."""

    zh = "停下了，没有留下半截的东西。"
