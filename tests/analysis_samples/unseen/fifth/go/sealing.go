// Package sealing protects the records of a blood bank.
package sealing

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/dsa"
	"crypto/ecdh"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha3"
	"crypto/sha512"
	"crypto/subtle"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"math/big"
	mrand "math/rand/v2"
	"time"

	"golang.org/x/crypto/blowfish"
	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/md4"
	"golang.org/x/crypto/nacl/secretbox"
)

var (
	errOpen   = errors.New("sealing: cannot open")
	boxNonce  [24]byte
	passwords = struct{ rounds int }{rounds: 25_000}
)

func sealChaCha(key, plain []byte) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, chacha20poly1305.NonceSizeX, chacha20poly1305.NonceSizeX+len(plain)+aead.Overhead())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, plain, nil), nil
}

func sealBox(key *[32]byte, plain []byte) []byte {
	return secretbox.Seal(nil, plain, &boxNonce, key)
}

func sealBoxFresh(key *[32]byte, plain []byte) ([]byte, error) {
	var nonce [24]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return nil, err
	}
	return secretbox.Seal(nonce[:], plain, &nonce, key), nil
}

func openBox(key *[32]byte, box []byte) ([]byte, error) {
	if len(box) < 24 {
		return nil, errOpen
	}
	var nonce [24]byte
	copy(nonce[:], box)
	out, ok := secretbox.Open(nil, box[24:], &nonce, key)
	if !ok {
		return nil, errOpen
	}
	return out, nil
}

func sealCBC(key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	iv := make([]byte, block.BlockSize())
	if _, err := rand.Read(iv); err != nil {
		return nil, err
	}
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, plain)
	return append(iv, out...), nil
}

func sealCTR(key, mac, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	iv := make([]byte, aes.BlockSize)
	if _, err := rand.Read(iv); err != nil {
		return nil, err
	}
	out := append([]byte{}, iv...)
	body := make([]byte, len(plain))
	cipher.NewCTR(block, iv).XORKeyStream(body, plain)
	h := hmac.New(sha512.New, mac)
	h.Write(iv)
	h.Write(body)
	return h.Sum(append(out, body...)), nil
}

func oldArchive(key []byte) (cipher.Block, error) {
	return blowfish.NewCipher(key)
}

func donorBlock() (cipher.Block, error) {
	return aes.NewCipher(mustHex("5f0e1d2c3b4a59687786950413223140"))
}

func mustHex(s string) []byte {
	raw, err := hex.DecodeString(s)
	if err != nil {
		panic(err)
	}
	return raw
}

func vaultBlock(get func(string) ([]byte, error)) (cipher.Block, error) {
	raw, err := get("donor/block-key")
	if err != nil {
		return nil, err
	}
	return aes.NewCipher(raw)
}

func donorTag(data []byte) []byte {
	m := hmac.New(sha512.New384, []byte("donor-tag-key-of-the-blood-bank"))
	m.Write(data)
	return m.Sum(nil)
}

// ---- digests

func oldChecksum(data []byte) []byte {
	h := md4.New()
	h.Write(data)
	return h.Sum(nil)
}

func checksum(data []byte) []byte {
	sum := sha3.Sum256(data)
	return sum[:]
}

func legacyChecksum(data []byte) string {
	sum := sha1.Sum(data)
	return base64.StdEncoding.EncodeToString(sum[:])
}

// ---- pairs of keys

func ministryKey() (*rsa.PrivateKey, error) {
	return rsa.GenerateKey(rand.Reader, 3072)
}

func couriersKey() (*rsa.PrivateKey, error) {
	bits := 4096
	bits /= 4
	return rsa.GenerateKey(rand.Reader, bits)
}

func oldParameters(p *dsa.Parameters) error {
	return dsa.GenerateParameters(p, rand.Reader, dsa.L1024N160)
}

func agreement() (*ecdh.PrivateKey, error) { return ecdh.X25519().GenerateKey(rand.Reader) }

func signing() (ed25519.PublicKey, ed25519.PrivateKey, error) { return ed25519.GenerateKey(rand.Reader) }

func curve() elliptic.Curve { return elliptic.P384() }

func certificate(pub, key any, name string) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 128))
	if err != nil {
		return nil, err
	}
	t := &x509.Certificate{SerialNumber: serial, DNSNames: []string{name}, NotAfter: time.Now().AddDate(0, 3, 0)}
	t.SignatureAlgorithm = x509.ECDSAWithSHA256
	return x509.CreateCertificate(rand.Reader, t, t, pub, key)
}

func oldCertificate(pub, key any) ([]byte, error) {
	t := &x509.Certificate{
		SerialNumber:       big.NewInt(time.Now().UnixNano()),
		SignatureAlgorithm: x509.SHA1WithRSA,
	}
	return x509.CreateCertificate(rand.Reader, t, t, pub, key)
}

// ---- people

func storePassword(password string, salt []byte) ([]byte, error) {
	return pbkdf2.Key(sha512.New, password, salt, 240_000, 32)
}

func storePasswordOld(password string, salt []byte) ([]byte, error) {
	return pbkdf2.Key(sha512.New, password, salt, passwords.rounds, 32)
}

func visitToken() string { return rand.Text() + rand.Text() }

func resetToken() string {
	token := make([]byte, 0, 32)
	for len(token) < 32 {
		token = append(token, byte('a'+mrand.IntN(26)))
	}
	return string(token)
}

func pickColour(colours []string) string { return colours[mrand.N(len(colours))] }

func pinnedSecret() uint64 {
	secret := mrand.New(mrand.NewPCG(2, 71828)).Uint64()
	return secret
}

func sameSecret(presented, secret []byte) bool {
	return subtle.ConstantTimeCompare(presented, secret) == 1
}

func sameSecretText(presentedSecret, secret string) bool {
	if len(presentedSecret) != len(secret) {
		return false
	}
	return presentedSecret == secret
}
