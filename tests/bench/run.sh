#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# run.sh BUILD_DIR [options of focalpost_bench]: prints the table of docs/benchmarks.md.
# SDMX_XSD: folder of the official SDMX 2.1 schemas (SDMXMessage.xsd), for the row with xmllint.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${1:?"run.sh BUILD_DIR [--quick] [--rounds N] [--only large|formats|small|store|huge] [--work FOLDER]"}
shift
if [ -z "${SDMX_XSD:-}" ] && [ -f "$here/../../../shared/reference/sdmx/xsd-2.1/SDMXMessage.xsd" ]; then
  SDMX_XSD=$here/../../../shared/reference/sdmx/xsd-2.1
  export SDMX_XSD
fi
exec "$build/focalpost_bench" --program "$build/focalpost" --work "$build" "$@"
