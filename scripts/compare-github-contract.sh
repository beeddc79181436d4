#!/bin/sh
# Extracts GitHub's descriptions of its REST API and of its webhooks again, from the pinned packages, and compares them
# with schemas/github. The first package unpacks to half a gigabyte and neither is a dependency: they are fetched for
# this alone, and only a few of their files are unpacked. With --write the files are replaced instead of compared.
set -eu
cd "$(dirname -- "$0")/.."
rest=@octokit/openapi@23.0.2
webhooks=@octokit/openapi-webhooks@12.1.0

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT

# fetch PACKAGE DIRECTORY FILE...
fetch() {
  package=$1
  directory=$place/$2
  shift 2
  mkdir "$directory"
  npm pack --silent --pack-destination "$directory" "$package" >/dev/null
  tar -xzf "$directory"/*.tgz -C "$directory" "$@"
}

fetch "$rest" rest package/package.json package/generated/api.github.com.json package/generated/ghes-3.17.json
fetch "$webhooks" webhooks package/generated/api.github.com.json

out=$place/out
if [ "${1-}" = --write ]; then out=schemas/github; fi
mkdir -p "$out"
sh scripts/node.sh scripts/extract-github-contract.ts "$place/rest/package" "$out"
sh scripts/node.sh scripts/extract-github-webhooks.ts "$place/webhooks/package" "$out/webhooks.json"
if [ "${1-}" = --write ]; then exit 0; fi

for file in "$out"/*.json; do
  if ! cmp -s "$file" "schemas/github/$(basename "$file")"; then
    echo "schemas/github/$(basename "$file") is not what the package gives; run: sh scripts/compare-github-contract.sh --write" >&2
    exit 1
  fi
done
