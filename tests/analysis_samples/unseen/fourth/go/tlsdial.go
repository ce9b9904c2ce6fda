// Package tlsdial holds the connections of the vineyard's irrigation network.
package tlsdial

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"time"
)

const oldest = tls.VersionTLS12

var dialer = &net.Dialer{Timeout: 5 * time.Second}

func modern() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13}
}

func usual(name string) *tls.Config {
	cfg := &tls.Config{ServerName: name}
	cfg.MinVersion = oldest
	return cfg
}

func anyPump() *tls.Config {
	return &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true,
	}
}

func anyPumpLater(host string) *tls.Config {
	cfg := usual(host)
	if host != "" {
		cfg.InsecureSkipVerify = true
	}
	return cfg
}

func strictPump() *tls.Config {
	skip := false
	return &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: skip}
}

func pinned(roots *x509.CertPool, name string) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		RootCAs:    roots,
		ServerName: name,
		VerifyPeerCertificate: func(raw [][]byte, chains [][]*x509.Certificate) error {
			for _, chain := range chains {
				if len(chain) > 0 && chain[0].Subject.CommonName == name {
					return nil
				}
			}
			return errors.New("unexpected peer")
		},
	}
}

func forOldValves() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS10,
		CipherSuites: []uint16{
			tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_RSA_WITH_RC4_128_SHA,
		},
	}
}

func forNewValves() *tls.Config {
	return &tls.Config{
		MinVersion:       tls.VersionTLS12,
		CurvePreferences: []tls.CurveID{tls.X25519, tls.CurveP256},
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
}

func capped() *tls.Config {
	c := new(tls.Config)
	c.MinVersion = tls.VersionTLS12
	c.MaxVersion = tls.VersionTLS12
	return c
}

func looseVersion(env string) *tls.Config {
	v := uint16(tls.VersionTLS13)
	if env == "greenhouse" {
		v = tls.VersionTLS12
	}
	return &tls.Config{MinVersion: v}
}

func renegotiating() *tls.Config {
	return &tls.Config{
		MinVersion:    tls.VersionTLS12,
		Renegotiation: tls.RenegotiateFreelyAsClient,
	}
}

func mutual(ca *x509.CertPool, cert tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS13,
		ClientAuth:   tls.RequireAndVerifyClientCert,
		ClientCAs:    ca,
		Certificates: []tls.Certificate{cert},
	}
}

func client(cfg *tls.Config) *http.Client {
	return &http.Client{
		Timeout:   12 * time.Second,
		Transport: &http.Transport{TLSClientConfig: cfg, TLSHandshakeTimeout: 5 * time.Second},
	}
}

func impatient() *http.Client {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.TLSClientConfig = &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS13}
	return &http.Client{Transport: t, Timeout: time.Second}
}

func patient() *http.Client {
	return &http.Client{Transport: &http.Transport{TLSClientConfig: modern()}}
}

func soilReport(ctx context.Context) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://soil.vineyard.example/report", nil)
	if err != nil {
		return nil, err
	}
	return client(modern()).Do(req)
}

func quickReport() (*http.Response, error) {
	return http.Get("https://soil.vineyard.example/brief")
}

func dialPump(addr string) (net.Conn, error) {
	return tls.DialWithDialer(dialer, "tcp", addr, modern())
}

func serve(h http.Handler, cfg *tls.Config) error {
	srv := &http.Server{
		Addr:              "127.0.0.1:8443",
		Handler:           http.MaxBytesHandler(h, 1<<20),
		TLSConfig:         cfg,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       time.Minute,
	}
	return srv.ListenAndServeTLS(os.Getenv("TLS_CERT"), os.Getenv("TLS_KEY"))
}

func serveEverywhere(h http.Handler, cfg *tls.Config) error {
	srv := &http.Server{
		Addr:              "0.0.0.0:9443",
		Handler:           http.MaxBytesHandler(h, 1<<20),
		TLSConfig:         cfg,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      15 * time.Second,
	}
	return srv.ListenAndServeTLS(os.Getenv("TLS_CERT"), os.Getenv("TLS_KEY"))
}
