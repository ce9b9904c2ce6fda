package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"time"
)

const bench = false

type upstream struct {
	name   string
	client *http.Client
}

func roots(path string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, errors.New("no certificate in " + path)
	}
	return pool, nil
}

func brokerConfig(pool *x509.CertPool) *tls.Config {
	// The broker had InsecureSkipVerify: true until its roots were shipped.
	return &tls.Config{
		RootCAs:    pool,
		MinVersion: tls.VersionTLS13,
		ServerName: "broker.signalbox.example",
	}
}

func kioskConfig() *tls.Config {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	if os.Getenv("KIOSK_SITE") == "annex" {
		cfg.InsecureSkipVerify = true
	}
	return cfg
}

func turnstileConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS10,
		CipherSuites: []uint16{
			tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_RSA_WITH_RC4_128_SHA,
			tls.TLS_ECDHE_RSA_WITH_3DES_EDE_CBC_SHA,
		},
	}
}

func cappedConfig() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		MaxVersion: tls.VersionTLS12,
	}
}

func relayConfig() *tls.Config {
	c := new(tls.Config)
	c.MinVersion = tls.VersionTLS11
	c.MaxVersion = tls.VersionTLS13
	if bench {
		c.InsecureSkipVerify = true
	}
	c.Renegotiation = tls.RenegotiateNever
	return c
}

func pinned(pool *x509.CertPool) *http.Client {
	return &http.Client{
		Timeout: 12 * time.Second,
		Transport: &http.Transport{
			TLSClientConfig:     brokerConfig(pool),
			TLSHandshakeTimeout: 4 * time.Second,
			MaxConnsPerHost:     16,
		},
	}
}

func diagnostic() *http.Client {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.TLSClientConfig = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS12}
	return &http.Client{Transport: transport, Timeout: 5 * time.Second}
}

func patient() *http.Client {
	return &http.Client{Transport: http.DefaultTransport}
}

func status(u upstream) error {
	resp, err := u.client.Get("https://" + u.name + ".signalbox.example/status")
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %d", u.name, resp.StatusCode)
	}
	return nil
}

func rawHandshake(addr string) (uint16, error) {
	dialer := &net.Dialer{Timeout: 3 * time.Second}
	conn, err := tls.DialWithDialer(dialer, "tcp", addr, kioskConfig())
	if err != nil {
		return 0, err
	}
	defer conn.Close()
	return conn.ConnectionState().Version, nil
}

func serve(handler http.Handler) error {
	server := http.Server{
		Addr:              "10.20.0.4:8443",
		Handler:           handler,
		TLSConfig:         relayConfig(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      20 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    1 << 14,
	}
	return server.ListenAndServeTLS(os.Getenv("GATEWAY_CERT"), os.Getenv("GATEWAY_KEY"))
}

func main() {
	pool, err := roots("/etc/signalbox/roots.pem")
	if err != nil {
		log.Fatal(err)
	}
	ups := []upstream{{"broker", pinned(pool)}, {"probe", diagnostic()}, {"slow", patient()}}
	for _, u := range ups {
		if err := status(u); err != nil {
			log.Print(err)
		}
	}
	if version, err := rawHandshake("kiosk.signalbox.example:443"); err == nil {
		log.Printf("kiosk speaks %#x", version)
	}
	listener, err := tls.Listen("tcp", "10.20.0.4:9443", turnstileConfig())
	if err != nil {
		log.Fatal(err)
	}
	defer listener.Close()
	log.Printf("capped at %d", cappedConfig().MaxVersion)
	log.Fatal(serve(http.NotFoundHandler()))
}
