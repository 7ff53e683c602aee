# shellcheck shell=bash disable=SC2154 # what chaos.sh sets
# The five processes of chaos.sh. Two decide, of which one writes the log and the other waits; three work.

readonly slots=5
readonly names=(up standby compute compute2 compute3)
readonly deciders=director,writer,curator,archivist,scheduler,steward
readonly kinds=('' '' 'image,speech' 'image,speech,scoring' 'speech,scoring')
# A decider whose log was taken over notices within a statement or a renewal; the rest is for a slow machine.
readonly deposed_seconds=60
# A process that was asked to end lets its work finish, and gives the rest back.
readonly ending_seconds=60
readonly again_ms=300

# The command line of slot $1 in `command`: each has a data folder and results of its own, and all use the same bus and
# content.
command_of() {
    command=("$hydra" --config "$here/hydra.toml" --data "$here/data-$1" --out "$here/out-$1")
}

# Whoever only asks has a folder of its own: views are kept up to date by the holder of theirs, and one that waits for
# the log does not.
hydra() {
    local command
    command_of asks
    "${command[@]}" --json "$@"
}

# Starts the process of slot $1.
launch() {
    local command
    runs=$((runs + 1))
    logs[$1]=$here/hydra-$(printf '%03d' $runs)-${names[$1]}
    command_of "$1"
    if (($1 < 2)); then
        command+=(--log info up --actors "$deciders")
    else
        command+=(--log info work --node "${names[$1]}" --kinds "${kinds[$1]}")
    fi
    # No function here: it would be a shell of its own that a signal ends instead of hydra.
    "${command[@]}" >"${logs[$1]}.out" 2>"${logs[$1]}.err" </dev/null &
    process[$1]=$! launched_at=$SECONDS stopped_until[$1]='' deposed_until[$1]='' again_at[$1]=''
    note "  ${names[$1]} starts, process ${process[$1]}, ${logs[$1]##*/}"
}

is_running() { [[ -n $1 ]] && kill -0 "$1" 2>/dev/null && [[ $(ps -o stat= -p "$1") != Z* ]]; }

# Whether all of them run, none has only just started, and only the writer of the log believes that it is.
is_settled() {
    local slot last
    ((SECONDS > launched_at + 2)) || return 1
    for ((slot = 0; slot < slots; slot++)); do
        is_running "${process[$slot]}" || return 1
    done
    last=$(writer)
    has_begun "$last" && ! has_begun $((1 - last))
}

# One that was killed at once has said nothing.
last_words() { { grep -v '^$' "${logs[$1]}.err" || true; } | tail -n 1 | cut -c 1-300; }

# Whether the process of slot $1 got as far as its work.
has_begun() { grep -qs -e '^running  ' -e ' joined ' "${logs[$1]}.err"; }

# Whether the process of slot $1 ended because another one writes the log.
was_deposed() { grep -q -e 'another process writes the log now' -e 'has taken over the log' "${logs[$1]}.err"; }

# Stops slot $1 for $2 ms; meanwhile everything else goes on.
stop_for() {
    is_running "${process[$1]}" || return 0
    holder_before[$1]=$(sql 'SELECT holder FROM lease')
    kill -STOP "${process[$1]}" 2>/dev/null || return 0
    stopped_until[$1]=$(($(now_ms) + $2))
}

# A decider that wrote the log when it was stopped has been replaced by now, where another one was there.
go_on() {
    local holder
    kill -CONT "${process[$1]}" 2>/dev/null || true
    stopped_until[$1]=''
    note "  ${names[$1]} goes on"
    (($1 < 2)) && has_begun "$1" || return 0
    holder=$(sql 'SELECT holder FROM lease')
    if [[ -n $holder && -n ${holder_before[$1]} && $holder != "${holder_before[$1]}" ]]; then
        deposed_until[$1]=$((SECONDS + deposed_seconds))
    fi
}

