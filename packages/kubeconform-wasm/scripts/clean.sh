#!/bin/sh
# Removes what build.sh made, so that the workspace is nothing but sources.
set -eu
cd "$(dirname "$0")/.."
rm -rf dist LICENSE
