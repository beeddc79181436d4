#!/bin/sh
# Packs what a host of Drydock needs (sources, built engines, schemas) into drydock-<version>.tar.gz.
set -eu
cd "$(dirname "$0")/.."
version=${1:?usage: make-archive.sh VERSION}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/drydock"
git archive HEAD | tar -x -C "$stage/drydock"
mkdir -p "$stage/drydock/engines/dist"
cp engines/dist/*.wasm engines/dist/*.wasm.stamp "$stage/drydock/engines/dist/"
(cd "$stage/drydock" && npm ci --omit=dev --no-audit --no-fund && mkdir -p node_modules/node/bin)
tar -czf "drydock-$version.tar.gz" -C "$stage" drydock
