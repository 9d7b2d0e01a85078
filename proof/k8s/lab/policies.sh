#!/usr/bin/env bash
# policies.sh up|down: kube-router as a process of each node, which enforces NetworkPolicies and does nothing else.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
# The newest that the Go module proxy has as a v2 module.
version=2.1.0

build() {
  [[ -e $BIN/kube-router-$version ]] && return
  local source
  source=$(go mod download -json "github.com/cloudnativelabs/kube-router/v2@v$version" | sed -n 's/^\t"Dir": "\(.*\)",\?$/\1/p')
  (cd "$source" && CGO_ENABLED=0 nice -n 10 go build -trimpath -ldflags '-s -w' -o "$BIN/kube-router-$version" ./cmd/kube-router)
}

enforce() { # NODE COMMAND-PREFIX...
  local node=$1
  shift
  start "policies-$node" kube-router "$@" "$BIN/kube-router-$version" --kubeconfig "$KUBECONFIG" --master https://10.244.0.1:6443 \
    --hostname-override "$node" \
    --run-firewall=true --run-router=false --run-service-proxy=false --service-cluster-ip-range 10.96.0.0/16 \
    --health-port 0 --metrics-port 0 --v 1
}

case ${1:-} in
up)
  command -v ipset >/dev/null || { apt-get update -qq && apt-get install -y -qq --no-install-recommends ipset >/dev/null; }
  build
  enforce lab
  if [[ -e $SECOND ]]; then enforce lab2 nsenter --net="$SECOND"; fi
  wait_for 60 'the chains of the policies' sh -c 'iptables-save | grep -q KUBE-ROUTER-FORWARD'
  ;;
down)
  for node in lab lab2; do stop "policies-$node" kube-router; done
  iptables-save | grep -v KUBE-ROUTER | iptables-restore
  for _ in 1 2; do ipset list -n | grep -E '^KUBE-' | xargs -rn1 ipset destroy 2>/dev/null || true; done
  ;;
*) echo 'usage: policies.sh up|down' >&2; exit 2 ;;
esac
