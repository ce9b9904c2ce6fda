package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log"
	"math/rand"
	"net"
	"net/http"
	"os"
	"time"
)

const (
	ingestToken = "tlm_9fQ2vXw7Lk31ZbTnR8sYcUeJ0aGh5dMp"
	tokenHeader = "X-Ingest-Token"
	sampleName  = "boiler-password-reset-count"
)

var errGaveUp = errors.New("telemetry: gave up")

type sample struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

type sender struct {
	http  *http.Client
	base  string
	token string
}

func newSender() *sender {
	token := os.Getenv("TELEMETRY_TOKEN")
	if token == "" {
		token = ingestToken
	}
	return &sender{
		http:  &http.Client{Timeout: 10 * time.Second},
		base:  "https://ingest.boilerwatch.example",
		token: token,
	}
}

func (s *sender) post(ctx context.Context, batch []sample) error {
	raw, err := json.Marshal(batch)
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.base+"/v2/batch", bytes.NewReader(raw))
	if err != nil {
		return err
	}
	req.Header.Set(tokenHeader, s.token)
	resp, err := s.http.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode >= 300 {
		return errGaveUp
	}
	return nil
}

func (s *sender) postWithRetry(ctx context.Context, batch []sample) error {
	wait := 500 * time.Millisecond
	for attempt := 0; attempt < 5; attempt++ {
		if err := s.post(ctx, batch); err == nil {
			return nil
		}
		jitter := time.Duration(rand.Int63n(int64(wait)))
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait + jitter):
		}
		wait *= 2
	}
	return errGaveUp
}

func (s *sender) flushForever(batch []sample) {
	for {
		err := s.post(context.Background(), batch)
		if err == nil {
			return
		}
		log.Print("flush failed, again")
	}
}

func heartbeat() {
	resp, err := http.Get("https://ingest.boilerwatch.example/heartbeat")
	if err != nil {
		return
	}
	resp.Body.Close()
}

func heartbeatPlain(client *http.Client) {
	resp, err := client.Post("http://collector.boilerwatch.example/beat", "text/plain", nil)
	if err != nil {
		return
	}
	resp.Body.Close()
}

func reportToken(client *http.Client, token string) error {
	resp, err := client.Get("https://ingest.boilerwatch.example/register?access_token=" + token)
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

func slowLink() *http.Client {
	return &http.Client{Timeout: 15 * time.Minute}
}

func gaugeReading(addr string) (string, error) {
	conn, err := net.DialTimeout("tcp", addr, 3*time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	return bufio.NewReader(conn).ReadString('\n')
}

func listenGauges() (net.Listener, error) {
	cert, err := tls.LoadX509KeyPair("/etc/boilerwatch/gauge.crt", "/etc/boilerwatch/gauge.key")
	if err != nil {
		return nil, err
	}
	cfg := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	return tls.Listen("tcp", "[::]:7070", cfg)
}

func listenLocal() (net.PacketConn, error) {
	return net.ListenPacket("udp", "127.0.0.1:8125")
}

func main() {
	s := newSender()
	batch := []sample{{Name: sampleName, Value: 3}}
	if err := s.postWithRetry(context.Background(), batch); err != nil {
		s.flushForever(batch)
	}
	heartbeat()
	heartbeatPlain(s.http)
	if err := reportToken(slowLink(), s.token); err != nil {
		log.Fatal("not registered")
	}
	if line, err := gaugeReading("127.0.0.1:7071"); err == nil {
		io.WriteString(os.Stdout, line)
	}
	gauges, err := listenGauges()
	if err != nil {
		log.Fatal(err)
	}
	defer gauges.Close()
	local, err := listenLocal()
	if err != nil {
		log.Fatal(err)
	}
	local.Close()
}
