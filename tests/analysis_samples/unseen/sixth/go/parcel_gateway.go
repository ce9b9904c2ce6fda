package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/cors"
)

const (
	scanBodyLimit  = 64 << 10
	opsAddr        = "127.0.0.1:9095"
	hstsYear       = "max-age=63072000; includeSubDomains"
	trackingCookie = "pg_track"
)

// The depot scanners used to talk to 0.0.0.0:8080 with TLS 1.0; see the migration notes.

type scan struct {
	Parcel string `json:"parcel"`
	Depot  string `json:"depot"`
}

type gateway struct {
	scans chan scan
	log   *slog.Logger
}

func edgeTLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12,
		NextProtos: []string{"h2", "http/1.1"},
	}
}

func handheldTLS() *tls.Config {
	cfg := &tls.Config{
		MinVersion: tls.VersionTLS10,
		CipherSuites: []uint16{
			tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_RSA_WITH_3DES_EDE_CBC_SHA,
		},
	}
	return cfg
}

func secureHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Strict-Transport-Security", hstsYear)
		h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		next.ServeHTTP(w, r)
	})
}

func portalHeaders(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Strict-Transport-Security", "max-age=600; includeSubDomains")
		h.Set("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-inline'; frame-ancestors 'self'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Server", "parcel-gateway/4.2.1 go1.22")
		next.ServeHTTP(w, r)
	})
}

func (g *gateway) recoverer(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if p := recover(); p != nil {
				g.log.Error("panic", "value", p, "stack", string(debug.Stack()))
				w.Header().Set("Content-Type", "text/plain")
				w.WriteHeader(http.StatusInternalServerError)
				w.Write(debug.Stack())
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func (g *gateway) acceptScan(w http.ResponseWriter, r *http.Request) {
	var s scan
	body := http.MaxBytesReader(w, r.Body, scanBodyLimit)
	if err := json.NewDecoder(body).Decode(&s); err != nil {
		http.Error(w, "malformed scan", http.StatusBadRequest)
		return
	}
	g.scans <- s
	w.WriteHeader(http.StatusAccepted)
}

func (g *gateway) acceptBatch(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, "short read", http.StatusBadRequest)
		return
	}
	var batch []scan
	if json.Unmarshal(raw, &batch) != nil {
		http.Error(w, "malformed batch", http.StatusBadRequest)
		return
	}
	for _, s := range batch {
		g.scans <- s
	}
	w.WriteHeader(http.StatusAccepted)
}

func startVisit(w http.ResponseWriter, visit string) {
	http.SetCookie(w, &http.Cookie{
		Name:     trackingCookie,
		Value:    visit,
		Path:     "/",
		Secure:   true,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}

func startCourierSession(w http.ResponseWriter, id string) {
	c := &http.Cookie{Name: "courier_session", Value: id, Path: "/courier"}
	c.Secure = true
	c.HttpOnly = false
	c.SameSite = http.SameSiteNoneMode
	http.SetCookie(w, c)
}

func startDepotSession(w http.ResponseWriter, id string) {
	http.SetCookie(w, &http.Cookie{Name: "depot_session", Value: id, HttpOnly: true, SameSite: http.SameSiteStrictMode})
}

func (g *gateway) routes() http.Handler {
	r := chi.NewRouter()
	r.Use(g.recoverer, secureHeaders)
	r.Use(cors.Handler(cors.Options{
		AllowedOrigins:   []string{"https://portal.parcelgate.example", "https://depot.parcelgate.example"},
		AllowedMethods:   []string{http.MethodGet, http.MethodPost},
		AllowCredentials: true,
	}))
	r.Post("/scans", g.acceptScan)
	r.Post("/scans/batch", g.acceptBatch)
	r.Handle("/labels/*", http.StripPrefix("/labels/", http.FileServer(http.Dir("/srv/parcelgate/labels"))))
	return r
}

func main() {
	g := &gateway{scans: make(chan scan, 256), log: slog.New(slog.NewJSONHandler(os.Stdout, nil))}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	edge := &http.Server{
		Addr:              "0.0.0.0:8443",
		Handler:           g.routes(),
		TLSConfig:         edgeTLS(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       90 * time.Second,
	}
	ops := &http.Server{Addr: opsAddr, Handler: portalHeaders(http.NotFoundHandler()), TLSConfig: handheldTLS()}

	go func() {
		if err := ops.ListenAndServeTLS("/etc/parcelgate/ops.crt", "/etc/parcelgate/ops.key"); !errors.Is(err, http.ErrServerClosed) {
			g.log.Error("ops listener", "err", err)
		}
	}()
	go func() {
		<-ctx.Done()
		_ = edge.Shutdown(context.Background())
	}()
	if err := edge.ListenAndServeTLS("/etc/parcelgate/edge.crt", "/etc/parcelgate/edge.key"); !errors.Is(err, http.ErrServerClosed) {
		g.log.Error("edge listener", "err", err)
		os.Exit(1)
	}
}
