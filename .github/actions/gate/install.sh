#!/usr/bin/env bash
# Installs the gate into an environment of its own, outside the workspace.
set -euo pipefail
if [[ -n ${GATE_ACTION_VERSION:-} && ! $GATE_ACTION_VERSION =~ ^[0-9A-Za-z.+-]+$ ]]; then
  echo '::error title=procurement-gate::version is no version'
  exit 2
fi
home="${RUNNER_TEMP:-/tmp}/procurement-gate"
python -m venv "$home"
if [[ -n ${GATE_ACTION_VERSION:-} ]]; then
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check "procurement-gate==$GATE_ACTION_VERSION"
else # the action's own checkout, with the dependencies pinned by their hashes
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
    -r "$root/requirements.txt"
  "$home/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation "$root"
fi
