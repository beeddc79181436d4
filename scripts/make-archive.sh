#!/bin/sh
# Packs what a host of Drydock needs (sources, built engines, schemas, npm packages) into drydock-<version>.tar.gz, in
# the directory given or else in this clone. What is packed is the last commit, with the engines that are built.
set -eu
target=$(cd -- "${2:-$(dirname -- "$0")/..}" && pwd)
cd "$(dirname -- "$0")/.."
version=${1:?usage: make-archive.sh VERSION [DIRECTORY]}
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
mkdir "$stage/drydock"
git archive HEAD -- . ':!test' ':!bench' ':!.ci' ':!.github' | tar -x -C "$stage/drydock"
mkdir -p "$stage/drydock/engines/dist"
cp engines/dist/*.wasm engines/dist/*.wasm.stamp "$stage/drydock/engines/dist/"
(cd "$stage/drydock" && npm ci --omit=dev --no-audit --no-fund --loglevel=error)
tar -czf "$target/drydock-$version.tar.gz" -C "$stage" drydock
