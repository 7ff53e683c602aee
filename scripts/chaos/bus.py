"""As much of the NATS protocol as chaos.sh needs: it asks for a chapter, answers for a person, and fills the disk quota.

usage: bus.py request HOST PORT PREFIX SCREENPLAY CHARACTERS   prints the sequence under which the server took it
       bus.py answer HOST PORT PREFIX                          reads JSON lines: the stream of an approval, its default
       bus.py fill HOST PORT PREFIX SECONDS                    prints how often the full server refused a message
       bus.py forget HOST PORT PREFIX                          deletes the streams of PREFIX

exit status: 0 done; 1 the server is not there or did not take it
"""

import json
import pathlib
import socket
import sys
import time

# Larger ones do not fit into a message with what the server adds; the small ones fill what is left.
FILLER_BYTES = (1000 * 1024, 64 * 1024, 1024)
# Asking for one message after the other would wait for each answer.
AT_ONCE = 16
INSUFFICIENT_RESOURCES = 10023
STREAM_STORE_FAILED = 10077
FULL_PAUSE = 0.25


class Nats:
    """Questions to a server, and the answers."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, int(port)), timeout=30)
        self.answers = self.socket.makefile("rb")
        self.answers.readline()
        self.inbox = f"_INBOX.chaos.{time.time_ns()}"
        self.asked = 0
        connect = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True}
        self.say(f"CONNECT {json.dumps(connect)}\r\nSUB {self.inbox}.* 1\r\n".encode())

    def say(self, command):
        self.socket.sendall(command)

    def ask(self, messages):
        """Publishes all of (subject, headers, body) and has the answers in order; None where nobody answered."""
        first, told = self.asked, {}
        self.asked += len(messages)
        for number, (subject, headers, body) in enumerate(messages, first):
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            head = f"NATS/1.0\r\n{head}\r\n".encode()
            sizes = f"{len(head)} {len(head) + len(body)}"
            self.say(f"HPUB {subject} {self.inbox}.{number} {sizes}\r\n".encode() + head + body + b"\r\n")
        while len(told) < len(messages):
            words = self.answers.readline().decode().split()
            if not words:
                raise ConnectionError("NATS has closed the connection")
            if words[0] == "PING":
                self.say(b"PONG\r\n")
            elif words[0] in ("MSG", "HMSG"):
                body = self.answers.read(int(words[-1]) + 2)[:-2]
                number = int(words[1].rsplit(".", 1)[1])
                told[number] = json.loads(body) if words[0] == "MSG" else None
            elif words[0] == "-ERR":
                raise ConnectionError(" ".join(words))
        return [told[number] for number in range(first, self.asked)]

    def api(self, subject, payload=None):
        """One question to JetStream."""
        return self.apis([(subject, payload)])[0]

    def apis(self, questions):
        """The same with many."""
        body = lambda payload: b"" if payload is None else json.dumps(payload).encode()
        return self.ask([(f"$JS.API.{subject}", {}, body(payload)) for subject, payload in questions])

    def store(self, subject, headers, body):
        """Has a message stored, and returns its sequence."""
        answer = self.ask([(subject, headers, body)])[0]
        if not answer or "seq" not in answer:
            raise ConnectionError(f"{subject} was not taken: {answer}")
        return answer["seq"]


def request(nats, prefix, screenplay, characters):
    script, cast = pathlib.Path(screenplay), pathlib.Path(characters)
    wish = {"stream": script.stem, "screenplay": script.read_text("utf-8"), "characters": cast.read_text("utf-8")}
    print(nats.store(f"{prefix}.in.director.request_chapter", {}, json.dumps(wish).encode()))


def answer(nats, prefix, lines):
    """Under ids, for the same is answered again and again until the log has it."""
    for line in lines:
        asked = json.loads(line)
        stream = asked["stream"]
        said = {"verdict": asked["default"], "by": {"default": {}}}
        said |= {"stream": stream, "note": "nobody was asked: the default answer applies"}
        nats.store(f"{prefix}.in.steward.answer_approval", {"Nats-Msg-Id": stream}, json.dumps(said).encode())


def fill(nats, prefix, seconds):
    """Takes all the room there is for so long, and then gives it back."""
    name, sizes, refused = f"{prefix.upper()}_FILLER", list(FILLER_BYTES), 0
    made = nats.api(f"STREAM.CREATE.{name}", {"name": name, "subjects": [f"{prefix}.filler"], "compression": "s2"})
    if not made or "error" in made:
        raise ConnectionError(f"no filler: {made}")
    until = None
    while until is None or time.monotonic() < until:
        answers = nats.ask([(f"{prefix}.filler", {}, bytes(sizes[0]))] * AT_ONCE)
        errors = [told["error"]["err_code"] for told in answers if told and "error" in told]
        if set(errors) - {INSUFFICIENT_RESOURCES, STREAM_STORE_FAILED}:
            raise ConnectionError(f"the filler was refused: {answers}")
        if not errors:
            continue
        if len(sizes) > 1:
            sizes.pop(0)
            continue
        refused += len(errors)
        until = until or time.monotonic() + seconds
        # What others give back is taken too.
        time.sleep(FULL_PAUSE)
    nats.api(f"STREAM.DELETE.{name}")
    print(refused)


def forget(nats, prefix):
    names = nats.api("STREAM.NAMES").get("streams") or []
    nats.apis([(f"STREAM.DELETE.{name}", None) for name in names if name.startswith(f"{prefix.upper()}_")])


def main(arguments):
    match arguments:
        case ["request", host, port, prefix, screenplay, characters]:
            request(Nats(host, port), prefix, screenplay, characters)
        case ["answer", host, port, prefix]:
            answer(Nats(host, port), prefix, sys.stdin)
        case ["fill", host, port, prefix, seconds]:
            fill(Nats(host, port), prefix, float(seconds))
        case ["forget", host, port, prefix]:
            forget(Nats(host, port), prefix)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except OSError as error:
        sys.exit(f"bus.py: {error}")
