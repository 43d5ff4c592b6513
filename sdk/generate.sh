#!/usr/bin/env bash
# Writes sdk/python/src/plinth/_generated from openapi/plinth.json, the same each time: the versions are those of pyproject.toml.
#
# usage: sdk/generate.sh [FOLDER]   (another folder to write to)
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
output=${1:-sdk/python/src/plinth/_generated}

venv=sdk/python/.venv-generate
version() { sed -n "s/^ *\"\($1==[0-9.]*\)\",*/\1/p" sdk/python/pyproject.toml; }
[ -x "$venv/bin/openapi-python-client" ] || {
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet "$(version openapi-python-client)" "$(version ruff)"
}
# Written elsewhere first: the generator formats what it has written by the rules of the project that it finds itself in.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
RUFF_NO_CACHE=true PATH=$PWD/$venv/bin:$PATH openapi-python-client generate --path openapi/plinth.json \
    --config sdk/generator.yaml --meta none --fail-on-warning --output-path "$scratch/_generated"
rm -rf "$output"
cp -R "$scratch/_generated" "$output"
