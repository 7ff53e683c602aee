# shellcheck shell=bash disable=SC2154,SC2034 # what chaos.sh and its other parts set and use
# The servers of chaos.sh: a Postgres and a NATS of its own, on free ports, in its folder.

readonly host=127.0.0.1
# Room for all streams of one round, and a little more: the quota is there to be filled. Four of them take as much as
# the events, and what the server tells of messages offered in vain takes 16.
readonly events_mib=4 nats_room=48MB

services() { "$root/scripts/services.sh" "$@" >>"$folder/services.log" 2>&1 || fail 3 "see $folder/services.log"; }

service_pid() { cat "${HYDRA_SERVICES:-}/$1/pid"; }

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
    export HYDRA_SERVICES=$folder/services HYDRA_NATS_ROOM=$nats_room
    # A server program that was installed before is used again; last on the PATH, for Python's programs lie there too.
    PATH=$PATH:$root/.services/programs/nats/bin
    services up postgres nats
    postgres_bin=$(dirname "$(printf '%s\n' /usr/lib/postgresql/*/bin/pg_ctl | sort -V | tail -n 1)")
    [[ -x $postgres_bin/psql ]] || fail 3 "psql is missing: install postgresql-client"
}

end_servers() {
    local first name
    if first=$(service_pid postgres 2>/dev/null); then
        # What is stopped cannot end.
        pkill -CONT -P "$first" || true
        kill -CONT "$first" 2>/dev/null || true
    fi
    for name in nats postgres; do
        "$root/scripts/services.sh" down $name >>"$folder/services.log" 2>&1 || true
    done
}

as_postgres_user() {
    if [[ $(id -u) == 0 ]]; then
        setpriv --reuid=postgres --regid=postgres --init-groups "$@"
    else
        "$@"
    fi
}

# Asks about the log of this round; nothing is said while Postgres is away, and before there is a log.
sql() {
    PGOPTIONS="-c search_path=$place -c statement_timeout=20000" PGCONNECT_TIMEOUT=5 timeout 30 \
        "$postgres_bin/psql" -X -q -A -t -h $host -p "$HYDRA_PORT_POSTGRES" -U hydra -d hydra -c "$1" \
        2>>"$folder/psql.log" || true
}

log_head() { sql 'SELECT coalesce(max(position), 0) FROM events'; }

bus() { python3 "$root/scripts/chaos/bus.py" "$1" $host "$HYDRA_PORT_NATS" "$place" "${@:2}"; }
