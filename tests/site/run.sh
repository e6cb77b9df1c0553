#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The site of the demonstration home in a real browser: run.sh FOCALPOST WORK [SHOTS]. Ends with 77
# (skipped, for CTest) where Chromium, Node or playwright-core are not there; `make test-packages`
# installs them. SHOTS: a folder for screenshots of every kind of page.
set -eu
program=$1
work=$2/site-test
here=$(cd "$(dirname "$0")" && pwd)
shots=${3:-}
skip() {
  echo "skipped: $1 (make test-packages)"
  exit 77
}
browser=$(command -v chromium || command -v chromium-browser) || skip "there is no Chromium"
command -v node > /dev/null || skip "there is no Node"
modules=${FOCALPOST_NODE_MODULES:-$work/node_modules}
[ -d "$modules/playwright-core" ] || skip "there is no playwright-core in $modules"

rm -rf "$work/home"
mkdir -p "$work"
"$program" init "$work/home" --demo > /dev/null
"$program" --home "$work/home" once > /dev/null
"$program" --home "$work/home" --json site > "$work/site.json"
NODE_PATH=$modules exec node "$here/browser.cjs" "$browser" "$work/home/site" "$shots"
