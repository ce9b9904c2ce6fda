package main

import (
	"bytes"
	"fmt"
	"log"
	"net/http"
	_ "net/http/pprof"
	"net/url"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"
)

var partnerOrigins = []string{"https://stage.boxoffice.example", "https://seats.boxoffice.example"}

type shop struct {
	baseURL string
	audit   *log.Logger
}

func (s *shop) headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains")
		next.ServeHTTP(w, r)
	})
}

func widgetHeaders(w http.ResponseWriter) {
	w.Header().Set("Content-Security-Policy", "default-src 'self'; script-src 'self' 'unsafe-inline'; frame-ancestors 'self'")
	w.Header().Set("Strict-Transport-Security", "max-age=600; includeSubDomains")
}

func (s *shop) publicAPI(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Content-Type", "application/json")
	w.Write([]byte(`{"open":true}`))
}

func (s *shop) memberAPI(w http.ResponseWriter, r *http.Request) {
	origin := r.Header.Get("Origin")
	w.Header().Set("Access-Control-Allow-Origin", origin)
	w.Header().Set("Vary", "Origin")
	w.WriteHeader(http.StatusNoContent)
}

func (s *shop) partnerAPI(w http.ResponseWriter, r *http.Request) {
	if origin := r.Header.Get("Origin"); slices.Contains(partnerOrigins, origin) {
		w.Header().Set("Access-Control-Allow-Origin", origin)
		w.Header().Set("Access-Control-Allow-Credentials", "true")
		w.Header().Add("Vary", "Origin")
	}
	w.WriteHeader(http.StatusNoContent)
}

func remember(w http.ResponseWriter, seat string) {
	http.SetCookie(w, &http.Cookie{
		Name:     "seat",
		Value:    url.QueryEscape(seat),
		Path:     "/",
		Secure:   true,
		HttpOnly: false,
	})
}

func cart(w http.ResponseWriter, id string) {
	c := http.Cookie{Name: "cart", Value: id, Path: "/", HttpOnly: true}
	c.SameSite = http.SameSiteStrictMode
	c.Secure = true
	http.SetCookie(w, &c)
}

func embedded(w http.ResponseWriter, id string) {
	http.SetCookie(w, &http.Cookie{Name: "embed", Value: id, HttpOnly: true, Secure: false, SameSite: http.SameSiteLaxMode})
	http.SetCookie(w, &http.Cookie{
		Name:     "embed_seat",
		Value:    id,
		HttpOnly: true,
		Secure:   true,
		SameSite: http.SameSiteNoneMode,
	})
}

func (s *shop) signedIn(w http.ResponseWriter, r *http.Request) {
	next := r.FormValue("next")
	if next == "" {
		next = "/seats"
	}
	http.Redirect(w, r, next, http.StatusSeeOther)
}

func (s *shop) signedOut(w http.ResponseWriter, r *http.Request) {
	pages := map[string]string{"seats": "/seats", "help": "/help"}
	target, ok := pages[r.FormValue("page")]
	if !ok {
		target = "/"
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}

func (s *shop) forwarded(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "https://"+r.URL.Query().Get("to")+"/welcome", http.StatusFound)
}

func (s *shop) resetMail(w http.ResponseWriter, r *http.Request) {
	var mail bytes.Buffer
	fmt.Fprintf(&mail, "Choose a new password at https://%s/reset", r.Host)
	s.queue(mail.String())
	s.queue("Questions: " + s.baseURL + "/help")
}

func (s *shop) queue(text string) {
	os.WriteFile("/var/spool/boxoffice/outgoing.txt", []byte(text), 0o600)
}

func (s *shop) complain(w http.ResponseWriter, r *http.Request) {
	text := r.PostFormValue("complaint")
	log.Println("complaint received: " + text)
	s.audit.Printf("complaint of %d bytes, begins %q", len(text), text[:min(len(text), 40)])
	w.WriteHeader(http.StatusAccepted)
}

func (s *shop) charge(card, apiKey string) {
	s.audit.Printf("charging with key %s", apiKey)
	s.audit.Printf("charging, key present: %t", apiKey != "")
}

func (s *shop) recoverPanic(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if cause := recover(); cause != nil {
				s.audit.Printf("panic: %v\n%s", cause, debug.Stack())
				http.Error(w, string(debug.Stack()), http.StatusInternalServerError)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

func main() {
	s := &shop{baseURL: os.Getenv("SHOP_URL"), audit: log.New(os.Stderr, "shop ", log.LstdFlags)}
	mux := http.DefaultServeMux
	mux.HandleFunc("/api/public", s.publicAPI)
	mux.HandleFunc("/api/member", s.memberAPI)
	mux.HandleFunc("/api/partner", s.partnerAPI)
	mux.HandleFunc("/in", s.signedIn)
	mux.HandleFunc("/out", s.signedOut)
	mux.HandleFunc("/to", s.forwarded)
	mux.HandleFunc("/reset", s.resetMail)
	mux.HandleFunc("/complaints", s.complain)
	srv := &http.Server{
		Addr:              "0.0.0.0:8443",
		Handler:           s.recoverPanic(s.headers(mux)),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      15 * time.Second,
	}
	log.Println(strings.Repeat("-", 20))
	log.Fatal(srv.ListenAndServeTLS(os.Getenv("SHOP_CERT"), os.Getenv("SHOP_KEY")))
}
