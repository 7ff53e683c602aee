#!/usr/bin/env bash
# Makes a chapter with five processes over real servers while they are killed, stopped, wiped and filled. See --help.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: chaos.sh [--minutes N] [--seed S] [--only FAULT,...] [--file SCREENPLAY] [--bin PATH] [--keep]

Two deciders (one writes the log, one waits to take over) and three workers on machines of other names make a chapter
over a Postgres log and a NATS bus of their own. It is requested over the bus while nobody is there to take it. Until
the minutes are over, one of these is done at random moments:

  kill      kill -9 of one of the five, which starts again
  stop      one of the five is stopped (SIGSTOP) for longer than the lease of a worker, and goes on
  standby   the writer of the log is stopped for longer than its lease; the other one takes over
  nats      kill -9 of NATS, and a start some seconds later
  wipe      NATS ends, loses its streams of events, of work, or both, and starts again
  quota     the disk quota of NATS is filled for some seconds
  postgres  pg_ctl stop -m immediate, and a start some seconds later
  freeze    every process of Postgres is stopped (SIGSTOP) for some seconds

A chapter that is finished earlier is followed by another one in a log of its own; the last one is finished in peace.
Each is compared with an embedded run of the same input: the chapter is complete, positions are dense, every command and
every effect has one accepted outcome, the bus holds every event under its position, nothing that was told is left, and
`hydra verify` finds nothing.

--minutes  how long to disturb (2); the end is waited for as long as the work goes on
--seed     the order and the moments of what is done (a random one, which is printed)
--only     these of them and no others
--file     the screenplay (examples/archipelago.fountain); its characters file lies beside it
--bin      a hydra with the feature full; built with `cargo build --features full` when not given
--keep     leave the folder there in any case
TMPDIR     where the folder is made

exit status: 0 nothing was found; 1 something was found, and the folder stays; 2 wrong usage; 3 a program is missing
TEXT
}

