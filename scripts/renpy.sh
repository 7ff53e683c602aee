#!/usr/bin/env bash
# Proves a generated Ren'Py project with the real engine. See --help.
set -euo pipefail

usage() {
    cat <<'TEXT'
usage: renpy.sh lint FOLDER    the engine's own check; its findings go to standard output
       renpy.sh play FOLDER    plays to the end without a person, and tests closing the window

FOLDER holds the project's game/ folder and is never written to.

play writes one JSON object per shown line to standard output, in order:
  {"who": NAME or null, "what": MARKED-UP TEXT, "text": PLAIN TEXT, "voice": FILE or null}

exit status: 0 fine; 1 lint found something, or the game did not reach its end or did not close cleanly;
             2 wrong usage; 3 the engine is missing and cannot be installed here

Where the engine is missing, Debian's packages are installed with apt-get if this runs as root.
RENPY_TIMEOUT   seconds one run of the engine may take (default 120)
TEXT
}

fail() {
    local status=$1
    shift
    printf 'renpy.sh: %s\n' "$*" >&2
    exit "$status"
}

# Debian's games are not on everybody's PATH.
PATH=$PATH:/usr/games

require_engine() {
    if command -v renpy >/dev/null && command -v xvfb-run >/dev/null && command -v xauth >/dev/null; then
        return
    fi
    command -v apt-get >/dev/null || fail 3 "renpy or xvfb is missing: install Ren'Py 8, xvfb and xauth"
    [[ $(id -u) == 0 ]] ||
        fail 3 "renpy or xvfb is missing: as root, apt-get install renpy xvfb xauth libgl1-mesa-dri"
    apt-get update -qq >&2
    DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends renpy xvfb xauth libgl1-mesa-dri >&2
}

# Ren'Py 8.0 builds syntax trees whose nodes have a first line and no last one; Python 3.11 refuses them.
write_shim() {
    mkdir -p "$work/shim"
    cat >"$work/shim/sitecustomize.py" <<'PYTHON'
import ast

_fix = ast.fix_missing_locations


def _fix_missing_locations(tree):
    for node in ast.walk(tree):
        if hasattr(node, "lineno") and getattr(node, "end_lineno", None) is None:
            node.end_lineno = node.lineno
            node.end_col_offset = getattr(node, "col_offset", 0)
    return _fix(tree)


ast.fix_missing_locations = _fix_missing_locations
PYTHON
}

# The engine writes beside the project (compiled scripts, logs), so it gets a copy.
copy_project() {
    mkdir -p "$work/project" "$work/home"
    cp -R "$1/game" "$work/project/game"
    # What an earlier run compiled is not part of what is proved.
    find "$work/project/game" -name '*.rpyc' -delete
}

engine() {
    HOME=$work/home PYTHONPATH=$work/shim PYTHONDONTWRITEBYTECODE=1 SDL_AUDIODRIVER=dummy \
        timeout --kill-after=5 "$limit" "$@"
}

lint() {
    local status=0
    SDL_VIDEODRIVER=dummy engine renpy "$work/project" lint --error-code >"$work/lint.txt" 2>&1 || status=$?
    cat "$work/lint.txt"
    [[ $status == 124 || $status == 137 ]] && fail 1 "lint was not done after $limit s"
    [[ $status == 0 ]] || exit 1
}

write_player() {
    cat >"$work/project/game/zz_play.rpy" <<'RENPY'
init 1900 python:
    import json as zz_json
    import os as zz_os

    config.history_length = 1000000
    config.auto_choice_delay = 0.01
    config.has_autosave = False
    zz_out = open(zz_os.environ["ZZ_PLAYED"], "a", encoding="utf-8")

    def zz_plain(what):
        kinds = renpy.text.textsupport
        parts = []
        for kind, value in kinds.tokenize(what):
            if kind == kinds.TEXT:
                parts.append(value)
            elif kind == kinds.PARAGRAPH:
                parts.append("\n")
        return "".join(parts)

    def zz_note(entry):
        voice = getattr(getattr(entry, "voice", None), "filename", None)
        # Of two who speak at once, the engine knows one voice; the other has its own channel.
        if entry.multiple and entry.multiple[0] > 1:
            second = renpy.music.channel_defined("hydra_second_voice")
            voice = renpy.music.get_playing("hydra_second_voice") if second else None
        line = {
            "who": zz_plain(entry.who) if entry.who else None,
            "what": entry.what,
            "text": zz_plain(entry.what),
            "voice": voice,
        }
        zz_out.write(zz_json.dumps(line) + "\n")
        zz_out.flush()

    def zz_failed(short, full, path):
        zz_os.write(2, full.encode("utf-8", "replace"))
        zz_os._exit(3)

    config.history_callbacks.append(zz_note)
    config.exception_handler = zz_failed

screen zz_look():
    zorder 1000
    timer 0.05 action Return(True)

# Every menu is shown once before the game: a screen that cannot be drawn is found here.
label main_menu:
    if not renpy.session.get("zz_played"):
        python:
            renpy.session["zz_played"] = True
            zz_message = dict(message="Really?", yes_action=NullAction(), no_action=NullAction())
            for zz_menu in ("main_menu", "load", "save", "preferences", "about", "history", "confirm"):
                renpy.show_screen(zz_menu, **(zz_message if zz_menu == "confirm" else {}))
                renpy.call_screen("zz_look")
                renpy.hide_screen(zz_menu)
            _preferences.skip_unseen = True
            config.skipping = "fast"
    else:
        python:
            zz_out.write("end\n")
            zz_out.flush()
            zz_os._exit(0)
    return
RENPY
}

