#!/usr/bin/env bash
# Installs what is missing to build (`build`) and to test (`test`) Plinth: with apt on Debian and Ubuntu; elsewhere it says what to install.
#
# usage: scripts/bootstrap.sh build|test
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"

RUST_INSTALLER=https://sh.rustup.rs
NODE_MAJOR=20
# For distributions whose own is older, such as Debian 12 and Ubuntu 24.04: what nodejs.org publishes, as npm packages.
NODE_VERSION=24.21.0
NODE_SHA512_X64=de750bb336795f47dc898a46d2de93add029273027f3e16520d3fa3a2317ed5f07aefa404cf37ddfa5352e545e389ae22d16b87bcc84a900580a72f23cd02ced
NODE_SHA512_ARM64=1692513c4cf63afbd32df8c83a5346158f492cf30a825e66f9de2819804b836e242759a6bcdd5997f1cf2601781c3689e752127afd65d5c459fc333e91e5d6e6
NPM_VERSION=11.6.2
NPM_SHA512=ee22b335fcbc95662cdf3ab8a053daf045d9cf9c6df6040d28965abb707512b2c16fa6c5eec049d34c74f78f390cebd14f697919eadb97756564d4f9eccc4954
purpose=${1:-build}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

can_apt() { have apt-get && { [ "$(id -u)" -eq 0 ] || have sudo; }; }

node_is_recent() { have node && have npm && [ "$(node -p 'process.versions.node.split(".")[0]')" -ge "$NODE_MAJOR" ]; }

has_postgres() {
    local candidate
    for candidate in "${PLINTH_PG_BIN:-/nonexistent}" /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin \
        /usr/local/opt/postgresql@*/bin /Applications/Postgres.app/Contents/Versions/*/bin; do
        [ -x "$candidate/initdb" ] && return 0
    done
    have initdb && have postgres
}

has_compiler() { have cc && have ld; }
# On macOS the browser is an application, not a command.
has_chromium() {
    [ -d '/Applications/Google Chrome.app' ] || [ -d /Applications/Chromium.app ] || [ -n "${CHROME_BIN:-}" ] || have chromium || have chromium-browser || have google-chrome
}
has_venv() { python3 -c 'import ensurepip, venv' 2>/dev/null; }

# What is missing, as Debian packages.
missing_packages() {
    has_compiler || echo build-essential
    have git || echo git
    have curl || echo curl
    { have node && have npm; } || printf '%s\n' nodejs npm
    [ "$purpose" = test ] || return 0
    has_postgres || echo postgresql
    # The benchmarks and the crash tests compare with psql and pgbench, which the pinned archive has not.
    have psql || echo postgresql-client
    has_chromium || echo chromium
    has_venv || echo python3-venv
}

apt_install() {
    as_root apt-get update -q
    # Debian would start a cluster of its own on installing a server; Plinth starts its own ones.
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        as_root mkdir -p /etc/postgresql-common
        echo 'create_main_cluster = false' | as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    fi
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@"
}

install_packages() {
    local packages
    packages=$(missing_packages | tr '\n' ' ')
    packages=${packages% }
    [ -n "$packages" ] || return 0
    if ! can_apt; then
        die "missing: $packages (the names are Debian's; with Homebrew: brew install git node postgresql@18 python, and Chromium or Chrome)"
    fi
    # shellcheck disable=SC2086 # a list of words
    step "apt install $packages" apt_install $packages
}

# unpack PACKAGE VERSION SHA512 FOLDER: an npm package as it is, without its dependencies and scripts.
unpack() {
    local scratch
    scratch=$(mktemp -d)
    mkdir -p "$4" &&
        npm pack --silent --pack-destination "$scratch" "$1@$2" >/dev/null &&
        echo "$3  $scratch/$1-$2.tgz" | sha512sum --check --quiet &&
        tar -xzf "$scratch/$1-$2.tgz" -C "$4" --strip-components 1 &&
        rm -rf "$scratch"
}

install_node() {
    local arch checksum
    case "$(uname -s)-$(uname -m)" in
        Linux-x86_64) arch=x64 checksum=$NODE_SHA512_X64 ;;
        Linux-aarch64) arch=arm64 checksum=$NODE_SHA512_ARM64 ;;
        *) die "Node.js $NODE_MAJOR or later is needed, and this system's is older; install one from https://nodejs.org" ;;
    esac
    rm -rf "$NODE_DIR" &&
        unpack npm "$NPM_VERSION" "$NPM_SHA512" "$NODE_DIR/lib/node_modules/npm" &&
        unpack "node-linux-$arch" "$NODE_VERSION" "$checksum" "$NODE_DIR" &&
        ln -s ../lib/node_modules/npm/bin/npm-cli.js "$NODE_DIR/bin/npm" &&
        ln -s ../lib/node_modules/npm/bin/npx-cli.js "$NODE_DIR/bin/npx"
}

install_rust() {
    curl --proto '=https' --tlsv1.2 -sSf "$RUST_INSTALLER" | sh -s -- -y --profile minimal --component rustfmt --component clippy
}

install_packages
if ! node_is_recent; then
    step "Node.js $NODE_VERSION" install_node
    PATH=$NODE_DIR/bin:$PATH
fi
if ! have cargo; then
    can_apt || die "cargo is missing; install Rust from https://rustup.rs"
    step "Rust" install_rust
    PATH=$HOME/.cargo/bin:$PATH
fi
# A machine without PostgreSQL gets the pinned archive; the tests want it beside the system's one.
if [ "$purpose" = test ] || ! has_postgres; then step "PostgreSQL archive" "$PLINTH_ROOT/scripts/fetch-postgres.sh" >/dev/null; fi
if [ "$purpose" = test ] && ! cargo nextest --version >/dev/null 2>&1; then
    step "cargo-nextest" cargo install --quiet --locked cargo-nextest
fi
