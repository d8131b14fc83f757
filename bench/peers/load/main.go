// Writes to the peers as their own clients make them, measured to the moment the client sees the commit. One JSON line.
//
//	load etcd     -urls ... -clients 256 -seconds 10     closed loop of puts
//	load cometbft -urls ... -clients 32 -batch 10        broadcast_tx_sync in batches, commits seen on the block stream
//	-rate N       instead: N writes a second, each timed alone
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/url"
	"os"
	"sort"
	"strings"
	"sync"
	"time"
)

type options struct {
	urls    []string
	clients int
	batch   int
	seconds time.Duration
	rate    float64
	size    int
	signed  bool
}

type latencies struct {
	mu sync.Mutex
	ms []float64
}

func (l *latencies) add(d time.Duration) {
	l.mu.Lock()
	l.ms = append(l.ms, float64(d.Microseconds())/1000)
	l.mu.Unlock()
}

func (l *latencies) at(share float64) float64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.ms) == 0 {
		return -1
	}
	sort.Float64s(l.ms)
	return l.ms[int(share*float64(len(l.ms)-1))]
}

type result struct {
	Committed int     `json:"committed"`
	PerSecond float64 `json:"per_second"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	Errors    int     `json:"errors"`
}

// paced calls write(i) at the given rate, each on its own, until the end; it returns when all have.
func paced(o options, write func(i int)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, 1024)
	start := time.Now()
	for i := 0; time.Since(start) < o.seconds; i++ {
		time.Sleep(time.Until(start.Add(time.Duration(float64(i) * float64(time.Second) / o.rate))))
		slots <- struct{}{}
		wg.Add(1)
		go func(i int) {
			defer wg.Done()
			write(i)
			<-slots
		}(i)
	}
	wg.Wait()
}

func fail(format string, a ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", a...)
	os.Exit(1)
}

func main() {
	if len(os.Args) < 2 {
		fail("load etcd|cometbft ...")
	}
	f := flag.NewFlagSet(os.Args[1], flag.ExitOnError)
	urls := f.String("urls", "", "http://127.0.0.1:PORT, separated by commas")
	clients := f.Int("clients", 32, "concurrent clients")
	batch := f.Int("batch", 10, "transactions a request")
	seconds := f.Int("seconds", 10, "at most 60")
	rate := f.Float64("rate", 0, "writes a second, one by one; 0: as fast as it goes")
	size := f.Int("size", 250, "bytes of a write")
	signed := f.Bool("signed", false, "CometBFT: sign each transaction with Ed25519")
	f.Parse(os.Args[2:])
	o := options{strings.Split(*urls, ","), *clients, *batch, time.Duration(*seconds) * time.Second, *rate, *size, *signed}
	for _, u := range o.urls {
		p, err := url.Parse(u)
		if err != nil || !strings.HasPrefix(p.Hostname(), "127.") {
			fail("not loopback: %s", u)
		}
	}
	if *seconds < 1 || *seconds > 60 || *clients < 1 || *clients > 1024 {
		fail("1 to 60 seconds and 1 to 1024 clients")
	}
	run := map[string]func(options) result{"etcd": etcd, "cometbft": cometbft}[os.Args[1]]
	if run == nil {
		fail("etcd or cometbft, not %s", os.Args[1])
	}
	json.NewEncoder(os.Stdout).Encode(run(o))
}