kill_hard() {
    is_running "${process[$1]}" || return 0
    killed[$1]=yes
    # It may have ended by itself meanwhile, here and below.
    kill -9 "${process[$1]}" 2>/dev/null || true
}

# How the process of slot $1 ended, in `ended`.
reap() {
    ended=0
    wait "${process[$1]}" || ended=$?
    process[$1]=''
}

# What ended by itself: a replaced decider has to, and whoever finds no server when it starts may.
judge_end() {
    local slot=$1 what
    what="${names[$1]} ended with $ended: $(last_words "$1") (${logs[$1]##*/}.err)"
    if [[ -n ${killed[$slot]} && $ended == 137 ]]; then
        killed[slot]=''
    elif ((slot < 2 && ended == 1)) && was_deposed "$slot"; then
        takeovers=$((takeovers + 1))
        note "  $what"
    elif ! has_begun "$slot" && [[ -n $disturbed_at ]] && ((SECONDS - disturbed_at < 60)); then
        refusals=$((refusals + 1))
        note "  $what"
    else
        found "$what"
    fi
}

# Keeps the five running, lets those go on whose time has come, and answers what a person would be asked.
tend() {
    local slot now
    now=$(now_ms)
    for ((slot = 0; slot < slots; slot++)); do
        if [[ -n ${stopped_until[$slot]} ]] && ((now >= stopped_until[slot])); then
            go_on "$slot"
        fi
        if [[ -n ${again_at[$slot]} ]]; then
            ((now < again_at[slot])) || launch "$slot"
        elif ! is_running "${process[$slot]}"; then
            reap "$slot"
            judge_end "$slot"
            stopped_until[slot]='' again_at[slot]=$((now + again_ms))
        elif [[ -n ${deposed_until[$slot]} ]] && ((SECONDS > deposed_until[slot])); then
            found "${names[$slot]} was replaced and still runs after $deposed_seconds s (${logs[$slot]##*/}.err)"
            kill_hard "$slot"
        fi
    done
    ((SECONDS < look_at)) || look
}

# How far the log is, and what waits for a person.
look() {
    look_at=$((SECONDS + 2))
    local newest
    newest=$(log_head)
    if [[ -n $newest && $newest != "$head" ]]; then
        ((still_since == 0 || SECONDS - still_since <= longest_still)) || longest_still=$((SECONDS - still_since))
        head=$newest still_since=$SECONDS
    fi
    local asked
    asked=$(sql "SELECT json_build_object('stream', stream, 'default', data->'default') FROM events_readable AS asked
        WHERE type = 'approval.approval_requested.v1' AND NOT EXISTS (SELECT FROM events AS answered
            WHERE answered.stream = asked.stream AND answered.type <> 'approval.approval_requested.v1')")
    [[ -z $asked ]] || bus answer <<<"$asked" 2>>"$folder/bus.log" || true
}

# Waits for $1 milliseconds, and keeps the processes running.
pause_for() {
    local until=$(($(now_ms) + $1))
    while (($(now_ms) < until)); do
        tend
        sleep 0.1
    done
}

# Asks slot $1 to end, and says whether it ended with status $2.
end_well() {
    local until=$((SECONDS + ending_seconds))
    kill -TERM "${process[$1]}" 2>/dev/null || true
    while is_running "${process[$1]}"; do
        if ((SECONDS >= until)); then
            found "${names[$1]} was asked to end and still runs after $ending_seconds s (${logs[$1]##*/}.err)"
            kill -9 "${process[$1]}"
        fi
        sleep 0.1
    done
    reap "$1"
    ((ended == $2 || ended == 137)) ||
        found "${names[$1]} was asked to end and ended with $ended: $(last_words "$1") (${logs[$1]##*/}.err)"
}

end_all() {
    local slot
    for slot in "${!process[@]}"; do
        if is_running "${process[$slot]}"; then
            kill -9 "${process[$slot]}" 2>/dev/null || true
            reap "$slot"
        fi
    done
}
