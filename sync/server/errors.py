"""What can go wrong at the county server, told to its administrator."""

from __future__ import annotations

from sync.errors import SyncError


class ServerError(SyncError):
    """The server cannot do what was asked; nothing was changed."""

    zh = "县服务器没有做成这一步，资料没有动。请看提示后再试。"


class WrongServerKey(ServerError):
    """The key does not open the database, or the file is no database."""

    zh = "钥匙打不开县服务器的数据库，或文件已损坏；没有改动任何资料。请核对钥匙文件，必要时用备份恢复。"


class NoServerHere(ServerError):
    """The folder holds no county server."""

    zh = "文件夹“{folder}”里没有县服务器。请先运行 fieldapp-server init。"


class ServerExists(ServerError):
    """The folder holds a county server already."""

    zh = "文件夹“{folder}”里已经有县服务器，没有改动。请换一个空文件夹。"


class KeyMissing(ServerError):
    """The key file cannot be read or does not hold 64 hex characters."""

    zh = "钥匙文件读不到或内容不对（应为 64 位十六进制）。数据没有动；请把保管的钥匙文件放好再试。"


class NoSuchThing(ServerError):
    """An account, device, change or backup that is not there."""

    zh = "没有找到“{what}”，没有改动。请核对后再试。"


class NoTableNumbers(ServerError):
    """表号 and the like given to a working project."""

    zh = "这是“工作监测”项目，不印表号、制定机关、文号和有效期，没有录入。统计调查请另建项目（init --mode STAT）。"


class ModeIsFixed(ServerError):
    """The mode of a project given as a parameter."""

    zh = "项目用途（use_mode）在新建项目时就定了，不能作为参数下发，没有改动；要另一种用途请另建项目。"


class NotInStatistics(ServerError):
    """A post that a statistical survey does not have."""

    zh = "统计调查项目里没有“{role}”这个岗位（不得接触问卷库），没有登记。"


class BadProjectFact(ServerError):
    """A day that is no day, or a 表号 without its questionnaire."""

    zh = "“{what}”写法不对，没有录入。表号写成“annual=表号”，有效期写成“2027-12-31”。"


class CannotServe(ServerError):
    """The address or port cannot be had."""

    zh = "不能在 {address} 上开服务（端口被占用或无权限）。请换一个端口。"


class DatabaseTrouble(ServerError):
    """The database cannot be reached or the disk is full."""

    zh = "数据库连不上或磁盘已满，这一步没有写入。请检查数据库和磁盘后再试。"


class DamagedServer(ServerError):
    """The check of a server or backup found something wrong."""

    zh = "检查发现问题：{problem}。请停用这份数据，用最近一份完好的备份恢复。"


class NewerServer(ServerError):
    """The database was written by a newer program."""

    zh = "县服务器的数据库由新版程序写成，本版打不开，资料没有动。请在这台机器上装新版程序。"
