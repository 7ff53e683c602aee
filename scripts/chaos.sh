#!/usr/bin/env bash
# Makes a chapter over real servers while processes and servers are killed, paused and wiped. See --help.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: chaos.sh [--minutes N] [--seed S] [--only FAULT,...] [--file SCREENPLAY] [--bin PATH] [--keep]

Makes a chapter over a Postgres log and a NATS bus of its own, again and again until the minutes are over, and does
at random moments one of these:

  kill      kill -9 of hydra
  standby   a second hydra waits for the log; the first is stopped (SIGSTOP) for longer than its lease, and goes on
  nats      kill -9 of NATS, and a start some seconds later
  wipe      NATS ends, loses its streams of events and of work, and starts again
  postgres  pg_ctl stop -m immediate, and a start some seconds later
  freeze    every process of Postgres is stopped (SIGSTOP) for some seconds

Then the last chapter is finished in peace. Each one is compared with an embedded run of the same input, its log is
verified, and the bus must hold every event under its position.

--minutes  how long to disturb (2)
--seed     the order and the moments of what is done (a random one, which is printed)
--only     these of them and no others
--file     the screenplay (examples/archipelago.fountain); its characters file is found beside it
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
readonly host=127.0.0.1
# Errors of this script itself; the shell's remarks about what was killed go elsewhere once there is a folder.
errors=2
faults=(kill standby nats wipe postgres freeze)
# A deposed writer notices within a statement or a renewal; the rest is for a slow machine.
readonly deposed_seconds=30
# Without an event for this long, undisturbed, the work stands still.
readonly still_seconds=120
# How often hydra may end with an error once everything is in peace: once for what was done to it before.
readonly deaths_in_peace=1

minutes=2
seed=
file=$root/examples/archipelago.fountain
bin=
keep=

# --- small things -----------------------------------------------------------------------------------------------

# Says it, and notes when: the journal is what the logs of a failed run are read beside.
say() {
    printf '%(%T)T  %s\n' -1 "$*"
    printf '%(%FT%T)T %s\n' -1 "$*" >>"$folder/journal"
}

found() {
    say "FOUND: round $round: $*"
    findings+=("round $round: $*")
}

# A number below $1 in `rolled`. No subshell: there, the generator would not move on.
roll() { rolled=$(((RANDOM * 32768 + RANDOM) % $1)); }

# Waits between $1 and $2 milliseconds, whatever becomes of hydra.
doze() {
    roll $(($2 - $1 + 1))
    sleep "$(printf '%d.%03d' $((($1 + rolled) / 1000)) $((($1 + rolled) % 1000)))"
}

is_running() { [[ -n $1 ]] && kill -0 "$1" 2>/dev/null && [[ $(ps -o stat= -p "$1") != Z* ]]; }

now_ms() { printf '%s' $((${EPOCHREALTIME/[.,]/} / 1000)); }

# --- servers ----------------------------------------------------------------------------------------------------

services() { "$root/scripts/services.sh" "$@" >>"$folder/services.log" 2>&1 || fail 3 "see $folder/services.log"; }

service_pid() { cat "$HYDRA_SERVICES/$1/pid"; }

is_free() { ! (exec 3<>"/dev/tcp/$host/$1") 2>/dev/null; }

# Four ports in a row, below those that the kernel gives to connections.
choose_ports() {
    local port tries
    for ((tries = 0; tries < 100; tries++)); do
        port=$((20000 + ($$ * 7 + tries * 131) % 12000))
        if is_free $port && is_free $((port + 1)) && is_free $((port + 2)) && is_free $((port + 3)); then
            export HYDRA_PORT_POSTGRES=$port HYDRA_PORT_NATS=$((port + 1))
            export HYDRA_PORT_NATS_HTTP=$((port + 2)) HYDRA_PORT_NATS_WS=$((port + 3))
            return
        fi
    done
    fail 3 "no four free ports"
}

