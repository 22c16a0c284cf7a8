"""The county's register from its tables: households with their members, once each (monitoring.md 9.1; annual.md 0.6, A1, B1).

One table of households and one of members, four lists by type, or one table with a line a person: all are read, put together by
household code, else by the head's identity number. What is wrong is gathered; what can be kept is kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from forms.monitoring import opening_values as values
from forms.monitoring.opening import Level, Problems, ReadTable, plain
from forms.monitoring.opening_fields import OF_HOUSEHOLD, OF_MEMBER
from forms.monitoring.opening_line import RawLine, is_foot
from forms.monitoring.opening_regions import Regions
from forms.phrases import Phrase

HEAD: Final = "02"
SAME_HEAD, TWO_HEADS, SAME_CODE = "same_head", "two_heads", "same_code"
DOUBT_ZH: Final[Mapping[str, str]] = {
    SAME_HEAD: "户主和另一户是同一个人",
    TWO_HEADS: "有两个户主",
    SAME_CODE: "同一个户编码下是两户人家",
}
_SIBLINGS: Final = {"1": ("71", "73"), "2": ("75", "77")}  # older, younger than the head


@dataclass(slots=True)
class Entry:
    """One household of the tables.

    Attributes:
        code: as the table has it; "" when it has none.
        hh_id: 16 digits, or "" when the code is another system's (``frame_hh_code`` then).
        values: of the register's household fields.
        members: fields of each, the head first.
        doubts: why it waits for a person's word: SAME_HEAD, TWO_HEADS, SAME_CODE.
        refused: whether something of the whole household is wrong; it is not imported.
    """

    where: tuple[str, int]
    code: str = ""
    hh_id: str = ""
    village: str = ""
    values: dict[str, str] = field(default_factory=dict)
    members: list[dict[str, str]] = field(default_factory=list)
    head_idno: str = ""
    people: str = ""
    doubts: tuple[str, ...] = ()
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """What the tables say.

    Attributes:
        entries: in the order met, refused ones included.
        fields: the fields that some column of the tables stands for; others say nothing about a household.
    """

    entries: tuple[Entry, ...]
    fields: frozenset[str]

    @property
    def members(self) -> int:
        """How many people."""
        return sum(len(one.members) for one in self.entries if not one.refused)


class RegisterReader:
    """Puts tables together. ``read`` each table, then ``register``.

    Args:
        regions: of the county; a household of an unknown village is refused.
        problems: where problems go.
    """

    def __init__(self, regions: Regions, problems: Problems) -> None:
        self._regions = regions
        self._problems = problems
        self._entries: list[Entry] = []
        self._by_code: dict[str, Entry] = {}
        self._by_head: dict[str, Entry] = {}
        self._fields: set[str] = set()
        self._villages: dict[tuple[str, str, str], str] = {}

    # --- tables -------------------------------------------------------------------------------------------------------

    def read(self, table: ReadTable) -> bool:
        """Reads one table; False (with a problem noted) if it names no household."""
        at = dict(table.fields)
        if "mem_relation" not in at and "hh_head_name" not in at and "mem_name" in at:
            # A list of households by their heads.
            at["hh_head_name"] = at.pop("mem_name")
            if "mem_idno" in at:
                at["@head_idno"] = at.pop("mem_idno")
        of_people = "mem_name" in at
        keyed = {"hh_id", "frame_hh_code", "@head_idno"} & at.keys() or (of_people and "mem_idno" in at)
        if not keyed or not (of_people or "hh_head_name" in at):
            self._problems.add(
                Level.FILE, "no_key", (table.title, 0), "", "这张表没有户编码，也没有户主证件号码，认不出是哪一户",
                "补上户编码或户主证件号码一列，或指明是哪一列",
            )  # fmt: skip
            return False
        self._fields |= {name for name in at if not name.startswith("@")}
        if "@monitor_type" in at:
            self._fields.add("hh_type_now")
        before: Entry | None = None
        hidden = 0
        for row in table.rows:
            if is_foot(row):
                continue
            hidden += row.hidden
            raw = RawLine(self._problems, table.title, row, at)
            before = self._person(raw, before) if of_people else self._household(raw)
        if hidden:
            self._problems.add(
                Level.WARN, "hidden", (table.title, 0), "", Phrase("有 {n} 行在 Excel 里是隐藏的，一样读了", n=hidden),
                "不要的行请删掉再导，不要只是隐藏",
            )  # fmt: skip
        return True

    def _household(self, raw: RawLine) -> Entry | None:
        head = raw.idno("@head_idno")
        entry = self._entry(raw, raw.code(), head)
        return self._fill(entry, raw, head)

    def _person(self, raw: RawLine, before: Entry | None) -> Entry | None:
        name = raw.value("mem_name")
        relation = self._relation(raw)
        code, head = raw.code(), raw.idno("@head_idno")
        if not name and not code:
            return before
        if not relation and name and name == raw.value("hh_head_name"):
            relation = HEAD
        if not code and not head:
            if relation != HEAD and before is not None:
                entry: Entry | None = before  # merged cells: the household stands in its first line
            else:
                head = raw.idno("mem_idno")
                entry = self._entry(raw, "", head)
        else:
            entry = self._entry(raw, code, head)
        if entry is None:
            return before
        if entry is not before or not entry.values:
            self._fill(entry, raw, head)
        if name:
            self._add_member(entry, raw, name, relation)
        return entry

    def _entry(self, raw: RawLine, code: str, head: str) -> Entry | None:
        """The household that a line is about, a new one if it is the first about it."""
        found = self._by_code.get(code) if code else None
        if found is None and head and not code:
            found = self._by_head.get(head)
        if found is not None:
            if head and found.head_idno and head != found.head_idno:
                self._doubt(found, SAME_CODE, raw.where, "户编码相同，户主证件号码不同", "核对是不是两户用了一个户编码")
            return found
        if not code and not head:
            problem = (
                "没有户编码，也没有户主证件号码"
                if not raw.destroyed
                else "户编码被 Excel 变成了科学计数，后几位已经丢了"
            )
            self._problems.add(
                Level.ROW,
                "no_key",
                raw.where,
                "",
                Phrase("{problem}，认不出是哪一户", problem=problem),
                "补上户编码或户主证件号码（单元格设成“文本”再填）",
            )
            self._entries.append(Entry(raw.where, refused=True))
            return None
        entry = Entry(raw.where, code)
        self._entries.append(entry)
        if code:
            self._by_code[code] = entry
        return entry

    def _fill(self, entry: Entry | None, raw: RawLine, head: str) -> Entry | None:
        """The household's own fields, from any of its lines; lists are read one after the other, and the later one adds."""
        if entry is None:
            return None
        if head and not entry.head_idno:
            entry.head_idno = head
            other = self._by_head.setdefault(head, entry)
            if other is not entry:
                zh = _same_head(head, other)
                self._doubt(entry, SAME_HEAD, raw.where, zh, "核对是不是同一户登了两次，删掉一户")
        if not entry.village and not entry.refused:
            self._place(entry, raw)
        for name in OF_HOUSEHOLD:
            if name[0] != "@" and name not in ("hh_id", "frame_hh_code", "cov_village_code", "hh_type_now"):
                found = raw.value(name)
                if found and entry.values.setdefault(name, found) != found and raw.where != entry.where:
                    raw.note(
                        Level.WARN, "said_twice", name,
                        Phrase("{item}和 {sheet} 第 {row} 行这户的不一样，用了先读到的", item=OF_HOUSEHOLD[name].zh,
                               sheet=entry.where[0], row=entry.where[1]),
                        "核对哪一个对，改成一样",
                    )  # fmt: skip
        kind = raw.value("@monitor_type") or raw.value("hh_type_now")
        if kind and (kind in "234" or "hh_type_now" not in entry.values):
            # Of two lists the more particular one counts: a monitored poor household is monitored.
            entry.values["hh_type_now"] = kind
            if kind == "4" and raw.value("hh_type_now") == "1":
                entry.values.setdefault("hh_was_poor", "1")
        entry.people = entry.people or raw.value("@people")
        self._phone(entry, raw)
        return entry

    def _phone(self, entry: Entry, raw: RawLine) -> None:
        phone = entry.values.get("hh_phone", "")
        digits = phone.replace("-", "")
        if phone and not (digits.isdigit() and (len(digits) in (7, 8, 10, 11, 12))):
            del entry.values["hh_phone"]
            raw.note(
                Level.CELL,
                "phone",
                "hh_phone",
                Phrase("联系电话“{start}…”不是 11 位手机号，也不是“区号-号码”", start=phone[:3]),
                "改成 11 位号码",
            )

    def _place(self, entry: Entry, raw: RawLine) -> None:
        """Village and group, and which number of the household's is whose."""
        code, name, township = raw.value("cov_village_code"), raw.value("@village"), raw.value("@township")
        key = (code, name, township)
        if not any(key) and len(entry.code) == 16 and entry.code.isdigit():
            key = (entry.code[:12], "", "")
        if key not in self._villages:
            self._villages[key] = self._regions.village_of(*key)
        entry.village = self._villages[key]
        if not entry.village:
            entry.refused = True
            said = " ".join(part for part in (township, name, code) if part) or "（空）"
            self._problems.add(
                Level.ROW, "village", raw.where, raw.letters_of("cov_village_code", "@village"),
                Phrase("村“{said}”不在本县区划表里", said=said), self._nearest(key),
            )  # fmt: skip
        elif key[0] and entry.village != key[0]:
            by_code = self._regions.today(key[0]) == entry.village
            said = "旧村代码 {old} 已按区划对照改为 {new}" if by_code else "村代码 {old} 不在区划表里，按村名认作 {new}"
            mend = "不用改" if by_code else "核对是不是这个村，把村代码改对"
            problem = Phrase(said, old=key[0], new=entry.village)
            raw.once(Level.WARN, "merged_village", "cov_village_code", problem, mend)
        if len(entry.code) == 16 and entry.code.isdigit():
            entry.hh_id = entry.code
            if entry.village and self._regions.today(entry.code[:12]) != entry.village:
                said = Phrase(
                    "户编码 {hh_id} 开头不是这个村（{village}）的代码", hh_id=entry.code, village=entry.village
                )
                raw.note(Level.WARN, "hh_id_village", "hh_id", said, "户编码终身不变；核对村代码是不是写错了")
        elif entry.code:
            entry.values["frame_hh_code"] = entry.code
        if not raw.has("cov_group"):
            raw.once(Level.WARN, "no_group", "", "表里没有村民小组这一列", "补上这一列；没有分组的写“无组”")
        elif not raw.value("cov_group"):
            raw.note(Level.WARN, "no_group", "cov_group", "没有村民小组", "补上组名；没有分组的写“无组”")
        elif entry.village and not self._regions.has_group(entry.village, raw.value("cov_group")):
            raw.once(
                Level.WARN,
                "group",
                "cov_group",
                Phrase("“{group}”不在区划表这个村的组里", group=raw.value("cov_group")),
                "核对组名，或在区划表里补上",
            )
        if not (raw.has("hh_type_now") or raw.has("@monitor_type")):
            raw.once(Level.WARN, "no_type", "", "表里没有户类型这一列", "补上这一列；没有类型的户抽不了样")
        elif not (raw.value("hh_type_now") or raw.value("@monitor_type")):
            raw.note(Level.WARN, "no_type", "hh_type_now", "没有户类型", "补上户类型；没有类型的户抽不了样")

    def _nearest(self, key: tuple[str, str, str]) -> str:
        known = "、".join(self._regions.like(key[1] or key[0]))
        if not known:
            return "改成区划表里的村代码或村名；新设的村先导区划表"
        return Phrase("改成区划表里的村代码或村名，像是：{known}；新设的村先导区划表", known=known)

    # --- members ------------------------------------------------------------------------------------------------------

    def _relation(self, raw: RawLine) -> str:
        words = plain(raw.text_of("mem_relation"))
        if words in ("之兄弟姐妹", "兄弟姐妹", "之兄弟媳妇", "之叔伯"):
            return f"?{words}"  # older or younger is told by the days of birth
        return raw.value("mem_relation")

    def _add_member(self, entry: Entry, raw: RawLine, name: str, relation: str) -> None:
        member = {"mem_name": name}
        for one in OF_MEMBER:
            if one not in ("mem_name", "mem_relation", "mem_idno", "mem_no"):
                found = raw.value(one)
                if found:
                    member[one] = found
        if relation:
            member["mem_relation"] = relation
        if number := raw.value("mem_no"):
            member["mem_no"] = number.zfill(2)
        self._identity(member, raw)
        idno = member.get("mem_idno", "")
        if any(digit.isdigit() for digit in name):
            raw.note(Level.WARN, "name", "mem_name", "姓名里有数字", "核对姓名")
        if idno and any(other.get("mem_idno") == idno for other in entry.members):
            raw.note(
                Level.WARN,
                "twice",
                "mem_idno",
                Phrase("同一户里证件号码（尾号 {tail}）登了两次，第二次没有收", tail=idno[-4:]),
                "删掉一行",
            )
            return
        if not idno and any(_is_same(member, other) for other in entry.members):
            said = Phrase("{name} 在这一户里登了两次，第二次没有收", name=name)
            raw.note(Level.WARN, "twice", "mem_name", said, "删掉一行")
            return
        entry.members.append(member)

    def _identity(self, member: dict[str, str], raw: RawLine) -> None:
        idno = raw.idno("mem_idno")
        if not idno:
            return
        if len(idno) > 18:
            member.setdefault("mem_disab_no", idno)
            idno = idno[:18]
        member["mem_idno"] = idno
        member.setdefault("mem_id_type", "1")
        born = values.born_of(idno)
        stated = member.get("mem_birth", "")
        if born is not None:
            if stated and stated != born.isoformat() and stated[:7] + "-01" != stated:
                raw.note(
                    Level.WARN,
                    "birth",
                    "mem_birth",
                    "出生日期和证件号码里的不一样，用了证件号码的",
                    "核对是哪一个写错了",
                )
            member["mem_birth"] = born.isoformat()
        sex = values.sex_of(idno)
        if member.get("mem_sex", sex) != sex:
            raw.note(Level.WARN, "sex", "mem_sex", "性别和证件号码第 17 位不符，用了证件号码的", "核对是哪一个写错了")
        member["mem_sex"] = sex

    # --- the whole ----------------------------------------------------------------------------------------------------

    def register(self) -> Register:
        """The register, after all tables: members numbered, heads told, the same person in two households named."""
        people: dict[str, Entry] = {}
        for entry in self._entries:
            if entry.refused:
                continue
            self._complete(entry)
            head = entry.head_idno
            twin = self._by_head.setdefault(head, entry) if head else entry
            if twin is not entry:
                zh = _same_head(head, twin)
                self._doubt(entry, SAME_HEAD, entry.where, zh, "核对是不是同一户登了两次，删掉一户")
            for member in entry.members:
                idno = member.get("mem_idno", "")
                other = people.setdefault(idno, entry) if idno else entry
                if other is not entry:
                    self._problems.add(
                        Level.WARN, "two_households", entry.where, "",
                        Phrase("证件尾号 {tail} 的人也在 {sheet} 第 {row} 行那户", tail=idno[-4:], sheet=other.where[0], row=other.where[1]),
                        "核对这个人现在属于哪一户（婚嫁、分户没有迁出的，改名册）",
                    )  # fmt: skip
        return Register(tuple(self._entries), frozenset(self._fields))

    def _complete(self, entry: Entry) -> None:
        heads = [member for member in entry.members if member.get("mem_relation") == HEAD]
        named = entry.values.get("hh_head_name", "")
        if not heads and named:
            heads = [member for member in entry.members if member["mem_name"] == named][:1]
            for member in heads:
                member["mem_relation"] = HEAD
        if len(heads) > 1:
            self._doubt(entry, TWO_HEADS, entry.where, "这户有两个户主", "核对与户主的关系")
        if not heads and named:
            head = {"mem_name": named, "mem_relation": HEAD}
            if entry.head_idno:
                born = values.born_of(entry.head_idno)
                head |= {
                    "mem_idno": entry.head_idno[:18],
                    "mem_id_type": "1",
                    "mem_sex": values.sex_of(entry.head_idno),
                }
                head |= {"mem_birth": born.isoformat()} if born else {}
            entry.members.insert(0, head)
            heads = [head]
        elif heads:
            entry.values.setdefault("hh_head_name", heads[0]["mem_name"])
            entry.members.remove(heads[0])
            entry.members.insert(0, heads[0])
            entry.head_idno = entry.head_idno or heads[0].get("mem_idno", "")
        else:
            self._problems.add(Level.WARN, "no_head", entry.where, "", "这户没有户主", "在“与户主的关系”里写明谁是户主")
        self._order_siblings(entry, heads[0] if heads else {})
        if entry.people and entry.members and int(float(entry.people)) != len(entry.members):
            self._problems.add(
                Level.WARN, "people", entry.where, "", Phrase("家庭人口数写的是 {said}，成员有 {n} 人", said=entry.people, n=len(entry.members)),
                "核对漏登了谁，或人口数没有改",
            )  # fmt: skip
        taken: set[str] = set()
        for member in entry.members:
            number = member.get("mem_no", "")
            if number in taken or not (number.isdigit() and len(number) == 2):
                member.pop("mem_no", None)
            taken.add(number)
        free = (f"{n:02d}" for n in range(1, 100) if f"{n:02d}" not in taken)
        for member in entry.members:
            if not member.get("mem_no"):
                member["mem_no"] = next(free, "99")

    @staticmethod
    def _order_siblings(entry: Entry, head: Mapping[str, str]) -> None:
        for member in entry.members:
            relation = member.get("mem_relation", "")
            if relation.startswith("?"):
                born, sex = member.get("mem_birth", ""), member.get("mem_sex", "")
                del member["mem_relation"]
                if "兄弟姐妹" in relation and sex in _SIBLINGS and born and head.get("mem_birth"):
                    member["mem_relation"] = _SIBLINGS[sex][born > head["mem_birth"]]
                else:
                    member["mem_relation"] = "97"

    # --- problems -----------------------------------------------------------------------------------------------------

    def _doubt(self, entry: Entry, doubt: str, where: tuple[str, int], zh: str, mend: str) -> None:
        if doubt not in entry.doubts:
            entry.doubts = (*entry.doubts, doubt)
            self._problems.add(Level.WARN, doubt, where, "", Phrase("{problem}；这户先放着，等您定", problem=zh), mend)


def _same_head(head_idno: str, other: Entry) -> Phrase:
    sheet, row = other.where
    return Phrase(
        "户主证件号码（尾号 {tail}）和 {sheet} 第 {row} 行那户一样", tail=head_idno[-4:], sheet=sheet, row=row
    )


def _is_same(one: Mapping[str, str], other: Mapping[str, str]) -> bool:
    """Two lines about one person, as far as lines without an identity number can tell."""
    return all(one.get(name, "") == other.get(name, "") for name in ("mem_name", "mem_birth", "mem_relation"))
