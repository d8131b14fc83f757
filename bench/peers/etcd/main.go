// Reads of one etcd member as its own client makes them: linearizable gets in a closed loop. One JSON line.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

func main() {
	endpoint := flag.String("endpoint", "", "http://127.0.0.1:PORT")
	clients := flag.Int("clients", 1, "concurrent readers")
	seconds := flag.Int("seconds", 3, "at most 30")
	size := flag.Int("size", 2600, "bytes of the value read")
	flag.Parse()
	if !strings.HasPrefix(*endpoint, "http://127.0.0.1:") || *seconds > 30 || *clients > 256 {
		fmt.Fprintln(os.Stderr, "loopback only, at most 30 seconds and 256 clients")
		os.Exit(2)
	}
	c, err := clientv3.New(clientv3.Config{Endpoints: []string{*endpoint}, DialTimeout: 5 * time.Second})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ctx := context.Background()
	for i := 0; i < 64; i++ {
		if _, err := c.Put(ctx, fmt.Sprintf("key%02d", i), strings.Repeat("x", *size)); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	var mu sync.Mutex
	var all []float64
	var wg sync.WaitGroup
	end := time.Now().Add(time.Duration(*seconds) * time.Second)
	start := time.Now()
	for i := 0; i < *clients; i++ {
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			var mine []float64
			for n := i; time.Now().Before(end); n++ {
				t := time.Now()
				if _, err := c.Get(ctx, fmt.Sprintf("key%02d", n%64)); err != nil {
					fmt.Fprintln(os.Stderr, err)
					os.Exit(1)
				}
				mine = append(mine, float64(time.Since(t).Microseconds())/1000)
			}
			mu.Lock()
			all = append(all, mine...)
			mu.Unlock()
		}(i)
	}
	wg.Wait()
	sort.Float64s(all)
	json.NewEncoder(os.Stdout).Encode(map[string]any{"n": len(all), "p50_ms": all[len(all)/2],
		"p99_ms": all[len(all)*99/100], "seconds": time.Since(start).Seconds()})
}
