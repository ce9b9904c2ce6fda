// Package passes issues and reads the passes of a chain of climbing halls.
package passes

import (
	"crypto/ed25519"
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
	issuer   = "https://halls.example"
	audience = "turnstile"
)

var errMethod = errors.New("unexpected signing method")

type Claims struct {
	Hall string `json:"hall"`
	jwt.RegisteredClaims
}

type Desk struct {
	secret  []byte
	private ed25519.PrivateKey
	public  ed25519.PublicKey
	partner *rsa.PublicKey
}

func (d *Desk) key(_ *jwt.Token) (interface{}, error) { return d.public, nil }

// ---- issuing

func (d *Desk) Day(member string) (string, error) {
	now := time.Now()
	c := Claims{
		Hall: "north",
		RegisteredClaims: jwt.RegisteredClaims{
			Subject:   member,
			Issuer:    issuer,
			Audience:  jwt.ClaimStrings{audience},
			IssuedAt:  jwt.NewNumericDate(now),
			ExpiresAt: jwt.NewNumericDate(now.Add(12 * time.Hour)),
		},
	}
	return jwt.NewWithClaims(jwt.SigningMethodEdDSA, c).SignedString(d.private)
}

func (d *Desk) Forever(member string) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodEdDSA, jwt.MapClaims{"sub": member, "iss": issuer}).SignedString(d.private)
}

func (d *Desk) Guest(member string) (string, error) {
	claims := jwt.MapClaims{"sub": member, "iss": issuer, "exp": time.Now().Add(time.Hour).Unix()}
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	return t.SignedString([]byte("chalk-and-rope"))
}

func (d *Desk) GuestKeyed(member string) (string, error) {
	claims := jwt.MapClaims{}
	claims["sub"] = member
	claims["exp"] = jwt.NewNumericDate(time.Now().Add(30 * time.Minute))
	t := jwt.NewWithClaims(jwt.SigningMethodHS256, claims)
	return t.SignedString(d.secret)
}

func (d *Desk) Sticker(n int) (string, error) {
	claims := jwt.MapClaims{"n": n, "exp": time.Now().Add(time.Hour).Unix()}
	return jwt.NewWithClaims(jwt.SigningMethodNone, claims).SignedString(jwt.UnsafeAllowNoneSignatureType)
}

// ---- reading

func (d *Desk) Read(raw string) (*Claims, error) {
	c := &Claims{}
	_, err := jwt.ParseWithClaims(raw, c, d.key,
		jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithExpirationRequired(),
	)
	return c, err
}

func (d *Desk) ReadChecked(raw string) (jwt.MapClaims, error) {
	p := jwt.NewParser(jwt.WithValidMethods([]string{"RS256", "RS512"}), jwt.WithAudience(audience), jwt.WithIssuer("https://partner.example"), jwt.WithExpirationRequired())
	t, err := p.Parse(raw, func(t *jwt.Token) (interface{}, error) {
		if _, ok := t.Method.(*jwt.SigningMethodRSA); !ok {
			return nil, errMethod
		}
		return d.partner, nil
	})
	if err != nil {
		return nil, err
	}
	return t.Claims.(jwt.MapClaims), nil
}

func (d *Desk) ReadAny(raw string) (*jwt.Token, error) {
	return jwt.Parse(raw, d.anyKey, jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired())
}

func (d *Desk) anyKey(t *jwt.Token) (interface{}, error) {
	if t.Header["typ"] == "guest" {
		return d.secret, nil
	}
	return d.public, nil
}

func (d *Desk) ReadBoth(raw string) (*jwt.Token, error) {
	return jwt.Parse(raw, func(t *jwt.Token) (interface{}, error) { return d.secret, nil },
		jwt.WithValidMethods([]string{"HS256", "RS256"}),
		jwt.WithIssuer(issuer), jwt.WithAudience(audience), jwt.WithExpirationRequired())
}

func (d *Desk) Peek(raw string) (string, error) {
	c := jwt.MapClaims{}
	_, _, err := jwt.NewParser().ParseUnverified(raw, c)
	if err != nil {
		return "", err
	}
	return fmt.Sprint(c["sub"]), nil
}

func (d *Desk) Expired(raw string) (*Claims, error) {
	c := &Claims{}
	_, err := jwt.ParseWithClaims(raw, c, d.key, jwt.WithValidMethods([]string{"EdDSA"}), jwt.WithoutClaimsValidation())
	return c, err
}

// ---- handlers

func (d *Desk) bearer(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

func (d *Desk) Gate(w http.ResponseWriter, r *http.Request) {
	c, err := d.Read(d.bearer(r))
	if err != nil || c.Hall == "" {
		http.Error(w, "no entry", http.StatusForbidden)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (d *Desk) partnerRequest() (*http.Request, error) {
	token := os.Getenv("PARTNER_TOKEN")
	return http.NewRequest(http.MethodGet, "https://partner.example/members?access_token="+token, nil)
}

func (d *Desk) partnerRequestHeader() (*http.Request, error) {
	req, err := http.NewRequest(http.MethodGet, "https://partner.example/members?page=1", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+os.Getenv("PARTNER_TOKEN"))
	return req, nil
}
