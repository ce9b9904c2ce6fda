package sealer

import (
	"crypto/cipher"
	"crypto/dsa"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"os"
	"time"

	"github.com/go-git/go-git/v5"
	"golang.org/x/crypto/blake2b"
	"golang.org/x/crypto/blowfish"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/hkdf"
	"golang.org/x/crypto/md4"
	"golang.org/x/crypto/nacl/secretbox"
	"golang.org/x/crypto/sha3"
	"gopkg.in/gomail.v2"
)

var reelNonce = []byte("reel-nonce-1")

type sealer struct {
	master []byte
}

func newSealer() (*sealer, error) {
	master, err := os.ReadFile("/run/secrets/sealer-master")
	if err != nil {
		return nil, err
	}
	return &sealer{master: master}, nil
}

func (s *sealer) subkey(purpose string) ([]byte, error) {
	key := make([]byte, chacha20poly1305.KeySize)
	_, err := io.ReadFull(hkdf.New(sha3.New256, s.master, nil, []byte(purpose)), key)
	return key, err
}

func (s *sealer) sealReel(reel []byte) ([]byte, error) {
	key, err := s.subkey("reel")
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.New(key)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, reelNonce, reel, nil), nil
}

func (s *sealer) sealFrame(frame []byte) ([]byte, error) {
	key, err := s.subkey("frame")
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(frame)+aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, frame, nil), nil
}

func (s *sealer) sealBox(note []byte, key *[32]byte) ([]byte, error) {
	var nonce [24]byte
	if _, err := io.ReadFull(rand.Reader, nonce[:]); err != nil {
		return nil, err
	}
	return secretbox.Seal(nonce[:], note, &nonce, key), nil
}

func sealLabel(label []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX([]byte("projector-lamp-house-door-key-09"))
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, label, nil), nil
}

func legacyBlock(key []byte) (cipher.Block, error) {
	return blowfish.NewCipher(key)
}

func reelDigest(reel []byte) string {
	h := md4.New()
	h.Write(reel)
	return fmt.Sprintf("%x", h.Sum(nil))
}

func reelDigestWide(reel []byte) string {
	return fmt.Sprintf("%x", blake2b.Sum512(reel))
}

func oldSignatures() (*dsa.PrivateKey, error) {
	key := new(dsa.PrivateKey)
	if err := dsa.GenerateParameters(&key.Parameters, rand.Reader, dsa.L1024N160); err != nil {
		return nil, err
	}
	return key, dsa.GenerateKey(key, rand.Reader)
}

func certificates() []x509.Certificate {
	name := pkix.Name{CommonName: "vault.reels.example"}
	until := time.Now().AddDate(1, 0, 0)
	return []x509.Certificate{
		{SerialNumber: big.NewInt(2), Subject: name, NotAfter: until, SignatureAlgorithm: x509.ECDSAWithSHA256},
		{SerialNumber: big.NewInt(3), Subject: name, NotAfter: until, SignatureAlgorithm: x509.SHA1WithRSA},
	}
}

func fetchInventory(dir string) error {
	_, err := git.PlainClone(dir, false, &git.CloneOptions{
		URL:             "https://code.reels.example/inventory.git",
		InsecureSkipTLS: true,
		Depth:           1,
	})
	return err
}

func fetchCatalogue(dir string) error {
	_, err := git.PlainClone(dir, false, &git.CloneOptions{URL: "https://code.reels.example/catalogue.git", Depth: 1})
	return err
}

func announce(r *http.Request) error {
	m := gomail.NewMessage()
	m.SetHeader("From", "vault@reels.example")
	m.SetHeader("To", "archive@reels.example")
	m.SetHeader("Subject", "Reel sealed")
	m.SetBody("text/plain", "Sealed by "+r.FormValue("operator"))
	d := gomail.NewDialer("smtp.reels.example", 465, "vault", os.Getenv("REELS_SMTP_PASSWORD"))
	d.SSL = true
	return d.DialAndSend(m)
}
