# The shared part of the recipes. They add to a lab that runs: one node made by a `k8s-lab up`, with its files in K8S_LAB_HOME.
LAB_HOME=${K8S_LAB_HOME:-/var/lib/k8s-lab}
BIN=$LAB_HOME/bin
RUN=/run/k8s-lab
LOGS=$LAB_HOME/logs
STATE=$LAB_HOME/more
export KUBECONFIG=${KUBECONFIG:-$LAB_HOME/kubeconfig}
# Not one of `ip netns add`: that mounts /run/netns anew, over the networks of the pods that run.
SECOND=$RUN/lab2.network
mkdir -p "$STATE" "$RUN" "$LOGS"

say() { echo "lab: $*"; }

# A pid file can outlive its process, so the process must also bear the name.
alive() { [[ -e $RUN/$1.pid ]] && grep -qa "${2:-$1}" "/proc/$(<"$RUN/$1.pid")/cmdline" 2>/dev/null; }

start() { # NAME PATTERN COMMAND...
  local name=$1 pattern=$2
  shift 2
  alive "$name" "$pattern" && return
  setsid nohup "$@" >"$LOGS/$name.log" 2>&1 </dev/null &
  echo $! >"$RUN/$name.pid"
}

stop() { # NAME PATTERN
  local pid
  alive "$1" "$2" || { rm -f "$RUN/$1.pid"; return 0; }
  pid=$(<"$RUN/$1.pid")
  kill "$pid"
  for _ in {1..50}; do [[ -e /proc/$pid ]] || break; sleep 0.1; done
  [[ ! -e /proc/$pid ]] || kill -KILL "$pid"
  rm -f "$RUN/$1.pid"
}

wait_for() { # SECONDS WHAT COMMAND...
  local end=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    ((SECONDS < end)) || { echo "lab: $what: not in time" >&2; exit 1; }
    sleep 0.3
  done
}
