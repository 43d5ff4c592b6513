#!/usr/bin/env bash
# Builds the web console (only when its inputs changed) and the binary with the console in it.
#
# usage: scripts/build.sh [release|debug]      into target/release/plinth (the default) or target/debug/plinth
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$PLINTH_ROOT"
profile=${1:-release}
case "$profile" in
    release) flags=(--release --package plinth --bin plinth --features console) ;;
    # As the tests are built: with other packages, dependencies would have other features and be built anew.
    debug) flags=(--workspace --all-targets --features plinth/console) ;;
    *) die "\`$profile\` is neither \`release\` nor \`debug\`" ;;
esac

build_console() {
    scripts/install-web.sh
    (cd web && npm run --silent build)
}

web_console() {
    local hash
    hash=$(inputs_of web openapi)
    [ -f web/console/dist/index.html ] || rm -f "$TARGET_DIR/web-console.stamp"
    unless_done "$TARGET_DIR/web-console.stamp" "$hash" build_console
}

binary() {
    cargo build "${flags[@]}"
}

step "web console" web_console
step "$profile binary" binary
