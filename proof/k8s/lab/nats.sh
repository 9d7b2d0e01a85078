#!/usr/bin/env bash
# nats.sh: the NATS image that the manifests name, of the server alone, built from its Go module; handed to the lab's first node too.
# Prints what `npm run test:k8s` reads:
#   eval "$(proof/k8s/lab/nats.sh)"
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"
image=$(sed -n 's/^ *image: \(nats:.*\)$/\1/p' "$here/../../../k8s/nats/single/nats.yaml")
version=${image#nats:}
version=${version%-alpine}

build() {
  local source root=$STATE/nats
  [[ -e $BIN/nats-$version/nats-server ]] && docker image inspect "$image" >/dev/null 2>&1 && return
  source=$(go mod download -json "github.com/nats-io/nats-server/v2@v$version" | sed -n 's/^\t"Dir": "\(.*\)",\?$/\1/p')
  (cd "$source" && CGO_ENABLED=0 nice -n 10 go build -trimpath -ldflags '-s -w' -o "$BIN/nats-$version/nats-server" .)
  rm -rf "$root"
  install -D "$BIN/nats-$version/nats-server" "$root/nats-server"
  mkdir -m 1777 "$root/tmp"
  tar -C "$root" -c . | docker import --change 'ENV PATH=/' --change 'ENTRYPOINT ["/nats-server"]' - "$image" >/dev/null
  rm -rf "$root"
}

build >&2
"$K8S_LAB" load "$image" >&2
echo "export NATS_IMAGE=$image"
