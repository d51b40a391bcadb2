#!/usr/bin/env bash
# Installs the services that some tests need (PostGIS, Chromium) where root or sudo allows it. Without them those tests
# are skipped by name and counted; with CI=true their absence fails the tests. Never fails itself.
set -u
have_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
have_driver() { command -v chromedriver >/dev/null; }
have_postgis() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1; }
missing() {
  have_chromium && have_driver || echo chromium chromium-driver
  have_postgis || echo postgresql postgis postgresql-postgis
}
give_up() {
  echo "services: $1; tests that need $(missing | xargs) will be skipped (with CI=true they fail)"
  exit 0
}

[ -z "$(missing)" ] && exit 0
command -v apt-get >/dev/null || give_up "no apt-get here"
if [ "$(id -u)" = 0 ]; then as_root=(env); elif sudo -n true 2>/dev/null; then as_root=(sudo -n env); else give_up "neither root nor sudo"; fi
echo "services: installing $(missing | xargs) ..."
log=$(mktemp) || give_up "no temporary file can be made"
trap 'rm -f "$log"' EXIT
apt() { "${as_root[@]}" DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@" >>"$log" 2>&1 </dev/null; }
# Creating a default cluster would leave a server running; the tests start their own.
"${as_root[@]}" mkdir -p /etc/postgresql-common
[ -e /etc/postgresql-common/createcluster.conf ] || echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
apt update
for package in $(missing); do
  apt install -y --no-install-recommends "$package" || echo "services: $package could not be installed: $(grep -E '^E:' "$log" | tail -1)"
done
[ -z "$(missing)" ] || give_up "some could not be installed"
