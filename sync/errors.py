"""Failures of moving records, told to a person (tree in forms/errors.py)."""

from __future__ import annotations

from forms.errors import FieldAppError


class SyncError(FieldAppError):
    """Something between this laptop and the county did not work; the data stays where it is."""

    zh = "这次交接没有做完。数据仍保存在本机，下次接着来。"


class ServerUnreachable(SyncError):
    """No connection to the county server."""

    zh = "现在连不上县里，不要紧：数据都在本机，连上会自己送。"


class BadBytes(SyncError):
    """Bytes that are not what they claim to be: damaged, cut, or not from this program."""

    zh = "收到的数据已损坏或不是本程序的数据，没有采用；原有资料没有动。请重新传一次。"


class BadSignature(SyncError):
    """The signature does not belong to these bytes and this key."""

    zh = "有一条变更的签名不对，没有采用；原有资料没有动。请联系县里核对这台电脑的登记。"


class TooBig(SyncError):
    """Beyond the size limits of protocol.py."""

    zh = "有一条数据超过了大小上限，没有采用；原有资料没有动。请联系县里。"


class NewerProgram(SyncError):
    """Written by a newer codec version: kept, not read."""

    zh = "这条数据由新版程序写成，已原样存好，本机暂时读不了。请升级程序。"


class NotYourCounty(SyncError):
    """A frame, bundle or certificate of another county."""

    zh = "这份数据属于别的县（{county}），没有采用；两边资料都没有动。请核对 U 盘或服务器。"


class OtherProject(SyncError):
    """Laptop and server belong to projects of different use (monitoring.md 2): two projects, two databases."""

    zh = "这台电脑和县服务器不是同一个项目，没有交换任何数据；本机资料没有动。请核对服务器地址。"


class LaptopOfStatistics(OtherProject):
    """A laptop of a statistical survey met the server of a working project."""

    zh = "这台电脑属于“统计调查”项目，对方是“工作监测”项目，两边分库，没有交换任何数据；本机资料没有动。请核对服务器地址。"


class LaptopOfWork(OtherProject):
    """A laptop of a working project met the server of a statistical survey."""

    zh = "这台电脑属于“工作监测”项目，对方是“统计调查”项目，两边分库，没有交换任何数据；本机资料没有动。请核对服务器地址。"


class CertificateRefused(SyncError):
    """A certificate that is forged, expired or of another county."""

    zh = "登记证书不对或已过期，数据仍在本机。请联系县里重新登记这台电脑。"


class EnrolmentRefused(SyncError):
    """The code is unknown, used up or expired."""

    zh = "登记码不对、已用过或已过期，本机没有改动。请向县里要一个新的登记码。"


class NotRecognised(SyncError):
    """The server does not know this laptop or refuses its token."""

    zh = "县服务器不认这台电脑，数据仍在本机。请联系县里核对登记。"


class ServerNotOurs(SyncError):
    """The server's TLS certificate is not the one pinned at enrolment."""

    zh = "对方不是本县的服务器（证书不符），没有传任何数据；资料都在本机。请联系县里。"


class ServerBusy(SyncError):
    """The server asks to come back later."""

    zh = "县服务器正忙，数据都在本机，稍后会自己再送。"

    def __init__(self, detail: str = "", *, after_s: float = 5.0, **fields: object) -> None:
        super().__init__(detail, **fields)
        self.after_s = after_s


class SyncCancelled(SyncError):
    """The person stopped it."""

    zh = "已停下。送到的不会重送，没送的仍在本机。"


class NewEpoch(SyncError):
    """The server was restored since the last talk; hello again and offer what it lacks."""

    zh = "县服务器刚恢复过备份，本机会把它缺的补送上去，资料没有少。"


class Refused(SyncError):
    """The server refuses the request itself (size, shape, order)."""

    zh = "县服务器没有接受这次请求，数据仍在本机。请稍后再试；还不行就联系县里。"


class StickGone(SyncError):
    """The stick or folder is not there, or was pulled out."""

    zh = "找不到 U 盘或文件夹，可能已拔出。数据都在本机，没有少；请插好再试一次。"


class StickFull(SyncError):
    """No room on the stick."""

    zh = "U 盘满了，没有写成。数据都在本机；请换一个 U 盘，或删去盘上不用的东西再试。"


class StickReadOnly(SyncError):
    """The stick cannot be written."""

    zh = "U 盘不让写（只读或没有权限），没有写成。数据都在本机；请拨开写保护或换一个 U 盘。"


class NothingForUs(SyncError):
    """No bundle for this laptop on the stick."""

    zh = "U 盘上没有给这台电脑的数据包，本机没有改动。请先到县里或乡镇把 U 盘插一次。"


class NeedsTheLine(SyncError):
    """Something that a stick cannot carry: questions and answers that wait for each other."""

    zh = "这一步要直接连一次县服务器才能办，U 盘办不了；数据都在本机，没有少。"


class NotForUs(SyncError):
    """A bundle sealed to somebody else."""

    zh = "这个数据包不是给本机的，没有打开，也没有改动。请把它交给收件的电脑或县里。"


class NotARelay(SyncError):
    """Whoever answers at this address is not a township laptop of this county."""

    zh = "对方不是本县登记的乡镇中转电脑，没有交给它任何数据；资料都在本机。请核对地址，或直接送县里、用 U 盘。"


class CarriesOnly(SyncError):
    """A relay is asked for what only the county can do."""

    zh = "乡镇中转电脑只代收代转，这一步要直接连县服务器。数据都在本机，没有少。"
