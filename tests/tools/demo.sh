#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The demonstration: a home with the example network and letters, one pass, one receipt.
set -eu
build=$1
home=$build/demo
rm -rf "$home"
"$build/focalpost" init "$home" --demo
echo
"$build/focalpost" --home "$home" once --show-receipt
cat <<END

What to try next
  $build/focalpost --home $home status                 what is where, and what waits
  $build/focalpost --home $home show --mails NUMBER    one docket with its reply (09: errors, 15: held)
  $build/focalpost --home $home release NUMBER         file what is held
  $build/focalpost --home $home export ASYLUM --to csv-2.0
  $build/focalpost --home $home get 'GET ASYLUM KG 2026 BY sex'
  $build/focalpost --home $home site
  $build/focalpost validate spool/09-asylum-with-errors.eml
  Open $home/spool/mailbox with any mail client that reads Maildir.
END
