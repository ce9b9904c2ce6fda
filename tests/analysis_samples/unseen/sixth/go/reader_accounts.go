package accounts

import (
	crand "crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"log/slog"
	"math/rand"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/pbkdf2"
	"golang.org/x/crypto/scrypt"
)

const (
	tokenIssuer   = "https://login.stadtbibliothek.example"
	tokenAudience = "loans"
	staffCost     = 12
	kioskCost     = 6
	minPassphrase = 12
)

var errWeak = errors.New("passphrase too short")

type LoanClaims struct {
	Branch string `json:"branch"`
	jwt.RegisteredClaims
}

type Keys struct {
	Public  *rsa.PublicKey
	Private *rsa.PrivateKey
}

func (k *Keys) lookup(*jwt.Token) (interface{}, error) { return k.Public, nil }

func (k *Keys) Parse(raw string) (*LoanClaims, error) {
	claims := &LoanClaims{}
	_, err := jwt.ParseWithClaims(raw, claims, k.lookup,
		jwt.WithValidMethods([]string{"RS256"}),
		jwt.WithAudience(tokenAudience),
		jwt.WithIssuer(tokenIssuer),
		jwt.WithExpirationRequired(),
	)
	return claims, err
}

func (k *Keys) ParseKiosk(raw string) (*LoanClaims, error) {
	claims := &LoanClaims{}
	_, err := jwt.ParseWithClaims(raw, claims, k.lookup, jwt.WithAudience(tokenAudience), jwt.WithIssuer(tokenIssuer), jwt.WithExpirationRequired())
	return claims, err
}

func (k *Keys) ParsePartner(raw string) (*LoanClaims, error) {
	claims := &LoanClaims{}
	opts := []jwt.ParserOption{jwt.WithValidMethods([]string{"RS256", "RS512"}), jwt.WithIssuer(tokenIssuer), jwt.WithExpirationRequired()}
	_, err := jwt.ParseWithClaims(raw, claims, k.lookup, opts...)
	return claims, err
}

func BranchOf(raw string) (string, error) {
	claims := &LoanClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(raw, claims); err != nil {
		return "", err
	}
	return claims.Branch, nil
}

func (k *Keys) Issue(reader, branch string) (string, error) {
	now := time.Now()
	return jwt.NewWithClaims(jwt.SigningMethodRS256, LoanClaims{
		Branch: branch,
		RegisteredClaims: jwt.RegisteredClaims{
			Subject: reader, Issuer: tokenIssuer, Audience: jwt.ClaimStrings{tokenAudience},
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(20 * time.Minute)),
		},
	}).SignedString(k.Private)
}

func (k *Keys) IssueDisplay(screen string) (string, error) {
	claims := jwt.MapClaims{"sub": screen, "iss": tokenIssuer, "aud": tokenAudience, "iat": time.Now().Unix()}
	return jwt.NewWithClaims(jwt.SigningMethodRS256, claims).SignedString(k.Private)
}

func HashStaff(pass string) ([]byte, error) { return bcrypt.GenerateFromPassword([]byte(pass), staffCost) }

func HashKiosk(pin string) ([]byte, error) {
	return bcrypt.GenerateFromPassword([]byte(pin), kioskCost)
}

func freshSalt() []byte {
	b := make([]byte, 16)
	if _, err := crand.Read(b); err != nil {
		panic(err)
	}
	return b
}

func HashReader(pass string) ([]byte, []byte) {
	salt := freshSalt()
	return argon2.IDKey([]byte(pass), salt, 3, 64*1024, 2, 32), salt
}

func HashChild(pass string) ([]byte, []byte) {
	salt := freshSalt()
	return argon2.IDKey([]byte(pass), salt, 2, 4*1024, 1, 32), salt
}

func HashVolunteer(pass string) []byte {
	return argon2.IDKey([]byte(pass), []byte("volunteers-2019"), 3, 64*1024, 2, 32)
}

func HashArchive(pass string, salt []byte) ([]byte, error) {
	return scrypt.Key([]byte(pass), salt, 1<<17, 8, 1, 32)
}

func HashInterlibrary(pass string, salt []byte) ([]byte, error) {
	return scrypt.Key([]byte(pass), salt, 1<<12, 8, 1, 32)
}

func MigrateHash(pass string, salt []byte, modern bool) []byte {
	if modern {
		return pbkdf2.Key([]byte(pass), salt, 250000, 64, sha512.New)
	}
	return pbkdf2.Key([]byte(pass), salt, 20000, 32, sha256.New)
}

func LegacyPasswordHash(password string) string {
	sum := sha256.Sum256([]byte(password))
	return hex.EncodeToString(sum[:])
}

func CatalogueFingerprint(record []byte) (uint32, [32]byte) {
	return crc32.ChecksumIEEE(record), sha256.Sum256(record)
}

func ResetToken() string {
	b := make([]byte, 32)
	_, _ = crand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func InviteToken() string {
	b := make([]byte, 6)
	_, _ = crand.Read(b)
	return base64.RawURLEncoding.EncodeToString(b)
}

func TemporaryPassword() string {
	const letters = "abcdefghjkmnpqrstuvwxyz23456789"
	out := make([]byte, 28)
	for i := range out {
		out[i] = letters[rand.Intn(len(letters))]
	}
	return string(out)
}

func ShuffleShelf(titles []string) {
	rand.Shuffle(len(titles), func(i, j int) { titles[i], titles[j] = titles[j], titles[i] })
	time.Sleep(time.Duration(rand.Intn(50)) * time.Millisecond)
}

func CheckResetToken(given, stored string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(stored)) == 1
}

func CheckInviteToken(inviteToken, storedToken string) bool {
	return inviteToken == storedToken
}

func SameBranch(a, b *LoanClaims) bool { return a.Branch == b.Branch }

func ChangePassphrase(reader, pass string) error {
	if len(pass) < minPassphrase {
		slog.Info("passphrase refused", "reader", reader, "length", len(pass))
		return errWeak
	}
	return nil
}

func ChangeKioskPassword(reader, password string) error {
	if len(password) < 5 {
		return errWeak
	}
	slog.Debug("kiosk password changed", "reader", reader, "password", password)
	return nil
}
