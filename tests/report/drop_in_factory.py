"""Records of drop-in built by hand: every answer, kinds of outputs, and names of someone who means harm."""

from __future__ import annotations

from dataclasses import replace

from conjugacy.results import Change, ChangedRow, DropIn, Estimate, Evidence
from conjugacy.results.reason import reasons

HOSTILE = "<script>alert(1)</script>"


def change(name: str, value: float, spread: float, margin: float, rows: int, **more: float | int | None) -> Change:
    low, high = value - spread, value + spread
    state = "inside" if high < margin else "outside" if low > margin else "open"
    ends = {"before": more.get("before"), "after": more.get("after")}
    needed = more.get("rows_needed")
    return Change(
        name, value, low, high, margin, state, rows, **ends, rows_needed=None if needed is None else int(needed)
    )


def class_change(name: str, before: float, after: float, spread: float = 0.02, rows: int = 200) -> Change:
    return change(name, after - before, spread, 0.05, rows, before=before, after=after)


def changed_rows(count: int, name: str = "image") -> tuple[ChangedRow, ...]:
    return tuple(ChangedRow(f"{name} {i}", 17 * i, "seven", "one", "seven", 2.5 - i / 10) for i in range(count))


def of_classes(**changes: object) -> DropIn:
    """Everything there is on classes: one falls beyond its margin, one has too few rows."""
    few = Change("3", 0.0, -0.2, 0.2, 0.05, "not_testable", 12, before=0.0, after=0.0)
    made = DropIn(
        "no",
        reasons("decisions", "the error of class 7 rises by 8 points, beyond the margin of 5", "62 rows change"),
        kinds=("logits", "logits"),
        churn=Change("churn", 0.031, 0.024, 0.039, 0.05, "inside", 2000),
        error_change=change("error", 0.006, 0.005, 0.01, 2000, before=0.024, after=0.03, rows_needed=3100),
        class_errors=(class_change("7", 0.04, 0.12), class_change("1", 0.02, 0.022), few),
        right_to_wrong=Estimate(0.014, 0.009, 0.02),
        evidence=(
            Evidence("kl_divergence", 0.021, 0.018, 0.025, unit="nats per row"),
            Evidence("loss_change", 0.011, 0.004, 0.019, unit="nats per row"),
        ),
        n_changed=62,
        rows=changed_rows(20),
        warnings=("class 3 has too few rows (12) to show that it is inside its margin",),
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def within() -> DropIn:
    """Return a yes: all inside, nothing testable left."""
    return of_classes(
        answer="yes",
        reasons=reasons("decisions", "every change is inside its margin"),
        error_change=change("error", 0.001, 0.004, 0.01, 2000, before=0.024, after=0.025),
        class_errors=(class_change("1", 0.02, 0.022),),
        warnings=(),
    )


def still_open() -> DropIn:
    """Return an undecided one, which more rows would decide."""
    return of_classes(
        answer="undecided",
        reasons=reasons("decisions", "the bounds of churn straddle its margin"),
        churn=change("churn", 0.042, 0.012, 0.05, 2000, rows_needed=5400),
        error_change=None,
        class_errors=(),
        right_to_wrong=None,
        warnings=(),
    )


def of_numbers() -> DropIn:
    """Return four bad rows of 400, far off in one of three outputs."""
    return DropIn(
        "undecided",
        reasons("maps", "4 of 400 rows are far off"),
        kinds=("regression", "regression"),
        identity=(
            change("torque", 0.011, 0.012, 0.05, 400),
            change("speed", 4e-6, 1e-6, 0.05, 400),
        ),
        rows_beyond=Change("rows", 0.01, 0.003, 0.026, 0.05, "inside", 400),
        n_changed=4,
        rows=tuple(ChangedRow(f"run {i}", i, "0.31", "14.2", None, 13.0) for i in (7, 80, 211, 399)),
    )


def of_sigmoids() -> DropIn:
    """Return pitch bins of which one is lost."""
    lit = replace(class_change("bin 40, lit", 0.05, 0.6, rows=80), margin=0.05)
    return DropIn(
        "no",
        reasons("decisions", "bin 40 is lost"),
        kinds=("sigmoids", "sigmoids"),
        churn=change("churn, column bin 40", 0.03, 0.01, 0.05, 2000),
        class_errors=(lit, class_change("bin 41, lit", 0.05, 0.05)),
        evidence=(Evidence("rows_with_any_change", 0.07, 0.06, 0.08, unit="share of rows"),),
        n_changed=140,
        rows=changed_rows(3, "frame"),
    )


def of_heads() -> DropIn:
    """Return three heads of which one is redrawn and one has nothing to test."""
    off = reasons("maps", "output x: 190 % [170, 210] unexplained (margin 5 %)", "inside: four rows of 400 are far off")
    outputs = (change("x", 1.9, 0.2, 0.05, 400),)
    boxes = replace(of_numbers(), head="boxes", answer="no", reasons=off, identity=outputs)
    silent = replace(DropIn.not_tested("all values are equal"), head="silent")
    return replace(boxes, heads=(replace(within(), head="classes"), boxes, silent))


def fifty_classes() -> DropIn:
    """Return a table that is longer than a screen."""
    return of_classes(class_errors=tuple(class_change(f"species {i}", 0.1, 0.3 - i / 200) for i in range(50)))


def hostile() -> DropIn:
    """Return names and sentences of someone who wants to run a script in the reader's browser."""
    long = "x" * 200
    made = of_classes(
        reasons=reasons("data", HOSTILE, long),
        class_errors=(class_change(HOSTILE, 0.04, 0.12), class_change(long, 0.04, 0.12)),
        evidence=(Evidence(HOSTILE, 1.0, unit=HOSTILE),),
        rows=(ChangedRow(HOSTILE, 0, HOSTILE, long, HOSTILE, None), ChangedRow("\x1b[31m", 1, "a", "b")),
        warnings=(HOSTILE, "\x1b[31m"),
        head=HOSTILE,
    )
    return replace(made, heads=(made, replace(made, head=long, answer="yes")))


def drop_ins() -> dict[str, DropIn]:
    """Return all of them by name."""
    equal = replace(within(), bit_equal=True, equal_weights=True, n_changed=0, rows=())
    return {
        "classes": of_classes(),
        "within": within(),
        "open": still_open(),
        "numbers": of_numbers(),
        "sigmoids": of_sigmoids(),
        "heads": of_heads(),
        "fifty": fifty_classes(),
        "hostile": hostile(),
        "equal": equal,
        "other-widths": DropIn("no", reasons("data", "A answers 3 numbers and B 4")),
        "not-tested": DropIn.not_tested("no outputs were recorded"),
    }
