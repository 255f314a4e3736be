"""`python -m fit_risk_model --source simulated | cdnow | berka | archive`, in the project's root."""

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import fit_risk_model
from churn_alert.risk.documents import PUBLISHED, RiskModelDocument, read_document
from churn_alert.risk.domain.calibration import RiskModelInvalid
from fit_risk_model import archived, berka, cdnow, simulating
from fit_risk_model.beside import Beside
from fit_risk_model.books import Book
from fit_risk_model.ceiling import ceiling_of
from fit_risk_model.drafts import bettered, drafted
from fit_risk_model.fitting import RefitRefused
from fit_risk_model.shop import shop_figures
from fit_risk_model.sources import SOURCES
from fit_risk_model.windows import Made, SeenIn, WindowsInvalid, seen_in
from rapport.documents import DocumentInvalid

_READ: Mapping[str, Callable[[argparse.Namespace], Any]] = {
    "simulated": lambda asked: simulating.book_of_seed(asked.seed, asked.customers, asked.months),
    "cdnow": lambda asked: cdnow.book_of(asked.data),
    "berka": lambda asked: berka.book_of(asked.data),
    "archive": lambda asked: archived.book_of(asked.data),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit, calibrate, test, judge; print every figure and write the document. 1 where a refit is refused."""
    asked = _asked(arguments)
    try:
        former = read_document(asked.former)
        source = SOURCES[asked.source]
        book = _READ[asked.source](asked)
        windows = source.windows(book.days, max(source.horizons))
        seen = seen_in(book, windows, source.known, former.overdispersion)
        draft = (
            bettered(book, seen, windows, source, former)
            if asked.better
            else drafted(book, seen, windows, source, former, recalibrates=asked.recalibrate)
        )
        beside = _beside(asked, draft.document, former, book, seen)
    except (RefitRefused, WindowsInvalid, DocumentInvalid, RiskModelInvalid, ValueError, OSError) as refusal:
        sys.stderr.write(f"no new model, {asked.former.name} stays: {refusal}\n")
        return 1
    figures: dict[str, Any] = {}
    for made in draft.made:
        figures[f"{made.figures['of']}, {made.horizon.days} days"] = made.figures | _ceiling(made, asked)
        _say(f"{book.name}, {made.figures['of']}, {made.horizon.days} days:", json.dumps(made.figures))
    if asked.source == "cdnow":
        figures |= shop_figures(book, source, draft.made, former.overdispersion)
    if asked.source == "simulated":
        figures |= beside or (
            simulating.compared_on(draft.document, former, asked.judge, asked.customers)
            if asked.better and draft.document.model().deciding == former.model().deciding
            else simulating.judged_on(draft.document, asked.judge, asked.customers)
        )
    card = draft.document.card | {"figures": figures, "reproduced_by": _command(asked)}
    begins = asked.effective_from or former.effective_from + timedelta(days=1)
    document = draft.document.model_copy(update={"effective_from": begins, "card": card})
    _say("card:", json.dumps(figures, indent=2))
    if asked.out:
        _write(asked.out, document)
    return 0


def _beside(
    asked: argparse.Namespace, draft: RiskModelDocument, former: RiskModelDocument, book: Book, seen: SeenIn
) -> Mapping[str, Any]:
    """Both columns, where they are asked for. Raises RefitRefused where the refit is the worse one."""
    if not asked.if_not_worse:
        return {}
    beside = Beside(draft, former)
    beside.on_later_midnights(book, seen.test)
    beside.on_banks(asked.judge, asked.customers)
    if asked.real:
        beside.on_real(asked.real)
    _say("beside each other:", json.dumps(beside.by_version(), indent=2))
    beside.demand_not_worse()
    return beside.by_version()


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fit_risk_model", description=fit_risk_model.__doc__)
    parser.add_argument("--source", choices=tuple(SOURCES), default="simulated", help="what to fit on (%(default)s)")
    parser.add_argument("--data", type=Path, help="folder of files or of an archive; without it `archive` reads Kafka")
    parser.add_argument("--seed", type=int, default=101, help="of the simulated bank to fit on (%(default)s)")
    parser.add_argument("--judge", type=int, nargs="*", default=[202, 7001], help="seeds of other banks, to judge on")
    parser.add_argument("--customers", type=int, default=3000, help="of each simulated bank (%(default)s)")
    parser.add_argument("--months", type=int, default=28, help="of the bank to fit on (%(default)s)")
    parser.add_argument("--former", type=Path, default=PUBLISHED, help="model that stays where this refit is refused")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--recalibrate", action="store_true", help="keep the weights, fit the calibration alone")
    how.add_argument("--better", action="store_true", help="keep each horizon whose refit foretells the test no better")
    parser.add_argument(
        "--if-not-worse", action="store_true", help="of a simulated bank: refuse what is worse than the former anywhere"
    )
    parser.add_argument("--real", type=Path, help="folder of cdnow and berka_asc: --if-not-worse on these too")
    parser.add_argument(
        "--effective-from", type=date.fromisoformat, help="day from which it holds (the day after the former's)"
    )
    parser.add_argument("--ceiling", action="store_true", help="LightGBM's figures beside: pip install lightgbm")
    parser.add_argument("--out", type=Path, help="file to write the document to, with its card")
    asked = parser.parse_args(arguments)
    if asked.source in ("cdnow", "berka") and asked.data is None:
        parser.error(f"--data is needed: the folder of {asked.source}")
    if asked.if_not_worse and asked.source != "simulated":
        parser.error("--if-not-worse judges by planted declines: --source simulated")
    return asked


def _command(asked: argparse.Namespace) -> str:
    """What gives the same document, byte for byte, from the same data."""
    said = ["python -m fit_risk_model", f"--source {asked.source}"]
    said += [f"--former {asked.former.name}"] if asked.former != PUBLISHED else []
    if asked.source == "simulated":
        judge = " ".join(map(str, asked.judge))
        said += [
            f"--seed {asked.seed} --customers {asked.customers} --months {asked.months}",
            f"--judge {judge}".strip(),
        ]
    said += [f"--{name}" for name in ("recalibrate", "better", "ceiling") if getattr(asked, name)]
    said += ["--if-not-worse" + (" --real FOLDER" if asked.real else "")] if asked.if_not_worse else []
    return " ".join([*said, *([f"--effective-from {asked.effective_from}"] if asked.effective_from else [])])


def _ceiling(made: Made, asked: argparse.Namespace) -> dict[str, Any]:
    return {"lightgbm": ceiling_of(made.train, made.test)} if asked.ceiling else {}


def _write(path: Path, document: RiskModelDocument) -> None:
    document.model()
    path.write_text(document.model_dump_json(indent=2) + "\n", encoding="utf-8")
    _say(f"written to {path}: name it in CHURN_ALERT_BANK__RISK_MODEL")


def _say(*words: object) -> None:
    """To the person who runs this, at once: it takes a while."""
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