fail() {
    local status=$1
    shift
    printf 'chaos.sh: %s\n' "$*" >&"$errors"
    exit "$status"
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
# Errors of this script itself; the shell's remarks about what was killed go elsewhere once there is a folder.
errors=2
faults=(kill stop standby nats wipe quota postgres freeze)
# Without an event for this long, undisturbed, the work stands still.
readonly still_seconds=90
# How long servers and processes may take to be ready for a request.
readonly start_seconds=120

minutes=2
seed=
file=$root/examples/archipelago.fountain
bin=
keep=

# --- small things -----------------------------------------------------------------------------------------------

# The journal is what the logs of a failed run are read beside.
note() { printf '%(%FT%T)T %s\n' -1 "$*" >>"$folder/journal"; }

say() {
    printf '%(%T)T  %s\n' -1 "$*"
    note "$*"
}

found() {
    say "FOUND: round $round: $*"
    findings+=("round $round: $*")
}

now_ms() { printf '%s' $((${EPOCHREALTIME/[.,]/} / 1000)); }

# shellcheck source=scripts/chaos/servers.sh
. "$root/scripts/chaos/servers.sh"
# shellcheck source=scripts/chaos/processes.sh
. "$root/scripts/chaos/processes.sh"
# shellcheck source=scripts/chaos/faults.sh
. "$root/scripts/chaos/faults.sh"

# --- rounds -----------------------------------------------------------------------------------------------------

begin_round() {
    round=$((round + 1))
    place=chaos_$round here=$folder/round-$round
    runs=0 look_at=0 head=0 still_since=0 disturbed_at=''
    process=('' '' '' '' '') logs=('' '' '' '' '') killed=('' '' '' '' '') holder_before=('' '' '' '' '')
    stopped_until=('' '' '' '' '') deposed_until=('' '' '' '' '') again_at=('' '' '' '' '')
    mkdir -p "$here/data-asks"
    # The deciders' node is called as it is without a configuration, for its name is in the log.
    cat >"$here/hydra.toml" <<TOML
node = "local"
[log]
url = "postgres://hydra@$host:$HYDRA_PORT_POSTGRES/hydra?sslmode=disable&schema=$place"
[bus]
url = "nats://$host:$HYDRA_PORT_NATS"
prefix = "$place"
# Less than a chapter has, so that the oldest give way.
events_mib_max = $events_mib
[content]
folder = "content"
TOML
    request_chapter
    local slot
    for ((slot = 0; slot < slots; slot++)); do launch "$slot"; done
    until_requested
}

# A decider makes the streams; then NATS takes the request while no Hydra runs, and is killed as soon as it has it.
request_chapter() {
    local sequence until=$((SECONDS + start_seconds))
    launch 0
    until has_begun 0; do
        is_running "${process[0]}" || fail 1 "hydra does not start: $(last_words 0) (${logs[0]}.err)"
        ((SECONDS < until)) || fail 1 "hydra has not started after $start_seconds s: $(last_words 0)"
        sleep 0.1
    done
    kill -9 "${process[0]}"
    reap 0
    sequence=$(bus request "$file" "${file%.*}.characters.yaml" 2>>"$folder/bus.log") ||
        fail 1 "the request was not taken: $(tail -n 1 "$folder/bus.log")"
    kill -9 "$(service_pid nats)"
    services up nats
    say "round $round: request $sequence was taken by NATS, which was killed and started again"
}

until_requested() {
    local until=$((SECONDS + start_seconds))
    until [[ $(sql "SELECT count(*) FROM events WHERE type = 'chapter.chapter_requested.v1'") == 1 ]]; do
        if ((SECONDS > until)); then
            found "nothing has begun after $start_seconds s: the request is lost"
            return
        fi
        pause_for 500
    done
}

# Whether the chapter is done and reported, and nobody owes anything.
is_complete() {
    [[ $(sql "SELECT (SELECT count(*) FROM events WHERE type = 'report.report_compiled.v1') > 0 AND NOT EXISTS
        (SELECT FROM (SELECT DISTINCT ON (stream) stream, owes FROM events ORDER BY stream, version DESC) AS last
            WHERE owes AND stream !~ '^(plan|asset)-')") == t ]] &&
        hydra status 2>>"$folder/status.log" | grep -q '"tasks":{}'
}

# Lets the work come to its end; tells when it does not.
finish_in_peace() {
    local slot seen=$SECONDS before=$head began=$SECONDS
    say "in peace from position $head"
    for ((slot = 0; slot < slots; slot++)); do
        [[ -z ${stopped_until[$slot]} ]] || go_on "$slot"
    done
    until is_complete && is_settled; do
        pause_for 1000
        if [[ $head != "$before" ]]; then
            before=$head seen=$SECONDS
        elif ((SECONDS - seen > still_seconds)); then
            found "no event for $still_seconds s after position $head"
            hydra status >"$here/status.json" 2>&1 || true
            break
        fi
        ((SECONDS - seen <= longest_peace)) || longest_peace=$((SECONDS - seen))
    done
    say "  complete after $((SECONDS - began)) s in peace"
}

# The workers leave, then whoever waits, and last the writer, so that the bus is looked at while it is kept.
end_round() {
    local slot last
    for slot in 2 3 4; do
        is_running "${process[$slot]}" && end_well "$slot" 0
    done
    last=$(writer)
    is_running "${process[1 - last]}" && end_well $((1 - last)) 130
    until_relayed
    is_running "${process[$last]}" && end_well "$last" 0
    end_all
}

# The log as it is while nobody adds to it.
until_relayed() {
    local before=''
    while [[ $before != "$(log_head)" ]]; do
        before=$(log_head)
        hydra events tail --from 1 --no-follow >"$here/relayed.jsonl" || found "events tail failed"
    done
    tell_findings check bus "$here" $host "$HYDRA_PORT_NATS" "$HYDRA_PORT_NATS_HTTP" "${place^^}"
}

check() { python3 "$root/scripts/chaos/check.py" "$@" || printf 'the checks did not come to their end\n'; }

# Runs the arguments; each line is a finding.
tell_findings() {
    local line
    while IFS= read -r line; do
        found "$line"
    done < <("$@")
}

check_round() {
    say "checking round $round: $(log_head) events"
    hydra events tail --from 1 --no-follow >"$here/events.jsonl" || found "events tail failed"
    hydra verify >"$here/verify.json" || found "hydra verify found something: $here/verify.json"
    hydra chapters >"$here/chapters.json" || found "hydra chapters failed"
    # The command stands beside the first event of its append, so each id has it once.
    tell_findings sql "SELECT encode(command_id, 'hex') || ': ' || count(command) || ' appends, positions ' ||
            min(position) || ' to ' || max(position)
         FROM events GROUP BY command_id HAVING count(command) <> 1 OR count(DISTINCT stream) <> 1
            OR max(position) - min(position) + 1 <> count(*)"
    tell_findings check log "$here" "$folder/reference.jsonl" "$folder/reference.chapters.json"
    starts=$((starts + runs))
}

# Its streams reserve room on the server that the next round needs.
leave_round() {
    bus forget
    rm -rf "$here/content" "$here"/data-* "$here"/out-*
}

# --- the whole --------------------------------------------------------------------------------------------------

read_arguments() {
    while (($# > 0)); do
        case $1 in
        -h | --help) usage && exit 0 ;;
        --keep) keep=yes ;;
        --minutes | --seed | --only | --file | --bin)
            (($# > 1)) || fail 2 "$1 needs a value"
            case $1 in
            --minutes) minutes=$2 ;;
            --seed) seed=$2 ;;
            --only) IFS=, read -r -a faults <<<"$2" ;;
            --file) file=$2 ;;
            --bin) bin=$2 ;;
            esac
            shift
            ;;
        *) usage >&2 && exit 2 ;;
        esac
        shift
    done
    [[ $minutes =~ ^[0-9]+$ ]] || fail 2 "--minutes needs a whole number"
    [[ -z $seed || $seed =~ ^[0-9]+$ ]] || fail 2 "--seed needs a whole number"
    [[ -f $file ]] || fail 2 "$file is not there"
    file=$(realpath "$file")
    [[ -f ${file%.*}.characters.yaml ]] || fail 2 "${file%.*}.characters.yaml is not there"
    for fault in "${faults[@]}"; do
        [[ $(declare -F "do_$fault") ]] || fail 2 "$fault is nothing that can be done"
    done
    seed=${seed:-$RANDOM}
    RANDOM=$seed
}

