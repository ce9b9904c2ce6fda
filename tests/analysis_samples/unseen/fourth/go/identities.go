package identities

import (
	"crypto/md5"
	crand "crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"hash/crc32"
	"math/big"
	"math/rand"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/pbkdf2"
	"golang.org/x/crypto/scrypt"
)

const (
	workFactor = bcrypt.DefaultCost + 2
	alphabet   = "abcdefghijkmnpqrstuvwxyz23456789"
	minPIN     = 12
)

var siteSalt = []byte("orchard-pepper-01")

// Grower is somebody who may sign in to the orchard's planner.
type Grower struct {
	Name         string
	PasswordHash string
	ResetToken   string
	SessionID    string
}

func (g *Grower) setPassword(pw string) error {
	if len(pw) < minPIN {
		return errors.New("choose a longer password")
	}
	h, err := bcrypt.GenerateFromPassword([]byte(pw), workFactor)
	if err != nil {
		return err
	}
	g.PasswordHash = string(h)
	return nil
}

func (g *Grower) setPasswordFast(pw string) {
	sum := sha256.Sum256([]byte(pw))
	g.PasswordHash = hex.EncodeToString(sum[:])
}

func (g *Grower) setPasswordOld(password string) {
	g.PasswordHash = fmt.Sprintf("%x", md5.Sum([]byte(password)))
}

func (g *Grower) setPasswordLight(pw string) (err error) {
	var h []byte
	h, err = bcrypt.GenerateFromPassword([]byte(pw), bcrypt.MinCost)
	g.PasswordHash = string(h)
	return
}

func (g *Grower) checkPassword(pw string) bool {
	return bcrypt.CompareHashAndPassword([]byte(g.PasswordHash), []byte(pw)) == nil
}

func deriveArgon(pw string) ([]byte, error) {
	salt := make([]byte, 16)
	if _, err := crand.Read(salt); err != nil {
		return nil, err
	}
	return argon2.IDKey([]byte(pw), salt, 2, 64*1024, 4, 32), nil
}

func deriveArgonSmall(pw string, salt []byte) []byte {
	return argon2.IDKey([]byte(pw), salt, 1, 4*1024, 1, 32)
}

func derivePBKDF(pw string, salt []byte, rounds int) []byte {
	if rounds < 600000 {
		rounds = 600000
	}
	return pbkdf2.Key([]byte(pw), salt, rounds, 32, sha256.New)
}

func derivePBKDFFew(pw string, salt []byte) []byte {
	const rounds = 4096
	return pbkdf2.Key([]byte(pw), salt, rounds, 64, sha512.New)
}

func derivePBKDFShared(pw string) []byte {
	return pbkdf2.Key([]byte(pw), siteSalt, 700_000, 32, sha256.New)
}

func deriveScrypt(pw string, salt []byte, strong bool) ([]byte, error) {
	if strong {
		return scrypt.Key([]byte(pw), salt, 1<<17, 8, 1, 32)
	}
	return scrypt.Key([]byte(pw), salt, 1<<12, 8, 1, 32)
}

// ---- tokens

func (g *Grower) newResetToken() {
	var sb strings.Builder
	for sb.Len() < 40 {
		sb.WriteByte(alphabet[rand.Intn(len(alphabet))])
	}
	g.ResetToken = sb.String()
}

func (g *Grower) newResetTokenSecure() error {
	var sb strings.Builder
	for sb.Len() < 40 {
		n, err := crand.Int(crand.Reader, big.NewInt(int64(len(alphabet))))
		if err != nil {
			return err
		}
		sb.WriteByte(alphabet[n.Int64()])
	}
	g.ResetToken = sb.String()
	return nil
}

func (g *Grower) newSession() error {
	id := make([]byte, 32)
	if _, err := crand.Read(id); err != nil {
		return err
	}
	g.SessionID = base64.RawURLEncoding.EncodeToString(id)
	return nil
}

func seededSecret() []byte {
	secret := make([]byte, 32)
	rand.New(rand.NewSource(20160412)).Read(secret)
	return secret
}

func shuffleTrees(trees []string) {
	r := rand.New(rand.NewSource(time.Now().UnixNano()))
	r.Shuffle(len(trees), func(i, j int) { trees[i], trees[j] = trees[j], trees[i] })
}

func jitter(d time.Duration) time.Duration {
	return d + time.Duration(rand.Int63n(int64(d/4)+1))
}

// ---- digests

func pickDigest(kind string) hash.Hash {
	switch kind {
	case "long":
		return sha512.New()
	case "tiny":
		return crc32.NewIEEE()
	case "old":
		return md5.New()
	default:
		return sha256.New()
	}
}

func contentAddress(body []byte) string {
	newHash := sha512.New512_256
	h := newHash()
	h.Write(body)
	return hex.EncodeToString(h.Sum(nil))
}

func sameToken(presented, stored string) bool {
	token := presented
	return token == stored
}

func sameVariety(a, b string) bool {
	return strings.EqualFold(a, b)
}
