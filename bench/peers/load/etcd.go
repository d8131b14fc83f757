package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

func etcd(o options) result {
	var all []*clientv3.Client
	for _, u := range o.urls {
		c, err := clientv3.New(clientv3.Config{Endpoints: []string{u}, DialTimeout: 5 * time.Second})
		if err != nil {
			fail("etcd: %v", err)
		}
		all = append(all, c)
	}
	value := make([]byte, o.size-24)
	rand.Read(value)
	var run [3]byte
	rand.Read(run[:])
	var next, errors int64
	seen := &latencies{}
	put := func(i int) {
		key := fmt.Sprintf("k%016x%06x=", atomic.AddInt64(&next, 1), run)
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		t := time.Now()
		if _, err := all[i%len(all)].Put(ctx, key, string(value)); err != nil {
			atomic.AddInt64(&errors, 1)
			return
		}
		seen.add(time.Since(t))
	}
	start := time.Now()
	if o.rate > 0 {
		paced(o, put)
	} else {
		var wg sync.WaitGroup
		for i := 0; i < o.clients; i++ {
			wg.Add(1)
			go func(i int) {
				defer wg.Done()
				for time.Since(start) < o.seconds {
					put(i)
				}
			}(i)
		}
		wg.Wait()
	}
	n := len(seen.ms)
	return result{n, float64(n) / time.Since(start).Seconds(), seen.at(0.5), seen.at(0.99), int(errors)}
}
