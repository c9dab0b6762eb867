#!/bin/sh
# Installs what fanout.py and link.py measure beside ours, and what they need for it: packages of Debian 12 and its kin.
# The services that come with the packages are not wanted: a benchmark starts servers of its own.
set -eu
if [ "$(id -u)" != 0 ]; then
    echo "run this as root: it calls apt-get" >&2
    exit 1
fi
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    gcc libc6-dev libssl-dev nats-server ngircd mosquitto iproute2 util-linux
