#!/bin/sh
# Runs Node 24: the one on PATH if it is new enough, else the one that the `node` package of this clone holds.
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)
bundled="$here/node_modules/node/bin/node"
if [ -x "$bundled" ]; then exec "$bundled" "$@"; fi
exec node "$@"
