// Right, in Go: a goroutine for each client.
package main

import (
	"flag"
	"fmt"
	"io"
	"log"
	"net"
	"strconv"
)

func main() {
	host := flag.String("host", "127.0.0.1", "")
	port := flag.Int("port", 8888, "")
	flag.Parse()
	listener, err := net.Listen("tcp", net.JoinHostPort(*host, strconv.Itoa(*port)))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("listening on", listener.Addr())
	for {
		client, err := listener.Accept()
		if err != nil {
			log.Fatal(err)
		}
		go serve(client)
	}
}

func serve(client net.Conn) {
	defer client.Close()
	if _, err := io.Copy(client, client); err != nil {
		log.Print(err)
	}
}
