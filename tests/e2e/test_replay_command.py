"""`python -m scoring replay` as a person runs it: equal to the live table, resumed where left, refused by name."""

import csv
import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
from sqlalchemy.ext.asyncio import create_async_engine

from rapport.archive_command import CLOCKS_APART
from rapport.clock import utc_now
from rapport.messaging.archive_index import read_index, write_index
from scoring.scorecard.files import read_documents
from tests.e2e.conftest import Run
from tests.scoring.segment.banks import BY_HAND
from tests.scoring.segment.keeping import keep_model
from tests.support.stack import FreshDatabase


def open_to_others(folder: Path) -> list[Path]:
    """The folder, and what is in it, that anybody but the owner may read, write or enter."""
    return [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]


def lower_thresholds(folder: Path) -> Path:
    """The published scorecard with tiers that are easier to reach."""
    (published,) = read_documents("CNY")
    document = published.model_dump(mode="json", by_alias=True)
    for step in document["thresholds"]["tiers"]:
        if "from" in step:
            step["from"] -= 40
    path = folder / "easier.json"
    path.write_text(json.dumps(document))
    return path


def test_the_command_replays_to_the_live_rows_and_shows_what_another_scorecard_would_change(
    run: Run, tmp_path: Path
) -> None:
    what_if = str(lower_thresholds(tmp_path))
    done = run("--scorecard", what_if, "--compare-live", "--processes", "2")
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    summary = json.loads((out / "summary.json").read_text())
    assert (summary["differing_from_live"], summary["customers"] > 0, summary["dead_lettered"]) == (0, True, 0)
    assert (summary["passed_over"], summary["compacted"]) == (0, 0)
    assert "of compacted topics are gone" not in done.stdout
    with (out / "differences.csv").open() as file:
        moved = list(csv.DictReader(file))
    assert len(moved) == summary["moved"] > 0
    assert all(row["tier_before"] != row["tier_after"] for row in moved)
    assert "0 customers differ from the live table" in done.stdout
    assert (out / "page.html").read_text().count("<rect") == 80
    assert open_to_others(out) == []

    kept = {path.name: path.stat().st_mtime_ns for path in out.glob("partition-*")}
    (out / "partition-02.json.gz").unlink()
    again = run("--scorecard", what_if, "--compare-live")
    assert again.returncode == 0, again.stderr
    redone = {path.name for path in out.glob("partition-*") if path.stat().st_mtime_ns != kept[path.name]}
    assert redone == {"partition-02.json.gz"}
    assert json.loads((out / "summary.json").read_text()) == summary

    other = run("--to", utc_now().isoformat())
    assert (other.returncode, "name another folder with --out" in other.stderr) == (2, True)


async def test_a_person_of_several_files_is_there_once_and_its_files_are_the_live_ones_to_the_bit(
    run: Run, database: FreshDatabase, tmp_path: Path
) -> None:
    engine = create_async_engine(database.url)
    async with engine.begin() as connection:
        found = (await connection.exec_driver_sql("SELECT customer_id FROM standings ORDER BY 1")).scalars().all()
        survivor, merged, *_ = found
        for table, more, cells in (("merged_files", "", ""), ("file_acts", ", as_of, known_at", ", now(), now()")):
            await connection.exec_driver_sql(
                f"INSERT INTO {table} (customer_id, survivor, revision{more}) "
                f"SELECT unnest(ARRAY['{survivor}', '{merged}']), '{survivor}', 1{cells}"
            )
    done = run("--compare-live", "--scorecard", str(lower_thresholds(tmp_path)))
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["customers"], summary["passed_over"]) == (len(found) - 1, 2)
    assert summary["differing_from_live"] == 0
    assert "2 files in whose tiers people had a hand before it was kept" in done.stdout
    assert merged not in (tmp_path / "out" / "differences.csv").read_text()
    async with engine.begin() as connection:
        await connection.exec_driver_sql(
            f"UPDATE standings SET own_minor = own_minor + 1 WHERE customer_id = '{merged}'"
        )
    await engine.dispose()
    (tmp_path / "run.json").write_text('{"name": "run on deposits", "balances_lost": 0.9, "silent_days": 120}')
    struck = run("--compare-live", "--shock", str(tmp_path / "run.json"), "--out", str(tmp_path / "struck"))
    assert "1 customers differ from the live table" in struck.stdout, struck.stderr
    summary = json.loads((tmp_path / "struck" / "summary.json").read_text())
    assert sum(one["customers"] for one in summary["at_risk_by_tier"]) == summary["customers"] == len(found) - 1


def test_an_archive_replays_to_the_live_rows_and_says_what_it_does_not_hold(run: Run, tmp_path: Path) -> None:
    archive = str(tmp_path / "archive")
    unfinished = run("--archive", archive)
    assert (unfinished.returncode, f"{archive}/archive.json is not there" in unfinished.stderr) == (2, True)
    written = run("--out", archive, command="archive")
    assert (written.returncode, f"{archive} is complete up to" in written.stdout) == (0, True), written.stderr
    assert len(list(Path(archive).glob("*/*.parquet"))) > 0
    assert open_to_others(Path(archive)) == []
    index = Path(archive) / "archive.json"
    claimed = datetime.fromisoformat(json.loads(index.read_text())["complete_to"])
    behind = datetime.fromtimestamp(index.stat().st_mtime, UTC) - claimed
    assert behind >= CLOCKS_APART, "a broker's clock may be behind"
    done = run("--archive", archive, "--compare-live", "--processes", "2")
    assert done.returncode == 0, done.stderr
    assert "0 customers differ from the live table" in done.stdout
    later = run("--archive", archive, "--to", utc_now().isoformat(), "--out", str(tmp_path / "later"))
    assert (later.returncode, "ask for an earlier moment" in later.stderr) == (2, True)


