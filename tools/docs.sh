#!/bin/sh
# Builds the HTML site in FOLDER/site, strictly: any warning, and any link that
# leads nowhere, is an error.
#
#     tools/docs.sh [FOLDER]     FOLDER is build/docs if not given
set -eu
cd "$(dirname "$0")/.."
folder=${1:-build/docs}
venv=build/docs/venv
requirements=docs/site/requirements.txt

if ! cmp -s $requirements $venv/requirements.txt; then
  echo "docs: making $venv"
  rm -rf $venv
  mkdir -p build/docs
  /usr/bin/python3 -m venv $venv || {
    echo "docs: python3 -m venv failed; install python3-venv" >&2
    exit 1
  }
  $venv/bin/python -m pip install --quiet --disable-pip-version-check \
    -r $requirements || {
    echo "docs: pip could not install $requirements" >&2
    exit 1
  }
  cp $requirements $venv/requirements.txt
fi

mkdir -p "$folder"
$venv/bin/python -B docs/site/pages.py "$folder"
log=$folder/mkdocs.log
# Not --quiet, with which --strict counts no warning. The variable is for an
# advertisement of the theme's.
if ! NO_MKDOCS_2_WARNING=1 $venv/bin/python -m mkdocs build --strict \
    -f "$folder/mkdocs.yml" >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
echo "docs: $folder/site/index.html"