play() {
    local played=$work/played.txt status=0
    : >"$played"
    write_player
    # Errors of grammar would be shown in a window that waits for a person.
    if ! ZZ_PLAYED=/dev/null SDL_VIDEODRIVER=dummy engine renpy "$work/project" compile >"$work/compile.log" 2>&1; then
        cat "$work/compile.log" >&2
        fail 1 "the script does not compile"
    fi
    ZZ_PLAYED=$played engine xvfb-run -a -s '-screen 0 1280x720x24' \
        renpy "$work/project" run >"$work/play.log" 2>&1 || status=$?
    grep -v '^end$' "$played" || true
    if [[ $status != 0 || $(tail -n 1 "$played") != end ]]; then
        tail -n 60 "$work/play.log" >&2
        show_errors
        fail 1 "the game did not reach its end (status $status)"
    fi
}

show_errors() {
    local file
    for file in "$work"/project/{errors,traceback}.txt; do
        [[ ! -s $file ]] || cat "$file" >&2
    done
}

# Without the player: the game stands at its first line and is told to close as a desktop would. It asks
# whether it may; told again within a moment, it goes.
closing() {
    local waited=0 status=0 runner game
    rm -f "$work"/project/game/zz_play.rpy*
    cat >"$work/project/game/zz_ready.rpy" <<'RENPY'
screen zz_ready():
    timer 0.2 action Function(zz_ready_now)

init python:
    import os as zz_ready_os

    def zz_ready_now():
        with open(zz_ready_os.environ["ZZ_READY"], "w") as ready:
            ready.write(str(zz_ready_os.getpid()))

    config.always_shown_screens.append("zz_ready")
RENPY
    RENPY_SKIP_MAIN_MENU=1 ZZ_READY=$work/ready engine xvfb-run -a -s '-screen 0 1280x720x24' \
        renpy "$work/project" run >"$work/close.log" 2>&1 &
    runner=$!
    until [[ -s $work/ready ]]; do
        kill -0 "$runner" 2>/dev/null || break
        ((waited += 1))
        ((waited < limit * 10)) || break
        sleep 0.1
    done
    if [[ -s $work/ready ]]; then
        game=$(cat "$work/ready")
        while kill -TERM "$game" 2>/dev/null && ((waited < limit * 10)); do
            ((waited += 1))
            sleep 0.3
        done
    else
        kill -TERM "$runner" 2>/dev/null || true
        status=1
    fi
    wait "$runner" || [[ $? != 124 && $? != 137 ]] || status=1
    if [[ $status != 0 || -s $work/project/traceback.txt ]] || grep -q '^Traceback' "$work/close.log"; then
        tail -n 60 "$work/close.log" >&2
        show_errors
        fail 1 "the game did not start or did not close cleanly"
    fi
}

main() {
    case ${1-} in
    -h | --help) usage && exit 0 ;;
    lint | play) ;;
    *) usage >&2 && exit 2 ;;
    esac
    [[ $# == 2 ]] || fail 2 "$1 takes one folder; see --help"
    [[ -d $2/game ]] || fail 2 "$2 holds no game/ folder"
    limit=${RENPY_TIMEOUT:-120}
    [[ $limit =~ ^[0-9]+$ ]] || fail 2 "RENPY_TIMEOUT is not a number of seconds: $limit"
    require_engine
    work=$(mktemp -d)
    trap 'rm -rf "$work"' EXIT
    write_shim
    copy_project "$2"
    if [[ $1 == lint ]]; then
        lint
    else
        play
        closing
    fi
}

main "$@"
