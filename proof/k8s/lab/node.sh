#!/usr/bin/env bash
# node.sh up|lose NODE|down: a second node, lab2, of the same machine: a network of its own, with containerd, kubelet and kube-proxy in
# it. `lose lab2` cuts it off as a power failure does: nothing is closed, and nothing comes through any more.
#   LOSE_NODE='proof/k8s/lab/node.sh lose' NATS_NODE=lab npm run test:k8s
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/common.sh"
name=lab2
pki=$LAB_HOME/pki
state=$STATE/$name
socket=$RUN/containerd-$name/containerd.sock
first_ip=10.244.0.1
ip=10.244.1.1
pods=10.244.1.0/24
link_here=10.244.255.1
link_there=10.244.255.2
services=10.96.0.0/16

inside() { nsenter --net="$SECOND" "$@"; }

network_up() {
  [[ -e $SECOND ]] && return
  touch "$SECOND"
  unshare --net="$SECOND" true
  ip link add $name type veth peer name uplink netns "$SECOND"
  ip addr add $link_here/30 dev $name
  ip link set $name up
  inside ip link set lo up
  inside ip addr add $link_there/30 dev uplink
  inside ip link set uplink up
  inside ip route add default via $link_here
  inside ip link add cni0 type bridge
  inside ip addr add $ip/24 dev cni0
  inside ip link set cni0 up
  inside ip route add $services dev cni0 src $ip
  inside sysctl -qw net.ipv4.ip_forward=1 net.bridge.bridge-nf-call-iptables=1
  ip route add $pods via $link_there src $first_ip
  # Docker lets nothing be forwarded that it doesn't know.
  iptables -C FORWARD -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT 2>/dev/null ||
    iptables -A FORWARD -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT
}

certificate() {
  [[ -e $pki/$name.crt ]] && return
  openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout "$pki/$name.key" \
    -subj "/O=system:nodes/CN=system:node:$name" 2>/dev/null |
    openssl x509 -req -days 3650 -CA "$pki/ca.crt" -CAkey "$pki/ca.key" -CAcreateserial -out "$pki/$name.crt" \
      -extfile <(echo "extendedKeyUsage=clientAuth,serverAuth"; echo "subjectAltName=DNS:$name,IP:$ip") 2>/dev/null
}

kubeconfig_of() { # CERTIFICATE FILE
  kubectl config view --raw --minify >"$2"
  chmod 600 "$2"
  kubectl --kubeconfig "$2" config set-cluster k8s-lab --server "https://$first_ip:6443" >/dev/null
  kubectl --kubeconfig "$2" config set-credentials "$1" --embed-certs \
    --client-certificate "$pki/$1.crt" --client-key "$pki/$1.key" >/dev/null
  kubectl --kubeconfig "$2" config set-context --current --user "$1" >/dev/null
}

runtime_up() {
  mkdir -p "$state/cni"
  sed -e "s#10.244.0.0/24#$pods#; s#10.244.0.1#$ip#; s#\"dataDir\": \".*\"#\"dataDir\": \"$state/ipam\"#" \
    "$LAB_HOME/state/cni/10-k8s-lab.conflist" >"$state/cni/10-k8s-lab.conflist"
  sed -e "s#^root = .*#root = \"$LAB_HOME/containerd-$name\"#; s#^state = .*#state = \"$RUN/containerd-$name\"#" \
    -e "s#address = .*#address = \"$socket\"#; s#conf_dir = .*#conf_dir = \"$state/cni\"#" \
    "$LAB_HOME/state/containerd.toml" >"$state/containerd.toml"
  start containerd-$name containerd nsenter --net="$SECOND" containerd --config "$state/containerd.toml"
  wait_for 30 'containerd' ctr -a "$socket" version
  ctr -a "$socket" -n k8s.io images import "$LAB_HOME/images/lab.tar" >/dev/null
}

