#!/usr/bin/env bash
# Runs fuzz targets: `fuzz/run.sh SECONDS [TARGET…]`, each for that long, on one core, from the seeds and what earlier runs kept.
# Needs cargo-fuzz (`cargo install cargo-fuzz`); a stable compiler is enough, since memory is safe without sanitizers.
set -euo pipefail
cd "$(dirname "$0")/.."

seconds=${1:?seconds for each target}
shift
targets=("$@")
if [ ${#targets[@]} -eq 0 ]; then
  targets=(yaml print set merge render split schema kube)
fi

python3 fuzz/seeds.py fuzz/corpus
failed=0
for target in "${targets[@]}"; do
  printf '== %s\n' "$target"
  cargo fuzz run --sanitizer none "$target" "fuzz/corpus/$target" -- \
    -max_total_time="$seconds" -timeout=20 -rss_limit_mb=4096 -max_len=8192 -dict=fuzz/yaml.dict \
    -print_final_stats=1 2> "fuzz/$target.log" || failed=1
  grep -E 'stat::(number_of_executed_units|average_exec_per_sec|peak_rss_mb)|SUMMARY|panicked' "fuzz/$target.log" || true
done
exit "$failed"
