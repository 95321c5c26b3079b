"""Web servers of strangers: real ones, on this machine, at addresses that a test lets count as public.

Only a test can let them: what `content.fetch` refuses is written in its code.
"""

import ipaddress
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from content import fetch


class Server:
    """A web server that answers as told, and keeps what it was asked."""

    def __init__(self, address="127.0.0.2", family=socket.AF_INET):
        self.asked = []
        self.answers = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                length = int(self.headers.get("Content-Length") or 0)
                outer.asked.append((self.command, self.path, self.headers["Host"], self.rfile.read(length)))
                answer = outer.answers.get(self.path, (200, {}, b"hello"))
                if callable(answer):
                    answer(self)
                    return
                status, headers, body = answer
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET

            def log_message(self, *args):
                pass

        class Listener(ThreadingHTTPServer):
            address_family = family
            daemon_threads = True

            def handle_error(self, request, client_address):
                pass

        self.listener = Listener((address, 0), Handler)
        self.port = self.listener.server_address[1]
        self.thread = threading.Thread(target=self.listener.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def close(self):
        self.listener.shutdown()
        self.listener.server_close()
        self.thread.join()


@contextmanager
def serving(*args, **options):
    server = Server(*args, **options)
    try:
        yield server
    finally:
        server.close()


def names(monkeypatch, known):
    """What names stand for; a list is given out one by one to those who ask again."""
    real, times = socket.getaddrinfo, {}

    def answer(host, port, *args, **options):
        if host in known:
            found = known[host]
            if found and isinstance(found[0], list):
                times[host] = times.get(host, -1) + 1
                found = found[min(times[host], len(found) - 1)]
            return [
                (socket.AF_INET6 if ":" in ip else socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, port))
                for ip in found
            ]
        try:
            if host != "localhost":
                ipaddress.ip_address(host)
        except ValueError:
            raise socket.gaierror(f"{host} is not to be looked up in tests") from None
        return real(host, port, *args, **options)

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def let_count_as_public(monkeypatch, server, *, address="127.0.0.2", host="blog.example"):
    """A server known by a name, at an address that counts as public, as this machine's own never does."""
    monkeypatch.setattr(fetch, "PORTS", {"http": {80, server.port}, "https": {443}})
    monkeypatch.setattr(fetch, "is_public_address", lambda found: found == address)
    names(monkeypatch, {host: [address], "inside.example": ["127.0.0.1"]})
