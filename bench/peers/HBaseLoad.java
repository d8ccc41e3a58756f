import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.hbase.Cell;
import org.apache.hadoop.hbase.HBaseConfiguration;
import org.apache.hadoop.hbase.TableName;
import org.apache.hadoop.hbase.client.AsyncConnection;
import org.apache.hadoop.hbase.client.AsyncTable;
import org.apache.hadoop.hbase.client.Connection;
import org.apache.hadoop.hbase.client.ConnectionFactory;
import org.apache.hadoop.hbase.client.Get;
import org.apache.hadoop.hbase.client.Put;
import org.apache.hadoop.hbase.client.Result;
import org.apache.hadoop.hbase.client.Table;

/** The load of the benchmarks with HBase's Java client: Table (--mode blocking) or AsyncTable (--mode async). */
public final class HBaseLoad {
  public static void main(String[] args) throws Exception {
    boolean async = java.util.Arrays.asList(args).contains("async");
    Load load = new Load(async ? "java-async" : "java-blocking", args);
    Configuration conf = HBaseConfiguration.create();
    load.settings.forEach(conf::set);
    TableName table = TableName.valueOf(load.table);
    if (async) {
      try (AsyncConnection connection = ConnectionFactory.createAsyncConnection(conf).get()) {
        AsyncTable<?> t = connection.getTable(table);
        load.run((op, row, done) -> async(t, op, row, done));
      }
    } else {
      try (Connection connection = ConnectionFactory.createConnection(conf)) {
        ThreadLocal<Table> tables = ThreadLocal.withInitial(() -> open(connection, table));
        load.run((op, row) -> blocking(tables.get(), op, row));
      }
    }
    System.exit(0);
  }

  private static Table open(Connection connection, TableName table) {
    try {
      return connection.getTable(table);
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Put put(int row) {
    return new Put(Load.row(row)).addColumn(Load.FAMILY, Load.QUALIFIER, Load.value(row));
  }

  private static boolean right(Result result, int row) {
    if (result.size() != 1) return false;
    Cell cell = result.rawCells()[0];
    return Load.names(cell.getValueArray(), cell.getValueOffset(), cell.getValueLength(), row);
  }

  private static boolean blocking(Table table, String op, int row) throws Exception {
    if (op.equals("get")) return right(table.get(new Get(Load.row(row))), row);
    table.put(put(row));
    return true;
  }

  private static void async(AsyncTable<?> table, String op, int row, Load.Done done) {
    if (op.equals("get")) {
      table.get(new Get(Load.row(row))).whenComplete((r, e) -> done.accept(e == null && right(r, row)));
    } else {
      table.put(put(row)).whenComplete((r, e) -> done.accept(e == null));
    }
  }
}
