package portal

import (
	"context"
	"encoding/json"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/go-chi/cors"
	"github.com/gorilla/csrf"
	"github.com/gorilla/sessions"
	"github.com/rs/zerolog/log"
)

var (
	mirrors = []string{"https://m1.maps.example", "https://m2.maps.example"}
	page    = template.Must(template.New("page").Parse(`<h1>{{.Title}}</h1><p>{{.Body}}</p>`))
)

type Portal struct {
	store *sessions.CookieStore
	http  *http.Client
	key   []byte
}

func New(key []byte) *Portal {
	store := sessions.NewCookieStore(key)
	store.Options = &sessions.Options{
		Path:     "/",
		MaxAge:   8 * 3600,
		Secure:   true,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
	return &Portal{store: store, key: key, http: &http.Client{Timeout: 6 * time.Second}}
}

func (p *Portal) Router() chi.Router {
	r := chi.NewRouter()
	r.Use(middleware.RequestSize(1 << 20))
	r.Use(middleware.Timeout(20 * time.Second))
	r.Use(headers)
	r.Use(csrf.Protect(p.key, csrf.Secure(true), csrf.SameSite(csrf.SameSiteStrictMode)))
	r.Group(func(r chi.Router) {
		r.Use(cors.Handler(cors.Options{
			AllowedOrigins: []string{"https://trails.example", "https://www.trails.example"},
			AllowedMethods: []string{http.MethodGet},
			MaxAge:         300,
		}))
		r.Get("/trail/{id}", p.trail)
		r.Get("/tile", p.tile)
		r.Get("/tile/mirror", p.mirror)
		r.Get("/echo", p.echo)
	})
	r.With(cors.Handler(cors.Options{
		AllowedOrigins:   []string{"*"},
		AllowedMethods:   []string{http.MethodGet},
		AllowCredentials: true,
	})).Get("/widgets", p.widgets)
	r.Get("/open", p.open)
	r.Get("/away", p.away)
	r.Get("/account", p.account)
	r.Post("/account/reset", p.reset)
	r.Get("/language", p.language)
	return r
}

func headers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if rec := recover(); rec != nil {
				http.Error(w, string(debug.Stack()), http.StatusInternalServerError)
			}
		}()
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Strict-Transport-Security", "max-age=86400; includeSubDomains")
		next.ServeHTTP(w, r)
	})
}

func (p *Portal) trail(w http.ResponseWriter, r *http.Request) {
	id := chi.URLParam(r, "id")
	slog.Info("trail requested", "id", id)
	log.Info().Str("id", id).Msg("trail requested")
	_ = page.Execute(w, map[string]string{"Title": id, "Body": r.URL.Query().Get("note")})
}

func (p *Portal) fetch(ctx context.Context, addr string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, addr, nil)
	if err != nil {
		return nil, err
	}
	resp, err := p.http.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, 4<<20))
}

func (p *Portal) tile(w http.ResponseWriter, r *http.Request) {
	resp, err := p.http.Get(fmt.Sprintf("https://%s/tile.png", r.URL.Query().Get("server")))
	if err != nil {
		http.Error(w, "no tile", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	w.Header().Set("Content-Type", "image/png")
	_, _ = io.Copy(w, io.LimitReader(resp.Body, 4<<20))
}

func (p *Portal) mirror(w http.ResponseWriter, r *http.Request) {
	addr := mirrors[0]
	for _, m := range mirrors {
		if m == r.URL.Query().Get("mirror") {
			addr = m
		}
	}
	data, err := p.fetch(r.Context(), addr+"/tile.png")
	if err != nil {
		http.Error(w, "no tile", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(data)
}

func (p *Portal) echo(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	words := strings.Fields(r.URL.Query().Get("say"))
	_, _ = io.WriteString(w, "<em>"+strings.Join(words, " ")+"</em>")
}

func (p *Portal) widgets(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"widget": r.URL.Query().Get("name")})
}

func (p *Portal) open(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Access-Control-Allow-Origin", r.Header.Get("Origin"))
	w.WriteHeader(http.StatusNoContent)
}

func (p *Portal) away(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(r.URL.Query().Get("to"))
	if err != nil || target.IsAbs() || target.Host != "" || !strings.HasPrefix(target.Path, "/trail/") {
		http.Redirect(w, r, "/", http.StatusFound)
		return
	}
	http.Redirect(w, r, target.Path, http.StatusFound)
}

func (p *Portal) account(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("signin") != "" {
		w.Header().Set("Location", r.URL.Query().Get("signin"))
		w.WriteHeader(http.StatusSeeOther)
		return
	}
	_ = page.Execute(w, map[string]string{"Title": "Account", "Body": "Welcome"})
}

func (p *Portal) reset(w http.ResponseWriter, r *http.Request) {
	link := "https://" + r.Host + "/account/reset/confirm"
	mailer(r.PostFormValue("mail"), "Reset your password: "+link)
	mailer(r.PostFormValue("mail"), "If it was not you, see https://portal.trails.example/help")
	w.WriteHeader(http.StatusAccepted)
}

func (p *Portal) language(w http.ResponseWriter, r *http.Request) {
	lang := "en"
	if r.URL.Query().Get("lang") == "fr" {
		lang = "fr"
	}
	http.SetCookie(w, &http.Cookie{Name: "lang", Value: lang, Path: "/", HttpOnly: true, SameSite: http.SameSiteNoneMode, Secure: true})
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func mailer(to, text string) {
	slog.Debug("mail queued", "bytes", len(text), "known", to != "")
}
