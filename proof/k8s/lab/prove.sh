#!/usr/bin/env bash
# prove.sh [what test:k8s takes]: brings up what the lab lacks, makes a node that was lost anew, empties the name space default, and proves:
#   K8S_LAB=… proof/k8s/lab/prove.sh                          all lines, with NATS of three
#   K8S_LAB=… proof/k8s/lab/prove.sh --random --minutes 20 --seed 7
# Everything in `default` is deleted first, whatever it is. PODLOGS=<folder> keeps the pods' logs, which go with the pods.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
: "${K8S_LAB:?the command of a lab, see README.md}"
. "$here/common.sh"
cd "$here/../../.."

bring_up() {
  pgrep -x dockerd >/dev/null || rm -f /var/run/docker.pid
  "$K8S_LAB" up
  docker image inspect node:24-bookworm-slim >/dev/null 2>&1 || "$K8S_LAB" base-image
  "$here/tls.sh"
  if [[ -e $SECOND ]] && ! second_answers; then
    say 'the second node is lost: it is made anew'
    "$here/policies.sh" down
    "$here/registry.sh" down
    "$here/node.sh" down
  fi
  "$here/node.sh" up
  "$here/policies.sh" up
  eval "$("$here/registry.sh" up)"
  eval "$("$here/nats.sh")"
  kubectl uncordon lab lab2 >/dev/null
  kubectl wait --for=condition=Ready node/lab node/lab2 --timeout=60s
}

# A kubelet that was just cut off is Ready for 40 s: the link tells it at once.
second_answers() {
  nsenter --net="$SECOND" ip -o link show uplink 2>/dev/null | grep -q 'state UP' &&
    [[ $(kubectl get node lab2 -o jsonpath='{.status.conditions[?(@.type=="Ready")].status}') == True ]]
}

empty_default() {
  local kinds
  kinds=$(kubectl api-resources --namespaced --verbs=delete -o name |
    grep -E '^(deployments|statefulsets|cronjobs|jobs|horizontalpodautoscalers|poddisruptionbudgets|configmaps|secrets|httproutes|gateways|networkpolicies|roles|rolebindings|ingresses|persistentvolumeclaims)(\.|$)' | paste -sd,)
  kubectl delete "$kinds" --all -n default --wait=false >/dev/null
  all_but service/kubernetes svc | xargs -r kubectl delete -n default >/dev/null
  all_but serviceaccount/default sa | xargs -r kubectl delete -n default >/dev/null
  wait_for 60 'default to be empty' no_pods
}

# all_but NAME KIND. On a lab that was just made there is nothing else, and grep would say so by its exit code.
all_but() {
  kubectl get "$2" -n default -o name | grep -vx "$1" || true
}

no_pods() {
  kubectl get pods -n default -o name | xargs -r kubectl delete -n default --force --grace-period=0 >/dev/null 2>&1
  [[ -z $(kubectl get pods,deploy,sts,cronjob -n default -o name) ]]
}

# Hard links, as a log is deleted with its pod: while it is looked for, too, so that a failed look is no end.
keep_pod_logs() {
  mkdir -p "$PODLOGS"
  while sleep 1; do
    find /var/log/pods "$STATE/lab2/logs" -path '*/default_*' -name '*.log' 2>/dev/null | while read -r log; do
      pod=${log##*/default_}
      ln "$log" "$PODLOGS/${pod//\//.}" 2>/dev/null || true
    done || true
  done
}

bring_up
empty_default
if [[ -n ${PODLOGS:-} ]]; then
  keep_pod_logs &
  trap "kill $! 2>/dev/null || true" EXIT
fi
NATS_NODE=lab LOSE_NODE="$here/node.sh lose" npm run test:k8s -- --nats cluster "$@"
