#!/usr/bin/env bash
# Covey from nothing to a reviewed commit and two trained models. What it makes stays in the folder that is its argument
# (by default covey-demo-<user> in the temporary folder), for a look at the reports; the next demo replaces it.
set -euo pipefail

command -v covey >/dev/null || { echo "error: covey is not on the PATH; run \`make demo\`." >&2; exit 1; }
# Nobody's own settings of git or Covey change what the demo shows.
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 GIT_PAGER=cat
export GIT_AUTHOR_NAME=Demo GIT_AUTHOR_EMAIL=demo@acme.example GIT_COMMITTER_NAME=Demo GIT_COMMITTER_EMAIL=demo@acme.example
unset "${!COVEY_@}"

examples=$(cd "$(dirname "$0")" && pwd)
folder=${1:-${TMPDIR:-/tmp}/covey-demo-$(id -un)}
mark=made-by-covey-demo
if [ -e "$folder" ] && [ ! -e "$folder/$mark" ]; then
  echo "error: $folder is not a demo's folder; name another one." >&2
  exit 1
fi
rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
touch "$mark"

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\e[1m' plain=$'\e[0m'; fi
step() { printf '\n%s== %s ==%s\n' "$bold" "$1" "$plain"; }
run() { printf '\n%s$ %s%s\n' "$bold" "$*" "$plain"; "$@"; }

image=registry.example/vision/digits@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945

step "1. The platform team makes a fleet repo"
run covey init fleet --yes --name acme --namespace vision --team @acme/vision --cluster-set hospitals
cd fleet

step "2. The data's owner says who may train on which clusters' data"
run covey new --kind dataset digits --yes --owner @acme/radiology --cluster hospital-a --cluster hospital-b
run covey render
run git add --all
run git commit --quiet --message "Start the fleet"

step "3. A data scientist writes a job"
run covey new digits --yes --image "$image" --rounds 5
run cat jobs/vision/digits/job.yaml

step "4. A mistake is refused, at its line"
run sed -i.before s/rounds:/rouds:/ jobs/vision/digits/job.yaml
if run covey validate; then
  echo "error: the mistake was not seen." >&2
  exit 1
fi
run mv jobs/vision/digits/job.yaml.before jobs/vision/digits/job.yaml

step "5. The spec becomes manifests"
run covey render
run covey validate

step "6. What changes, and for whom"
run covey diff HEAD

step "7. Spec and manifests are committed together"
run covey commit
run git log --oneline --stat --stat-width=100 -1

step "8. The same spec trains on this machine: same programs, same certificates, with Flower"
cp -R "$examples/fleet/jobs/vision/digits/app" jobs/vision/digits/
run covey run jobs/vision/digits/job.yaml

step "9. The same model code with OpenFL"
mkdir jobs/vision/digits-openfl
cp "$examples/fleet/jobs/vision/digits-openfl/job.yaml" jobs/vision/digits-openfl/
run covey run jobs/vision/digits-openfl/job.yaml

step "10. What came of it"
run covey runs

step "Done: the pull request of this commit shows what would run on every cluster; the reports are in"
for report in "$PWD"/.covey/runs/*/report.html; do echo "$report"; done
