#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# SPDX-FileCopyrightText: The SmartCMD authors
#
# Installs what is missing of the packages SmartCMD needs, on Debian 12 or later; says what. Does nothing when all are
# there.
#
#   scripts/install-dependencies.sh build|test|memcheck|fuzz|desktop|bench|pictures|ci|debian13|debian13-host
set -eu

build=(g++ gettext meson ninja-build pkgconf libssl-dev libglib2.0-dev libjson-glib-dev libcurl4-openssl-dev libxml2-dev
  libassuan-dev libmicrohttpd-dev libp11-kit-dev libboost-dev libsoci-dev libsqlite3-dev libcmocka-dev openssl scdoc softhsm2)
test=("${build[@]}" binutils curl git gnutls-bin libengine-pkcs11-openssl libnss3-tools libxml2-utils locales opensc openssh-client
  nodejs osslsigncode p11-kit php-cli poppler-utils procps python3 python3-cryptography python3-openssl python3-zeep strace)
memcheck=("${test[@]}" valgrind)
fuzz=("${build[@]}" clang libclang-rt-dev python3)
desktop=("${test[@]}" libreoffice-writer-nogui okular openbox pinentry-gtk2 pinentry-qt xdotool xvfb)
bench=("${build[@]}" curl opensc opensc-pkcs11 python3 python3-cryptography python3-zeep valgrind)
pictures=("${test[@]}" default-jdk-headless firefox-esr fonts-dejavu-core imagemagick libreoffice-gtk3 libreoffice-writer okular
  openbox thunderbird xdotool xterm xvfb)
shells=(bash-completion fish zsh)
ci=("${test[@]}" "${shells[@]}" clang-14 clang-format-14 default-jdk-headless groff-base mandoc shellcheck)
debian13=("${test[@]}" "${shells[@]}" default-jdk-headless pkcs11-provider)
debian13_host=(debootstrap)

case ${1-} in
  build) wanted=("${build[@]}") ;;
  test) wanted=("${test[@]}") ;;
  memcheck) wanted=("${memcheck[@]}") ;;
  fuzz) wanted=("${fuzz[@]}") ;;
  desktop) wanted=("${desktop[@]}") ;;
  bench) wanted=("${bench[@]}") ;;
  pictures) wanted=("${pictures[@]}") ;;
  ci) wanted=("${ci[@]}") ;;
  debian13) wanted=("${debian13[@]}") ;;
  debian13-host) wanted=("${debian13_host[@]}") ;;
  *) sed -n 's/^#   //p' "$0" >&2; exit 2 ;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
  echo "This is no Debian: the packages needed are called there: ${wanted[*]}" >&2
  exit 0
fi

missing=()
for package in "${wanted[@]}"; do
  state=$(dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$state" = installed ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

apt_install=(apt-get install --yes --no-install-recommends)
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo)
  # Whatever sudo has to say is said here.
  if ! command -v sudo >/dev/null || ! sudo true; then
    {
      echo "These packages are missing, and only root can install them. Have somebody who may run this:"
      echo
      echo "  sudo ${apt_install[*]} ${missing[*]}"
      echo
    } >&2
    exit 1
  fi
fi

# How far apt is, in one line of a terminal (APT::Status-Fd).
show_progress() {
  while IFS=: read -r kind _ percent what; do
    case $kind in
      dlstatus | pmstatus) [ ! -t 1 ] || printf '\r\033[K[%3.0f %%] %.60s' "${percent/,/.}" "$what" ;;
    esac
  done
  [ ! -t 1 ] || printf '\r\033[K'
}
install() {
  "${as_root[@]}" env LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive "${apt_install[@]}" --quiet=2 -o APT::Status-Fd=1 \
    "${missing[@]}" | LC_ALL=C.UTF-8 show_progress
}
set -o pipefail

echo "Installing ${#missing[@]} packages, which may take a minute: ${missing[*]}"
# The first attempt fails where the lists of packages were never fetched, or are out of date.
install 2>/dev/null || { "${as_root[@]}" apt-get update --quiet=2 && install; }
