#!/bin/sh
# Installs Chromium for the tests of the report, where it is missing and may be installed. They skip without it.
for name in chromium chromium-browser google-chrome; do
  command -v "$name" >/dev/null && exit 0
done
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
  echo "There is no Chromium, and only root can install it (on Debian): its tests will be skipped." >&2
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium >/dev/null ||
  echo "Chromium could not be installed: its tests will be skipped." >&2
