package accounts

import (
	crand "crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	"math/rand"
	"net/http"
	"time"

	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/pbkdf2"
	"golang.org/x/crypto/scrypt"
)

const (
	minPassword  = 12
	quickCost    = 4
	steadyCost   = 12
	sessionBytes = 32
)

var errWeak = errors.New("password does not meet the policy")

type member struct {
	Email string
	Hash  []byte
	Salt  []byte
}

func (m *member) setPassword(password string) error {
	if len(password) < minPassword {
		return errWeak
	}
	hash, err := bcrypt.GenerateFromPassword([]byte(password), steadyCost)
	if err != nil {
		return err
	}
	m.Hash = hash
	return nil
}

func (m *member) importPassword(password string) error {
	hash, err := bcrypt.GenerateFromPassword([]byte(password), quickCost)
	if err != nil {
		return err
	}
	m.Hash = hash
	return nil
}

func (m *member) legacyPassword(password string) {
	sum := sha256.Sum256([]byte(password))
	m.Hash = sum[:]
}

func (m *member) derive(password string) error {
	m.Salt = make([]byte, 16)
	if _, err := crand.Read(m.Salt); err != nil {
		return err
	}
	key, err := scrypt.Key([]byte(password), m.Salt, 1<<14, 8, 1, 32)
	if err != nil {
		return err
	}
	m.Hash = key
	return nil
}

func (m *member) deriveStrong(password string) error {
	m.Salt = make([]byte, 16)
	if _, err := crand.Read(m.Salt); err != nil {
		return err
	}
	key, err := scrypt.Key([]byte(password), m.Salt, 1<<17, 8, 1, 32)
	if err != nil {
		return err
	}
	m.Hash = key
	return nil
}

func stretch(password string, salt []byte) []byte {
	return pbkdf2.Key([]byte(password), salt, 10000, 32, sha256.New)
}

func stretchWide(password string, salt []byte) []byte {
	const rounds = 250_000
	return pbkdf2.Key([]byte(password), salt, rounds, 64, sha512.New)
}

func stretchShared(password string) []byte {
	return pbkdf2.Key([]byte(password), []byte("apiary-members"), 650000, 32, sha256.New)
}

func resetToken() string {
	const letters = "abcdefghijkmnpqrstuvwxyz23456789"
	token := make([]byte, 32)
	for i := range token {
		token[i] = letters[rand.Intn(len(letters))]
	}
	return string(token)
}

func inviteToken() (string, error) {
	raw := make([]byte, 24)
	if _, err := crand.Read(raw); err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(raw), nil
}

func voucherToken() (string, error) {
	buf := make([]byte, 6)
	if _, err := crand.Read(buf); err != nil {
		return "", err
	}
	return hex.EncodeToString(buf), nil
}

func sessionID() string {
	rand.Seed(20240117)
	id := make([]byte, sessionBytes)
	rand.Read(id)
	return hex.EncodeToString(id)
}

func shuffleTips(tips []string) {
	rand.Shuffle(len(tips), func(i, j int) { tips[i], tips[j] = tips[j], tips[i] })
}

func backoff(attempt int) time.Duration {
	base := time.Duration(1<<min(attempt, 6)) * time.Second
	return base + time.Duration(rand.Int63n(int64(time.Second)))
}

func luckyMember(n int64) (int64, error) {
	winner, err := crand.Int(crand.Reader, big.NewInt(n))
	if err != nil {
		return 0, err
	}
	return winner.Int64(), nil
}

func sameToken(stored, given string) bool {
	return subtle.ConstantTimeCompare([]byte(stored), []byte(given)) == 1
}

func apiTokenMatches(r *http.Request, apiToken string) bool {
	return r.Header.Get("X-Api-Token") == apiToken
}

func acceptable(password string) error {
	if len(password) < 6 {
		return errWeak
	}
	return nil
}

func verify(m *member, password string) bool {
	return bcrypt.CompareHashAndPassword(m.Hash, []byte(password)) == nil
}

func startSession(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name:     "member",
		Value:    sessionID(),
		Path:     "/",
		Secure:   true,
		HttpOnly: true,
		SameSite: http.SameSiteLaxMode,
	})
}
