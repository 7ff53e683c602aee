"""The checks of chaos.sh that read events. Prints one line for each thing found; no line is good.

usage: check.py log FOLDER EVENTS CHAPTERS
       check.py bus FOLDER HOST NATS_PORT MONITORING_PORT PREFIX

`log` looks at what chaos.sh left in FOLDER, and compares it with the EVENTS and CHAPTERS of an embedded run of the same
input. `bus` compares what it left there with the streams of PREFIX, while hydra still runs.
"""

import base64
import collections
import json
import sys
import time
import urllib.request

from bus import Nats

SHOWN_MAX = 5
# Asking for one message after the other would wait for each answer.
QUESTIONS = 500
RELAY_SECONDS = 60

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


def done_once(events):
    """Whatever was owed was done, once, and nothing was given up."""
    roles = collections.Counter()
    for event in events:
        if "effect" in event:
            roles[event["stream"], event["effect"], event["role"]] += 1
    wrong = []
    for stream, effect in sorted({(stream, effect) for stream, effect, _ in roles}):
        closed, parked = roles[stream, effect, "close"], roles[stream, effect, "park"]
        if closed != 1 or parked:
            wrong.append(f"{effect} of {stream} was done {closed} times and given up {parked} times")
    yield from wrong[:SHOWN_MAX]
    if len(wrong) > SHOWN_MAX:
        yield f"and {len(wrong) - SHOWN_MAX} more effects that were not done once"


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
    """The same, once the stream is where it should be, or stays where it is: the relay may be on its way."""
    until = time.monotonic() + RELAY_SECONDS
    while True:
        state = state_of(host, port, name)
        if time.monotonic() >= until or (state and state["last_seq"] == last):
            return state
        time.sleep(0.2)


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
        answers = nats.apis([(f"STREAM.MSG.GET.{name}", {"seq": sequence}) for sequence in page])
        for sequence, answer in zip(page, answers):
            message, event = (answer or {}).get("message"), events[sequence - 1]
            if message is None:
                yield f"{name} has no message {sequence}: {answer}"
                continue
            headers = base64.b64decode(message.get("hdrs", "")).decode().lower()
            data = json.loads(base64.b64decode(message.get("data", "")))
            if f"ce-id: {event['id']}" not in headers or data != event["data"]:
                yield f"message {sequence} of {name} is not the event of position {sequence}, {event['type']}"


def nothing_left(host, http_port, prefix):
    """What was told was done or refused, and nothing was refused."""
    for what, meaning in (("IN", "commands nobody has done"), ("DEAD", "letters of what was set aside")):
        state = state_of(host, http_port, f"{prefix}_{what}")
        if state is None:
            yield f"there is no stream {prefix}_{what}"
        elif state["messages"]:
            yield f"{prefix}_{what} holds {state['messages']} {meaning}"


def check_log(folder, reference, chapters):
    events = told(f"{folder}/events.jsonl")
    yield from dense(events)
    yield from appended_once(events)
    yield from done_once(events)
    with open(chapters, encoding="utf-8") as expected, open(f"{folder}/chapters.json", encoding="utf-8") as made:
        incomplete = list(completed(json.load(made), json.load(expected)))
    # What is missing from half a chapter says no more than that.
    yield from incomplete or equal(events, told(reference))
    with open(f"{folder}/verify.json", encoding="utf-8") as findings:
        yield from verified(json.load(findings), events)


def check_bus(folder, host, nats_port, http_port, prefix):
    yield from on_the_bus(told(f"{folder}/relayed.jsonl"), host, nats_port, http_port, prefix)
    yield from nothing_left(host, http_port, prefix)


def main(arguments):
    match arguments:
        case ["log", *rest] if len(rest) == 3:
            findings = check_log(*rest)
        case ["bus", *rest] if len(rest) == 5:
            findings = check_bus(*rest)
        case _:
            sys.exit(__doc__)
    for finding in findings:
        print(finding, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
