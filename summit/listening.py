"""The addresses that a server started by hand listens on. Plain Python: it is asked before anything is installed."""

import errno
import socket


class CannotListen(OSError):
    """Why the host and port cannot be had, and what to do, in one sentence."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets on every address of the host, so that "localhost" answers however a browser resolves it.

    Raises CannotListen with a sentence for whoever started the server.
    """
    try:
        found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except socket.gaierror as error:
        raise CannotListen(f"HOST={host} is no address of this machine ({error.strerror}).") from error
    sockets: list[socket.socket] = []
    refused: OSError | None = None
    for family, kind, protocol, _, address in dict.fromkeys(found):
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        try:
            listening.bind(address)
            listening.listen(2048)
        except OSError as error:
            listening.close()
            refused = error
            if error.errno == errno.EADDRINUSE:
                break
        else:
            sockets.append(listening)
    if refused is not None and (not sockets or refused.errno == errno.EADDRINUSE):
        for listening in sockets:
            listening.close()
        raise CannotListen(_why_not(host, port, refused)) from refused
    return sockets


def _why_not(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        other = f"`make demo PORT={port + 1}`"
        return f"Port {port} is taken by another program: stop it, or choose another port with {other}."
    if error.errno == errno.EACCES:
        return f"Port {port} may not be used without more rights: choose one above 1023 with `make demo PORT=8000`."
    return f"This machine cannot listen at HOST={host} PORT={port} ({error.strerror})."