def compact(archive: Path) -> int:
    """Leave of each key the last holdings in each file, as compaction would; how many it took."""
    taken, index = 0, read_index(archive)
    assert index is not None
    for log, files in index.files.items():
        if log.topic.endswith("holding-changed"):
            for place, file in enumerate(files):
                path = file.path(archive)
                table = pq.read_table(path)
                last = {key: row for row, key in enumerate(table["key"].to_pylist())}
                kept = table.take(sorted(last.values()))
                taken += table.num_rows - kept.num_rows
                pq.write_table(kept, path)
                content = path.read_bytes()
                files[place] = replace(file, size=len(content), sha256=hashlib.sha256(content).hexdigest())
    write_index(archive, index)
    return taken


def test_a_replay_of_a_log_that_was_compacted_says_how_many_records_are_gone(run: Run, tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    written = run("--out", str(archive), command="archive")
    assert written.returncode == 0, written.stderr
    gone = compact(archive)
    done = run("--archive", str(archive))
    assert done.returncode == 0, done.stderr
    said = f"{gone:,} records of compacted topics are gone: what customers held in between is not known to this replay"
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["compacted"] == gone > 0
    assert said in done.stdout
    assert said in (tmp_path / "out" / "page.html").read_text()


def test_a_stress_scenario_says_what_would_be_lost_and_who_would_fall(run: Run, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text('{"name": "run on deposits", "balances_lost": 0.9, "silent_days": 120}')
    done = run("--shock", str(tmp_path / "run.json"))
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert (summary["shock"], summary["lost_minor"] > 0, summary["moved"] > 0) == ("run on deposits", True, True)
    ladder = ("low", "middle", "high")
    assert all(ladder.index(one["after"]) <= ladder.index(one["before"]) for one in summary["migration"])
    for by in ("tier", "segment"):
        parts = summary[f"at_risk_by_{by}"]
        assert sum(one["customers"] for one in parts) == sum(one["struck"] for one in parts) == summary["customers"]
        gone = sum(one["deposits_before"] - one["deposits_after"] for one in parts)
        assert 0 < gone <= summary["lost_minor"]
        assert f"at risk by {by}" in done.stdout
    assert {one["segment"] for one in summary["at_risk_by_segment"]} == {None}

    (tmp_path / "crisis.json").write_text('{"name": "crisis", "inflows_stopped_days": 60}')
    done = run("--shock", str(tmp_path / "crisis.json"), "--out", str(tmp_path / "crisis"))
    summary = json.loads((tmp_path / "crisis" / "summary.json").read_text())
    gone = sum(one["deposits_before"] - one["deposits_after"] for one in summary["at_risk_by_tier"])
    assert (summary["lost_minor"], summary["spent_minor"] == gone > 0) == (0, True)
    assert "no inflows for 60 days, spending as before" in done.stdout

    (tmp_path / "savers.json").write_text('{"name": "savers leave", "segments": ["savers"], "balances_lost": 0.9}')
    refused = run("--shock", str(tmp_path / "savers.json"))
    assert (refused.returncode, "refit-segments` finds some" in refused.stderr) == (2, True)


async def test_a_stress_scenario_of_a_segment_strikes_and_tells_it_apart(
    run: Run, database: FreshDatabase, tmp_path: Path
) -> None:
    engine = create_async_engine(database.url)
    model = await keep_model(engine, BY_HAND)
    await engine.dispose()
    (tmp_path / "savers.json").write_text('{"name": "savers leave", "segments": ["savers"], "balances_lost": 0.3}')
    done = run("--shock", str(tmp_path / "savers.json"))
    assert done.returncode == 0, done.stderr
    out = tmp_path / "out"
    parts = {one["segment"]: one for one in json.loads((out / "summary.json").read_text())["at_risk_by_segment"]}
    assert parts.keys() <= {segment.name for segment in BY_HAND.segments}
    savers = parts.pop("savers")
    assert savers["struck"] == savers["customers"]
    assert savers["deposits_after"] < savers["deposits_before"]
    assert parts
    assert all(one["struck"] == 0 and one["deposits_after"] == one["deposits_before"] for one in parts.values())
    assert json.loads((out / "asked.json").read_text())["segments_model"] == model.version
    page = (out / "page.html").read_text()
    assert "At risk by segment" in page and "<td>savers</td>" in page


def test_what_cannot_be_replayed_is_one_line_that_names_it(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.json").write_text('{"name": "x"}')
    broken = run("--scorecard", str(tmp_path / "broken.json"))
    assert (broken.returncode, "broken.json: " in broken.stderr, "Traceback" in broken.stderr) == (2, True, False)
    (tmp_path / "typo.json").write_text('{"name": "x", "tiers": ["hihg"], "balances_lost": 0.3}')
    typo = run("--shock", str(tmp_path / "typo.json"))
    assert (typo.returncode, "tiers: there is no hihg; there are low, middle, high" in typo.stderr) == (2, True)
    past = run("--compare-live", "--to", "2026-01-01T00:00+08:00")
    assert (past.returncode, "leave --to out" in past.stderr) == (2, True)
    assert not (tmp_path / "out").exists(), "what is refused leaves nothing"
