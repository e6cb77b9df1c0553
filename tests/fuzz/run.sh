#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# run.sh BUILD [TARGET...]: fuzzes each reader of data and of mail for $FUZZ_SECONDS (600), from the kept corpus and, if
# $FUZZ_SEEDS names a folder, from what lies there. What grows lies in BUILD/corpus/TARGET, what
# broke something in BUILD/found-TARGET-*. With $FUZZ_KEEP=1 the corpus in tests/fuzz is replaced by
# the least set of inputs that reaches as much; give it no seeds then that are not ours.
set -euo pipefail
build=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
for target in "${@:-ml_data csv_data json_data structure mail_message mail_attachment mail_header mail_wrapper enquiry}"; do
  for one in $target; do
    kept=$here/corpus/$one
    grown=$build/corpus/$one
    mkdir -p "$kept" "$grown"
    words=()
    if [ -f "$here/$one.dict" ]; then words=("-dict=$here/$one.dict"); fi
    "$build/tests/fuzz/fuzz_$one" -max_total_time="${FUZZ_SECONDS:-600}" -max_len=4096 -timeout=30 \
      "${words[@]}" -artifact_prefix="$build/found-$one-" -print_final_stats=1 \
      "$grown" "$kept" ${FUZZ_SEEDS:+"$FUZZ_SEEDS"} 2> "$build/$one.log" || {
      tail -30 "$build/$one.log"
      exit 1
    }
    grep -E 'stat::(number_of_executed|new_units|peak)' "$build/$one.log" | sed "s/^/$one /"
    if [ "${FUZZ_KEEP:-0}" = 1 ]; then
      least=$(mktemp -d)
      "$build/tests/fuzz/fuzz_$one" -set_cover_merge=1 -use_counters=0 -detect_leaks=0 "$least" "$kept" "$grown" 2> "$build/$one-merge.log"
      rm -rf "$kept"
      mv "$least" "$kept"
      chmod 755 "$kept"
    fi
  done
done
