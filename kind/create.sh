#!/usr/bin/env bash
# Makes the cluster and the registry beside it. What is there already stays as it is.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

registry=vivavoce-registry
port=5001

if [ "$(docker inspect --format '{{.State.Running}}' "$registry" 2>/dev/null)" != true ]; then
    docker rm --force "$registry" >/dev/null 2>&1 || true
    docker run --detach --restart unless-stopped --publish "127.0.0.1:$port:5000" --name "$registry" registry:3 >/dev/null
fi

if ! kind get clusters | grep --quiet --line-regexp vivavoce; then
    kind create cluster --config cluster.yaml
fi
docker network connect kind "$registry" 2>/dev/null || true

# What the node calls localhost is the node: it is told where the registry is.
for node in $(kind get nodes --name vivavoce); do
    docker exec "$node" mkdir -p "/etc/containerd/certs.d/localhost:$port"
    echo "[host.\"http://$registry:5000\"]" |
        docker exec --interactive "$node" tee "/etc/containerd/certs.d/localhost:$port/hosts.toml" >/dev/null
done

# Tilt finds the registry by this (KEP-1755).
kubectl --context kind-vivavoce apply --filename - <<YAML
apiVersion: v1
kind: ConfigMap
metadata:
  name: local-registry-hosting
  namespace: kube-public
data:
  localRegistryHosting.v1: |
    host: "localhost:$port"
YAML
