#!/bin/sh
# The servers and programs that tests talk to: installed by apt where we are root, else named in one sentence.
# Without them the tests that need them skip at home and fail in CI.
set -eu

cache="${XDG_CACHE_HOME:-$HOME/.cache}/scrubber-tests"
[ "$(id -u)" != 0 ] || cache=/var/cache/scrubber-tests # the tests' servers run as nobody, who can't enter /root
mkdir -p "$cache"

# Cyrus can't be installed beside Dovecot: its packages, and the libraries it lacks, are unpacked beside.
cyrus="$cache/cyrus"
have_cyrus() { [ -x "$cyrus/usr/lib/cyrus/bin/imapd" ] || [ -x /usr/lib/cyrus/bin/imapd ]; }

# Request Tracker, too: installed, it would bring a mail server, and a database and accounts of its own.
rt="$cache/rt"
have_rt() { [ -e "$rt/complete" ]; }

# django-helpdesk is a Django of its own: it comes into no environment that scrubber runs in.
helpdesk="$cache/helpdesk"
wanted_helpdesk="$(dirname "$0")/desks/helpdesk.txt"
have_helpdesk() { cmp -s "$wanted_helpdesk" "$helpdesk/complete"; }

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

unpack_rt() {
    echo "unpacking for the tests: request-tracker5"
    rm -rf "$rt.part"
    mkdir -p "$rt.part/packages"
    # Pictures, fonts and manuals no test asks for, and neither a mail server nor another database.
    unwanted='perl|perl-base|perl-doc|perl-modules-.*|libperl5.*|fonts-.*|dbconfig-.*|exim4.*|graphviz|libgraphviz-perl'
    unwanted="^($unwanted|libann0|libcdt5|libcgraph6|libgts-.*|libgvc6|libgvpr2|liblab-gamut1|libpathplan4|libdbd-pg-perl)\$"
    (
        cd "$rt.part/packages"
        wanted=$(apt-get install -s --no-install-recommends request-tracker5 rt5-db-sqlite rt5-standalone |
            sed -n 's/^Inst \([^ ]*\) .*/\1/p' | grep -Ev "$unwanted")
        # shellcheck disable=SC2086
        apt-get download -qq $wanted 2>/dev/null
        for package in *.deb; do dpkg -x "$package" ..; done
    )
    rm -rf "$rt" "$rt.part/packages"
    # Its paths are written into it: its own files are here now, those of one server where RT_HOME says.
    own="usr/share/request-tracker5"
    grep -rlZ "\"/$own/lib\"" "$rt.part/usr/sbin" "$rt.part/usr/bin" "$rt.part/$own/libexec" |
        xargs -0 sed -i "s#\"/$own/lib\"#\"$rt/$own/lib\"#"
    sed -i "s#'/$own#'$rt/$own#; s#'/var/[a-z]*/request-tracker5#\\\$ENV{RT_HOME}.'/var#; s#'/etc/request-tracker5'#\\\$ENV{RT_HOME}.'/etc'#" \
        "$rt.part/$own/lib/RT/Generated.pm"
    touch "$rt.part/complete"
    mv "$rt.part" "$rt"
}

install_helpdesk() {
    echo "installing for the tests: django-helpdesk"
    rm -rf "$helpdesk"
    ${PYTHON:-python3} -m venv "$helpdesk" &&
        "$helpdesk/bin/python" -m pip --disable-pip-version-check -qq install -r "$wanted_helpdesk" &&
        cp "$wanted_helpdesk" "$helpdesk/complete"
}

missing=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v chromium >/dev/null 2>&1 || missing="$missing chromium"
perl -MTime::HiRes -e 1 2>/dev/null || missing="$missing perl" # Request Tracker is written in it
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

have_helpdesk || install_helpdesk || echo "django-helpdesk could not be installed (the tests that need it are skipped now)"

if have_cyrus && have_rt; then
    exit 0
elif command -v apt-get >/dev/null 2>&1; then
    [ "$(id -u)" != 0 ] || apt-cache show request-tracker5 >/dev/null 2>&1 || apt-get update -qq
    have_cyrus || unpack_cyrus || echo "Cyrus IMAP could not be unpacked (the tests that need it are skipped now)"
    have_rt || unpack_rt || echo "Request Tracker could not be unpacked (the tests that need it are skipped now)"
else
    echo "Cyrus IMAP and Request Tracker can't be had without apt (the tests that need them are skipped now)"
fi
