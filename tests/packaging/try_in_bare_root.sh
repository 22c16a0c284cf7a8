#!/usr/bin/env bash
# Builds the program with PyInstaller and runs its self-test in a fresh minimal Debian root that has the README's apt libraries and
# nothing else: no Python, no font, no compiler. Needs root, debootstrap and a Debian mirror. Usage: bash tests/packaging/try_in_bare_root.sh [ROOT]
set -euo pipefail
cd "$(dirname "$0")/../.."
python="${PYTHON:-.venv/bin/python}"
bare="${1:-$(mktemp -d)/root}"

work="$(mktemp -d)"
"$python" -m PyInstaller --noconfirm --clean --log-level WARN --distpath "$work/dist" --workpath "$work/build" build.spec
du -sh "$work/dist/fieldapp"

if [ ! -x "$bare/bin/sh" ]; then
  debootstrap --variant=minbase bookworm "$bare"
  # The same line a newcomer types, less the tools that only tests use.
  libraries="$(sed -n 's/^sudo apt-get install -y //p' README.md | tr ' ' '\n' | grep '^lib')"
  # shellcheck disable=SC2086
  chroot "$bare" sh -c "apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(echo $libraries)"
fi
if chroot "$bare" sh -c 'command -v python3'; then
  echo "the root is not bare: it has a Python" >&2
  exit 1
fi
rm -rf "$bare/opt/fieldapp"
mkdir -p "$bare/opt"
cp -r "$work/dist/fieldapp" "$bare/opt/fieldapp"
chroot "$bare" env -i PATH=/usr/bin:/bin HOME=/tmp QT_QPA_PLATFORM=offscreen LANG=C /opt/fieldapp/fieldapp self-test
rm -rf "$work"
