"""A whole installation on this machine, as `deploy/` describes it: PostgreSQL, Redis, a proxy that ends HTTPS, several
server processes, a worker, a mail server. Without Docker, without root, on free ports, in a folder that goes away.
"""

import contextlib
import datetime
import ipaddress
import os
import re
import secrets
import shutil
import signal
import socketserver
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any, Self

import psutil
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.services import PostgresServer, RedisServer, free_port, wait_for_port

ROOT = Path(__file__).resolve().parent.parent
NGINX = ROOT / "deploy" / "nginx"
# So that whoever was sent away has arrived before the next are.
SETTLES = 1.0
STOPS_WITHIN = 15


class Missing(Exception):
    """What this machine lacks, and how to get it, in one sentence."""


def find_nginx() -> str:
    found = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
    if not found:
        raise Missing("nginx is not here: install it (Debian: `apt-get install nginx-light`), then try again.")
    return found


class Installation:
    """Enter it to have it run. `log_errors()` afterwards is what its processes complained of."""

    def __init__(self, processes: int = 2) -> None:
        self.nginx_program = find_nginx()
        self.folder = Path(tempfile.mkdtemp(prefix="summit-installation-"))
        # The proxy's workers read the static files, PostgreSQL refuses to be root.
        self.folder.chmod(0o755)
        self.port, self.plain_port = free_port(), free_port()
        self.ports = [free_port() for _ in range(processes)]
        self.address = f"https://localhost:{self.port}"
        self.websocket_address = f"wss://localhost:{self.port}"
        self.token = secrets.token_urlsafe(24)
        self.certificate = self.folder / "certificate.pem"
        self.mail = MailServer()
        self.postgres, self.redis = PostgresServer(), RedisServer()
        # Ctrl-C is for whoever looks at the installation: what it asks of must not end before it.
        self.postgres.is_apart = self.redis.is_apart = True
        self.servers: dict[int, subprocess.Popen[bytes]] = {}
        self.worker: subprocess.Popen[bytes] | None = None
        self.nginx: subprocess.Popen[bytes] | None = None
        self._stack = contextlib.ExitStack()
        self._ended_at: dict[int, float] = {}

    @property
    def environment(self) -> dict[str, str]:
        """What an installation's file of variables holds."""
        return {
            "DJANGO_SETTINGS_MODULE": "summit.settings.production",
            "SECRET_KEY": self._secret,
            "ALLOWED_HOSTS": "localhost",
            "SUMMIT_BASE_URL": self.address,
            "SUMMIT_VAR_DIR": str(self.folder / "var"),
            "DATABASE_URL": self.postgres.url("summit"),
            "REDIS_URL": self.redis.url,
            "SUMMIT_METRICS_TOKEN": self.token,
            "SUMMIT_FROM_EMAIL": "Summit <summit@example.org>",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.mail.port),
        }

    def __enter__(self) -> Self:
        self._secret = secrets.token_urlsafe(50)
        with contextlib.ExitStack() as stack:
            stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
            stack.enter_context(self.mail)
            stack.enter_context(self.postgres)
            stack.enter_context(self.redis)
            self._make_database()
            make_certificate(self.certificate)
            self.manage("check", "--deploy", "--fail-level", "WARNING")
            self.manage("migrate", "--verbosity", "0")
            self.manage("collectstatic", "--no-input", "--verbosity", "0")
            stack.callback(self._stop)
            for port in self.ports:
                self.start_server(port)
            for port in self.ports:
                self.wait_until_ready(port)
            self.worker = self._launch("worker", ["manage.py", "db_worker", "--queue-name", "*"])
            self._start_proxy()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def manage(self, *arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=self._variables(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"manage.py {arguments[0]} failed:\n{done.stdout}")
        return done.stdout

    # Server processes

    def start_server(self, port: int) -> None:
        self.servers[port] = self._launch(f"server-{port}", ["-m", "summit.server", "--port", str(port)])

    def wait_until_ready(self, port: int) -> None:
        wait_for_port(port, self.servers[port].pid, self.log_of(f"server-{port}"))
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError):
                self.ask(port, "/health/ready")
                return
            time.sleep(0.1)
        raise TimeoutError(f"The process at {port} is not ready.")

    def replace_processes(self) -> None:
        """As `deploy/replace-processes` does: one after the other, each only when the one before serves again."""
        for port in self.ports:
            begun = time.monotonic()
            end(self.servers[port])
            self.start_server(port)
            self.wait_until_ready(port)
            print(f"  the process at {port} is replaced ({time.monotonic() - begun:.1f} s)", flush=True)  # noqa: T201
            time.sleep(SETTLES)

    @contextlib.contextmanager
    def looked_after(self, port: int) -> Iterator[None]:
        """This process in the care of the watchdog, and started again whenever it ends, as engines do."""
        end(self.servers[port])
        has_ended = threading.Event()

        def keep() -> None:
            while not has_ended.is_set():
                command = ["-m", "summit.watchdog", sys.executable, "-m", "summit.server", "--port", str(port)]
                self.servers[port] = self._launch(f"server-{port}", command)
                self.servers[port].wait()
                self._ended_at[port] = time.monotonic()

        keeper = threading.Thread(target=keep, daemon=True)
        keeper.start()
        try:
            while self.serving(port) is None:
                time.sleep(0.1)
            yield
        finally:
            has_ended.set()
            end(self.servers[port])
            keeper.join()
            self.start_server(port)
            self.wait_until_ready(port)

    def serving(self, port: int) -> int | None:
        """The process that the watchdog at this port looks after, if it answers."""
        try:
            (found,) = psutil.Process(self.servers[port].pid).children()
            self.ask(port, "/health/ready", seconds=1)
        except (psutil.NoSuchProcess, ValueError, OSError):
            return None
        return found.pid

    def freeze(self, port: int) -> int:
        (found,) = psutil.Process(self.servers[port].pid).children()
        found.send_signal(signal.SIGSTOP)
        return found.pid

    def seconds_until_ended(self, port: int, since: float) -> float:
        return self._ended_at[port] - since

    def ask(self, port: int, path: str, *, seconds: float = 10, **headers: str) -> str:
        """What one process answers, past the proxy."""
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310 our own
            return str(answer.read().decode())

    def metrics(self, port: int) -> dict[str, float]:
        told = self.ask(port, "/metrics", Authorization=f"Bearer {self.token}")
        lines = [line.rsplit(" ", 1) for line in told.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, value in lines}

    # Logs

    def log_of(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def log_errors(self) -> list[str]:
        """Whatever any process has said of an error, or in another form than its own."""
        found = []
        for log in sorted(self.folder.glob("*.log")):
            for line in log.read_text(errors="replace").splitlines():
                if '"level": "ERROR"' in line or "Traceback" in line or (line and log.stem == "nginx"):
                    found.append(f"{log.stem}: {line[:1000]}")
        return found

    # Making and ending it

    def _make_database(self) -> None:
        import psycopg  # noqa: PLC0415 the rest works without

        with psycopg.connect(self.postgres.url(), autocommit=True) as opened:
            opened.execute("CREATE DATABASE summit")

    def _variables(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        return {**kept, **self.environment}

    def _launch(self, name: str, command: list[str]) -> subprocess.Popen[bytes]:
        with self.log_of(name).open("ab") as log:
            return subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT,
                env=self._variables(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
            )

    def _start_proxy(self) -> None:
        main, site = proxy_configuration(self)
        (self.folder / "nginx.conf").write_text(main)
        (self.folder / "summit.conf").write_text(site)
        command = [
            self.nginx_program,
            "-p",
            str(self.folder),
            "-c",
            str(self.folder / "nginx.conf"),
            "-g",
            "daemon off;",
        ]
        with self.log_of("nginx").open("ab") as log:
            self.nginx = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0)
        wait_for_port(self.port, self.nginx.pid, self.log_of("nginx"))

    def _stop(self) -> None:
        """Stop every process, whatever another does. One that had to be killed hides nothing that went wrong before."""
        named: dict[str, subprocess.Popen[bytes] | None] = {"nginx": self.nginx, "the worker": self.worker}
        named.update({f"the process at {port}": process for port, process in self.servers.items()})
        late = []
        for name, process in named.items():
            try:
                if process is not None:
                    end(process)
            except subprocess.TimeoutExpired:
                late.append(name)
        if late and sys.exception() is None:
            raise RuntimeError(f"Killed, as it did not stop within {STOPS_WITHIN} s: {', '.join(late)}.")


def end(process: subprocess.Popen[bytes]) -> None:
    """Tell a process to stop, and fail if it does not."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=STOPS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise


def proxy_configuration(installation: Installation) -> tuple[str, str]:
    """The files of `deploy/nginx`, with this machine's ports and folders put in."""
    folder = installation.folder
    temporary = "".join(
        f"    {name}_temp_path {folder}/{name};\n" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    main = _replaced(
        (NGINX / "nginx.conf").read_text(),
        {
            r"^user www-data;\n": "user root;\n" if os.geteuid() == 0 else "",
            r"/run/nginx\.pid": f"{folder}/nginx.pid",
            r"^worker_rlimit_nofile \d+;\n": "",
            r"/var/log/nginx/error\.log crit": f"{folder}/nginx-error.txt info",
            r"/var/log/nginx/access\.log": f"{folder}/nginx-access.txt",
            r"^    include /etc/nginx/conf\.d/\*\.conf;\n": f"{temporary}    include {folder}/summit.conf;\n",
        },
    )
    lines = "".join(f"    server 127.0.0.1:{port} max_fails=0;\n" for port in installation.ports)
    site = _replaced(
        (NGINX / "summit.conf").read_text(),
        {
            r"(?:^    server 127\.0\.0\.1:\d+ max_fails=0;\n)+": lines,
            r"listen 80;": f"listen 127.0.0.1:{installation.plain_port};",
            r"listen 443 ssl": f"listen 127.0.0.1:{installation.port} ssl",
            r"https://\$host": f"https://$host:{installation.port}",
            r"server_name summit\.example\.org;": "server_name localhost;",
            r"/etc/ssl/summit/(?:fullchain|privkey)\.pem": str(installation.certificate),
            r"/srv/summit/var/": f"{folder}/var/",
            r"/run/summit-readers": f"{folder}/readers",
        },
    )
    return main, site


def _replaced(text: str, by: dict[str, str]) -> str:
    for pattern, value in by.items():
        text, count = re.subn(pattern, lambda _, value=value: value, text, flags=re.MULTILINE)  # type: ignore[misc]
        if not count:
            raise RuntimeError(f"deploy/nginx does not hold {pattern} any more.")
    return text


def make_certificate(path: Path) -> None:
    """A key and a certificate of its own for localhost, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.write_bytes(private + certificate.public_bytes(serialization.Encoding.PEM))


def trust(certificate: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(certificate))


class MailServer:
    """Takes every letter and keeps it."""

    def __init__(self) -> None:
        self.letters: list[Message] = []
        kept = self.letters

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 here\r\n")
                while line := self.rfile.readline():
                    verb = line[:4].upper().strip()
                    if verb == b"DATA":
                        self.wfile.write(b"354 go on\r\n")
                        kept.append(message_from_bytes(b"".join(self._lines())))
                    self.wfile.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 well\r\n")
                    if verb == b"QUIT":
                        return

            def _lines(self) -> Iterator[bytes]:
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    yield line.removeprefix(b".") if line.startswith(b"..") else line

        class Server(socketserver.ThreadingTCPServer):
            allow_reuse_address = True
            daemon_threads = True

        self._server = Server(("127.0.0.1", 0), Session)
        self.port = int(self._server.server_address[1])

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()
        return self

    def __exit__(self, *exception: Any) -> None:
        self._server.shutdown()
        self._server.server_close()

    def words_to(self, address: str) -> str:
        """Everything written to somebody so far."""
        parts = [
            part.get_payload(decode=True).decode()
            for letter in self.letters
            if address in str(letter["To"])
            for part in letter.walk()
            if part.get_content_type() == "text/plain"
        ]
        return "\n".join(parts)
