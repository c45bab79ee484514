# Sourced by every finding: a temporary folder that is removed at the end, and pinned packages in it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp "$here"/*.mjs "$folder"
cd "$folder"
echo '{"private": true}' > package.json

# from_npm NAME@VERSION ...: exact versions, no install scripts.
from_npm() { npm install --no-audit --no-fund --ignore-scripts --loglevel=error "$@" > install.log 2>&1 || { cat install.log; exit 2; }; }

# from_debian NAME=VERSION ...: unpacked into the folder, not installed on the system.
from_debian() {
  apt-get download -qq "$@" > install.log 2>&1 || { cat install.log; exit 2; }
  for package in ./*.deb; do dpkg -x "$package" debian; done
}
