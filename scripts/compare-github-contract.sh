#!/bin/sh
# Extracts GitHub's description of its REST API again, from the pinned package, and compares it with schemas/github.
# The package unpacks to half a gigabyte and is no dependency: it is fetched for this alone, and only three of its files
# are unpacked. With --write the files are replaced instead of compared.
set -eu
cd "$(dirname -- "$0")/.."
package=@octokit/openapi@23.0.2

place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
npm pack --silent --pack-destination "$place" "$package" >/dev/null
tar -xzf "$place"/*.tgz -C "$place" \
  package/package.json package/generated/api.github.com.json package/generated/ghes-3.17.json

if [ "${1-}" = --write ]; then
  exec sh scripts/node.sh scripts/extract-github-contract.ts "$place/package"
fi
sh scripts/node.sh scripts/extract-github-contract.ts "$place/package" "$place/out"
for file in "$place"/out/*.json; do
  if ! cmp -s "$file" "schemas/github/$(basename "$file")"; then
    echo "schemas/github/$(basename "$file") is not what $package gives; run: sh scripts/compare-github-contract.sh --write" >&2
    exit 1
  fi
done
