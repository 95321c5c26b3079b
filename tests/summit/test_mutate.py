"""What `make mutation` breaks is really broken, and nothing else."""

import importlib.util
import sys

import pytest

from scripts import mutate

SOURCE = """
LIMIT = 3


def loudly(function):
    def run(*args):
        return function(*args) + "!"

    return run


@loudly
def greet(name):
    if len(name) > LIMIT:
        return "Who?"
    return f"Hello {name}"


class Room:
    doors = 2

    def is_open(self):
        return True
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module as the application would have imported it."""
    monkeypatch.setattr(mutate, "ROOT", tmp_path)
    path = tmp_path / "mutated.py"
    path.write_text(SOURCE)
    spec = importlib.util.spec_from_file_location("mutated", path)
    found = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "mutated", found)
    spec.loader.exec_module(found)
    return found


def mutant(was: str, becomes: str) -> mutate.Mutant:
    start = SOURCE.index(was)
    found = mutate.Mutant("mutated.py", "Test", start, start + len(was), becomes)
    found.place(SOURCE)
    return found


def take_in(change: mutate.Mutant) -> None:
    mutate.take_in(SOURCE, change, mutate.functions_of(["mutated.py"]))


def test_change_is_taken_into_a_decorated_function(module):
    take_in(mutant("> LIMIT", "< LIMIT"))

    assert (module.greet("Robin"), module.greet("Al")) == ("Hello Robin!", "Who?!")


def test_change_is_taken_into_closures_that_are_there(module):
    take_in(mutant('+ "!"', '+ "?"'))

    assert module.greet("Al") == "Hello Al?"


def test_change_is_taken_into_methods(module):
    take_in(mutant("True", "False"))

    assert module.Room().is_open() is False


@pytest.mark.parametrize(("was", "becomes"), [("LIMIT = 3", "LIMIT = 4"), ("doors = 2", "doors = 3"), ("@loudly", "")])
def test_what_happens_at_import_is_known_to_need_one(module, was, becomes):
    with pytest.raises(mutate.NeedsImport):
        take_in(mutant(was, becomes))


def test_mutant_says_what_it_makes_of_its_lines():
    change = mutant('        return "Who?"', "        pass")

    assert (change.was, change.becomes(SOURCE)) == ('        return "Who?"', "        pass")
    assert change.applied(SOURCE).count("pass") == 1
