"""The checks of chaos.sh that read events. Prints one line for each thing found; no line is good.

usage: chaos_check.py round FOLDER EVENTS CHAPTERS HOST NATS_PORT MONITORING_PORT PREFIX
       chaos_check.py forget HOST NATS_PORT PREFIX

`round` looks at what chaos.sh left in FOLDER and at the streams of PREFIX, and compares with the EVENTS and CHAPTERS of
an embedded run. `forget` deletes the streams of PREFIX.
"""

import base64
import collections
import json
import socket
import sys
import time
import urllib.request

SHOWN_MAX = 5
# Asking for one message after the other would wait for each answer.
QUESTIONS = 500
RELAY_SECONDS = 15

# How often something was tried, and by whom, is what chaos changes.
ATTEMPTS = {"attempt_started", "attempt_failed", "attempt_lost", "outcome_refused"}
# Who has which lease.
CLUSTER = "cluster-"
# How long an engine took, at which position a report looked, and the report, which tells times and attempts.
VOLATILE = {"duration_ms": None, "position": "report.report_requested.v1", "report": "report.report_compiled.v1"}


def told(file):
    with open(file, encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def dense(events):
    """Positions 1 to the end, and versions 1 to the end in each stream."""
    heads = collections.Counter()
    for expected, event in enumerate(events, 1):
        if event["position"] != expected:
            yield f"position {expected} is {event['position']}: the positions are not dense"
            return
        stream, version = event["stream"], event["version"]
        if version != heads[stream] + 1:
            yield f"position {expected}: version {version} of {stream} follows {heads[stream]}"
        heads[stream] = version


def appended_once(events):
    """The events of one command stand side by side, in one stream."""
    before, seen = None, {}
    for event in events:
        command = event["command_id"]
        if command in seen and (before["command_id"] != command or before["stream"] != event["stream"]):
            yield f"command {command} was appended at position {seen[command]} and again at {event['position']}"
        seen.setdefault(command, event["position"])
        before = event


def verified(findings, events):
    for what in ("broken", "divergences", "reactions", "owes"):
        if findings[what]:
            yield f"verify: {len(findings[what])} {what}, the first is {json.dumps(findings[what][0])[:300]}"
    if findings["events"] != len(events) or findings["undecided"]:
        yield f"verify saw {findings['events']} of {len(events)} events, {findings['undecided']} undecided"


def completed(chapters, reference):
    def shown(found):
        return [(chapter["id"], chapter["state"], chapter["scenes"], chapter["missing"]) for chapter in found]

    if shown(chapters) != shown(reference) or any(not chapter["report"] for chapter in chapters):
        yield f"the chapter is not complete: {shown(chapters)}, where an embedded run has {shown(reference)}"


def stable(event, value):
    """The payload without what may differ between two runs of the same input."""
    if isinstance(value, dict):
        return {
            name: stable(event, inner)
            for name, inner in value.items()
            if not (name in VOLATILE and VOLATILE[name] in (None, event["type"]))
        }
    return [stable(event, inner) for inner in value] if isinstance(value, list) else value


def facts(event):
    """What an event says. Which scene asks for a shared picture first is a matter of timing; that it asks is not."""
    kind, data = event["type"], stable(event, event["data"])
    if kind == "image.image_requested.v1":
        yield "image.requester_added.v1", {"requester": data.pop("requester")}
    yield kind, data


def streams(events):
    """The facts of each stream, in any order: scenes close and pictures come as they are done."""
    found = collections.defaultdict(collections.Counter)
    for event in events:
        if event["stream"].startswith(CLUSTER) or event["type"].split(".")[1] in ATTEMPTS:
            continue
        for kind, data in facts(event):
            found[event["stream"]][f"{kind} {json.dumps(data, sort_keys=True)}"] += 1
    return found


def equal(events, reference):
    ours, theirs = streams(events), streams(reference)
    differences = []
    for stream in sorted(ours.keys() | theirs.keys()):
        for more, less, what in ((ours, theirs, "more than"), (theirs, ours, "less than")):
            for fact, count in (more[stream] - less[stream]).items():
                differences.append(f"{stream} has {count} {what} the embedded run: {fact[:400]}")
    yield from differences[:SHOWN_MAX]
    if len(differences) > SHOWN_MAX:
        yield f"and {len(differences) - SHOWN_MAX} more differences from the embedded run"


def state_of(host, port, name):
    """What the server's monitoring says of a stream."""
    url = f"http://{host}:{port}/jsz?streams=1&config=1&limit=1000"
    with urllib.request.urlopen(url, timeout=10) as answer:
        accounts = json.load(answer).get("account_details") or []
    for account in accounts:
        for stream in account.get("stream_detail") or []:
            if stream["name"] == name:
                return stream["state"]
    return None


def settled(host, port, name, last):
    """The same, once the stream is where it should be, or stays where it is: hydra may have ended a moment ago."""
    until = time.monotonic() + RELAY_SECONDS
    while True:
        state = state_of(host, port, name)
        if time.monotonic() >= until or (state and state["last_seq"] == last):
            return state
        time.sleep(0.2)


class Nats:
    """As much of the NATS protocol as questions to JetStream need."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=30)
        self.answers = self.socket.makefile("rb")
        self.answers.readline()
        self.inbox = f"_INBOX.chaos.{time.time_ns()}"
        connect = {"verbose": False, "pedantic": False, "headers": True, "no_responders": True}
        self.say(f"CONNECT {json.dumps(connect)}\r\nSUB {self.inbox}.* 1\r\n".encode())

    def say(self, command):
        self.socket.sendall(command)

    def ask(self, questions):
        """Asks all of (subject, payload), and has their answers in order; None where nobody answered."""
        told = {}
        for number, (subject, payload) in enumerate(questions):
            body = json.dumps(payload).encode() if payload is not None else b""
            self.say(f"PUB $JS.API.{subject} {self.inbox}.{number} {len(body)}\r\n".encode() + body + b"\r\n")
        while len(told) < len(questions):
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
        return [told[number] for number in range(len(questions))]


def on_the_bus(events, host, nats_port, http_port, prefix):
    """Every event is the message of its position."""
    name = f"{prefix}_EVENTS"
    state = settled(host, http_port, name, len(events))
    if state is None:
        yield f"there is no stream {name}"
        return
    first, last, messages = state["first_seq"], state["last_seq"], state["messages"]
    if last != len(events):
        yield f"{name} ends at {last}, the log at {len(events)}"
    if messages != last - first + 1:
        yield f"{name} holds {messages} messages from {first} to {last}"
    wrong = list(strangers(Nats(host, nats_port), events, name, range(first, min(last, len(events)) + 1)))
    yield from wrong[:SHOWN_MAX]
    if len(wrong) > SHOWN_MAX:
        yield f"and {len(wrong) - SHOWN_MAX} more messages that are not their events"


def strangers(nats, events, name, sequences):
    for start in range(sequences.start, sequences.stop, QUESTIONS):
        page = range(start, min(start + QUESTIONS, sequences.stop))
        answers = nats.ask([(f"STREAM.MSG.GET.{name}", {"seq": sequence}) for sequence in page])
        for sequence, answer in zip(page, answers):
            message, event = (answer or {}).get("message"), events[sequence - 1]
            if message is None:
                yield f"{name} has no message {sequence}: {answer}"
                continue
            headers = base64.b64decode(message.get("hdrs", "")).decode().lower()
            data = json.loads(base64.b64decode(message.get("data", "")))
            if f"ce-id: {event['id']}" not in headers or data != event["data"]:
                yield f"message {sequence} of {name} is not the event of position {sequence}, {event['type']}"


def check(folder, reference, chapters, host, nats_port, http_port, prefix):
    events = told(f"{folder}/events.jsonl")
    yield from dense(events)
    yield from appended_once(events)
    with open(chapters, encoding="utf-8") as expected, open(f"{folder}/chapters.json", encoding="utf-8") as made:
        incomplete = list(completed(json.load(made), json.load(expected)))
    # What is missing from half a chapter says no more than that.
    yield from incomplete or equal(events, told(reference))
    with open(f"{folder}/verify.json", encoding="utf-8") as findings:
        yield from verified(json.load(findings), events)
    yield from on_the_bus(events, host, int(nats_port), http_port, prefix)


def forget(host, port, prefix):
    nats = Nats(host, int(port))
    names = nats.ask([("STREAM.NAMES", None)])[0].get("streams") or []
    nats.ask([(f"STREAM.DELETE.{name}", None) for name in names if name.startswith(f"{prefix}_")])


def main(arguments):
    match arguments:
        case ["round", *rest] if len(rest) == 7:
            for finding in check(*rest):
                print(finding, flush=True)
        case ["forget", host, port, prefix]:
            forget(host, port, prefix)
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
