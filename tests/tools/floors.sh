#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The laws of the house (docs/house.md), read from the includes: a room includes only rooms on lower
# floors (rooms of one floor do not know each other), and each library has one door.
set -eu
cd "$(dirname "$0")/../../gateway"

floor_of() {
  case $1 in
    base) echo 0 ;;
    model | net) echo 1 ;;
    config | spool | mailbox | mime | attachment | sdmx | validation | store | enquiry | render | chart | smtp | signature) echo 2 ;;
    compose) echo 3 ;;
    flow) echo 4 ;;
    cli | main.cc) echo 5 ;;
    *) echo "floors: room $1 has no floor" >&2; exit 1 ;;
  esac
}

fail=0
breach() {
  echo "floors: $1"
  fail=1
}

for room in *; do
  [ "$room" = CMakeLists.txt ] && continue
  own=$(floor_of "$room")
  for used in $(grep -rhoE '^#include "[a-z_]+/' "$room" | sed 's/.*"//; s,/,,' | sort -u); do
    [ "$used" = "$room" ] && continue
    floor=$(floor_of "$used")
    # cli includes main's own floor: a verb is called by main.cc
    if [ "$floor" -ge "$own" ] && ! { [ "$room" = main.cc ] && [ "$used" = cli ]; }; then
      breach "$room (floor $own) includes $used (floor $floor)"
    fi
  done
done

door() { # pattern of the include, the one room that may
  for file in $(grep -rlE "#include <($1)" . | sed 's,^\./,,'); do
    case $file in "$2"/*) ;; *) breach "$file includes <$1>: that is $2's door" ;; esac
  done
}
door 'curl/' net
door 'mimetic' mime
door 'archive' attachment
door 'libxml/' sdmx
door 'sqlite3' store
door 'toml\+\+' config
door 'kainjow' render
door 'cmark' render
door '(cairo|pango|zlib)' chart
door 'zstd' spool
door 'gpgme' signature
door 'openssl/cms' signature
door 'spdlog/' base
door 'nlohmann/' base
door 'CLI/' cli
door 'unicode/ucnv' base
for file in $(grep -rlE '#include <unicode/' . | sed 's,^\./,,'); do
  case $file in base/* | render/*) ;; *) breach "$file includes ICU: that is base's and render's door" ;; esac
done
for file in $(grep -rlE '#include <openssl/' . | sed 's,^\./,,'); do
  case $file in base/* | signature/*) ;; *) breach "$file includes OpenSSL: that is base's door for digests, signature's for signatures" ;; esac
done
exit $fail