start_servers() {
    choose_ports
    export HYDRA_SERVICES=$folder/services
    # A server program that was installed before is used again; last on the PATH, for Python's programs lie there too.
    PATH=$PATH:$root/.services/programs/nats/bin
    services up postgres nats
    postgres_bin=$(dirname "$(printf '%s\n' /usr/lib/postgresql/*/bin/pg_ctl | sort -V | tail -n 1)")
    [[ -x $postgres_bin/psql ]] || fail 3 "psql is missing: install postgresql-client"
}

as_postgres_user() {
    if [[ $(id -u) == 0 ]]; then
        setpriv --reuid=postgres --regid=postgres --init-groups "$@"
    else
        "$@"
    fi
}

# Asks about the log of this round; the first time there is none yet.
sql() {
    PGOPTIONS="-c search_path=$place" "$postgres_bin/psql" -X -q -A -t \
        -h $host -p "$HYDRA_PORT_POSTGRES" -U hydra -d hydra -c "$1" 2>>"$folder/psql.log" || true
}

log_head() { sql 'SELECT coalesce(max(position), 0) FROM events'; }

# --- hydra ------------------------------------------------------------------------------------------------------

# The command line of slot $1 in `command`: each has a data folder and results of its own, and both use the same log,
# bus and content.
command_of() {
    command=("$hydra" --config "$here/hydra.toml" --data "$here/data-$1" --out "$here/out-$1" --json)
}

hydra() {
    local command
    command_of "$1"
    "${command[@]}" "${@:2}"
}

# Starts `produce` in slot $1; its process is `started`.
launch() {
    local command
    runs=$((runs + 1))
    logs[$1]=$here/hydra-$runs-$1
    command_of "$1"
    # No function here: it would be a shell of its own that a signal ends instead of hydra.
    "${command[@]}" --log info produce "$file" >"${logs[$1]}.out" 2>"${logs[$1]}.err" </dev/null &
    started=$!
    say "  hydra $runs starts in slot $1, process $started"
}

last_words() { grep -v '^$' "${logs[$1]}.err" | tail -n 1 | cut -c 1-300; }

# How the process of slot $1 ended, in `ended`.
reap() {
    ended=0
    wait "${process[$1]}" || ended=$?
    process[$1]=
}

# Keeps hydra running in the active slot until it has done its work.
tend() {
    if [[ -z $completed ]] && ! is_running "${process[$active]}"; then
        reap "$active"
        if ((ended == 0)); then
            completed=yes
            say "  hydra in slot $active has finished"
            return
        fi
        # Killed by the signal we sent (137): nothing to tell.
        ((ended == 137)) || { deaths=$((deaths + 1)) && say "  hydra ended with $ended: $(last_words "$active")"; }
        doze 100 1000
        launch "$active"
        process[active]=$started
    fi
}

# Waits between $1 and $2 milliseconds, and keeps hydra running.
pause() {
    roll $(($2 - $1 + 1))
    local until=$(($(now_ms) + $1 + rolled))
    while [[ -z $completed ]] && (($(now_ms) < until)); do
        tend
        sleep 0.1
    done
}

# --- what is done to them ---------------------------------------------------------------------------------------

do_kill() {
    is_running "${process[$active]}" || return 0
    kill -9 "${process[$active]}"
}

do_standby() {
    local other=$((1 - active)) holder taken
    launch "$other"
    process[other]=$started
    pause 500 3000
    holder=$(sql 'SELECT holder FROM lease')
    if ! is_running "${process[$other]}"; then
        reap "$other"
        # Whoever finds the chapter made has nothing to wait for.
        [[ -n $completed && $ended == 0 ]] || found "the standby did not wait: exit $ended: $(last_words "$other")"
        return
    fi
    if [[ -n $completed ]] || ! is_running "${process[$active]}"; then
        end_standby "$other" "had no writer to stand by"
        return
    fi
    kill -STOP "${process[$active]}"
    doze 3000 6000
    taken=$(sql 'SELECT holder FROM lease')
    kill -CONT "${process[$active]}"
    if [[ -z $taken || $taken == "$holder" ]]; then
        end_standby "$other" "had not taken over yet ($holder)"
        return
    fi
    say "  slot $other has taken over at position $(log_head): $holder, then $taken"
    takeovers=$((takeovers + 1))
    end_deposed
    active=$other
}

