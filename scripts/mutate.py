"""`make mutation`: break live, moderation and permissions in small ways, one at a time. Does a test notice?

cosmic-ray says what to break (`scripts/mutants.py`). Its own runner would start Django for each of some thousand
mutants; here pytest collects once, sees which test runs which line, and forks for each mutant: the fork takes the
changed code into the functions that are loaded, runs the tests that run that line, and is gone. Nothing is written to
the tree. What happens only while modules are imported (constants, decorators, fields) needs a fresh process.
"""

import argparse
import ast
import collections
import fnmatch
import functools
import gc
import gzip
import hashlib
import importlib.machinery
import inspect
import itertools
import json
import os
import pickle
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
import venv
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TOOL = ROOT / "var" / "mutation"
SEED = 9


@dataclass(frozen=True)
class Area:
    """Modules, and the tests that are to notice what is changed in them. Pages and browsers prove other things."""

    named_modules: str
    named_tests: str
    with_sockets: bool = False

    @property
    def modules(self) -> list[str]:
        return self.named_modules.split()

    @property
    def tests(self) -> list[str]:
        return self.named_tests.split()


AREAS = {
    "permissions": Area(
        """people/permissions.py live/permissions.py live/policies.py live/access.py live/querysets.py live/guessing.py
        discussion/permissions.py discussion/policies.py discussion/querysets.py gathering/permissions.py
        gathering/querysets.py content/readers.py""",
        """tests/live/test_permissions.py tests/live/test_querysets.py tests/live/test_views.py
        tests/live/test_admin.py tests/live/test_joining.py tests/live/test_moderating.py tests/live/test_voting.py
        tests/live/test_scribes.py tests/live/test_exports.py tests/discussion/test_permissions.py
        tests/discussion/test_selectors.py tests/discussion/test_viewsets.py tests/discussion/test_injected.py
        tests/gathering/test_ledger.py tests/gathering/test_selectors.py tests/gathering/test_words.py
        tests/gathering/test_decisions.py tests/content/test_readers.py""",
        with_sockets=True,
    ),
    "comments": Area(
        "discussion/actions.py discussion/rules.py discussion/limits.py",
        """tests/discussion/test_actions.py tests/discussion/test_limits.py tests/discussion/test_permissions.py
        tests/discussion/test_spam.py tests/discussion/test_follows.py""",
    ),
    "queues": Area(
        """discussion/spam.py discussion/moderation.py discussion/mentions/actions.py discussion/injected/actions.py""",
        """tests/discussion/test_spam.py tests/discussion/test_viewsets.py tests/discussion/test_webmentions.py
        tests/discussion/test_injected.py tests/discussion/test_mentions.py
        tests/discussion/test_webmention_peers.py""",
    ),
    "the room": Area(
        """live/holding.py live/actions/moderating.py live/actions/contributing.py live/actions/voting.py
        live/actions/joining.py""",
        """tests/live/test_moderating.py tests/live/test_contributing.py tests/live/test_editing.py
        tests/live/test_voting.py tests/live/test_themes.py tests/live/test_joining.py
        tests/live/test_permissions.py tests/live/test_scribes.py""",
    ),
    "the console": Area(
        """live/actions/facilitating.py live/actions/locking.py live/actions/seating.py live/actions/sessions.py
        live/actions/borrowing.py live/actions/rehearsing.py""",
        """tests/live/test_facilitating.py tests/live/test_scribes.py tests/live/test_rehearsing.py
        tests/live/test_create_session.py tests/live/test_themes.py tests/live/test_permissions.py
        tests/live/test_slots.py tests/live/test_polling.py tests/live/test_admin.py""",
    ),
    "the line": Area(
        """realtime/log.py realtime/hub.py realtime/doorbell.py realtime/lines.py realtime/presenters.py
        realtime/tallies.py live/commands.py live/consumers.py live/messages.py live/polling.py live/writer.py""",
        """tests/realtime tests/live/test_consumers.py tests/live/test_polling.py tests/live/test_snapshot.py
        tests/live/test_commands.py tests/live/test_writer.py
        tests/live/test_permissions.py tests/live/test_themes.py tests/live/test_views.py tests/live/test_scribes.py""",
        with_sockets=True,
    ),
}
# What runs elsewhere would not run the mutant.
ELSEWHERE = {"live_site", "chromium", "redis_server", "redis_url", "postgres_server", "own_postgres"}
# A test that waits for what the mutant has broken waits so long only.
PATIENCE = 6
CPU_SECONDS = 60
WALL_SECONDS = 120
# What a mutant's tests may take when nothing is wrong: those that name its function first, then the module's own, then
# the quickest that run the line.
TESTS_SECONDS = 3.0


