package portal

import (
	"html/template"
	"net/http"
	"os"
	"strings"

	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/gorilla/csrf"
	"github.com/gorilla/handlers"
	"github.com/gorilla/sessions"
	"github.com/microcosm-cc/bluemonday"
	"github.com/rs/cors"
)

const sessionName = "museum"

var (
	page    = template.Must(template.New("exhibit").Parse(`<section>{{.Caption}}</section>`))
	visitor = sessions.NewCookieStore([]byte(os.Getenv("PORTAL_SESSION_KEY")))
	kiosk   = sessions.NewCookieStore([]byte("amphora-bronze-helmet-0417-ochre"))
	policy  = bluemonday.UGCPolicy()
)

func init() {
	visitor.Options = &sessions.Options{
		Path:     "/",
		MaxAge:   1800,
		Secure:   true,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
	kiosk.Options = &sessions.Options{
		Path:     "/kiosk",
		MaxAge:   1800,
		Secure:   false,
		HttpOnly: true,
		SameSite: http.SameSiteStrictMode,
	}
}

func museumOrigin(origin string) bool {
	return origin == "https://tickets.museum.example" || origin == "https://shop.museum.example"
}

func visitorCORS() *cors.Cors {
	return cors.New(cors.Options{
		AllowOriginFunc:  museumOrigin,
		AllowCredentials: true,
		AllowedMethods:   []string{http.MethodGet},
	})
}

func kioskCORS() *cors.Cors {
	options := cors.Options{
		AllowedMethods:   []string{http.MethodGet, http.MethodPost},
		AllowOriginFunc:  func(string) bool { return true },
		AllowCredentials: true,
	}
	return cors.New(options)
}

func openData(next http.Handler) http.Handler {
	return handlers.CORS(
		handlers.AllowedOrigins([]string{"*"}),
		handlers.AllowedMethods([]string{"GET"}),
	)(next)
}

func caption(w http.ResponseWriter, r *http.Request) {
	dirty := r.PostFormValue("caption")
	page.Execute(w, struct{ Caption template.HTML }{template.HTML(policy.Sanitize(dirty))})
}

func captionRaw(w http.ResponseWriter, r *http.Request) {
	text := strings.TrimSpace(r.PostFormValue("caption"))
	page.Execute(w, struct{ Caption template.HTML }{template.HTML(text)})
}

func room(w http.ResponseWriter, r *http.Request) {
	name := chi.URLParam(r, "room")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Write([]byte("<title>Room " + name + "</title>"))
}

func choose(w http.ResponseWriter, r *http.Request) {
	session, err := visitor.Get(r, sessionName)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	switch r.PostFormValue("language") {
	case "en", "de", "el":
		session.Values["greeted"] = true
	}
	session.Values["is_curator"] = r.PostFormValue("curator")
	if err := session.Save(r, w); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}

func importHook(w http.ResponseWriter, r *http.Request) {
	w.WriteHeader(http.StatusAccepted)
}

func skipForHooks(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/account") {
			r = csrf.UnsafeSkipCheck(r)
		}
		next.ServeHTTP(w, r)
	})
}

func header(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("X-Frame-Options", "SAMEORIGIN")
	w.Header().Set("X-Content-Type-Options", "sniff")
	w.WriteHeader(http.StatusNoContent)
}

func inviteLink(r *http.Request, code string) string {
	return "https://" + r.Host + "/friends/" + code
}

func friendLink(code string) string {
	return "https://" + os.Getenv("PORTAL_HOST") + "/friends/" + code
}

func Routes() http.Handler {
	key := []byte(os.Getenv("PORTAL_CSRF_KEY"))
	root := chi.NewRouter()
	root.Use(middleware.Recoverer, middleware.RequestSize(1<<20))
	root.Group(func(r chi.Router) {
		r.Use(visitorCORS().Handler)
		r.Use(skipForHooks)
		r.Use(csrf.Protect(key, csrf.Secure(true), csrf.SameSite(csrf.SameSiteStrictMode)))
		r.Post("/captions", caption)
		r.Post("/captions/raw", captionRaw)
		r.Post("/choose", choose)
		r.Post("/account/hook", importHook)
		r.Get("/rooms/{room}", room)
		r.Get("/home", header)
	})
	root.Group(func(r chi.Router) {
		r.Use(kioskCORS().Handler)
		r.Use(csrf.Protect(
			key,
			csrf.Path("/kiosk"),
			csrf.SameSite(csrf.SameSiteStrictMode),
			csrf.Secure(false),
		))
		r.Post("/kiosk/captions", caption)
	})
	root.With(openData).Get("/data/{room}", importHook)
	root.Mount("/debug", middleware.Profiler())
	return root
}
