package main

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
)

// A transaction is k<16 hex number><8 hex run>=<padding>, `size` bytes; signed ones end with 128 characters of
// base64url(signature || key) over what stands before.
func transaction(number uint64, run string, o options, key ed25519.PrivateKey) []byte {
	tx := []byte(fmt.Sprintf("k%016x%s=", number, run))
	body := o.size
	if o.signed {
		body -= 128
	}
	pad := make([]byte, body/2+1)
	rand.Read(pad)
	tx = append(tx, hex.EncodeToString(pad)...)[:body]
	if o.signed {
		proof := append(ed25519.Sign(key, tx), key.Public().(ed25519.PublicKey)...)
		tx = append(tx, base64.RawURLEncoding.EncodeToString(proof)...)
	}
	return tx
}

// Commits as they come on the block stream of one node.
type stream struct {
	run       string
	submitted sync.Map // number -> time
	seen      *latencies
	committed int64
	mu        sync.Mutex
	blocks    []block
}
type block struct {
	at time.Time
	n  int
}

func (s *stream) watch(c *websocket.Conn) {
	var event struct {
		Result struct {
			Data struct {
				Value struct {
					Block struct {
						Data struct {
							Txs []string `json:"txs"`
						} `json:"data"`
					} `json:"block"`
				} `json:"value"`
			} `json:"data"`
		} `json:"result"`
	}
	for {
		_, message, err := c.ReadMessage()
		if err != nil {
			return
		}
		now := time.Now()
		event.Result.Data.Value.Block.Data.Txs = nil
		if json.Unmarshal(message, &event) != nil {
			continue
		}
		n := 0
		for _, text := range event.Result.Data.Value.Block.Data.Txs {
			tx, err := base64.StdEncoding.DecodeString(text)
			if err != nil || len(tx) < 26 || tx[0] != 'k' || string(tx[17:25]) != s.run {
				continue
			}
			number, err := strconv.ParseUint(string(tx[1:17]), 16, 64)
			if err != nil {
				continue
			}
			if at, ok := s.submitted.LoadAndDelete(number); ok {
				s.seen.add(now.Sub(at.(time.Time)))
				n++
			}
		}
		atomic.AddInt64(&s.committed, int64(n))
		s.mu.Lock()
		s.blocks = append(s.blocks, block{now, n})
		s.mu.Unlock()
	}
}

// Transactions a second between the first and the last block of the measured time, the first fifth left out.
func (s *stream) steady(start, end time.Time) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	from := start.Add(end.Sub(start) / 5)
	var first, last time.Time
	n := 0
	for _, b := range s.blocks {
		if b.at.Before(from) || b.at.After(end) {
			continue
		}
		if first.IsZero() {
			first = b.at
			continue
		}
		n, last = n+b.n, b.at
	}
	if last.IsZero() {
		return 0
	}
	return float64(n) / last.Sub(first).Seconds()
}

func cometbft(o options) result {
	const mostInFlight = 6000
	client := &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	var id [4]byte
	rand.Read(id[:])
	s := &stream{run: hex.EncodeToString(id[:]), seen: &latencies{}}
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		fail("cometbft: %v", err)
	}
	c, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(o.urls[0], "http")+"/websocket", nil)
	if err != nil {
		fail("cometbft: %v", err)
	}
	c.SetReadLimit(256 << 20)
	if err := c.WriteJSON(map[string]any{"jsonrpc": "2.0", "id": 1, "method": "subscribe", "params": map[string]string{"query": "tm.event='NewBlock'"}}); err != nil {
		fail("cometbft: %v", err)
	}
	go s.watch(c)
	time.Sleep(500 * time.Millisecond)

	var next uint64
	var accepted, errors int64
	submit := func(u string, n int) {
		type call struct {
			Version string            `json:"jsonrpc"`
			ID      int               `json:"id"`
			Method  string            `json:"method"`
			Params  map[string]string `json:"params"`
		}
		var calls []call
		var numbers []uint64
		for i := 0; i < n; i++ {
			number := atomic.AddUint64(&next, 1)
			numbers = append(numbers, number)
			tx := transaction(number, s.run, o, key)
			calls = append(calls, call{"2.0", i + 1, "broadcast_tx_sync", map[string]string{"tx": base64.StdEncoding.EncodeToString(tx)}})
		}
		body, _ := json.Marshal(calls)
		now := time.Now()
		for _, number := range numbers {
			s.submitted.Store(number, now)
		}
		r, err := client.Post(u, "application/json", bytes.NewReader(body))
		if err != nil {
			atomic.AddInt64(&errors, int64(n))
			return
		}
		answer, _ := io.ReadAll(r.Body)
		r.Body.Close()
		good := bytes.Count(answer, []byte(`"code":0`))
		atomic.AddInt64(&accepted, int64(good))
		if good < n {
			atomic.AddInt64(&errors, int64(n-good))
			time.Sleep(20 * time.Millisecond)
		}
	}
	start := time.Now()
	if o.rate > 0 {
		paced(o, func(i int) { submit(o.urls[i%len(o.urls)], 1) })
	} else {
		var wg sync.WaitGroup
		for i := 0; i < o.clients; i++ {
			wg.Add(1)
			go func(i int) {
				defer wg.Done()
				for time.Since(start) < o.seconds {
					if atomic.LoadInt64(&accepted)-atomic.LoadInt64(&s.committed) > mostInFlight {
						time.Sleep(2 * time.Millisecond)
						continue
					}
					submit(o.urls[i%len(o.urls)], o.batch)
				}
			}(i)
		}
		wg.Wait()
	}
	end := time.Now()
	for i := 0; i < 150 && atomic.LoadInt64(&s.committed) < atomic.LoadInt64(&accepted); i++ {
		time.Sleep(100 * time.Millisecond)
	}
	c.Close()
	return result{int(s.committed), s.steady(start, end), s.seen.at(0.5), s.seen.at(0.99), int(errors)}
}
