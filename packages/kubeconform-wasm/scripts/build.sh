#!/bin/sh
# Makes what the published package consists of, beside README.md and package.json. `npm pack` and `npm publish` run it
# first, and scripts/clean.sh afterwards. It needs the engines (`npm run setup` at the root of the repository) and Go.
set -eu
cd "$(dirname "$0")/.."
root=../..
wasm=$root/engines/dist/kubeconform.wasm
[ -f "$wasm" ] || {
  echo "$wasm is missing: run \`npm run setup\` at the root of the repository" >&2
  exit 1
}

# What the program in kubeconform.wasm is made of wants its license texts along.
list_licenses() {
  echo "kubeconform.wasm is compiled from Go, its standard library, and the modules below."
  print_license "Go" "$(go env GOROOT)"
  (cd "$root/engines" && GOOS=wasip1 GOARCH=wasm go list -deps \
    -f '{{with .Module}}{{if not .Main}}{{.Path}} {{.Version}} {{.Dir}}{{end}}{{end}}' ./kubeconform) |
    sort -u | while read -r path version directory; do print_license "$path $version" "$directory"; done
}

print_license() {
  printf '\n==== %s\n\n' "$1"
  found=
  for file in "$2"/LICENSE* "$2"/NOTICE*; do
    [ -f "$file" ] || continue
    found=1
    cat "$file"
  done
  [ -n "$found" ] || {
    echo "$1 has no license file" >&2
    exit 1
  }
}

sh scripts/clean.sh
"$root/node_modules/.bin/tsc" -p tsconfig.build.json
cp "$wasm" dist/kubeconform.wasm
cp "$root/LICENSE" LICENSE
list_licenses >dist/THIRD_PARTY_LICENSES