# A standby that is not needed any more.
end_standby() {
    say "  the standby $2"
    kill -9 "${process[$1]}" 2>/dev/null || true
    reap "$1"
}

# A writer whose log was taken over has to end by itself, and not as if it had done its work.
end_deposed() {
    local until=$((SECONDS + deposed_seconds))
    while is_running "${process[$active]}"; do
        if ((SECONDS >= until)); then
            found "process ${process[$active]} was replaced and still runs after $deposed_seconds s:" \
                "$(last_words "$active") (${logs[$active]}.err)"
            kill -9 "${process[$active]}"
        fi
        sleep 0.1
    done
    reap "$active"
    say "  the process that was replaced ended with $ended: $(last_words "$active")"
}

do_nats() {
    kill -9 "$(service_pid nats)"
    pause 0 5000
    services up nats
}

do_wipe() {
    local streams=$HYDRA_SERVICES/nats/data/jetstream/\$G/streams
    services down nats
    pause 0 2000
    [[ -d $streams ]] || found "NATS keeps its streams elsewhere: nothing was wiped"
    rm -rf "$streams/${place^^}_EVENTS" "$streams/${place^^}_WORK"
    services up nats
}

do_postgres() {
    as_postgres_user "$postgres_bin/pg_ctl" stop -m immediate -D "$HYDRA_SERVICES/postgres/data" \
        >>"$folder/services.log" 2>&1 || found "Postgres could not be stopped"
    pause 0 8000
    services up postgres
}

# The first process is stopped first, so that no others come, and goes on last.
do_freeze() {
    local first others
    first=$(service_pid postgres)
    kill -STOP "$first"
    # shellcheck disable=SC2207 # numbers
    others=($(ps -o pid= --ppid "$first"))
    kill -STOP "${others[@]}" 2>/dev/null || true
    pause 2000 8000
    kill -CONT "${others[@]}" 2>/dev/null || true
    kill -CONT "$first"
}