@dataclass
class Mutant:
    path: str
    operator: str
    start: int
    end: int
    text: str
    line: int = 0
    last_line: int = 0
    was: str = ""
    outcome: str = ""
    by: str = ""
    tests: int = 0
    seconds: float = 0.0

    def place(self, source: str) -> None:
        self.line = source.count("\n", 0, self.start) + 1
        self.last_line = source.count("\n", 0, max(self.start, self.end - 1)) + 1
        self.was = "\n".join(source.splitlines()[self.line - 1 : self.last_line])

    def applied(self, source: str) -> str:
        return source[: self.start] + self.text + source[self.end :]

    def becomes(self, source: str) -> str:
        changed = self.applied(source).splitlines()
        return "\n".join(changed[self.line - 1 : self.last_line + self.text.count("\n") - self._gone(source)])

    def _gone(self, source: str) -> int:
        return source.count("\n", self.start, self.end)


# What to break


def install() -> None:
    """The tool in a place of its own, since nothing of it is served or tested."""
    lock = ROOT / "requirements" / "mutation.txt"
    done_with = TOOL / "installed.txt"
    if done_with.exists() and done_with.read_text() == lock.read_text():
        return
    venv.create(TOOL, with_pip=True)
    pip = [str(TOOL / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", str(lock)], check=True)
    done_with.write_text(lock.read_text())


def find_mutants(paths: list[str]) -> list[Mutant]:
    command = [str(TOOL / "bin" / "python"), str(ROOT / "scripts" / "mutants.py"), *paths]
    answer = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout
    found = []
    for line in answer.splitlines():
        mutant = Mutant(**json.loads(line))
        source = (ROOT / mutant.path).read_text()
        try:
            compile(mutant.applied(source), mutant.path, "exec")
        except SyntaxError:
            continue
        mutant.place(source)
        found.append(mutant)
    return found


# Taking changed code into what is loaded


class NeedsImport(Exception):
    """The change shows only where the module is imported anew."""


def code_pairs(
    old: types.CodeType, new: types.CodeType, path: tuple = ()
) -> list[tuple[types.CodeType, types.CodeType]]:
    """The functions of a module that differ, as they were and as they are to be; outer ones first."""
    children = [one for one in old.co_consts if isinstance(one, types.CodeType)]
    changed = [one for one in new.co_consts if isinstance(one, types.CodeType)]
    is_function = bool(old.co_flags & inspect.CO_OPTIMIZED)
    pairs = [(old, new)] if is_function and old != new else []
    if not is_function and _own(old) != _own(new):
        raise NeedsImport
    if len(children) == len(changed):
        for one, other in zip(children, changed, strict=True):
            pairs += code_pairs(one, other)
    return pairs


def _own(code: types.CodeType) -> tuple:
    """What a class body or a module does itself, wherever its lines have moved."""
    constants = [one for one in code.co_consts if not isinstance(one, types.CodeType)]
    # Python 3.13 keeps the number of a class's first line as a constant.
    return code.co_code, code.co_names, [one for one in constants if one != code.co_firstlineno]


Functions = dict[tuple[str, str, int], list[types.FunctionType]]


def functions_of(paths: list[str]) -> Functions:
    """Every function that was made of these modules: decorated ones, methods and closures too."""
    names = {str(ROOT / path) for path in paths}
    found: Functions = collections.defaultdict(list)
    for function in gc.get_objects():
        # Not isinstance, which would wake lazy objects.
        if type(function) is types.FunctionType and function.__code__.co_filename in names:
            code = function.__code__
            found[code.co_filename, code.co_qualname, code.co_firstlineno].append(function)
    return found


def take_in(source: str, mutant: Mutant, functions: Functions) -> None:
    name = str(ROOT / mutant.path)
    taken = 0
    for old, new in code_pairs(compile(source, name, "exec"), compile(mutant.applied(source), name, "exec")):
        for function in functions[name, old.co_qualname, old.co_firstlineno]:
            if len(function.__code__.co_freevars) != len(new.co_freevars):
                raise NeedsImport
            function.__code__ = new
            taken += 1
    if not taken:
        raise NeedsImport


def import_changed(mutant: Mutant) -> None:
    """Have the module imported as changed, in a process that has not imported it yet."""
    name = str(ROOT / mutant.path)
    original = importlib.machinery.SourceFileLoader.get_code

    def get_code(self, fullname):  # type: ignore[no-untyped-def]
        if self.path != name:
            return original(self, fullname)
        return compile(mutant.applied(Path(name).read_text()), name, "exec")

    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign]


# Which test runs which line


class Tracer:
    """Sees each line of the modules once in each test: what has been seen costs nothing."""

    def __init__(self, paths: list[str]) -> None:
        self.names = {str(ROOT / path): path for path in paths}
        self.lines: dict[str, set[tuple[str, int]]] = {}
        self.now: set[tuple[str, int]] = set()
        sys.monitoring.use_tool_id(sys.monitoring.COVERAGE_ID, "mutation")
        sys.monitoring.register_callback(sys.monitoring.COVERAGE_ID, sys.monitoring.events.LINE, self._line)
        sys.monitoring.set_events(sys.monitoring.COVERAGE_ID, sys.monitoring.events.LINE)

    def _line(self, code: types.CodeType, line: int) -> object:
        path = self.names.get(code.co_filename)
        if path is not None:
            self.now.add((path, line))
        return sys.monitoring.DISABLE

    def begin(self, test: str) -> None:
        self.now = self.lines.setdefault(test, set())
        sys.monitoring.restart_events()


@dataclass
class Known:
    """What was seen of the tests with nothing changed."""

    seconds: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    lines: dict[str, set[tuple[str, int]]] = field(default_factory=dict)

    def add(self, other: "Known") -> None:
        self.seconds |= other.seconds
        self.failed += other.failed
        self.lines |= other.lines

    def tests_of(self, places: set[tuple[str, int]]) -> list[str]:
        return [test for test, lines in self.lines.items() if not places.isdisjoint(lines)]


# Trying


class Tester:
    """A plugin in whose hands the collected tests are."""

    def __init__(
        self,
        mutants: list[Mutant],
        area: Area,
        until: float,
        seconds: float,
        known: Known,
        keep: Callable[[Known], None],
    ) -> None:
        self.mutants = mutants
        self.area = area
        self.seconds = seconds
        self.keep = keep
        self.paths = area.modules
        self.until = until
        self.known = known
        self.sources = {path: (ROOT / path).read_text() for path in area.modules}
        self.items: dict[str, pytest.Item] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        kept = [item for item in items if ELSEWHERE.isdisjoint(getattr(item, "fixturenames", ()))]
        kept = [item for item in kept if not item.get_closest_marker("postgres")]
        if not self.area.with_sockets:
            kept = [item for item in kept if not empties_tables(item)]
        items[:] = kept

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.session = session
        self.items = {item.nodeid: item for item in session.items}
        self._make_database()
        if unseen := [item for test, item in self.items.items() if test not in self.known.seconds]:
            seen, _ = self._in_fork(lambda: self._see_lines(unseen), 3600)
            self.known.add(seen)
            self.keep(self.known)
            self._say(f"{len(unseen)} tests looked at, {sum(seen.seconds.values()):.0f} s.", *seen.failed)
        self.functions = functions_of(self.paths)
        gc.collect()
        gc.freeze()
        late: list[Mutant] = []
        for place, mutant in enumerate(self.mutants, start=1):
            if time.monotonic() > self.until:
                return True
            self._try(mutant)
            if mutant.outcome == "import":
                # Ten times as much work: when the others have been tried.
                mutant.outcome = ""
                late.append(mutant)
            else:
                self._tell(place, mutant)
        for place, mutant in enumerate(late, start=1):
            if time.monotonic() > self.until:
                return True
            self._try_import(mutant)
            self._tell(place, mutant)
        return True

    def _tell(self, place: int, mutant: Mutant) -> None:
        if place % 10 == 0:
            self.keep(self.known)
        if mutant.outcome != "killed" or place % 50 == 0:
            left = (self.until - time.monotonic()) / 60
            what = f"{mutant.path}:{mutant.line} {mutant.operator} {mutant.seconds:.1f} s"
            self._say(f"{place}/{len(self.mutants)} ({left:.0f} min) {mutant.outcome}: {what}")

    def _say(self, *lines: str) -> None:
        """Past pytest, which keeps what is printed while tests run."""
        self.session.config.get_terminal_writer().line("\n".join(["", *lines]), flush=True)

    def _make_database(self) -> None:
        """Have pytest-django make its database by running one small test, and let go of it."""
        from django.db import connections  # noqa: PLC0415 the settings are read by now
        from pytest_django.plugin import blocking_manager_key  # noqa: PLC0415

        first = next(
            item
            for item in self.session.items
            if item.get_closest_marker("django_db")
            and not empties_tables(item)
            and not inspect.iscoroutinefunction(getattr(item, "obj", None))
        )
        other = next(item for item in self.session.items if item is not first)
        first.config.hook.pytest_runtest_protocol(item=first, nextitem=other)
        with self.session.config.stash[blocking_manager_key].unblock():
            self.database = Path(str(connections["default"].settings_dict["NAME"]))
            connections.close_all()

    def _in_fork(self, work, seconds: float, cpu: float = 0):  # type: ignore[no-untyped-def]
        """Do some work in a fork with a copy of the database; what it answers, and the CPU time it took."""
        memory = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 a copy for a second
        with tempfile.TemporaryDirectory(prefix="mutant-", dir=memory) as folder:
            answer = Path(folder) / "answer"
            sys.stdout.flush()
            child = os.fork()
            if not child:
                try:
                    os.setpgid(0, 0)
                    self._settle(Path(folder), cpu)
                    answer.write_bytes(pickle.dumps(work()))
                    os._exit(0)
                except BaseException as error:  # noqa: BLE001 a fork must end here, whatever happens
                    answer.write_bytes(pickle.dumps(error if isinstance(error, NeedsImport) else repr(error)))
                    os._exit(1)
            deadline = time.monotonic() + seconds
            used = resource.getrusage(resource.RUSAGE_SELF)
            pause = 0.002
            while True:
                done, status, used = os.wait4(child, os.WNOHANG)
                if done:
                    break
                if time.monotonic() > deadline:
                    os.kill(child, signal.SIGKILL)
                    _, status, used = os.wait4(child, 0)
                    break
                time.sleep(pause)
                pause = min(pause * 1.3, 0.05)
            spent = used.ru_utime + used.ru_stime
            if os.WIFSIGNALED(status) or not answer.exists() or not answer.stat().st_size:
                return "timeout", spent
            return pickle.loads(answer.read_bytes()), spent  # noqa: S301 what our own fork wrote

    def _settle(self, folder: Path, cpu: float) -> None:
        from django.db import connections  # noqa: PLC0415 the settings are read by now

        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        if cpu:
            resource.setrlimit(resource.RLIMIT_CPU, (int(cpu) + 1, int(cpu) + 5))
        copy = folder / "test.sqlite3"
        shutil.copyfile(self.database, copy)
        connections["default"].settings_dict["NAME"] = str(copy)
        be_impatient()

    def _see_lines(self, items: list[pytest.Item]) -> Known:
        known = Known()
        tracer = Tracer(self.paths)
        self.session._setupstate.teardown_exact(items[0])
        for item, following in zip(items, [*items[1:], items[0]], strict=True):
            begun = time.process_time()
            tracer.begin(item.nodeid)
            if not passes(item, following):
                known.failed.append(item.nodeid)
            known.seconds[item.nodeid] = time.process_time() - begun
        known.lines = {test: lines for test, lines in tracer.lines.items() if test not in known.failed}
        return known

    def _in_order(self, mutant: Mutant, tests: list[str]) -> list[str]:
        """Those that name the function first, then the module's own, then the quick ones, as many as the time allows;
        at least one.
        """
        own = f"test_{Path(mutant.path).stem}"
        function = re.compile(rf"\b{function_at(self.sources[mutant.path], mutant.line) or '(?!)'}\b")
        known = [test for test in tests if test in self.items]
        known.sort(
            key=lambda test: (
                not function.search(source_of(self.items[test])),
                own not in test,
                self.known.seconds[test],
            )
        )
        sums = itertools.accumulate(self.known.seconds[test] for test in known)
        return [
            test
            for place, (test, total) in enumerate(zip(known, sums, strict=True))
            if not place or total < self.seconds
        ]

    def _try(self, mutant: Mutant) -> None:
        source = self.sources[mutant.path]
        lines = range(statement_at(source, mutant.line), mutant.last_line + 1)
        tests = self._in_order(mutant, self.known.tests_of({(mutant.path, line) for line in lines}))
        mutant.tests = len(tests)

        def run() -> str:
            take_in(source, mutant, self.functions)
            return self._first_failing(tests)

        answer, mutant.seconds = self._in_fork(run, WALL_SECONDS, CPU_SECONDS)
        if isinstance(answer, NeedsImport):
            mutant.outcome = "import"
        else:
            judge(mutant, answer, tests)

    def _first_failing(self, tests: list[str]) -> str:
        if not tests:
            return ""
        items = [self.items[test] for test in tests]
        self.session._setupstate.teardown_exact(items[0])
        for item, following in zip(items, [*items[1:], items[-1]], strict=True):
            if not passes(item, following):
                return item.nodeid
        return ""

    def _try_import(self, mutant: Mutant) -> None:
        tests = self._tests_of_import(mutant)
        mutant.tests = len(tests)
        if not tests:
            judge(mutant, "", tests)
            return
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "scripts.mutate", "--one", json.dumps(asdict(mutant))]
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            said, _ = process.communicate("\n".join(tests), WALL_SECONDS * 2)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            said = "FAILED timeout"
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        mutant.seconds += after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        failed = re.findall(r"^(?:FAILED|ERROR) (\S+)", said, re.MULTILINE)
        judge(mutant, "" if process.returncode == 0 else (failed or ["import"])[0], tests)

    def _tests_of_import(self, mutant: Mutant) -> list[str]:
        """Tests that run a line which names what the changed statement makes, else any of the module."""
        lines = self.sources[mutant.path].splitlines()
        start = mutant.line
        while start > 1 and (not lines[start - 1].strip() or lines[start - 1][0] in " )]}"):
            start -= 1
        while start < len(lines) and lines[start - 1].startswith(("@", "#")):
            start += 1
        name = re.match(r"(?:async def |def |class )?(\w+)", lines[start - 1])
        places: set[tuple[str, int]] = set()
        if name and name[1] not in ("_for_console", "_on_contribution", "for"):
            if lines[start - 1].startswith(("def ", "async def ", "class ")):
                places |= {(mutant.path, line) for line in block_of(lines, start)}
            word = re.compile(rf"\b{name[1]}\b")
            for path, source in self.sources.items():
                places |= {(path, line) for line, text in enumerate(source.splitlines(), 1) if word.search(text)}
        tests = self.known.tests_of(places)
        if not tests:
            tests = [test for test, seen in self.known.lines.items() if any(path == mutant.path for path, _ in seen)]
        return self._in_order(mutant, tests)


