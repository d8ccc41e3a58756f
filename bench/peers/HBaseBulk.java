import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.BufferedMutator;
import org.apache.hadoop.hbase.client.Connection;
import org.apache.hadoop.hbase.client.ConnectionFactory;
import org.apache.hadoop.hbase.client.Get;
import org.apache.hadoop.hbase.client.Put;
import org.apache.hadoop.hbase.client.Result;
import org.apache.hadoop.hbase.client.ResultScanner;
import org.apache.hadoop.hbase.client.Scan;
import org.apache.hadoop.hbase.client.Table;

/** bench_bulk's work with HBase's Java client; arguments as AsynchbaseBulk has them. */
public final class HBaseBulk {
  private static Connection connection;
  private static TableName table;
  private static int valueSize;

  public static void main(String[] args) throws Exception {
    Load load = new Load("java", args);
    Bulk bulk = new Bulk(args);
    valueSize = bulk.valueSize;
    Configuration conf = HBaseConfiguration.create();
    load.settings.forEach(conf::set);
    table = TableName.valueOf(load.table);
    connection = ConnectionFactory.createConnection(conf);
    work(load.op, load.op.equals("scan") ? load.rows : Math.min(bulk.warmUp, load.rows));
    Bulk.measure("java", load, () -> work(load.op, load.rows));
    connection.close();
    System.exit(0);
  }

  private static void work(String op, int rows) throws Exception {
    switch (op) {
      case "put": put(rows); break;
      case "scan": scan(rows); break;
      default: multiget(rows);
    }
  }

  private static void put(int rows) throws Exception {
    try (BufferedMutator mutator = connection.getBufferedMutator(table)) {
      for (int row = 0; row < rows; row++) {
        mutator.mutate(new Put(Load.row(row)).addColumn(Load.FAMILY, Load.QUALIFIER, Bulk.value(row, valueSize)));
      }
    }
  }

  private static void scan(int rows) throws Exception {
    int found = 0;
    try (Table t = connection.getTable(table); ResultScanner scanner = t.getScanner(new Scan().setCacheBlocks(false))) {
      for (Result row; (row = scanner.next()) != null;) if (row.rawCells()[0].getValueLength() == valueSize) ++found;
    }
    if (found < rows) throw new IOException("found " + found);
  }

  private static void multiget(int rows) throws Exception {
    try (Table t = connection.getTable(table)) {
      for (int first = 0; first < rows; first += 100) {
        List<Get> gets = new ArrayList<>(100);
        for (int i = 0; i < 100; i++) gets.add(new Get(Load.row((int) ((first + i) * 7919L % rows))));
        for (Result row : t.get(gets)) if (row.size() != 1) throw new IOException("a row that is not there");
      }
    }
  }
}
