#!/usr/bin/env bash
# Writes the verdict to the pull request: the comment with our marker is updated, else one is made.
set -euo pipefail
[[ $GATE_ACTION_PULL_REQUEST =~ ^[0-9]+$ && $GATE_ACTION_REPOSITORY =~ ^[A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+$ ]] || exit 2
marker='<!-- procurement-gate -->'
comments="repos/$GATE_ACTION_REPOSITORY/issues/$GATE_ACTION_PULL_REQUEST/comments"

write() {
  local found
  found=$(gh api --paginate "$comments" \
    --jq "map(select((.body | startswith(\"$marker\")) and .user.type == \"Bot\")) | .[0].id // empty" | head -n 1) || return
  if [[ $found =~ ^[0-9]+$ ]]; then
    gh api --method PATCH "repos/$GATE_ACTION_REPOSITORY/issues/comments/$found" --field "body=@$GATE_ACTION_SUMMARY" --silent
  else
    gh api --method POST "$comments" --field "body=@$GATE_ACTION_SUMMARY" --silent
  fi
}

# The verdict stands whether or not it could be told here.
write || echo '::warning title=procurement-gate::The comment could not be written. It needs pull-requests: write, which' \
  "a pull request from a fork does not have. The verdict is in the job's summary."
