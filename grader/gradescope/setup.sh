#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the container's image. It installs what's missing and
# compiles everything but the submissions. Nothing is downloaded later.
set -euo pipefail
cd "$(dirname "$0")"
. ./environment

if ! command -v cc > /dev/null || ! command -v bwrap > /dev/null; then
    apt-get update
    apt-get install --yes --no-install-recommends \
        build-essential bubblewrap ca-certificates curl python3 util-linux
fi
if ! command -v cargo > /dev/null; then
    curl --proto '=https' --tlsv1.2 --silent --show-error --fail https://sh.rustup.rs |
        sh -s -- -y --no-modify-path --profile minimal --default-toolchain stable
fi

# If the container doesn't allow sandboxes, submissions run as an unprivileged user. It can't read the
# finished programs and the answers, but only what was compiled from its submission.
mkdir -p day01/target/debug day01/target/homework
chmod -R go-rwx .
chmod go+x . day01 day01/target
chmod -R go+rX day01/target/homework

# Grades the starter code: this compiles everything and checks that it works.
cargo build --manifest-path day01/Cargo.toml --package grader
cp -r day01/homework/starter starter
./mark starter starter.json
grep --quiet '"score": 0.0' starter.json
