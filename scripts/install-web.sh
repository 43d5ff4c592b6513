#!/usr/bin/env bash
# Installs the packages of web/ when its lock file changed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$PLINTH_ROOT/web"

install() {
    if [ -f package-lock.json ]; then npm ci --no-audit --no-fund; else npm install --no-audit --no-fund; fi
}

hash=$({ node --version && cat package.json package-lock.json 2>/dev/null || true; } | digest)
unless_done node_modules/.plinth-stamp "$hash" install
