# shellcheck shell=bash disable=SC2154,SC2034 # what chaos.sh and its other parts set and use
# What chaos.sh does to the processes and to their servers.
#
# Everything about a fault is drawn before it is done, so that a seed names the same faults in the same order on every
# machine; how many there are depends on the time they take.

readonly gap_ms_min=1000 gap_ms_max=6000
# Longer than the lease of a worker, which is 15 s.
readonly stop_ms_min=16000 stop_ms_max=22000

# A number from $1 to $2 in `rolled`. No subshell: there, the generator would not move on.
roll() { rolled=$(($1 + (RANDOM * 32768 + RANDOM) % ($2 - $1 + 1))); }

# Every fault comes once before one comes again, in an order of its own.
next_fault() {
    ((${#bag[@]} > 0)) || bag=("${faults[@]}")
    roll 0 $((${#bag[@]} - 1))
    fault=${bag[rolled]}
    bag=("${bag[@]:0:rolled}" "${bag[@]:rolled+1}")
    roll $gap_ms_min $gap_ms_max && gap=$rolled
    roll 0 $((slots - 1)) && target=$rolled
    # For how long, in thousandths of what the fault may take.
    roll 0 1000 && share=$rolled
}

# The drawn share of what lies between $1 and $2.
between() { printf '%s' $(($1 + ($2 - $1) * share / 1000)); }

disturb() {
    next_fault
    pause_for "$gap"
    done_count["$fault"]=$((${done_count[$fault]:-0} + 1))
    disturbed_at=$SECONDS
    "do_$fault"
    disturbed_at=$SECONDS
}

tell_fault() { say "$fault${*:+: $*}, at position $head"; }

do_kill() {
    tell_fault "${names[$target]}"
    kill_hard "$target"
}

do_stop() {
    local ms
    ms=$(between $stop_ms_min $stop_ms_max)
    tell_fault "${names[$target]} for $ms ms"
    stop_for "$target" "$ms"
}

# Longer than the lease of the log's writer, which is 2 s.
do_standby() {
    local ms slot
    ms=$(between 4000 9000) slot=$(writer)
    tell_fault "${names[$slot]} writes the log and is stopped for $ms ms"
    stop_for "$slot" "$ms"
}

# The slot whose process holds the lease of the log.
writer() {
    local holder
    holder=$(sql 'SELECT holder FROM lease')
    if [[ -n ${process[1]} && $holder == hydra-log-"${process[1]}"-* ]]; then printf 1; else printf 0; fi
}

do_nats() {
    local ms
    ms=$(between 0 5000)
    tell_fault "away for $ms ms"
    kill -9 "$(service_pid nats)"
    pause_for "$ms"
    services up nats
}

do_wipe() {
    local wiped=(EVENTS WORK) stream
    # One of them, or both.
    ((target >= 2)) || wiped=("${wiped[target]}")
    tell_fault "${wiped[*]}"
    services down nats
    pause_for "$(between 0 2000)"
    for stream in "${wiped[@]}"; do
        stream="$HYDRA_SERVICES/nats/data/jetstream/\$G/streams/${place^^}_$stream"
        [[ -d $stream ]] || found "NATS keeps its streams elsewhere: there is no $stream"
        rm -rf "$stream"
    done
    services up nats
}

do_postgres() {
    local ms
    ms=$(between 0 8000)
    tell_fault "away for $ms ms"
    as_postgres_user "$postgres_bin/pg_ctl" stop -m immediate -D "$HYDRA_SERVICES/postgres/data" \
        >>"$folder/services.log" 2>&1 || found "Postgres could not be stopped"
    pause_for "$ms"
    services up postgres
}

# The first process is stopped first, so that no others come, and goes on last.
do_freeze() {
    local first others ms
    ms=$(between 2000 8000)
    tell_fault "every process of Postgres for $ms ms"
    first=$(service_pid postgres)
    kill -STOP "$first"
    # shellcheck disable=SC2207 # numbers
    others=($(ps -o pid= --ppid "$first" || true))
    kill -STOP "${others[@]}" 2>/dev/null || true
    # Nobody is asked meanwhile: there would be no answer.
    sleep "$((ms / 1000)).$(printf '%03d' $((ms % 1000)))"
    kill -CONT "${others[@]}" 2>/dev/null || true
    kill -CONT "$first"
}

do_quota() {
    local seconds
    seconds=$(($(between 3000 10000) / 1000))
    tell_fault "NATS has no room for $seconds s"
    bus fill "$seconds" >"$here/refused" 2>>"$folder/bus.log" &
    filler=$!
    while is_running "$filler"; do
        tend
        sleep 0.1
    done
    if wait "$filler"; then
        note "  a full NATS refused $(<"$here/refused") messages"
    else
        found "the disk quota of NATS was not filled: $(tail -n 1 "$folder/bus.log")"
    fi
    filler=''
}
