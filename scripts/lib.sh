# Shared by the scripts here: output, packages, building. Sourced by bash.
# shellcheck shell=bash

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; else bold='' plain=''; fi

say() { printf '%s==> %s%s\n' "$bold" "$*" "$plain"; }
die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}
elapsed() { # elapsed START: "1 min 05 s" since START, a value of $SECONDS
  local s=$((SECONDS - $1))
  if [ $s -ge 60 ]; then printf '%d min %02d s' $((s / 60)) $((s % 60)); else printf '%d s' $s; fi
}
quietly() { # quietly LOG COMMAND...: output goes to LOG, and its end is shown when the command fails
  local log=$1
  shift
  mkdir -p "$(dirname "$log")"
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    echo "$(basename "$0"): failed: $* (all of it in $log)" >&2
    return 1
  fi
}

# ---------------------------------------------------------------- packages
boost_package() { # Debian 12 has 1.74 under the plain name, and 1.81 beside it
  local version
  version=$(apt-cache show libboost-dev 2>/dev/null | sed -n 's/^Version: *//p' | head -n 1)
  if [ -n "$version" ] && dpkg --compare-versions "$version" ge 1.81; then echo libboost-dev; else echo libboost1.81-dev; fi
}
packages_of() { # packages_of demo|test|jvm|fuzz|docs
  case $1 in
    demo)
      echo cmake ninja-build g++ pkg-config "$(boost_package)" libprotobuf-dev protobuf-compiler zlib1g-dev libsnappy-dev \
        liblz4-dev libzstd-dev libxml2-dev libssl-dev libcli11-dev
      ;;
    test) echo ccache libgtest-dev libgmock-dev libbenchmark-dev libgrpc++-dev protobuf-compiler-grpc libre2-dev python3 python3-venv ;;
    jvm) echo openjdk-17-jdk-headless maven ;;
    fuzz) echo clang-16 libclang-rt-16-dev llvm-16 ;;
    docs) echo doxygen ;;
  esac
}
is_installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }
as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}
apt_quietly() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get -y -qq --no-install-recommends \
    -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-unsafe-io "$@"
}
install_packages() { # install_packages KIND...: what is missing of these kinds; nothing is asked for when all is there
  local kind package missing=() began=$SECONDS log
  if ! command -v apt-get >/dev/null; then
    say "Not Debian or Ubuntu: install what $(basename "$0") needs by hand; see README.md"
    return 0
  fi
  # The name of Boost's package depends on the lists, which a bare system does not have yet.
  if ! is_installed libboost1.81-dev && ! is_installed libboost-dev && ! apt-cache show libboost-dev >/dev/null 2>&1; then
    update_lists
  fi
  for kind in "$@"; do
    for package in $(packages_of "$kind"); do
      if ! is_installed "$package"; then missing+=("$package"); fi
    done
  done
  if [ ${#missing[@]} = 0 ]; then return 0; fi
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    die "needs packages, and neither root nor sudo is here. As root: apt-get install ${missing[*]}"
  fi
  say "Installing ${missing[*]}"
  update_lists
  log=$(mktemp)
  if ! apt_quietly install "${missing[@]}" >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    die "apt-get could not install them (see above)"
  fi
  rm -f "$log"
  say "Installed in $(elapsed $began)"
}
lists_updated=
update_lists() {
  if [ -n "$lists_updated" ]; then return 0; fi
  lists_updated=y
  as_root apt-get -qq update >/dev/null || say "apt-get update failed; going on with the lists that are here"
}

# ---------------------------------------------------------------- building
jobs() { # one a core, but no more than memory allows: a compiler here takes up to 1 GB
  local cores kilobytes most
  cores=$(nproc)
  kilobytes=$(sed -n 's/^MemAvailable: *\([0-9]*\).*/\1/p' /proc/meminfo)
  most=$((${kilobytes:-4000000} / 1000000))
  if [ "$most" -lt 1 ]; then most=1; fi
  if [ "$cores" -lt "$most" ]; then echo "$cores"; else echo "$most"; fi
}
build_preset() { # build_preset PRESET TARGETS [CMAKE-OPTIONS...]: TARGETS is one word list; empty: everything
  local preset=$1 targets=$2 began=$SECONDS
  shift 2
  say "Building ($preset)"
  (
    cd "$repo"
    quietly "build/$preset/configure.log" cmake --preset "$preset" "$@" &&
      # shellcheck disable=SC2086 # words
      quietly "build/$preset/build.log" cmake --build "build/$preset" -j "$(jobs)" ${targets:+--target $targets}
  ) || return 1
  say "Built in $(elapsed $began)"
}
