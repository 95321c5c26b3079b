"""Every small change to some modules that their tests should notice, one JSON object a line.

Run by cosmic-ray's own Python (`make mutation`): its operators find what to change, and four of ours, which fit code
whose every write is an action: a statement, a condition of a query, an item of a list may be missing, `in` turned
round. Words, annotations and messages for people are left alone.
"""

import copy
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import parso
from cosmic_ray.plugins import get_operator

COMPARISONS = ["Eq_NotEq", "NotEq_Eq", "Lt_LtE", "LtE_Lt", "Gt_GtE", "GtE_Gt", "Is_IsNot", "IsNot_Is"]
ARITHMETIC = ["Add_Sub", "Sub_Add", "Mul_Div", "Div_Mul", "FloorDiv_Mul", "Mod_Mul", "BitOr_BitAnd", "BitAnd_BitOr"]
NAMES = [
    "AddNot",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ExceptionReplacer",
    "NumberReplacer",
    "RemoveDecorator",
    "ZeroIterationForLoop",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_USub_UAdd",
    *(f"ReplaceComparisonOperator_{pair}" for pair in COMPARISONS),
    *(f"ReplaceBinaryOperator_{pair}" for pair in ARITHMETIC),
]
QUERIES = {"filter", "exclude", "get", "update", "Q", "get_or_create", "update_or_create"}


class DropStatement:
    """A write, a refusal, an early return that is missing."""

    def mutation_positions(self, node) -> Iterator[None]:
        if node.type == "simple_stmt" and parso.python.tree.search_ancestor(node, "funcdef") and self._counts(node):
            yield None

    def mutate(self, node, index):
        return "pass\n"

    def _counts(self, node) -> bool:
        first = node.children[0]
        if first.type == "expr_stmt":
            # Without a name that is read later everything fails: that tells nothing.
            target, then = first.children[:2]
            return target.type != "name" or (then.type == "operator" and then != "=")
        return first.type in ("atom_expr", "await_expr", "raise_stmt", "return_stmt", "del_stmt", "yield_expr") or (
            first.type == "keyword" and first.value in ("return", "raise")
        )


class DropCondition:
    """A condition of a query, or a value that it writes, that is missing."""

    def mutation_positions(self, node) -> Iterator[None]:
        for _ in self._arguments(node):
            yield None

    def mutate(self, node, index):
        without(node.children[1], self._arguments(node)[index])
        return node

    def _arguments(self, node) -> list:
        if node.type != "trailer" or node.children[0] != "(" or len(node.children) < 3:
            return []
        before = node.get_previous_leaf()
        if before is None or before.type != "name" or before.value not in QUERIES:
            return []
        inside = node.children[1]
        if inside.type != "arglist":
            # The only one, kept in place: what is between the brackets goes.
            return [inside] if before.value in ("filter", "exclude") else []
        return [child for child in inside.children if child.type != "operator"]


class DropItem:
    """An item of a list or set that is missing: a field to save, an event to append."""

    def mutation_positions(self, node) -> Iterator[None]:
        for _ in self._items(node):
            yield None

    def mutate(self, node, index):
        without(node.children[1], self._items(node)[index])
        return node

    def _items(self, node) -> list:
        if node.type != "atom" or node.children[0] not in ("[", "{") or len(node.children) < 3:
            return []
        inside = node.children[1]
        if inside.type != "testlist_comp" and inside.type != "dictorsetmaker":
            return []
        if any(
            child.type in ("comp_for", "sync_comp_for") or child == ":" or child == "**" for child in inside.children
        ):
            return []
        return [child for child in inside.children if child.type != "operator"]


class TurnIn:
    """`in` for `not in`, and the other way."""

    def mutation_positions(self, node) -> Iterator[None]:
        for _ in self._places(node):
            yield None

    def mutate(self, node, index):
        place = self._places(node)[index]
        said = node.children[place].get_code(include_prefix=False)
        node.children[place] = parso.parse(" not in" if said == "in" else " in")
        return node

    def _places(self, node) -> list[int]:
        if node.type != "comparison":
            return []
        said = [child.get_code(include_prefix=False) for child in node.children]
        return [place for place in range(1, len(said), 2) if said[place] in ("in", "not in")]


def without(inside, item) -> None:
    """Take an item and the comma beside it out of a list; the only one leaves nothing."""
    if inside is item:
        item.parent.children.remove(item)
        return
    place = inside.children.index(item)
    comma = place + 1 if place + 1 < len(inside.children) else place - 1
    for gone in sorted({place, comma}, reverse=True):
        del inside.children[gone]


OPERATORS = {
    **{name: get_operator(f"core/{name}")() for name in NAMES},
    **{kind.__name__: kind() for kind in (DropStatement, DropCondition, DropItem, TurnIn)},
}


def mutants(path: str) -> Iterator[dict]:
    source = Path(path).read_text()
    starts = [0]
    for line in source.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    seen = set()
    for node in nodes(parso.parse(source)):
        for name, operator in OPERATORS.items():
            for index, _ in enumerate(operator.mutation_positions(node)):
                if name == "AddNot" and node.children[1 if node.type != "test" else 2].type == "not_test":
                    continue  # The same as taking the `not` away.
                text = changed_text(node, operator, index)
                start = starts[node.start_pos[0] - 1] + node.start_pos[1]
                end = starts[node.end_pos[0] - 1] + node.end_pos[1]
                start, end, text = trimmed(source, start, end, text)
                if (start, end, text) not in seen and source[start:end] != text:
                    seen.add((start, end, text))
                    yield {"path": path, "operator": name, "start": start, "end": end, "text": text}


def changed_text(node, operator, index: int) -> str:
    """What the operator makes of a node, with a copy of it in its place, which it may change."""
    if node.parent is None:
        return node.get_code()
    own = copy.deepcopy(node, {id(node.parent): node.parent})
    place = node.parent.children.index(node)
    node.parent.children[place] = own
    try:
        changed = operator.mutate(own, index)
    finally:
        node.parent.children[place] = node
    if changed is None:
        # A decorator: its line stays, so that what follows it stands where it stood.
        return "# gone\n"
    return changed if isinstance(changed, str) else changed.get_code(include_prefix=False).lstrip(" ")


def trimmed(source: str, start: int, end: int, text: str) -> tuple[int, int, str]:
    """The same change without what it leaves as it is, to whole words."""
    before = source[start:end]
    same = 0
    while same < min(len(before), len(text)) and before[same] == text[same]:
        same += 1
    while same and (text[same - 1].isalnum() or text[same - 1] in "_."):
        same -= 1
    start, before, text = start + same, before[same:], text[same:]
    same = 0
    while same < min(len(before), len(text)) and before[-same - 1] == text[-same - 1]:
        same += 1
    while same and (text[-same].isalnum() or text[-same] in "_."):
        same -= 1
    return start, end - same, text[: len(text) - same]


def nodes(node) -> Iterator:
    """A node and what is in it, without annotations, imports and words of their own."""
    if node.type in ("import_name", "import_from", "tfpdef", "annassign", "string", "fstring"):
        return
    yield node
    children = getattr(node, "children", [])
    for place, child in enumerate(children):
        is_annotation = place and children[place - 1].type == "operator" and children[place - 1].value == "->"
        if not is_annotation:
            yield from nodes(child)


for name in sys.argv[1:]:
    for mutant in mutants(name):
        print(json.dumps(mutant))
