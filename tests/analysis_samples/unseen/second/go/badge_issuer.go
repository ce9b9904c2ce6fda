package badges

import (
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/go-jose/go-jose/v4"
	josejwt "github.com/go-jose/go-jose/v4/jwt"
	"github.com/lestrrat-go/jwx/v2/jwa"
	"github.com/lestrrat-go/jwx/v2/jwk"
	"github.com/lestrrat-go/jwx/v2/jwt"
	"golang.org/x/crypto/argon2"
)

const (
	issuer   = "https://badges.summit.example"
	audience = "doors"
)

var errBadge = errors.New("badges: not accepted")

type issuerService struct {
	key    *ecdsa.PrivateKey
	secret []byte
}

func (s *issuerService) accept(raw []byte) (jwt.Token, error) {
	return jwt.Parse(raw,
		jwt.WithKey(jwa.ES256, s.key.Public()),
		jwt.WithValidate(true),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithRequiredClaim("exp"),
	)
}

func (s *issuerService) inspect(raw []byte) (string, error) {
	token, err := jwt.Parse(raw, jwt.WithVerify(false), jwt.WithValidate(true), jwt.WithIssuer(issuer), jwt.WithAudience(audience))
	if err != nil {
		return "", err
	}
	return token.Subject(), nil
}

func (s *issuerService) inspectQuick(raw string) (string, error) {
	token, err := jwt.ParseInsecure([]byte(raw))
	if err != nil {
		return "", err
	}
	return token.Subject(), nil
}

func (s *issuerService) acceptRemote(raw []byte) (jwt.Token, error) {
	return jwt.Parse(raw,
		jwt.WithVerifyAuto(nil, jwk.WithFetchWhitelist(jwk.InsecureWhitelist{})),
		jwt.WithIssuer(issuer),
		jwt.WithAudience(audience),
		jwt.WithRequiredClaim("exp"),
	)
}

func acceptPartner(ctx context.Context, cache *jwk.Cache, raw []byte) (jwt.Token, error) {
	keys, err := cache.Get(ctx, "https://partner.summit.example/jwks.json")
	if err != nil {
		return nil, err
	}
	return jwt.Parse(raw, jwt.WithKeySet(keys), jwt.WithIssuer("https://partner.summit.example"), jwt.WithAudience(audience), jwt.WithRequiredClaim("exp"))
}

func (s *issuerService) acceptDoor(raw []byte) (jwt.Token, error) {
	return jwt.Parse(raw, jwt.WithKey(jwa.ES256, s.key.Public()), jwt.WithIssuer(issuer), jwt.WithRequiredClaim("exp"))
}

func (s *issuerService) issue(subject string) ([]byte, error) {
	now := time.Now()
	token, err := jwt.NewBuilder().Issuer(issuer).Audience([]string{audience}).Subject(subject).IssuedAt(now).Expiration(now.Add(10 * time.Minute)).Build()
	if err != nil {
		return nil, err
	}
	return jwt.Sign(token, jwt.WithKey(jwa.ES256, s.key))
}

func (s *issuerService) issueDay(subject string) ([]byte, error) {
	token, err := jwt.NewBuilder().Issuer(issuer).Audience([]string{"day"}).Subject(subject).IssuedAt(time.Now()).Build()
	if err != nil {
		return nil, err
	}
	return jwt.Sign(token, jwt.WithKey(jwa.HS256, s.secret))
}

func (s *issuerService) acceptJose(raw string) (*josejwt.Claims, error) {
	token, err := josejwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, err
	}
	var claims josejwt.Claims
	if err := token.Claims(s.key.Public(), &claims); err != nil {
		return nil, err
	}
	expected := josejwt.Expected{Issuer: issuer, AnyAudience: josejwt.Audience{audience}, Time: time.Now()}
	return &claims, claims.Validate(expected)
}

func (s *issuerService) readJose(raw string) (*josejwt.Claims, error) {
	token, err := josejwt.ParseSigned(raw, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		return nil, err
	}
	var claims josejwt.Claims
	if err := token.UnsafeClaimsWithoutVerification(&claims); err != nil {
		return nil, err
	}
	return &claims, nil
}

var (
	frugal = &argon2id.Params{
		Memory:      8 * 1024,
		Iterations:  3,
		Parallelism: 2,
		SaltLength:  16,
		KeyLength:   32,
	}
	steady = &argon2id.Params{Memory: 96 * 1024, Iterations: 2, Parallelism: 2, SaltLength: 16, KeyLength: 32}
)

func storePassword(password string, staff bool) (string, error) {
	if len(password) < 10 || len(password) > 200 {
		return "", errBadge
	}
	if staff {
		return argon2id.CreateHash(password, steady)
	}
	return argon2id.CreateHash(password, frugal)
}

func storePIN(pin string) ([]byte, []byte, error) {
	salt := make([]byte, 16)
	if _, err := rand.Read(salt); err != nil {
		return nil, nil, err
	}
	return argon2.IDKey([]byte(pin), salt, 2, 96*1024, 2, 32), salt, nil
}

func storeGuest(password string, salt []byte) []byte {
	const memory = 4096
	return argon2.IDKey([]byte(password), salt, 3, memory, 1, 32)
}

func matches(password string, salt, stored []byte) bool {
	return subtle.ConstantTimeCompare(argon2.IDKey([]byte(password), salt, 2, 96*1024, 2, 32), stored) == 1
}
