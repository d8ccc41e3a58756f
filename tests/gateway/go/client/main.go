// What users of Google's Go client do, on hbmux's gateway, which BIGTABLE_EMULATOR_HOST names.
package main

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"reflect"
	"time"

	"cloud.google.com/go/bigtable"
)

func must(what string, err error) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func check(what string, got, wanted any) {
	if !reflect.DeepEqual(got, wanted) {
		fmt.Fprintf(os.Stderr, "%s: got %v, wanted %v\n", what, got, wanted)
		os.Exit(1)
	}
}

// text is "f:q@micros=value ..." of a row.
func text(row bigtable.Row) string {
	out := ""
	for _, family := range []string{"f", "g"} {
		for _, item := range row[family] {
			out += fmt.Sprintf("%s@%d=%s ", item.Column, item.Timestamp, item.Value)
		}
	}
	return out
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	admin, err := bigtable.NewAdminClient(ctx, "p", "i")
	must("admin", err)
	must("create", admin.CreateTableFromConf(ctx, &bigtable.TableConf{
		TableID:   "go",
		SplitKeys: []string{"k5"},
		ColumnFamilies: map[string]bigtable.Family{
			"f": {GCPolicy: bigtable.MaxVersionsPolicy(5)},
			"g": {GCPolicy: bigtable.UnionPolicy(bigtable.MaxVersionsPolicy(2), bigtable.MaxAgePolicy(time.Hour))},
		},
	}))
	tables, err := admin.Tables(ctx)
	must("tables", err)
	check("tables", tables, []string{"go"})
	info, err := admin.TableInfo(ctx, "go")
	must("info", err)
	check("families", len(info.FamilyInfos), 2)

	client, err := bigtable.NewClient(ctx, "p", "i")
	must("client", err)
	table := client.Open("go")
	mutation := bigtable.NewMutation()
	mutation.Set("f", "q", 2000, []byte("new"))
	mutation.Set("f", "q", 1000, []byte("old"))
	must("apply", table.Apply(ctx, "one", mutation))
	row, err := table.ReadRow(ctx, "one")
	must("read", err)
	check("row", text(row), "f:q@2000=new f:q@1000=old ")

	var keys []string
	var mutations []*bigtable.Mutation
	for i := 0; i < 500; i++ {
		m := bigtable.NewMutation()
		m.Set("f", "q", 1000, []byte(fmt.Sprint(i%10)))
		keys, mutations = append(keys, fmt.Sprintf("k%03d", i)), append(mutations, m)
	}
	failed, err := table.ApplyBulk(ctx, keys, mutations)
	must("bulk", err)
	check("bulk", len(failed), 0)
	count := func(rows bigtable.RowSet, options ...bigtable.ReadOption) (seen []string) {
		must("rows", table.ReadRows(ctx, rows, func(row bigtable.Row) bool {
			seen = append(seen, row.Key())
			return true
		}, options...))
		return
	}
	check("prefix", len(count(bigtable.PrefixRange("k"))), 500)
	check("filter", len(count(bigtable.PrefixRange("k"), bigtable.RowFilter(bigtable.ValueFilter("[37]")))), 100)
	check("keys", count(bigtable.RowList{"k499", "none", "k000"}), []string{"k000", "k499"})
	check("reversed", count(bigtable.NewRange("k100", "k200"), bigtable.ReverseScan(), bigtable.LimitRows(2)), []string{"k199", "k198"})
	var stats *bigtable.FullReadStats
	count(bigtable.PrefixRange("k"), bigtable.WithFullReadStats(func(s *bigtable.FullReadStats) { stats = s }))
	check("statistics", stats.ReadIterationStats.RowsReturnedCount, int64(500))

	change := bigtable.NewReadModifyWrite()
	change.Increment("f", "n", 7)
	change.AppendValue("g", "t", []byte("ab"))
	row, err = table.ApplyReadModifyWrite(ctx, "counter", change)
	must("counter", err)
	check("increment", binary.BigEndian.Uint64(row["f"][0].Value), uint64(7))
	check("append", string(row["g"][0].Value), "ab")

	yes, no := bigtable.NewMutation(), bigtable.NewMutation()
	yes.Set("f", "seen", 1000, []byte("yes"))
	no.DeleteRow()
	var matched bool
	must("condition", table.Apply(ctx, "one", bigtable.NewCondMutation(bigtable.ValueFilter("new"), yes, no), bigtable.GetCondMutationResult(&matched)))
	check("matched", matched, true)
	change2 := bigtable.NewMutation()
	change2.DeleteTimestampRange("f", "q", 2000, 0)
	must("delete", table.Apply(ctx, "one", change2))
	row, err = table.ReadRow(ctx, "one")
	must("read", err)
	check("row", text(row), "f:q@1000=old f:seen@1000=yes ")

	samples, err := table.SampleRowKeys(ctx)
	must("samples", err)
	check("samples", samples[0], "k5")
	must("drop", admin.DropRowRange(ctx, "go", "k"))
	check("dropped", count(bigtable.InfiniteRange("")), []string{"counter", "one"})
	must("add family", admin.CreateColumnFamilyWithConfig(ctx, "go", "s", bigtable.Family{
		GCPolicy:  bigtable.MaxAgePolicy(time.Hour),
		ValueType: bigtable.AggregateType{Input: bigtable.Int64Type{Encoding: bigtable.BigEndianBytesEncoding{}}, Aggregator: bigtable.SumAggregator{}},
	}))
	must("change rule", admin.SetGCPolicy(ctx, "go", "f", bigtable.MaxVersionsPolicy(1)))
	info, err = admin.TableInfo(ctx, "go")
	must("info", err)
	check("families", len(info.FamilyInfos), 3)
	for i := 0; i < 3; i++ {
		sum := bigtable.NewMutation()
		sum.AddIntToCell("s", "n", 1000, 5)
		must("add", table.Apply(ctx, "summed", sum))
	}
	row, err = table.ReadRow(ctx, "summed")
	must("sum", err)
	check("sum", binary.BigEndian.Uint64(row["s"][0].Value), uint64(15))
	check("its column", row["s"][0].Column+fmt.Sprint(row["s"][0].Timestamp), "s:n1000")
	must("protect", admin.UpdateTableWithDeletionProtection(ctx, "go", bigtable.Protected))
	if admin.DeleteTable(ctx, "go") == nil {
		fmt.Fprintln(os.Stderr, "a protected table was deleted")
		os.Exit(1)
	}
	must("release", admin.UpdateTableWithDeletionProtection(ctx, "go", bigtable.Unprotected))
	must("drop family", admin.DeleteColumnFamily(ctx, "go", "s"))
	must("delete", admin.DeleteTable(ctx, "go"))
	fmt.Println("cloud.google.com/go/bigtable works on the gateway")
}
