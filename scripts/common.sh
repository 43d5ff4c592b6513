# Sourced by the other scripts: messages, stamps of inputs, and where things are. Not run by itself.
# shellcheck shell=bash

PLINTH_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TARGET_DIR=${CARGO_TARGET_DIR:-$PLINTH_ROOT/target}
mkdir -p "$TARGET_DIR"
TARGET_DIR=$(cd "$TARGET_DIR" && pwd)
NODE_DIR=$TARGET_DIR/tools/node
# Where bootstrap.sh puts it when the system's is too old.
if [ -x "$NODE_DIR/bin/node" ]; then PATH=$NODE_DIR/bin:$PATH; fi
# rustup puts cargo there, and a shell that was open before does not know.
if ! command -v cargo >/dev/null && [ -x "$HOME/.cargo/bin/cargo" ]; then PATH=$HOME/.cargo/bin:$PATH; fi
export PLINTH_ROOT PATH

die() {
    echo "error: $*" >&2
    exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# step NAME COMMAND...: says what is being done, then how long it took.
step() {
    local name=$1 begin=$SECONDS
    shift
    echo "==> $name" >&2
    "$@" || die "$name failed"
    echo "    $name: $((SECONDS - begin)) s" >&2
}

digest() {
    if have sha256sum; then sha256sum | cut -d' ' -f1; else shasum -a 256 | cut -d' ' -f1; fi
}

# inputs_of FOLDER...: one hash over the names and contents of all files that git would know of there.
inputs_of() {
    (
        cd "$PLINTH_ROOT"
        git ls-files -z --cached --others --exclude-standard -- "$@" | sort -z | while IFS= read -r -d '' file; do
            if [ -f "$file" ]; then printf '%s\0' "$file" && cat "$file"; fi
        done | digest
    )
}

# unless_done STAMP HASH COMMAND...: runs the command unless it has succeeded with the same hash before.
unless_done() {
    local stamp=$1 hash=$2
    shift 2
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$hash" ]; then return 0; fi
    "$@" || return 1
    mkdir -p "$(dirname "$stamp")"
    echo "$hash" >"$stamp"
}