# Every fault comes once before one comes again, in an order of its own.
next_fault() {
    ((${#bag[@]} > 0)) || bag=("${faults[@]}")
    roll ${#bag[@]}
    fault=${bag[rolled]}
    bag=("${bag[@]:0:rolled}" "${bag[@]:rolled+1}")
}

disturb() {
    pause 1000 7000
    [[ -z $completed ]] || return 0
    next_fault
    say "$fault at position $(log_head)"
    done_count[$fault]=$((${done_count[$fault]:-0} + 1))
    "do_$fault"
}

# --- rounds -----------------------------------------------------------------------------------------------------

begin_round() {
    round=$((round + 1))
    place=chaos_$round here=$folder/round-$round
    active=0 completed='' runs=0 deaths=0 process=('' '') logs=('' '')
    mkdir -p "$here"
    # The node is called as it is without a configuration, for its name is in the log.
    cat >"$here/hydra.toml" <<TOML
node = "local"
[log]
url = "postgres://hydra@$host:$HYDRA_PORT_POSTGRES/hydra?schema=$place"
[bus]
url = "nats://$host:$HYDRA_PORT_NATS"
prefix = "$place"
[content]
folder = "content"
TOML
    say "round $round"
    launch "$active"
    process[active]=$started
}

# Lets hydra finish; tells when it does not.
finish_in_peace() {
    local head=0 seen=$SECONDS newest before=$deaths stood_still=''
    say "in peace from position $(log_head)"
    while [[ -z $completed ]]; do
        tend
        sleep 0.2
        newest=$(log_head)
        if [[ ${newest:-0} != "$head" ]]; then
            head=$newest seen=$SECONDS
        elif ((SECONDS - seen > still_seconds)); then
            found "no event for $still_seconds s after position $head: $(last_words "$active") (${logs[$active]}.err)"
            hydra "$active" status >"$here/status.json" 2>&1 || true
            [[ -z $stood_still ]] || break
            # Whether a start helps tells work that is lost from work that is forgotten.
            stood_still=yes seen=$SECONDS
            do_kill
        fi
        if ((deaths - before > deaths_in_peace)); then
            found "hydra ends with errors though nothing is done to it: $(last_words "$active")"
            break
        fi
    done
    end_all
}

end_all() {
    local slot
    for slot in 0 1; do
        if is_running "${process[$slot]}"; then
            kill -CONT "${process[$slot]}" 2>/dev/null || true
            kill -9 "${process[$slot]}" 2>/dev/null || true
            reap "$slot"
        fi
    done
}

# A chapter that was finished while it was disturbed: the same command again finds all of it done, and brings the bus
# in line with the log.
finish_again() {
    say "  finished at position $(log_head) while it was disturbed"
    completed=''
    launch "$active"
    process[active]=$started
    finish_in_peace
}

check_round() {
    say "checking round $round: $(log_head) events"
    hydra 0 events tail --from 1 --no-follow >"$here/events.jsonl" || found "events tail failed"
    hydra 0 verify >"$here/verify.json" || found "hydra verify found something: $here/verify.json"
    hydra "$active" chapters >"$here/chapters.json" || found "hydra chapters failed"
    # The command stands beside the first event of its append, so each id has it once.
    sql "SELECT encode(command_id, 'hex') || ': ' || count(command) || ' appends, positions ' ||
            min(position) || ' to ' || max(position)
         FROM events GROUP BY command_id HAVING count(command) <> 1 OR count(DISTINCT stream) <> 1
            OR max(position) - min(position) + 1 <> count(*)" >"$here/appends"
    local line
    while IFS= read -r line; do
        found "$line"
    done < <(cat "$here/appends" && check_by_helper)
}

check_by_helper() {
    python3 "$root/scripts/chaos_check.py" round "$here" "$folder/reference.jsonl" \
        "$folder/reference.chapters.json" "$host" "$HYDRA_PORT_NATS" "$HYDRA_PORT_NATS_HTTP" "${place^^}" ||
        printf 'the checks did not come to their end\n'
}

# Its streams reserve room on the server that the next rounds need. A round with findings is kept whole.
leave_round() {
    ((${#findings[@]} == findings_before)) || return 0
    python3 "$root/scripts/chaos_check.py" forget "$host" "$HYDRA_PORT_NATS" "${place^^}"
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
    trap - EXIT
    # What is stopped cannot end.
    [[ ! -e ${HYDRA_SERVICES:-}/postgres/pid ]] || pkill -CONT -s "$(service_pid postgres)" 2>/dev/null || true
    end_all
    "$root/scripts/services.sh" down postgres nats >>"$folder/services.log" 2>&1 || true
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
    printf '\nseed %s, %s minutes: %s rounds\n' "$seed" "$minutes" "$round"
    for name in "${faults[@]}"; do
        printf '%-9s %s times\n' "$name" "${done_count[$name]:-0}"
    done
    printf '%s take-overs by a standby; %s times hydra gave up by itself and was started again\n' \
        "$takeovers" "$deaths_in_all"
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
round=0 takeovers=0 deaths_in_all=0 findings=() bag=() process=('' '') logs=('' '')
exec {errors}>&2 2>>"$folder/shell.log"
trap clean_up EXIT
trap 'exit 130' INT TERM

find_hydra
say "seed $seed, folder $folder"
start_servers
make_reference
until=$((SECONDS + 60 * minutes))
while ((round == 0 || SECONDS < until)); do
    findings_before=${#findings[@]}
    begin_round
    while [[ -z $completed ]] && ((SECONDS < until)); do
        disturb
    done
    if [[ -n $completed ]]; then
        finish_again
    else
        finish_in_peace
    fi
    deaths_in_all=$((deaths_in_all + deaths))
    check_round
    leave_round
done
summarize
((${#findings[@]} == 0))
