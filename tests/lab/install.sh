#!/bin/sh
# Installs what the Slurm lab needs (Debian 12, root), and starts none of it:
# the lab runs daemons of its own. Does nothing where all is installed.
set -eu

packages='slurmctld slurmd slurmdbd slurm-client slurm-wlm-basic-plugins
slurm-wlm-mysql-plugin mariadb-server munge'

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=''
for package in $packages; do
    installed "$package" || missing="$missing $package"
done
if [ -z "$missing" ]; then
    echo 'the Slurm lab: all packages are installed'
    exit 0
fi
if [ "$(id -u)" -ne 0 ]; then
    echo "the Slurm lab: only root can install$missing" >&2
    exit 1
fi

# A policy that someone else has set stays as it is. Ours is made complete under another
# name, and linked (which fails where the name is taken) rather than written in place.
policy=/usr/sbin/policy-rc.d
draft=''
ours=''
clean_up() {
    [ -z "$ours" ] || rm -f "$policy"
    [ -z "$draft" ] || rm -f "$draft"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

if [ ! -e "$policy" ] && [ ! -L "$policy" ]; then
    draft=$(mktemp "$policy.XXXXXX")
    printf '#!/bin/sh\nexit 101\n' >"$draft"
    chmod 755 "$draft"
    if ln "$draft" "$policy" 2>/dev/null; then
        ours=yes
    fi
fi

export DEBIAN_FRONTEND=noninteractive
echo "the Slurm lab: installing$missing"
apt-get update -q
# shellcheck disable=SC2086 # one word for each package
apt-get install -q -y --no-install-recommends $missing
