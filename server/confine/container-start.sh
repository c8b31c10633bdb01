#!/bin/sh
# The container's start: the rules go into its own network namespace, then every privilege goes, then
# the server. A step that fails ends it: without rules there is no Doorkeep here.
set -eu

# A machine's own namespace has network cards; a container's has one end of a cable that is made of software.
# Rules there would be the whole machine's.
for card in /sys/class/net/*/device; do
  if [ -e "$card" ]; then
    echo 'This container shares the network of the whole machine, whose rules are not ours to write.' >&2
    echo 'Take "network_mode: host" out of its settings.' >&2
    exit 1
  fi
done

unprivileged() {
  # 1000: the image's user "node".
  exec setpriv --reuid=1000 --regid=1000 --clear-groups --bounding-set=-all --inh-caps=-all \
    --ambient-caps=-all --no-new-privs -- "$@"
}

rules=$(unprivileged node dist/server/cli/doorkeep.js service rules)
printf '%s\n' "$rules" | nft -f -
unprivileged node dist/server/main.js
