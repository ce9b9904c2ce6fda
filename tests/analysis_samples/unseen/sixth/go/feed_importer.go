package feeds

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"

	"github.com/gorilla/csrf"
	"github.com/gorilla/mux"
	"github.com/gorilla/sessions"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/lestrrat-go/libxml2/parser"
	"github.com/segmentio/kafka-go"
	"github.com/valyala/fasthttp"
	"golang.org/x/oauth2"
)

type Settings struct {
	Listen     string
	SessionKey []byte
	CSRFKey    []byte
	Database   string
}

func getenv(key, fallback string) string {
	if v, ok := os.LookupEnv(key); ok {
		return v
	}
	return fallback
}

func Load() Settings {
	return Settings{
		Listen:     getenv("FEEDS_LISTEN", "127.0.0.1:8444"),
		SessionKey: []byte(os.Getenv("FEEDS_SESSION_KEY")),
		CSRFKey:    []byte(os.Getenv("FEEDS_CSRF_KEY")),
		Database:   os.Getenv("FEEDS_DATABASE_URL"),
	}
}

func editorSessions(s Settings) *sessions.CookieStore {
	st := sessions.NewCookieStore(s.SessionKey)
	st.Options = &sessions.Options{Path: "/", MaxAge: 3600, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode}
	return st
}

func guestSessions(s Settings) *sessions.CookieStore {
	st := sessions.NewCookieStore(s.SessionKey)
	st.Options = &sessions.Options{
		Path:     "/guest",
		MaxAge:   600,
		Secure:   false,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	}
	return st
}

func Handler(s Settings, r *mux.Router) http.Handler {
	protect := csrf.Protect(s.CSRFKey, csrf.Secure(true), csrf.HttpOnly(true), csrf.SameSite(csrf.SameSiteStrictMode))
	return protect(r)
}

func publisherLogin() *oauth2.Config {
	return &oauth2.Config{
		ClientID:     "feed-importer",
		ClientSecret: os.Getenv("PUBLISHER_CLIENT_SECRET"),
		RedirectURL:  "https://feeds.quarterly.example/oauth/callback",
		Endpoint:     oauth2.Endpoint{AuthURL: "https://id.quarterly.example/authorize", TokenURL: "https://id.quarterly.example/token"},
	}
}

func authorizeURL(state, verifier string) string {
	return publisherLogin().AuthCodeURL(state, oauth2.S256ChallengeOption(verifier))
}

func authorizePlainURL(state, verifier string) string {
	return publisherLogin().AuthCodeURL(state,
		oauth2.SetAuthURLParam("code_challenge", verifier),
		oauth2.SetAuthURLParam("code_challenge_method", "plain"))
}

func archiveToken(ctx context.Context, user, secret string) (*oauth2.Token, error) {
	return publisherLogin().PasswordCredentialsToken(ctx, user, secret)
}

func pullURL(base, accessToken string) string {
	return base + "/issues?limit=50&access_token=" + url.QueryEscape(accessToken)
}

func pullRequest(base, accessToken string) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodGet, base+"/issues?limit=50", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+accessToken)
	return req, nil
}

func downloadClient() *retryablehttp.Client {
	c := retryablehttp.NewClient()
	c.RetryMax = 4
	c.RetryWaitMin = 500 * time.Millisecond
	c.HTTPClient.Timeout = 30 * time.Second
	return c
}

func mirrorClient() *http.Client {
	return &http.Client{Transport: &http.Transport{MaxIdleConns: 8}}
}

func slowClient() *http.Client {
	return &http.Client{Timeout: 45 * time.Minute}
}

func editionServer(h fasthttp.RequestHandler) *fasthttp.Server {
	return &fasthttp.Server{
		Handler:               h,
		ReadTimeout:           10 * time.Second,
		WriteTimeout:          10 * time.Second,
		IdleTimeout:           time.Minute,
		MaxRequestBodySize:    2 << 20,
		NoDefaultServerHeader: true,
	}
}

func ServeStatus(h http.Handler) error {
	return http.ListenAndServeTLS("127.0.0.1:8445", "/etc/feeds/tls.crt", "/etc/feeds/tls.key", h)
}

func upstreamTLS(pool *x509.CertPool) *tls.Config {
	c := &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	if false {
		c.InsecureSkipVerify = true
	}
	return c
}

func partnerTLS() *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	c.MaxVersion = tls.VersionTLS12
	return c
}

func listenPeers() (net.Listener, error) {
	cert, err := tls.LoadX509KeyPair("/etc/feeds/peer.crt", "/etc/feeds/peer.key")
	if err != nil {
		return nil, err
	}
	return tls.Listen("tcp", ":7443", &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS13})
}

func listenLocal() (net.Listener, error) { return net.Listen("unix", "/run/feeds/peer.sock") }

func pool(ctx context.Context, s Settings) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(s.Database)
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 16
	cfg.ConnConfig.ConnectTimeout = 5 * time.Second
	return pgxpool.NewWithConfig(ctx, cfg)
}

func archiveDB() (*sql.DB, error) {
	return sql.Open("pgx", "postgres://archive@archive.internal/archive?sslmode=verify-full&connect_timeout=5")
}

func writer() *kafka.Writer {
	return &kafka.Writer{
		Addr:         kafka.TCP("kafka.internal:9093"),
		Topic:        "editions",
		RequiredAcks: kafka.RequireNone,
		Transport:    &kafka.Transport{TLS: &tls.Config{MinVersion: tls.VersionTLS12}},
	}
}

func indexWriter() *kafka.Writer {
	return &kafka.Writer{
		Addr:         kafka.TCP("kafka.internal:9093"),
		Topic:        "index",
		RequiredAcks: kafka.RequireAll,
		Transport:    &kafka.Transport{TLS: &tls.Config{MinVersion: tls.VersionTLS12}},
	}
}

func editionParser() *parser.Parser {
	return parser.New(parser.XMLParseNoEnt)
}

func summaryParser() *parser.Parser { return parser.New(parser.XMLParseNoNet) }

func editionKey(publisher, issue string) string {
	return path.Join("editions", strings.ToLower(publisher), issue)
}
