// One of many processes that use a gateway at once, with Google's Go client; BIGTABLE_EMULATOR_HOST names it. For bench/gateway.
//
//	load OPERATION SECONDS ROWS
//
// `load fill 0 ROWS` writes them all, and ends.
//
// Waits for a line of input, then repeats the operation (get, put, bulk, scan; the last two of 100 rows) for so long on random ones of ROWS rows.
// Prints how many calls there were, of how many rows, and how long they lasted: "MICROSECONDS:COUNT ...", in steps of a few percent.
package main

import (
	"bufio"
	"context"
	"fmt"
	"math"
	"math/rand"
	"os"
	"strconv"
	"time"

	"cloud.google.com/go/bigtable"
)

const batch = 100

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func key(row int) string { return fmt.Sprintf("k%08d", row) }

func main() {
	ctx := context.Background()
	client, err := bigtable.NewClient(ctx, "p", "i")
	must(err)
	table := client.Open("bench")
	seconds, err := strconv.ParseFloat(os.Args[2], 64)
	must(err)
	rows, err := strconv.Atoi(os.Args[3])
	must(err)
	value := make([]byte, 100)
	put := func() *bigtable.Mutation {
		m := bigtable.NewMutation()
		m.Set("f", "q", 1000, value)
		return m
	}
	bulk := func(first int) (int, error) {
		keys, changes := make([]string, batch), make([]*bigtable.Mutation, batch)
		for i := range keys {
			keys[i], changes[i] = key(first+i), put()
		}
		failed, err := table.ApplyBulk(ctx, keys, changes)
		if err == nil && failed != nil {
			err = failed[0]
		}
		return batch, err
	}
	if os.Args[1] == "fill" {
		for first := 0; first < rows; first += batch {
			_, err := bulk(first)
			must(err)
		}
		return
	}
	operations := map[string]func() (int, error){
		"get": func() (int, error) {
			_, err := table.ReadRow(ctx, key(rand.Intn(rows)))
			return 1, err
		},
		"put": func() (int, error) { return 1, table.Apply(ctx, key(rand.Intn(rows)), put()) },
		"bulk": func() (int, error) { return bulk(rand.Intn(rows - batch)) },
		"scan": func() (int, error) {
			count := 0
			err := table.ReadRows(ctx, bigtable.InfiniteRange(key(rand.Intn(rows-batch))), func(bigtable.Row) bool {
				count++
				return true
			}, bigtable.LimitRows(batch))
			return count, err
		},
	}
	run := operations[os.Args[1]]
	_, err = table.ReadRow(ctx, key(0)) // the connection
	must(err)
	fmt.Println("ready")
	_, err = bufio.NewReader(os.Stdin).ReadString('\n')
	must(err)
	lasted := map[int]int{}
	calls, seen := 0, 0
	for end := time.Now().Add(time.Duration(seconds * float64(time.Second))); time.Now().Before(end); calls++ {
		began := time.Now()
		count, err := run()
		must(err)
		micros := float64(time.Since(began).Microseconds() + 1)
		lasted[int(math.Pow(1.05, math.Ceil(math.Log(micros)/math.Log(1.05))))]++
		seen += count
	}
	fmt.Print(calls, " ", seen)
	for micros, count := range lasted {
		fmt.Printf(" %d:%d", micros, count)
	}
	fmt.Println()
}
