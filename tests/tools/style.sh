#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Format, SPDX lines, every rule in use, no forbidden leftovers. Needs clang-format.
set -eu
cd "$(dirname "$0")/../.."
fail=0
say() {
  echo "style: $1"
  fail=1
}
clang-format --dry-run --Werror $(git ls-files 'gateway/*.cc' 'gateway/*.h' 'tests/*.cc' 'tests/*.h') || say "format"
for file in $(git ls-files '*.cc' '*.h' '*.sh' '*.cmake' '*CMakeLists.txt' Makefile .ci/run 'schemas/*.xml' '*.py'); do
  head -5 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || say "$file has no SPDX line"
done
for rule in $(sed -n 's/^ *X(\([a-z_]*\),.*/\1/p' gateway/model/rules.h); do
  grep -rqE "rules::$rule\b" gateway --include='*.cc' || say "rule $rule is never reported"
done
exit $fail
