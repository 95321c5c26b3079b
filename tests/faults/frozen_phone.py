"""A phone in a process of its own, so that it can be frozen: `python frozen_phone.py PORT PATH COOKIE AFTER`.

Prints its own port once it is in, then reads until the end and prints how that came: the close code, or "reset".
"""

import base64
import json
import os
import socket
import sys


def main(port: str, path: str, cookie: str, after: str) -> None:
    line = socket.socket()
    # What the kernel takes for somebody who reads nothing.
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect(("127.0.0.1", int(port)))
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: localhost:{port}",
        f"Origin: http://localhost:{port}",
        f"Cookie: {cookie}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Version: 13",
    ]
    line.sendall("\r\n".join([*lines, "", ""]).encode())
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += line.recv(1)
    assert b" 101 " in head, head
    hello = json.dumps({"type": "hello", "after": int(after)}).encode()
    line.sendall(bytes([0x81, 128 | len(hello)]) + b"\0\0\0\0" + hello)
    # The first frame says that the server counts this phone among its readers.
    line.recv(1)
    say(line.getsockname()[1])
    last = b""
    try:
        while data := line.recv(65_536):
            last = (last + data)[-200:]
    except ConnectionError:
        say("reset")
        return
    at = last.rfind(b"\x88")
    say(int.from_bytes(last[at + 2 : at + 4]) if at >= 0 else "end")


def say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