def source_of(item: pytest.Item) -> str:
    return _source_of(inspect.unwrap(item.obj)) if hasattr(item, "obj") else ""


@functools.cache
def _source_of(function: Callable[..., object]) -> str:
    return inspect.getsource(function)


@functools.cache
def function_at(source: str, line: int) -> str:
    """The name of the outermost function or method around a line; nothing where there is none."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.lineno <= line <= (node.end_lineno or 0):
            return node.name
    return ""


@functools.cache
def statement_at(source: str, line: int) -> int:
    """Where the statement begins that a line is part of: what runs is seen there."""
    found = line
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or 0):
            found = node.lineno
    return found


def block_of(lines: list[str], start: int) -> range:
    """The lines of a function or class at the margin."""
    end = start
    while end < len(lines) and (not lines[end].strip() or lines[end][0] in " )"):
        end += 1
    return range(start, end + 1)


def empties_tables(item: pytest.Item) -> bool:
    """Whether the test commits for others to see, which costs a second to take back."""
    marker = item.get_closest_marker("django_db")
    return bool(marker and marker.kwargs.get("transaction"))


def passes(item: pytest.Item, following: pytest.Item) -> bool:
    from _pytest.runner import runtestprotocol  # noqa: PLC0415 no public way to run a test and look at it

    return not any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def be_impatient() -> None:
    for name, module in list(sys.modules.items()):
        if name.startswith("tests.") and hasattr(module, "PATIENCE"):
            module.PATIENCE = PATIENCE


def judge(mutant: Mutant, answer: str, tests: list[str]) -> None:
    mutant.by = answer
    mutant.outcome = "killed" if answer else "survived" if tests else "untested"


# The whole


def table(mutants: list[Mutant]) -> str:
    def row(name: str, some: list[Mutant]) -> tuple[str, ...]:
        tried = [mutant for mutant in some if mutant.outcome]
        killed = sum(mutant.outcome == "killed" for mutant in tried)
        score = f"{100 * killed / len(tried):.0f} %" if tried else "–"
        return name, str(len(some)), str(len(tried)), str(killed), str(len(tried) - killed), score

    rows = [("module", "mutants", "tried", "killed", "survived", "score")]
    for name, area in AREAS.items():
        for path in area.modules:
            rows.append(row(path, [mutant for mutant in mutants if mutant.path == path]))
        rows.append(row(f"= {name}", [mutant for mutant in mutants if mutant.path in area.modules]))
    rows.append(row("= all", mutants))
    return "\n".join(f"{name:34}" + "".join(f"{cell:>10}" for cell in cells) for name, *cells in rows)


def survivors(mutants: list[Mutant]) -> str:
    said = []
    for mutant in sorted(mutants, key=lambda one: (one.path, one.start)):
        if mutant.outcome in ("survived", "untested"):
            now = mutant.becomes((ROOT / mutant.path).read_text())
            said.append(
                f"{mutant.path}:{mutant.line} {mutant.operator} ({mutant.tests} tests)\n-{mutant.was}\n+{now}\n"
            )
    return "\n".join(said)


def try_one(mutant: Mutant, tests: list[str]) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS * 2, CPU_SECONDS * 2 + 5))
    import_changed(mutant)

    class Impatient:
        def pytest_collection_finish(self, session: pytest.Session) -> None:
            be_impatient()

    return pytest.main(["-x", "-q", "--no-header", "-rfE", "--tb=no", *tests], plugins=[Impatient()])


def main() -> int:
    parser = argparse.ArgumentParser(prog="make mutation", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60, help="Stop after so long: a fair sample of all.")
    parser.add_argument("--modules", default="*", help="Only modules like this: 'live/actions/*'.")
    parser.add_argument("--survivors", action="store_true", help="Only what survived the last time.")
    parser.add_argument("--rest", action="store_true", help="Only what the last time did not come to.")
    parser.add_argument("--table", action="store_true", help="Try nothing: show what is known.")
    parser.add_argument("--area", choices=AREAS, help=argparse.SUPPRESS)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    os.chdir(ROOT)
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = str(TOOL / "hypothesis")
    if options.one:
        return try_one(Mutant(**json.loads(options.one)), sys.stdin.read().split("\n"))
    if options.area:
        return try_area(options)
    install()
    until = time.monotonic() + 60 * options.minutes
    wanted = [
        name for name, area in AREAS.items() if any(fnmatch.fnmatch(path, options.modules) for path in area.modules)
    ]
    for place, name in enumerate([] if options.table else wanted):
        # A process each: pytest collects once in a process, and what one has imported stays.
        minutes = (until - time.monotonic()) / 60 / (len(wanted) - place)
        command = [sys.executable, "-m", "scripts.mutate", *sys.argv[1:], "--area", name, "--minutes", str(minutes)]
        subprocess.run(command, cwd=ROOT, check=True)
    mutants = [mutant for area in AREAS.values() for mutant in known_mutants(area)]
    print(f"\n{table(mutants)}\n")
    print(f"{sum(mutant.seconds for mutant in mutants) / 60:.0f} minutes of CPU. What survived: var/mutation/*.txt")
    return 0


def try_area(options: argparse.Namespace) -> int:
    area = AREAS[options.area]
    until = time.monotonic() + 60 * options.minutes
    mutants = known_mutants(area)
    chosen = choose(mutants, options)
    print(f"== {options.area}: {len(chosen)} mutants of {len(mutants)}, {options.minutes:.0f} minutes", flush=True)
    name = options.area.replace(" ", "-")

    def keep(known: Known) -> None:
        tried = [asdict(mutant) for mutant in mutants if mutant.outcome]
        (TOOL / f"{name}.json").write_text(json.dumps(tried, indent=0))
        (TOOL / f"{name}.txt").write_text(survivors(mutants))
        keep_lines(TOOL / f"{name}.lines", area, known)

    # What seemed to survive is looked at longer.
    seconds = 2 * TESTS_SECONDS if options.survivors else TESTS_SECONDS
    tester = Tester(chosen, area, until, seconds, lines_known(TOOL / f"{name}.lines", area), keep)
    code = pytest.main(
        ["-q", "--no-header", "-p", "no:cacheprovider", "-m", "not browser", *area.tests], plugins=[tester]
    )
    keep(tester.known)
    return int(code)


def known_mutants(area: Area) -> list[Mutant]:
    """All there are now, with what came of them the last time."""
    mutants = find_mutants(area.modules)
    name = next(name for name, other in AREAS.items() if other is area).replace(" ", "-")
    kept = TOOL / f"{name}.json"
    before = dict(named(Mutant(**one) for one in json.loads(kept.read_text()))) if kept.exists() else {}
    for key, mutant in named(mutants):
        if old := before.get(key):
            mutant.outcome, mutant.by, mutant.tests, mutant.seconds = old.outcome, old.by, old.tests, old.seconds
    return mutants


def choose(mutants: list[Mutant], options: argparse.Namespace) -> list[Mutant]:
    chosen = [mutant for mutant in mutants if fnmatch.fnmatch(mutant.path, options.modules)]
    if options.survivors:
        chosen = [mutant for mutant in chosen if mutant.outcome in ("survived", "untested")]
    elif options.rest:
        chosen = [mutant for mutant in chosen if not mutant.outcome]
    else:
        for mutant in chosen:
            mutant.outcome = ""
    random.Random(SEED).shuffle(chosen)  # noqa: S311 a fair sample, no secret
    return chosen


def named(mutants: Iterable[Mutant]) -> Iterator[tuple[tuple, Mutant]]:
    """Mutants by what they change into what, wherever it has moved in its module since."""
    times: collections.Counter[tuple] = collections.Counter()
    for mutant in mutants:
        name = (mutant.path, mutant.operator, mutant.was, mutant.end - mutant.start, mutant.text)
        times[name] += 1
        yield (*name, times[name]), mutant


def common_digest(area: Area) -> str:
    """Of what may change which lines any test runs; not of the tests, which are looked at one by one."""
    found = hashlib.sha256()
    shared = [*ROOT.glob("tests/factories/*.py"), *ROOT.glob("tests/**/conftest.py")]
    for path in sorted({*shared, *(ROOT / path for path in area.modules)}):
        found.update(path.read_bytes())
    return found.hexdigest()


def file_digest(test: str) -> str:
    return hashlib.sha256((ROOT / test.split("::")[0]).read_bytes()).hexdigest()


def keep_lines(kept: Path, area: Area, known: Known) -> None:
    files = {test: file_digest(test) for test in known.seconds}
    kept.write_bytes(gzip.compress(pickle.dumps((common_digest(area), files, known))))


def lines_known(kept: Path, area: Area) -> Known:
    """What was seen of tests that are now as they were then."""
    if not kept.exists():
        return Known()
    of, files, known = pickle.loads(gzip.decompress(kept.read_bytes()))  # noqa: S301 what we wrote there
    same = {test for test, seen in files.items() if (ROOT / test.split("::")[0]).exists() and file_digest(test) == seen}
    if of != common_digest(area):
        same = set()
    return Known(
        {test: seconds for test, seconds in known.seconds.items() if test in same},
        [test for test in known.failed if test in same],
        {test: lines for test, lines in known.lines.items() if test in same},
    )


if __name__ == "__main__":
    sys.exit(main())
