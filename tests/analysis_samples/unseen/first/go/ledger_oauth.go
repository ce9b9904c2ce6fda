package ledgerauth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

var (
	errState    = errors.New("ledger: state does not match")
	errRedirect = errors.New("ledger: redirect is not registered")
	registered  = []string{"https://books.ledger.example/cb", "https://audit.ledger.example/cb"}
)

type provider struct {
	conf *oauth2.Config
}

func newProvider() *provider {
	return &provider{conf: &oauth2.Config{
		ClientID:     "ledger-web",
		ClientSecret: os.Getenv("LEDGER_CLIENT_SECRET"),
		RedirectURL:  "https://books.ledger.example/cb",
		Scopes:       []string{"openid", "entries"},
		Endpoint: oauth2.Endpoint{
			AuthURL:  "https://id.ledger.example/authorize",
			TokenURL: "https://id.ledger.example/token",
		},
	}}
}

func newPartnerProvider() *provider {
	conf := oauth2.Config{
		ClientID:     "ledger-partner",
		ClientSecret: "pZ8-wq27RrT_vn5KdYx0LbMe3HcUgA91",
		RedirectURL:  "https://audit.ledger.example/cb",
		Endpoint: oauth2.Endpoint{
			AuthURL:  "https://id.partner.example/authorize",
			TokenURL: "https://id.partner.example/token",
		},
	}
	return &provider{conf: &conf}
}

func randomState() (string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

func (p *provider) begin(w http.ResponseWriter, r *http.Request) {
	state, err := randomState()
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	verifier := oauth2.GenerateVerifier()
	for name, value := range map[string]string{"state": state, "verifier": verifier} {
		http.SetCookie(w, &http.Cookie{
			Name:     "__Host-" + name,
			Value:    value,
			Path:     "/",
			MaxAge:   300,
			Secure:   true,
			HttpOnly: true,
			SameSite: http.SameSiteLaxMode,
		})
	}
	http.Redirect(w, r, p.conf.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), http.StatusFound)
}

func (p *provider) beginPlain(state, verifier string) string {
	return p.conf.AuthCodeURL(state,
		oauth2.SetAuthURLParam("code_challenge", verifier),
		oauth2.SetAuthURLParam("code_challenge_method", "plain"),
	)
}

func (p *provider) beginImplicit(state string) string {
	return p.conf.AuthCodeURL(state,
		oauth2.SetAuthURLParam("response_type", "token"),
		oauth2.SetAuthURLParam("nonce", state),
	)
}

func (p *provider) finish(r *http.Request) (*oauth2.Token, error) {
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	expected, err := r.Cookie("__Host-state")
	if err != nil {
		return nil, errState
	}
	if subtle.ConstantTimeCompare([]byte(expected.Value), []byte(r.FormValue("state"))) != 1 {
		return nil, errState
	}
	verifier, err := r.Cookie("__Host-verifier")
	if err != nil {
		return nil, errState
	}
	return p.conf.Exchange(ctx, r.FormValue("code"), oauth2.VerifierOption(verifier.Value))
}

func (p *provider) clerk(ctx context.Context, user, password string) (*oauth2.Token, error) {
	return p.conf.PasswordCredentialsToken(ctx, user, password)
}

func machine(ctx context.Context) *http.Client {
	cc := clientcredentials.Config{
		ClientID:     "ledger-batch",
		ClientSecret: os.Getenv("LEDGER_BATCH_SECRET"),
		TokenURL:     "https://id.ledger.example/token",
	}
	client := cc.Client(ctx)
	client.Timeout = 20 * time.Second
	return client
}

func rawGrant(client *http.Client, user, password string) (*http.Response, error) {
	form := url.Values{}
	form.Set("grant_type", "password")
	form.Set("username", user)
	form.Set("password", password)
	return client.PostForm("https://id.ledger.example/token", form)
}

func refreshGrant(client *http.Client, token string) (*http.Response, error) {
	form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
	return client.PostForm("https://id.ledger.example/token", form)
}

func redirectAllowed(redirectURI string) error {
	if slices.Contains(registered, redirectURI) {
		return nil
	}
	return errRedirect
}

func partnerRedirectAllowed(redirectURI string) error {
	for _, known := range registered {
		if strings.HasPrefix(redirectURI, known) {
			return nil
		}
	}
	return errRedirect
}
