#!/usr/bin/env bash
# Makes the virtual environment of sdk/python with what its tests need, when pyproject.toml changed.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
cd "$PLINTH_ROOT/sdk/python"

install() {
    python3 -m venv .venv
    .venv/bin/python -m pip install --quiet --editable '.[test]'
}

hash=$({ python3 --version && cat pyproject.toml; } | digest)
unless_done .venv/.plinth-stamp "$hash" install
