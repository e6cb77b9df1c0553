#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs what building, running and testing need, on Debian 12 and Ubuntu 24.04; nothing if all of
# it is there. Given words are installed too (package names).
set -eu
packages="build-essential cmake ninja-build pkg-config catch2 fonts-dejavu-core libarchive-dev libcairo2-dev libcli11-dev libcmark-dev
  gpg libcurl4-openssl-dev libfmt-dev libgpgme-dev libicu-dev libkainjow-mustache-dev libmimetic-dev libpango1.0-dev libspdlog-dev
  libsqlite3-dev libssl-dev libtomlplusplus-dev libxml2-dev libxxhash-dev libzstd-dev nlohmann-json3-dev python3 zlib1g-dev $*"
missing=""
for package in $packages; do
  dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
echo "installing:$missing"
as_root=""
[ "$(id -u)" = 0 ] || as_root=sudo
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null
$as_root apt-get install -y -q --no-install-recommends $missing >/dev/null
