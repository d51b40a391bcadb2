#!/usr/bin/env bash
# Installs the services that some tests need (PostGIS, Chromium) where root or sudo allows it. Without them those tests
# are skipped by name; with CI=true their absence fails the tests.
set -u
have_chromium() { command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null; }
have_driver() { command -v chromedriver >/dev/null; }
have_postgis() { ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && ls /usr/share/postgresql/*/extension/postgis.control >/dev/null 2>&1; }

packages=()
have_chromium && have_driver || packages+=(chromium chromium-driver)
have_postgis || packages+=(postgresql postgis postgresql-postgis)
[ ${#packages[@]} -eq 0 ] && exit 0
if ! command -v apt-get >/dev/null; then
  echo "services: no apt-get here; tests that need ${packages[*]} will be skipped"
  exit 0
fi
if [ "$(id -u)" = 0 ]; then as_root=(); elif sudo -n true 2>/dev/null; then as_root=(sudo -n); else
  echo "services: neither root nor sudo; tests that need ${packages[*]} will be skipped"
  exit 0
fi
echo "services: installing ${packages[*]} ..."
export DEBIAN_FRONTEND=noninteractive
# Creating a default cluster would leave a server running; the tests start their own.
"${as_root[@]}" mkdir -p /etc/postgresql-common && echo 'create_main_cluster = false' | "${as_root[@]}" tee /etc/postgresql-common/createcluster.conf >/dev/null
"${as_root[@]}" apt-get update -qq >/dev/null 2>&1
for package in "${packages[@]}"; do
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "$package" >/tmp/riskzoning-apt.log 2>&1 || echo "services: $package could not be installed (see /tmp/riskzoning-apt.log)"
done
exit 0
