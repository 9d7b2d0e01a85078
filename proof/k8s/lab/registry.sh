#!/usr/bin/env bash
# registry.sh up|down: a registry on 127.0.0.1:5000 that asks for a password. `up` prints what `npm run test:k8s` reads:
#   eval "$(proof/k8s/lab/registry.sh up)"
# Both docker and containerd speak plain HTTP with what is called localhost, so it needs no certificate.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$here/common.sh"
folder=$STATE/registry

build() {
  [[ $BIN/registry -nt $here/registry/main.go && $BIN/registry -nt $here/registry/go.sum ]] ||
    (cd "$here/registry" && CGO_ENABLED=0 nice -n 10 go build -trimpath -ldflags '-s -w' -o "$BIN/registry" . && touch "$BIN/registry")
}

configure() {
  mkdir -p "$folder/images"
  [[ -e $folder/password ]] || (umask 077 && openssl rand -hex 16 >"$folder/password")
  "$BIN/registry" htpasswd studio "$(<"$folder/password")" >"$folder/htpasswd"
  cat >"$folder/config.yaml" <<YAML
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: $folder/images}}
http: {addr: '127.0.0.1:5000'}
auth: {htpasswd: {realm: lab, path: $folder/htpasswd}}
YAML
}

case ${1:-} in
up)
  build
  configure
  start registry "$BIN/registry" "$BIN/registry" serve "$folder/config.yaml"
  wait_for 20 'the registry' curl -sf -u "studio:$(<"$folder/password")" http://127.0.0.1:5000/v2/
  # A further node is a network of its own, with a localhost of its own: the same files are served there.
  if [[ -e $SECOND ]]; then
    start registry-lab2 "$BIN/registry" nsenter --net="$SECOND" "$BIN/registry" serve "$folder/config.yaml"
  fi
  echo "export REGISTRY=localhost:5000/studio REGISTRY_PASSWORD=$(<"$folder/password")"
  ;;
down) for name in registry registry-lab2; do stop $name "$BIN/registry"; done ;;
*) echo 'usage: registry.sh up|down' >&2; exit 2 ;;
esac
