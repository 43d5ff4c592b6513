#!/usr/bin/env bash
# Installs the packages of web/ when its lock file changed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$PLINTH_ROOT/web"

install() {
    # Not `npm ci`: it refuses a lock file that leaves out the optional binaries of other platforms.
    npm install --no-save --no-audit --no-fund
}

hash=$({ node --version && cat package.json package-lock.json 2>/dev/null || true; } | digest)
unless_done node_modules/.plinth-stamp "$hash" install
