#!/bin/sh
# The servers and programs that tests talk to: installed by apt where we are root, else named in one sentence.
# Without them the tests that need them skip at home and fail in CI.
set -eu

# Cyrus can't be installed beside Dovecot: its packages, and the libraries it lacks, are unpacked beside.
cyrus="${XDG_CACHE_HOME:-$HOME/.cache}/scrubber-tests/cyrus"
[ "$(id -u)" != 0 ] || cyrus=/var/cache/scrubber-tests/cyrus # the tests' servers run as nobody, who can't enter /root

have_cyrus() { [ -x "$cyrus/usr/lib/cyrus/bin/imapd" ] || [ -x /usr/lib/cyrus/bin/imapd ]; }

unpack_cyrus() {
    echo "unpacking for the tests: cyrus-imapd"
    rm -rf "$cyrus.part"
    mkdir -p "$cyrus.part/packages"
    wanted="cyrus-imapd cyrus-common"
    found=$wanted
    for _ in 1 2 3; do
        # libclamav: for a virus scan that no test asks for, and it brings a compiler
        # shellcheck disable=SC2086 # lists of package names, here and below
        found=$(apt-cache depends --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces $found |
            sed -n 's/^  Depends: \(lib[^ ]*\)$/\1/p' | grep -v '^libclamav' | sort -u)
        for library in $found; do
            dpkg-query -W -f '${Status}' "$library" 2>/dev/null | grep -q ' installed$' || wanted="$wanted $library"
        done
        [ -n "$found" ] || break
    done
    (
        cd "$cyrus.part/packages"
        # shellcheck disable=SC2046,SC2086
        # on stderr: that apt keeps root's rights here, which is no fault
        apt-get download -qq $(printf '%s\n' $wanted | sort -u) 2>/dev/null
        for package in *.deb; do dpkg -x "$package" ..; done
    )
    rm -rf "$cyrus" "$cyrus.part/packages"
    mv "$cyrus.part" "$cyrus"
    have_cyrus
}

missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
[ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/imap ] || missing="$missing dovecot-core dovecot-imapd"
if [ -z "$missing" ]; then
    :
elif [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing for the tests:$missing"
    export DEBIAN_FRONTEND=noninteractive
    # Debian's postgresql would start a cluster of its own; the tests make theirs.
    mkdir -p /etc/postgresql-common
    grep -qs '^create_main_cluster = false' /etc/postgresql-common/createcluster.conf ||
        echo 'create_main_cluster = false' >>/etc/postgresql-common/createcluster.conf
    # Nor may a mail server be started: invoke-rc.d asks this file first, and it is ours only where there was none.
    policy=/usr/sbin/policy-rc.d
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod 755 "$policy"
        trap 'rm -f "$policy"' EXIT
    fi
    apt-get update -qq
    # shellcheck disable=SC2086
    apt-get install -y -qq --no-install-recommends $missing >/dev/null
else
    echo "To run every test, install first: apt install$missing (the tests that need them are skipped now)"
fi

if have_cyrus; then
    exit 0
elif command -v apt-get >/dev/null 2>&1; then
    [ "$(id -u)" != 0 ] || apt-cache show cyrus-imapd >/dev/null 2>&1 || apt-get update -qq
    unpack_cyrus || echo "Cyrus IMAP could not be unpacked (the tests that need it are skipped now)"
else
    echo "Cyrus IMAP can't be had without apt (the tests that need it are skipped now)"
fi
