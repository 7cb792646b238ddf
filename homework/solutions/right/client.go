// Right, in Go: a scanner for the input, and a buffered reader for the replies.
package main

import (
	"bufio"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"strconv"
)

func main() {
	host := flag.String("host", "127.0.0.1", "")
	port := flag.Int("port", 8888, "")
	flag.Parse()
	server, err := net.Dial("tcp", net.JoinHostPort(*host, strconv.Itoa(*port)))
	if err != nil {
		log.Fatal(err)
	}
	defer server.Close()
	replies := bufio.NewReader(server)
	exchange := func(message string) {
		if _, err := fmt.Fprintln(server, message); err != nil {
			log.Fatal(err)
		}
		reply, err := replies.ReadString('\n')
		if err != nil {
			log.Fatal(err)
		}
		fmt.Print(reply)
	}
	if flag.NArg() > 0 {
		for _, message := range flag.Args() {
			exchange(message)
		}
		return
	}
	for input := bufio.NewScanner(os.Stdin); input.Scan() && input.Text() != ""; {
		exchange(input.Text())
	}
}
