"""A publisher that is never the slow one: ``python -m bench.publisher PORT SUBJECT STATEMENTS PER_BODY FIRST``.

It speaks the few words of the NATS protocol itself, over one blocking socket: publishes with a reply subject, counts the
PubAcks that come back, and keeps at most ``WINDOW`` bytes unacknowledged. A client library costs 10 µs per message
and would be what is measured.

Prints ``ready`` when the bodies are made, waits for a line on standard input, then publishes, and prints how many seconds that
took and how many publishes were refused.
"""

import socket
import sys
import time

WINDOW_COUNT = 8192
WINDOW_BYTES = 4 * 1024 * 1024
CHUNK = 256
READ_BYTES = 1 << 18


def statement(number: int) -> bytes:
    """Return an assertion of usual size, 227 bytes and a few digits."""
    return (
        b'{"subject":"pkg://pypi/package-%d","predicate":"license","object":{"type":"text","value":"MIT"},'
        b'"confidence":0.9,"source":{"tier":4,"uri":"https://example.org/%d"},"lifecycle":"approved",'
        b'"agent":"bench","kind":"assertion"}' % (number, number)
    )


def bodies(first: int, statements: int, per_body: int) -> list[bytes]:
    """Return the message bodies that hold so many statements, numbered from `first`."""
    end = first + statements
    return [
        b"\n".join(statement(number) for number in range(start, min(start + per_body, end)))
        for start in range(first, end, per_body)
    ]


def publish(port: int, subject: str, messages: list[bytes]) -> tuple[float, int]:
    """Publish all and wait for all PubAcks; return seconds and refusals."""
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.recv(READ_BYTES)
    connection.sendall(
        b'CONNECT {"verbose":false,"pedantic":false,"headers":true,"no_responders":true}\r\n'
        b"SUB _INBOX.bench.> 1\r\nPING\r\n"
    )
    while b"PONG" not in connection.recv(READ_BYTES):
        pass
    head = b"PUB %b _INBOX.bench.a " % subject.encode()
    window = min(WINDOW_COUNT, max(2, WINDOW_BYTES // len(messages[0])))
    chunk = min(CHUNK, max(1, window // 4))
    sent = answered = refused = 0
    tail = b""
    started = time.perf_counter()
    while answered < len(messages):
        while sent < len(messages) and sent - answered < window:
            part = messages[sent : sent + chunk]
            connection.sendall(b"".join([b"%b%d\r\n%b\r\n" % (head, len(body), body) for body in part]))
            sent += len(part)
        read = connection.recv(READ_BYTES)
        if not read:
            raise ConnectionError(f"the server is gone after {answered} of {len(messages)} acknowledgements")
        received = tail + read
        end = received.rfind(b"\n") + 1
        whole, tail = received[:end], received[end:]
        refused += whole.count(b'"error"')
        answered += whole.count(b'"seq":')  # in every PubAck, 0 in a refusal
        if b"PING\r\n" in whole:
            connection.sendall(b"PONG\r\n")
    connection.close()
    return time.perf_counter() - started, refused


def main(arguments: list[str]) -> None:
    """Make the bodies, wait for the word, publish, tell."""
    port, subject, statements, per_body = (
        int(arguments[0]),
        arguments[1],
        int(arguments[2]),
        int(arguments[3]),
    )
    messages = bodies(int(arguments[4]), statements, per_body)
    print("ready", flush=True)
    sys.stdin.readline()
    seconds, refused = publish(port, subject, messages)
    print(seconds, refused, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
