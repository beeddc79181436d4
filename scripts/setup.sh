#!/bin/sh
# Makes a clone ready to run: npm packages as the lock file has them, Node 24, the engines. Does only what is missing,
# and says what it does. Arguments go to build-engines.ts.
set -eu
cd "$(dirname -- "$0")/.."

fail() {
  echo "$*" >&2
  exit 1
}

# The lock file as it was at the last install: comparing it is cheaper than asking npm.
installed_lock=node_modules/.installed-lock.json

install_packages() {
  command -v npm >/dev/null || fail "Setting up needs Node 20 or newer with npm, and there is no \`npm\`."
  echo "installing npm packages"
  if ! log=$(npm ci --no-audit --no-fund --loglevel=error 2>&1); then
    fail "$log
npm could not install the packages; its own words are above."
  fi
  cp package-lock.json "$installed_lock"
}

# npm leaves this binary out where its policy keeps packages from running scripts.
fetch_node() {
  echo "fetching Node 24"
  if ! log=$(cd node_modules/node && node installArchSpecificPackage.js 2>&1) || [ ! -x node_modules/node/bin/node ]; then
    fail "$log
Node 24 could not be fetched; install it and put it on the PATH, or allow the install script of the package \`node\`."
  fi
}

has_node_24() {
  [ -x node_modules/node/bin/node ] || node -e 'process.exit(parseInt(process.versions.node) >= 24 ? 0 : 1)' 2>/dev/null
}

cmp -s package-lock.json "$installed_lock" || install_packages
has_node_24 || fetch_node
exec sh scripts/node.sh scripts/build-engines.ts "$@"
