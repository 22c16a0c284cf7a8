"""Beside the answers: what each interview was begun with, so that every figure can be computed again from the files alone.

Four tables a questionnaire: which weight and stratum the household has, the parameters that held, what the living household said, and
what earlier interviews had come to. They are what was pinned when the interview began (snapshots.py), never today's.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping

from fieldapp.exporting.table import Column, Table
from fieldapp.services.snapshots import Values, from_csv
from forms.monitoring.register_fields import REGISTER_FIELDS

# What the measures read of the living household (quarterly.md 9, annual.md 0.8 and A3) and of earlier interviews (9.3, 9.4, 9.6).
_HOUSEHOLD = ("hh_type_now", "hou_value", "hh_income_book", "land_farm")
_ASSETS = ("house", "farm", "trans", "animal", "process", "shop", "fishery", "other")
_MEMBER = (
    "mem_no", "mem_birth", "mem_labour", "mem_hukou_here", "mem_econ_tied", "mem_on_register", "mem_family_pop",
)  # fmt: skip
_EARLIER = (
    "q_period", "cov_ref_year", "disp_inc", "cons_total", "net_inc_mon", "q_resident_n", "q_family_n", "cm_self",
    "rig_total", "qm_family_pop", "hh_income_book", *(f"fa_buy_{kind}" for kind in _ASSETS),
)  # fmt: skip
_KNOWN = (*_HOUSEHOLD, *(f"fa_{kind}_{what}" for kind in _ASSETS for what in ("value", "year")), *_MEMBER)
_SOURCES = ("base", "prev", "yoy", "hist1", "hist2", "hist3")
_SAMPLE = ("cov_village_code", "cov_stratum", "cov_sample_role", "sample_weight")
_OF_THE_INTERVIEW = ("q_period", "period", "survey_year")  # what params.csv tells the form beside the parameters
_KEYS = (Column("hh_key", "户（去标识）"), Column("interview", "问卷编号"), Column("period", "期"))
Pins = Mapping[str, bytes]


def source_tables(
    form_id: str, interviews: Iterable[tuple[tuple[str, str, str], Pins]], identities: bool
) -> list[Table]:
    """The four tables.

    Args:
        interviews: (household key, interview, period) and what the interview was begun with, by file name.
        identities: with birth dates.
    """
    sample: list[tuple[str, ...]] = []
    known: list[tuple[str, ...]] = []
    earlier: list[tuple[str, ...]] = []
    sets: dict[str, dict[str, str]] = {}
    for keys, pins in interviews:
        register = from_csv(pins.get("register.csv"))
        parameters = _pairs(pins.get("params.csv", b""))
        digest = hashlib.blake2b(repr(sorted(parameters.items())).encode(), digest_size=6).hexdigest()
        sets.setdefault(digest, parameters)
        household = register.get("", {})
        sample.append((*keys, digest, *(household.get(name, "") for name in _SAMPLE)))
        known += [(*keys, *line) for line in _long(register, _shown(identities))]
        for source in _SOURCES:
            values = from_csv(pins.get(f"{source}.csv"))
            names = (*_EARLIER, *_shown(identities)) if source == "base" else _EARLIER
            earlier += [(*keys, source, *line) for line in _long(values, dict.fromkeys(names))]
    labels = tuple(Column(name, _label(name)) for name in _SAMPLE)
    long = (Column("row_id", "行（人）编号，空为户"), Column("name", "变量"), Column("value", "值"))
    of_sets = [(digest, name, value) for digest, one in sets.items() for name, value in sorted(one.items())]
    return [
        Table(f"{form_id}_sample", "样本", (*_KEYS, Column("parameters", "参数组"), *labels), tuple(sample)),
        Table(f"{form_id}_known", "访问开始时的户情", (*_KEYS, *long), tuple(known)),
        Table(f"{form_id}_earlier", "访问开始时的往期数", (*_KEYS, Column("source", "往期"), *long), tuple(earlier)),
        Table(f"{form_id}_parameters", "参数", (Column("parameters", "参数组"), *long[1:]), tuple(of_sets)),
    ]


def _shown(identities: bool) -> tuple[str, ...]:
    return tuple(name for name in _KNOWN if identities or name != "mem_birth")


def _label(name: str) -> str:
    field = REGISTER_FIELDS.get(name)
    return field.zh if field else name


def _long(values: Values, names: Iterable[str]) -> list[tuple[str, str, str]]:
    return [(row_id, name, row[name]) for row_id, row in values.items() for name in names if row.get(name, "") != ""]


def _pairs(parameters: bytes) -> dict[str, str]:
    rows = csv.DictReader(io.StringIO(parameters.decode("utf-8")))
    return {row["name"]: row["value"] for row in rows if row["name"] not in _OF_THE_INTERVIEW}
