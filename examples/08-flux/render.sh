#!/bin/sh
# Renders every environment into the folder that Flux applies; `./render.sh --check` only looks.
set -eu
cd "$(dirname "$0")"
plimsoll render charts/web -f envs/production.yaml -n shop --create-namespace --output-dir clusters/production/web/manifests "$@"
