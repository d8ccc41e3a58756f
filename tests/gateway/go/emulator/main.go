// Google's in-memory emulator of Bigtable on a free port: prints HOST:PORT, and serves until its standard input ends.
package main

import (
	"fmt"
	"io"
	"os"

	"cloud.google.com/go/bigtable/bttest"
)

func main() {
	server, err := bttest.NewServer("127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(server.Addr)
	io.Copy(io.Discard, os.Stdin)
	server.Close()
}
