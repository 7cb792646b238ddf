#!/usr/bin/env bash
# Gradescope runs this once, as root, when it builds the image of its container: it installs what is
# missing, and builds all that is not a student's. Nothing is fetched later.
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

# The finished programs and the answers in the tests are not for students: those whose programs run
# as another user can read nothing of this but what is built of their own.
mkdir -p day01/target/debug day01/target/homework
chmod -R go-rwx .
chmod go+x . day01 day01/target
chmod -R go+rX day01/target/homework

# Marks the class version, so that everything is built, and seen to work.
cargo build --manifest-path day01/Cargo.toml --package grader
cp -r day01/homework/starter class
./mark class class.json
grep --quiet '"score": 0.0' class.json
