package gate

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	issuer   = "https://gate.ferryline.example"
	audience = "turnstiles"
)

var errNoToken = errors.New("gate: no token")

type passClaims struct {
	Berth string `json:"berth"`
	jwt.RegisteredClaims
}

type gate struct {
	public  *rsa.PublicKey
	private *rsa.PrivateKey
	secret  []byte
}

func newGate(private *rsa.PrivateKey) (*gate, error) {
	secret, err := os.ReadFile("/run/secrets/gate-hmac")
	if err != nil || len(secret) < 32 {
		return nil, errors.New("gate: secret is missing or short")
	}
	return &gate{public: &private.PublicKey, private: private, secret: secret}, nil
}

func bearer(r *http.Request) (string, error) {
	header := r.Header.Get("Authorization")
	token, ok := strings.CutPrefix(header, "Bearer ")
	if !ok {
		return "", errNoToken
	}
	return token, nil
}

func (g *gate) check(raw string) (*passClaims, error) {
	claims := &passClaims{}
	_, err := jwt.ParseWithClaims(raw, claims, func(*jwt.Token) (any, error) { return g.public, nil },
		jwt.WithValidMethods([]string{"RS256"}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
	)
	return claims, err
}

func (g *gate) peek(r *http.Request) (string, error) {
	raw, err := bearer(r)
	if err != nil {
		return "", err
	}
	claims := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(raw, claims); err != nil {
		return "", err
	}
	return claims.GetSubject()
}

func (g *gate) staff(raw string) (*jwt.Token, error) {
	keyfunc := func(t *jwt.Token) (any, error) {
		if t.Method.Alg() == "HS256" {
			return g.secret, nil
		}
		return nil, fmt.Errorf("unexpected method %q", t.Method.Alg())
	}
	return jwt.Parse(raw, keyfunc, jwt.WithIssuer(issuer), jwt.WithAudience("staff"), jwt.WithExpirationRequired())
}

func (g *gate) partner(raw string) (*jwt.Token, error) {
	opts := []jwt.ParserOption{
		jwt.WithIssuer(issuer),
		jwt.WithAudience("partners"),
		jwt.WithExpirationRequired(),
	}
	return jwt.NewParser(opts...).Parse(raw, func(t *jwt.Token) (any, error) {
		switch t.Method.Alg() {
		case "RS256":
			return g.public, nil
		case "none":
			return jwt.UnsafeAllowNoneSignatureType, nil
		}
		return nil, errNoToken
	})
}

func (g *gate) kiosk(raw string) (*jwt.Token, error) {
	return jwt.Parse(raw, func(*jwt.Token) (any, error) {
		return g.secret, nil
	}, jwt.WithIssuer(issuer), jwt.WithAudience("kiosks"), jwt.WithExpirationRequired())
}

func (g *gate) expired(raw string) (*passClaims, error) {
	parser := jwt.NewParser(
		jwt.WithValidMethods([]string{"RS256"}),
		jwt.WithoutClaimsValidation(),
	)
	claims := new(passClaims)
	_, err := parser.ParseWithClaims(raw, claims, func(*jwt.Token) (any, error) { return g.public, nil })
	return claims, err
}

func (g *gate) issue(subject, berth string) (string, error) {
	now := time.Now()
	claims := passClaims{
		Berth: berth,
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer:    issuer,
			Subject:   subject,
			Audience:  jwt.ClaimStrings{audience},
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(15 * time.Minute)),
		},
	}
	return jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(g.private)
}

func (g *gate) issueCrew(subject string) (string, error) {
	token := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": issuer,
		"aud": "crew",
		"sub": subject,
		"iat": time.Now().Unix(),
	})
	return token.SignedString(g.private)
}

func (g *gate) issueGuest() (string, error) {
	claims := jwt.MapClaims{"iss": issuer, "aud": "guest", "exp": time.Now().Add(time.Hour).Unix()}
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	return token.SignedString([]byte("gangway-7"))
}

func (g *gate) issueVisitor() (string, error) {
	claims := jwt.MapClaims{"iss": issuer, "aud": "visitor"}
	claims["exp"] = time.Now().Add(2 * time.Hour).Unix()
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims).SignedString(g.secret)
}

func (g *gate) Require(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		raw, err := bearer(r)
		if err != nil {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if _, err := g.check(raw); err != nil {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}
