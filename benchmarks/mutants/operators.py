"""Each place in a file where one small fault can be put, and the file with that fault."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ORDER: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult,
    ast.Pow: ast.Mult,
    ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}


@dataclass(frozen=True)
class Mutant:
    """One small fault: in a file, in the function that begins at line `function` (0: in none), from one text to another."""

    file: str
    line: int
    column: int
    function: int
    kind: str
    was: str
    becomes: str
    span: tuple[int, int]

    def applied(self, source: bytes) -> bytes:
        """Return the file with this fault."""
        start, stop = self.span
        return source[:start] + self.becomes.encode() + source[stop:]


def _changed(node: ast.AST, **fields: object) -> ast.AST:
    made = copy.copy(node)
    for name, value in fields.items():
        setattr(made, name, value)
    return made


def _of_expression(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in ORDER.get(type(node.ops[0]), ()):
            yield "comparison", _changed(node, ops=[other()])
    elif isinstance(node, ast.BinOp) and type(node.op) in ARITHMETIC:
        if not any(
            isinstance(side, ast.Constant | ast.JoinedStr) and _is_text(side) for side in (node.left, node.right)
        ):
            yield "arithmetic", _changed(node, op=ARITHMETIC[type(node.op)]())
    elif isinstance(node, ast.BoolOp):
        yield "boolean", _changed(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield "boolean" if isinstance(node.op, ast.Not) else "arithmetic", node.operand
    elif isinstance(node, ast.IfExp):
        yield "boolean", _changed(node, body=node.orelse, orelse=node.body)
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield "constant", ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield "constant", ast.Constant(node.value + 1 if isinstance(node.value, int) else node.value * 2 or 1.0)


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _of_statement(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    called = isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    if called or isinstance(node, ast.Raise | ast.AugAssign | ast.Continue | ast.Break):
        yield "deleted statement", ast.Pass()
    elif isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
        yield "return", ast.Return(ast.Constant(None))


def _visited(node: ast.AST, function: int) -> Iterator[tuple[ast.AST, int]]:
    """Yield the nodes that run, with the line at which their function begins; no annotations, texts, or guards of types."""
    yield node, function
    if isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom):
        return
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    skipped = [getattr(node, name, None) for name in ("annotation", "returns")]
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        skipped += node.decorator_list
        if isinstance(node, ast.FunctionDef):
            function = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    for child in ast.iter_child_nodes(node):
        if not any(child is one for one in skipped):
            yield from _visited(child, function)


def mutants_of(path: Path, root: Path) -> list[Mutant]:
    """Return every mutant of a file, in the order of its text."""
    source = path.read_bytes()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    found: list[Mutant] = []
    for node, function in _visited(ast.parse(source), 0):
        expression = isinstance(node, ast.expr)
        for kind, other in _of_expression(node) if expression else _of_statement(node):
            assert isinstance(node, ast.expr | ast.stmt)
            span = (
                starts[node.lineno - 1] + node.col_offset,
                starts[(node.end_lineno or 0) - 1] + (node.end_col_offset or 0),
            )
            text = ast.unparse(other)
            found.append(
                Mutant(
                    file=path.relative_to(root).as_posix(),
                    line=node.lineno,
                    column=node.col_offset,
                    function=function,
                    kind=kind,
                    was=source[slice(*span)].decode(),
                    becomes=f"({text})" if expression else text,
                    span=span,
                )
            )
    return found
