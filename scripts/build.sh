#!/usr/bin/env bash
# Builds the web console (only when its inputs changed) and the release binary with the console in it.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$PLINTH_ROOT"

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

release_binary() {
    cargo build --release --package plinth --bin plinth "$@"
}

if [ -f web/package.json ]; then
    step "web console" web_console
    step "release binary" release_binary --features console
else
    step "release binary" release_binary
fi
