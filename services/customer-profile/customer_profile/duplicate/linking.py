"""Compares files by Splink on DuckDB, in memory: nothing is spilled to a disk, no file is opened, nothing fetched.

Loaded by the job and by what fits the model, and by nothing that serves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.exceptions import SplinkException

from customer_profile.duplicate.domain.comparing import Attribute, Comparable, without_crowds
from customer_profile.duplicate.domain.evidence import Evidence, Level, Likeness, weight_of
from customer_profile.duplicate.model import Comparison, Finding, Linkage

_TYPES = {"id_is_valid": pa.bool_(), "birth_year": pa.int16()}
_SCHEMA = pa.schema([(field.name, _TYPES.get(field.name, pa.string())) for field in fields(Comparable)])
_LEAST = {"m": 1e-3, "u": 1e-6}
"""No finding is impossible: what was never seen may be there in the next of some hundred pairs of one person, and of a
million pairs of two, that were learned from."""
_RENUMBERED = 0.001
"""`m` of two valid numbers: whoever was given another one by the authority. Assumed and not learned, since among pairs
with one name and one year of birth namesakes teach that it is common."""
_TRAINED_ON = (("id_number",), ("email",), ("phone", "birth_year"), ("full_name", "birth_year"))
"""What pairs have in common from which `m` is learned of all the rest."""
_U_PAIRS = 1_000_000 - 1


_HELD = {"m_probability": _RENUMBERED, "fix_m_probability": True}


class OutOfMemory(Exception):
    """The book does not fit into the memory that DuckDB may take."""


class _Level(NamedTuple):
    name: Level
    condition: str
    by_frequency: bool = False


def _equal(column: str) -> str:
    return f"{column}_l = {column}_r"


def _slip(column: str) -> str:
    """One letter more, less or other, or two that changed places."""
    return f"damerau_levenshtein({column}_l, {column}_r) = 1"


_REST = _Level("differs", "ELSE")
LEVELS: Mapping[Attribute, tuple[_Level, ...]] = {
    # 张伟 says less than 欧阳翎羽: a name counts by how many of the book have it.
    "full_name": (
        _Level("exact", _equal("full_name"), by_frequency=True),
        _Level("close", f"{_slip('full_name')} OR jaro_winkler_similarity(full_name_l, full_name_r) >= 0.92"),
        _REST,
    ),
    # A slip in a resident id breaks its check digit (ISO 7064), so two valid numbers are two numbers.
    "id_number": (
        _Level("exact", _equal("id_number")),
        _Level("conflicts", "id_is_valid_l AND id_is_valid_r"),
        _Level("close", _slip("id_number")),
        _REST,
    ),
    "phone": (_Level("exact", _equal("phone")), _Level("close", _slip("phone")), _REST),
    "email": (_Level("exact", _equal("email")), _Level("close", _slip("email")), _REST),
    "address": (
        _Level("exact", _equal("address")),
        _Level("close", "damerau_levenshtein(address_l, address_r) <= 2"),
        _REST,
    ),
    "birth_year": (
        _Level("exact", _equal("birth_year")),
        _Level("close", "abs(birth_year_l - birth_year_r) = 1"),
        _REST,
    ),
    "gender": (_Level("exact", _equal("gender")), _REST),
    "region": (_Level("exact", _equal("region")), _REST),
}


_ANSWERED = ("customer_id_l", "customer_id_r", "match_weight", *(f"gamma_{attribute}" for attribute in LEVELS))


def _unknown(attribute: Attribute) -> str:
    either = f"{attribute}_l IS NULL OR {attribute}_r IS NULL"
    return f"{either} OR id_type_l <> id_type_r" if attribute == "id_number" else either


def likenesses(files: Sequence[Comparable], linkage: Linkage, *, least: float, memory: str = "2GB") -> list[Likeness]:
    """Every pair of files that is of one person with at least this probability, in order of the tokens.

    The order of `files` does not matter. `memory`: what DuckDB may take. Raises OutOfMemory.
    """
    if len(files) < 2:
        return []
    try:
        with _in_memory(memory) as connection:
            linker = _linker(connection, without_crowds(files, linkage.crowd), linkage.comparisons, linkage)
            found = linker.inference.predict(threshold_match_weight=weight_of(least) / 100)
            rows = found.as_duckdbpyrelation().select(*_ANSWERED).fetchall()
    except (SplinkException, duckdb.OutOfMemoryException) as error:
        if "Out of Memory" not in str(error) and not isinstance(error, duckdb.OutOfMemoryException):
            raise
        raise OutOfMemory(f"{len(files):,} files do not fit into {memory}: give more with --memory") from None
    return sorted(map(_likeness, rows), key=lambda one: (one.file_a, one.file_b))


def fitted(files: Sequence[Comparable], linkage: Linkage, *, seed: int, memory: str = "2GB") -> tuple[Comparison, ...]:
    """`m` by expectation maximisation and `u` by random sampling, without any label. `linkage`: all but comparisons."""
    with _in_memory(memory) as connection:
        linker = _linker(connection, without_crowds(files, linkage.crowd), None, linkage)
        training = linker.training
        training.estimate_u_using_random_sampling(max_pairs=_U_PAIRS, seed=seed, min_count_per_level=None)
        for columns in _TRAINED_ON:
            training.estimate_parameters_using_expectation_maximisation(
                block_on(*columns), estimate_without_term_frequencies=True
            )
        learned = linker.misc.save_model_to_json()["comparisons"]
    return tuple(_learned(attribute, said) for attribute, said in zip(LEVELS, learned, strict=True))


def _in_memory(memory: str) -> duckdb.DuckDBPyConnection:
    """A database in memory. Without a folder for temporary files it fails where it would spill, and writes nothing."""
    connection = duckdb.connect(":memory:", config={"memory_limit": memory, "temp_directory": ""})
    for setting in ("enable_external_access = false", "lock_configuration = true"):
        connection.execute(f"SET {setting}")
    return connection


def _linker(
    connection: duckdb.DuckDBPyConnection,
    files: Sequence[Comparable],
    comparisons: Sequence[Comparison] | None,
    linkage: Linkage,
) -> Linker:
    known = {one.attribute: one.findings for one in comparisons or ()}
    settings = SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="customer_id",
        comparisons=[_comparison(attribute, known.get(attribute)) for attribute in LEVELS],
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in linkage.blocking],
        # Pairs of one person among all pairs there are: `twin_share` of each file, over the half of all others.
        probability_two_random_records_match=min(2 * linkage.twin_share / (len(files) - 1), 0.5),
        retain_matching_columns=True,  # else it does not say at which level an attribute is
    )
    columns = {name: [getattr(file, name) for file in files] for name in _SCHEMA.names}
    table = DuckDBAPI(connection=connection).register(pa.table(columns, schema=_SCHEMA))
    return Linker(table, settings, log_level=None)


def _comparison(attribute: Attribute, findings: Sequence[Finding] | None) -> dict[str, Any]:
    known = {one.level: {"m_probability": one.m, "u_probability": one.u} for one in findings or ()}
    unknown = {"sql_condition": _unknown(attribute), "label_for_charts": "unknown", "is_null_level": True}
    levels = [
        {
            "sql_condition": level.condition,
            "label_for_charts": level.name,
            **known.get(level.name, {}),
            **(_HELD if level.name == "conflicts" and findings is None else {}),
            **({"tf_adjustment_column": attribute} if level.by_frequency else {}),
        }
        for level in LEVELS[attribute]
    ]
    return {"output_column_name": attribute, "comparison_levels": [unknown, *levels]}


def _learned(attribute: Attribute, said: Mapping[str, Any]) -> Comparison:
    levels = [level for level in said["comparison_levels"] if not level.get("is_null_level")]
    m, u = (_shares([level.get(f"{kind}_probability") for level in levels], _LEAST[kind]) for kind in ("m", "u"))
    named = [level.name for level in LEVELS[attribute]]
    return Comparison(
        attribute=attribute,
        findings=tuple(Finding(level=n, m=a, u=b) for n, a, b in zip(named, m, u, strict=True)),
    )


def _shares(learned: Sequence[float | None], least: float) -> list[float]:
    """None of them less than this, and one in all."""
    raised = [max(share or 0.0, least) for share in learned]
    return [round(share / sum(raised), 7) for share in raised]


def _likeness(row: Sequence[Any]) -> Likeness:
    a, b, weight, *places = row
    return Likeness(min(a, b), max(a, b), round(100 * weight), _evidence(places))


def _evidence(places: Sequence[int]) -> Evidence:
    """Splink counts levels from the last one, 0, upwards; -1: not known."""
    said = zip(LEVELS.items(), places, strict=True)
    return {attribute: levels[-1 - place].name if place >= 0 else "unknown" for (attribute, levels), place in said}
