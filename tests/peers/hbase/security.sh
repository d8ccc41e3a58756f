# Part of the script "hbase": a local KDC with keytabs, and a CA with certificates.
# shellcheck shell=bash disable=SC2154
make_kerberos() {
  local k=$home/krb p
  for p in krb5kdc kdb5_util kadmin.local; do
    PATH=$PATH:/usr/sbin command -v $p >/dev/null || die "--kerberos needs $p: apt-get install krb5-kdc krb5-admin-server krb5-user"
  done
  export PATH=$PATH:/usr/sbin KRB5_CONFIG=$k/krb5.conf KRB5_KDC_PROFILE=$k/kdc.conf
  if [ ! -f "$k/done" ]; then
    rm -rf "$k"; mkdir -p "$k"
    cat >"$k/krb5.conf" <<K
[libdefaults]
  default_realm = $realm
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  udp_preference_limit = 1
  default_ccache_name = FILE:$k/ccache
[realms]
  $realm = {
    kdc = 127.0.0.1:$kdc_port
  }
[domain_realm]
  localhost = $realm
K
    cat >"$k/kdc.conf" <<K
[kdcdefaults]
  kdc_listen = 127.0.0.1:$kdc_port
  kdc_tcp_listen = 127.0.0.1:$kdc_port
[realms]
  $realm = {
    database_name = $k/principal
    key_stash_file = $k/stash
    acl_file = $k/kadm5.acl
    max_life = 24h
    max_renewable_life = 7d
    supported_enctypes = aes256-cts-hmac-sha1-96:normal aes128-cts-hmac-sha1-96:normal
  }
[logging]
  kdc = FILE:$home/logs/kdc-requests.log
K
    : >"$k/kadm5.acl"
    { kdb5_util create -s -P hbmux -r $realm
      for p in hbase/localhost alice bob; do
        kadmin.local -r $realm -q "addprinc -randkey $p"
        kadmin.local -r $realm -q "ktadd -k $k/${p%%/*}.keytab $p"
      done; } >"$home/logs/kdc-setup.log" 2>&1 || die "KDC set-up failed; see $home/logs/kdc-setup.log"
    touch "$k/done"
  fi
  pid_of kdc >/dev/null || { spawn kdc krb5kdc -n -r $realm; wait_port "$kdc_port" kdc; }
}
make_tls() {
  local t=$home/tls who
  [ -f "$t/done" ] && return
  command -v openssl >/dev/null || die "--tls needs openssl"
  rm -rf "$t"; mkdir -p "$t"
  { openssl req -x509 -newkey rsa:2048 -nodes -days 365 -subj '/CN=hbmux test CA' \
      -keyout "$t/ca.key" -out "$t/ca.pem"
    for who in server client; do
      openssl req -newkey rsa:2048 -nodes -subj "/CN=hbmux-$who" -keyout "$t/$who.key" -out "$t/$who.csr"
      openssl x509 -req -in "$t/$who.csr" -CA "$t/ca.pem" -CAkey "$t/ca.key" -CAcreateserial -days 365 \
        -out "$t/$who.pem" -extfile <(echo 'subjectAltName=DNS:localhost,IP:127.0.0.1')
      openssl pkcs12 -export -name $who -in "$t/$who.pem" -inkey "$t/$who.key" -certfile "$t/ca.pem" \
        -passout pass:changeit -out "$t/$who.p12"
    done
    keytool -importcert -noprompt -alias ca -file "$t/ca.pem" -storetype PKCS12 -storepass changeit \
      -keystore "$t/ca.p12"; } >"$home/logs/tls-setup.log" 2>&1 || die "TLS set-up failed; see $home/logs/tls-setup.log"
  touch "$t/done"
}
