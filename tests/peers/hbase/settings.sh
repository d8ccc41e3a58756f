# Part of the script "hbase": writes hbase-site.xml and core-site.xml for the servers and for each user.
# shellcheck shell=bash disable=SC2154
prop() { echo "  <property><name>$1</name><value>$2</value></property>"; }
write_conf() { # write_conf server|USER
  local dir=$home/conf-$1
  mkdir -p "$dir"
  cp "$here/log4j2.properties" "$dir/"
  {
    echo '<?xml version="1.0"?>'; echo '<configuration>'
    prop hbase.rootdir "file://$home/data/root"
    prop hbase.tmp.dir "$home/data/tmp"
    prop hadoop.tmp.dir "$home/data/tmp"
    prop hbase.cluster.distributed "$([ $split = yes ] && echo true || echo false)"
    # Raw local files: each WAL sync is a write to the operating system, so acknowledged writes outlive
    # a kill -9 (not a power cut). With "enforce" HBase refuses to start if the WAL cannot be flushed.
    [ "$1" = server ] && prop fs.file.impl org.apache.hadoop.fs.RawLocalFileSystem
    prop hbase.unsafe.stream.capability.enforce true
    prop hbase.wal.provider filesystem
    # addresses
    prop hbase.zookeeper.quorum 127.0.0.1
    prop hbase.zookeeper.property.clientPort "$zk_port"
    prop hbase.zookeeper.property.clientPortAddress 127.0.0.1
    prop hbase.zookeeper.property.dataDir "$home/data/zk"
    prop hbase.zookeeper.property.tickTime 1000
    prop zookeeper.session.timeout "${HBMUX_HBASE_SESSION_MS:-6000}"
    prop hbase.master.hostname localhost
    prop hbase.unsafe.regionserver.hostname localhost
    prop hbase.master.ipc.address 127.0.0.1
    prop hbase.regionserver.ipc.address 127.0.0.1
    prop hbase.master.port "$master_port"
    prop hbase.regionserver.port "$(rs_port 1)"
    prop hbase.master.info.bindAddress 127.0.0.1
    prop hbase.regionserver.info.bindAddress 127.0.0.1
    if [ "$info" = yes ]; then
      prop hbase.master.info.port $((master_port + 1)); prop hbase.regionserver.info.port $(($(rs_port 1) + 1))
    else
      prop hbase.master.info.port -1; prop hbase.regionserver.info.port -1
    fi
    # quick start and quick notice of a dead server
    prop hbase.master.wait.on.regionservers.mintostart "$n"
    prop hbase.master.wait.on.regionservers.interval 100
    prop hbase.regionserver.msginterval 500
    prop hbase.server.thread.wakefrequency 500
    prop hbase.localcluster.assign.random.ports false
    if [ "$kerberos" = yes ]; then
      prop hadoop.security.authentication kerberos
      prop hbase.security.authentication kerberos
      prop hbase.security.authorization true
      prop hbase.security.exec.permission.checks true
      prop hbase.superuser hbase
      # The server offers all three; a client picks with its own hbase.rpc.protection.
      if [ "$1" = server ]; then prop hbase.rpc.protection privacy,integrity,authentication
      else prop hbase.rpc.protection "${HBMUX_HBASE_PROTECTION:-authentication}"; fi
      local s; for s in master regionserver; do
        prop "hbase.$s.kerberos.principal" "hbase/localhost@$realm"
        prop "hbase.$s.keytab.file" "$home/krb/hbase.keytab"
      done
      prop hbase.coprocessor.master.classes org.apache.hadoop.hbase.security.access.AccessController
      prop hbase.coprocessor.regionserver.classes org.apache.hadoop.hbase.security.access.AccessController
      prop hbase.coprocessor.region.classes \
        org.apache.hadoop.hbase.security.token.TokenProvider,org.apache.hadoop.hbase.security.access.AccessController
      case $1 in
        server) ;;
        hbase) prop hbase.client.keytab.file "$home/krb/hbase.keytab"
          prop hbase.client.keytab.principal "hbase/localhost@$realm" ;;
        *) prop hbase.client.keytab.file "$home/krb/$1.keytab"
          prop hbase.client.keytab.principal "$1@$realm" ;;
      esac
    fi
    if [ "$tls" != no ]; then
      prop hbase.server.netty.tls.enabled true
      prop hbase.client.netty.tls.enabled true
      prop hbase.server.netty.tls.supportplaintext "$([ $tls = mixed ] && echo true || echo false)"
      prop hbase.server.netty.tls.client.auth.mode "$([ $tls = mutual ] && echo NEED || echo NONE)"
      if [ "$1" = server ] || [ $tls = mutual ]; then
        prop hbase.rpc.tls.keystore.location "$home/tls/$([ "$1" = server ] && echo server || echo client).p12"
        prop hbase.rpc.tls.keystore.type PKCS12
        prop hbase.rpc.tls.keystore.password changeit
      fi
      prop hbase.rpc.tls.truststore.location "$home/tls/ca.p12"
      prop hbase.rpc.tls.truststore.type PKCS12
      prop hbase.rpc.tls.truststore.password changeit
    fi
    echo '</configuration>'
  } >"$dir/hbase-site.xml"
  { echo '<?xml version="1.0"?>'; echo '<configuration>'
    [ "$kerberos" = yes ] && prop hadoop.security.authentication kerberos
    [ "$1" = server ] && prop fs.file.impl org.apache.hadoop.fs.RawLocalFileSystem
    echo '</configuration>'; } >"$dir/core-site.xml"
}
