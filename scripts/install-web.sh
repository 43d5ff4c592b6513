#!/usr/bin/env bash
# Installs the packages of web/ when its lock file changed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$PLINTH_ROOT/web"

install() { npm ci --no-audit --no-fund; }

hash=$({ node --version && cat package.json package-lock.json; } | digest)
unless_done node_modules/.plinth-stamp "$hash" install
