#!/usr/bin/env bash
# Judges what the action's inputs name. Every input arrives as a variable; lines become arguments, and nothing is evaluated.
set -euo pipefail

gate="${GATE_COMMAND:-${RUNNER_TEMP:-/tmp}/procurement-gate/bin/gate}"
summary="${RUNNER_TEMP:-/tmp}/procurement-gate.md"
outputs="${RUNNER_TEMP:-/tmp}/procurement-gate.env"
sarif="${GATE_ACTION_SARIF_FILE:-gate.sarif}"

refuse() {
  printf '::error title=procurement-gate::%s\n' "$1"
  printf 'decision=no-verdict\nreview=false\nreasons=\n' >>"${GITHUB_OUTPUT:-/dev/stdout}"
  exit 2
}

[[ $sarif != *$'\n'* && $sarif != *$'\r'* ]] || refuse 'sarif-file has a line break'

arguments=()
files=()

# each FLAG TEXT: the flag once for every line of the text.
each() {
  local line
  while IFS= read -r line; do
    line="${line%$'\r'}"
    [[ -z ${line//[[:space:]]/} ]] || arguments+=("$1=$line")
  done <<<"$2"
}

while IFS= read -r line; do
  line="${line%$'\r'}"
  [[ -z ${line//[[:space:]]/} ]] || files+=("$line")
done <<<"${GATE_ACTION_SBOM:-}"$'\n'"${GATE_ACTION_REQUEST:-}"
((${#files[@]})) || refuse 'nothing to judge: state sbom or request'

each --profile "${GATE_ACTION_PROFILE:-}"
each --policy "${GATE_ACTION_POLICY:-}"
each --waivers "${GATE_ACTION_WAIVERS:-}"
each --as-of "${GATE_ACTION_AS_OF:-}"
each --baseline "${GATE_ACTION_BASELINE:-}"
each --fail-on "${GATE_ACTION_FAIL_ON:-}"
each --format "${GATE_ACTION_FORMAT:-}"
export GATE_WARN_ONLY="${GATE_WARN_ONLY:-false}" GATE_EXIT_ZERO="${GATE_EXIT_ZERO:-false}" # no file of the judged repository lets it pass
arguments+=(--format=github "--format=sarif=$sarif" "--format=markdown=$summary" "--format=dotenv=$outputs")

rm -f -- "$summary" "$outputs" "$sarif" # what an earlier run left is no verdict of this one
status=0
"$gate" check "${arguments[@]}" -- "${files[@]}" || status=$?

# The values come from the gate alone: letters, digits and `-_/:,`, nothing that a document says.
value() { [[ ! -f $outputs ]] || sed -n "s/^$1=//p" "$outputs"; }
decision=$(value GATE_DECISION)
review=$(value GATE_REVIEW)
{
  echo "decision=${decision:-no-verdict}"
  echo "review=${review:-false}"
  echo "reasons=$(value GATE_CODES)"
  [[ ! -f $sarif ]] || echo "sarif-file=$sarif"
  [[ ! -f $summary ]] || echo "summary=$summary"
} >>"${GITHUB_OUTPUT:-/dev/stdout}"
exit "$status"
