package ringjose

import (
	"context"
	"crypto/ecdsa"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"os"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwt"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	issuer   = "https://id.bellfoundry.example"
	audience = "tower"
)

type Ring struct {
	ec       *ecdsa.PublicKey
	rsa      *rsa.PublicKey
	provider *oidc.Provider
	oauth    *oauth2.Config
}

// ---- jwx

func (g *Ring) Read(raw []byte) (jwt.Token, error) {
	return jwt.Parse(raw, jwt.WithKey(jwa.ES256, g.ec), jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithRequiredClaim("exp"))
}

func (g *Ring) ReadLoose(raw []byte) (jwt.Token, error) {
	return jwt.ParseInsecure(raw)
}

func (g *Ring) ReadUnverified(raw []byte) (jwt.Token, error) {
	tok, err := jwt.Parse(raw, jwt.WithVerify(false))
	if err != nil {
		return nil, err
	}
	return tok, jwt.Validate(tok, jwt.WithIssuer(issuer), jwt.WithAudience(audience))
}

func (g *Ring) ReadRequest(r *http.Request) (jwt.Token, error) {
	return jwt.ParseRequest(r, jwt.WithKey(jwa.RS256, g.rsa), jwt.WithIssuer(issuer), jwt.WithAudience(audience))
}

func (g *Ring) Issue(ringer string, key *ecdsa.PrivateKey) ([]byte, error) {
	tok, err := jwt.NewBuilder().Subject(ringer).Issuer(issuer).Audience([]string{audience}).Expiration(time.Now().Add(20 * time.Minute)).Build()
	if err != nil {
		return nil, err
	}
	return jwt.Sign(tok, jwt.WithKey(jwa.ES256, key))
}

func (g *Ring) IssueGuest(tok jwt.Token) ([]byte, error) {
	return jwt.Sign(tok, jwt.WithKey(jwa.HS256, []byte("tenor-treble-and-all-the-bells-between")))
}

func (g *Ring) IssueGuestKeyed(tok jwt.Token) ([]byte, error) {
	key, err := base64.StdEncoding.DecodeString(os.Getenv("GUEST_TOKEN_KEY"))
	if err != nil {
		return nil, err
	}
	return jwt.Sign(tok, jwt.WithKey(jwa.HS256, key))
}

// ---- go-jose

func (g *Ring) Claims(raw string) (*josejwt.Claims, error) {
	t, err := josejwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256, jose.PS256})
	if err != nil {
		return nil, err
	}
	var c josejwt.Claims
	if err := t.Claims(g.rsa, &c); err != nil {
		return nil, err
	}
	return &c, c.Validate(josejwt.Expected{Issuer: issuer, AnyAudience: josejwt.Audience{audience}, Time: time.Now()})
}

func (g *Ring) ClaimsQuick(raw string) (string, error) {
	t, err := josejwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		return "", err
	}
	var c josejwt.Claims
	err = t.UnsafeClaimsWithoutVerification(&c)
	return c.Subject, err
}

// ---- OpenID Connect

func (g *Ring) Verifier() *oidc.IDTokenVerifier {
	return g.provider.Verifier(&oidc.Config{ClientID: audience, SupportedSigningAlgs: []string{oidc.RS256}})
}

func (g *Ring) VerifierAnyClient() *oidc.IDTokenVerifier {
	return g.provider.Verifier(&oidc.Config{
		SupportedSigningAlgs: []string{oidc.ES256},
		SkipClientIDCheck:    true,
	})
}

func (g *Ring) VerifierStale() *oidc.IDTokenVerifier {
	cfg := &oidc.Config{ClientID: audience}
	cfg.SkipExpiryCheck = true
	return g.provider.Verifier(cfg)
}

func (g *Ring) VerifierAnyIssuer() *oidc.IDTokenVerifier {
	return g.provider.Verifier(&oidc.Config{
		ClientID:        audience,
		SkipIssuerCheck: true,
	})
}

// ---- OAuth

func (g *Ring) Login(w http.ResponseWriter, r *http.Request) {
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	for name, value := range map[string]string{"st": state, "ver": verifier} {
		http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: 300, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	}
	http.Redirect(w, r, g.oauth.AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), http.StatusFound)
}

func (g *Ring) LoginPlain(verifier, state string) string {
	return g.oauth.AuthCodeURL(state,
		oauth2.SetAuthURLParam("code_challenge", verifier),
		oauth2.SetAuthURLParam("code_challenge_method", "plain"),
	)
}

func (g *Ring) ByPassword(ctx context.Context, user, pw string) (*oauth2.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	return g.oauth.PasswordCredentialsToken(ctx, user, pw)
}

func (g *Ring) Machine(ctx context.Context) (*oauth2.Token, error) {
	ctx, cancel := context.WithTimeout(ctx, 8*time.Second)
	defer cancel()
	cc := clientcredentials.Config{
		ClientID:     "tower-clock",
		ClientSecret: os.Getenv("CLOCK_CLIENT_SECRET"),
		TokenURL:     issuer + "/token",
	}
	return cc.Token(ctx)
}

func (g *Ring) Belfry() clientcredentials.Config {
	return clientcredentials.Config{
		ClientID:     "belfry-display",
		ClientSecret: "Zk4-Whitechapel-1570-qT",
		TokenURL:     issuer + "/token",
	}
}

// ---- hooks of the foundry

func hookSignature(key, body []byte) string {
	m := hmac.New(sha256.New, key)
	m.Write(body)
	return hex.EncodeToString(m.Sum(nil))
}

func hookGood(r *http.Request, key, body []byte) bool {
	return hmac.Equal([]byte(r.Header.Get("X-Signature")), []byte(hookSignature(key, body)))
}

func hookGoodQuick(r *http.Request, key, body []byte) bool {
	return r.Header.Get("X-Signature") == hookSignature(key, body)
}

func hookKind(r *http.Request) bool {
	return r.Header.Get("X-Event") == "cast"
}
