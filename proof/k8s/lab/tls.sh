#!/usr/bin/env bash
# tls.sh: lets the lab's Traefik listen on 127.0.0.1:443 too, the port of the Gateway's https listener. `k8s-lab up` takes it back.
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
argument=--entrypoints.websecure.address=127.0.0.1:443
traefik='-n kube-system deployment/traefik'
if ! kubectl get $traefik -o jsonpath='{.spec.template.spec.containers[0].args}' | grep -q -- "$argument"; then
  kubectl patch $traefik --type json \
    --patch "[{\"op\":\"add\",\"path\":\"/spec/template/spec/containers/0/args/-\",\"value\":\"$argument\"}]"
fi
# Players come in by 127.0.0.1 of this machine: a node of another network has another one.
kubectl patch $traefik --patch '{"spec":{"template":{"spec":{"nodeSelector":{"kubernetes.io/hostname":"lab"}}}}}'
kubectl rollout status $traefik --timeout=60s