kubelet_up() {
  local controller
  for controller in /sys/fs/cgroup/*/; do
    [[ -e $controller/cgroup.procs ]] || continue
    mkdir -p "$controller/$name"
    # The weight that the first node's pods have: else a group of this name weighs as much as one process beside it.
    [[ ! -e $controller/cpu.shares ]] || echo $((1024 * $(nproc))) >"$controller/$name/cpu.shares"
    if [[ -e $controller/cpuset.cpus ]]; then
      cat "$controller/cpuset.cpus" >"$controller/$name/cpuset.cpus"
      cat "$controller/cpuset.mems" >"$controller/$name/cpuset.mems"
    fi
  done
  sed -e "s#^address: .*#address: $ip#; s#unix://.*#unix://$socket#; s#^resolvConf: .*#resolvConf: $LAB_HOME/state/resolv.conf#" \
    -e "s#^tlsCertFile: .*#tlsCertFile: $pki/$name.crt#; s#^tlsPrivateKeyFile: .*#tlsPrivateKeyFile: $pki/$name.key#" \
    "$LAB_HOME/state/kubelet.yaml" >"$state/kubelet.yaml"
  mkdir -p "$state/logs"
  printf 'cgroupRoot: /%s\npodLogsDir: %s\n' "$name" "$state/logs" >>"$state/kubelet.yaml"
  start kubelet-$name kubelet nsenter --net="$SECOND" "$BIN/k8s" kubelet --config="$state/kubelet.yaml" --kubeconfig="$state/kubelet.kubeconfig" \
    --root-dir="$state/kubelet" --hostname-override="$name" --node-ip="$ip"
}

proxy_up() {
  sed -e "s#kubeconfig: .*}#kubeconfig: $state/kube-proxy.kubeconfig}#; s#^hostnameOverride: .*#hostnameOverride: $name#" \
    -e "s#^clusterCIDR: .*#clusterCIDR: $pods#" "$LAB_HOME/state/kube-proxy.yaml" >"$state/kube-proxy.yaml"
  start kube-proxy-$name kube-proxy nsenter --net="$SECOND" "$BIN/k8s" kube-proxy --config="$state/kube-proxy.yaml"
}

up() {
  network_up
  certificate
  mkdir -p "$state"
  kubeconfig_of $name "$state/kubelet.kubeconfig"
  kubeconfig_of kube-proxy "$state/kube-proxy.kubeconfig"
  runtime_up
  kubelet_up
  proxy_up
  wait_for 60 'the node' kubectl wait --for=condition=Ready "node/$name" --timeout=1s
}

containers_down() {
  local container
  ctr -a "$socket" version >/dev/null 2>&1 || return 0
  for container in $(ctr -a "$socket" -n k8s.io tasks ls -q); do ctr -a "$socket" -n k8s.io tasks kill -s KILL -a "$container" || true; done
  for container in $(ctr -a "$socket" -n k8s.io containers ls -q); do
    ctr -a "$socket" -n k8s.io tasks rm -f "$container" || true
    ctr -a "$socket" -n k8s.io containers rm "$container" || true
  done
}

down() {
  local mount
  for one in kubelet kube-proxy; do stop "$one-$name" "$one"; done
  containers_down >/dev/null 2>&1
  stop "containerd-$name" containerd
  while read -r mount; do umount -l "$mount"; done < <(findmnt -rno TARGET | grep -E "^($state|$RUN/containerd-$name)/" | sort -r)
  kubectl delete node $name --ignore-not-found || true
  umount "$SECOND" 2>/dev/null || true
  rm -f "$SECOND"
  # The network outlives its file as long as a process is in it, and its end of the link with it.
  ip link del $name 2>/dev/null || true
  ip route del $pods 2>/dev/null || true
  iptables -D FORWARD -s 10.244.0.0/16 -d 10.244.0.0/16 -j ACCEPT 2>/dev/null || true
  rm -rf "$state" "$RUN/containerd-$name"
}

case ${1:-} in
up) up ;;
# On its side: without the link here its pods' addresses would be looked for elsewhere, where something may answer for them.
lose) [[ ${2:-} == "$name" ]] && inside ip link set uplink down ;;
down) down ;;
*) echo 'usage: node.sh up | lose lab2 | down' >&2; exit 2 ;;
esac