find_hydra() {
    if [[ -z $bin ]]; then
        cargo build --manifest-path "$root/Cargo.toml" --features full
        bin=${CARGO_TARGET_DIR:-$root/target}/debug/hydra
    fi
    [[ -x $bin ]] || fail 3 "$bin is not there"
    # A copy: a build meanwhile must not change what is tested.
    hydra=$folder/hydra
    cp "$bin" "$hydra"
}

make_reference() {
    say "the embedded run"
    local embedded=("$hydra" --data "$folder/reference" --out "$folder/reference-out")
    "${embedded[@]}" produce "$file" >"$folder/reference.log" 2>&1 || fail 1 "it failed: see $folder/reference.log"
    "${embedded[@]}" events tail --from 1 --no-follow --json >"$folder/reference.jsonl"
    "${embedded[@]}" --json chapters >"$folder/reference.chapters.json"
}

clean_up() {
    local status=$?
    trap - EXIT INT TERM
    [[ -z $filler ]] || kill "$filler" 2>/dev/null || true
    end_all
    end_servers
    grep -v ': *[0-9]* Killed ' "$folder/shell.log" >&"$errors" || true
    if ((status == 0)) && [[ -z $keep ]]; then
        rm -rf "$folder"
    else
        printf 'the folder is %s\n' "$folder"
    fi
    exit "$status"
}

summarize() {
    local name line
    printf '\nseed %s, %s minutes of faults, %s s in all: %s rounds\n' "$seed" "$minutes" "$SECONDS" "$round"
    for name in "${faults[@]}"; do
        printf '%-9s %s times\n' "$name" "${done_count[$name]:-0}"
    done
    printf '%s times a process was started again; %s times because another one had taken the log over;\n' \
        $((starts - round * (slots + 1))) "$takeovers"
    printf '%s times because it found a server away when it started\n' "$refusals"
    printf 'longest time without an event: %s s while disturbed, %s s in peace\n' "$longest_still" "$longest_peace"
    if ((${#findings[@]} == 0)); then
        printf 'nothing was found\n'
        return
    fi
    printf '%s findings:\n' "${#findings[@]}"
    for line in "${findings[@]}"; do
        printf '  %s\n' "$line"
    done
}

read_arguments "$@"
# What is set for another Hydra is not for these.
unset HYDRA_CONFIG HYDRA_DATA HYDRA_OUT HYDRA_LOG RUST_LOG
folder=$(mktemp -d -t hydra-chaos.XXXXXX)
# The user postgres has to pass.
chmod 711 "$folder"
declare -A done_count=()
round=0 starts=0 takeovers=0 refusals=0 longest_still=0 longest_peace=0 findings=() bag=() filler='' process=()
exec {errors}>&2 2>>"$folder/shell.log"
trap clean_up EXIT
trap 'exit 130' INT TERM

find_hydra
say "seed $seed, folder $folder"
start_servers
make_reference
until=$((SECONDS + 60 * minutes))
# Whoever looks at what was found needs its servers' streams, which leave no room for another round.
while ((round == 0 || SECONDS < until && ${#findings[@]} == 0)); do
    begin_round
    while ((SECONDS < until)) && ! is_complete; do
        disturb
    done
    finish_in_peace
    end_round
    check_round
    ((${#findings[@]} > 0)) || leave_round
done
summarize
((${#findings[@]} == 0))
