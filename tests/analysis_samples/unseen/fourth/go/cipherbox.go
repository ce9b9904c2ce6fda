// Package cipherbox collects the ways in which our buoys encipher readings.
package cipherbox

import (
	"bytes"
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rc4"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"errors"
	"io"
	"os"
)

const (
	nonceSize = 12
	modulus   = 512 * 2
)

var (
	errShort  = errors.New("cipherbox: short input")
	stationID = []byte("buoy-station")
)

func sealGCM(key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize())
	if _, err := io.ReadFull(rand.Reader, nonce); err != nil {
		return nil, err
	}
	return aead.Seal(nonce, nonce, plain, stationID), nil
}

func openGCM(key, box []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	if len(box) < nonceSize {
		return nil, errShort
	}
	return aead.Open(nil, box[:nonceSize], box[nonceSize:], stationID)
}

func sealStation(aead cipher.AEAD, plain []byte) []byte {
	return aead.Seal(nil, stationID, plain, nil)
}

func sealEmpty(aead cipher.AEAD, plain []byte) []byte {
	nonce := make([]byte, nonceSize)
	return aead.Seal(nil, nonce, plain, nil)
}

func sealCounter(aead cipher.AEAD, counter uint64, plain []byte) []byte {
	nonce := make([]byte, nonceSize)
	for i := 0; i < 8; i++ {
		nonce[nonceSize-1-i] = byte(counter >> (8 * i))
	}
	return aead.Seal(nonce, nonce, plain, nil)
}

func scramble(key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(plain))
	for i := 0; i+aes.BlockSize <= len(plain); i += aes.BlockSize {
		block.Encrypt(out[i:i+aes.BlockSize], plain[i:i+aes.BlockSize])
	}
	return out, nil
}

func oldRadio(key, iv, plain []byte) ([]byte, error) {
	block, err := des.NewTripleDESCipher(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(plain))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, plain)
	return out, nil
}

func olderRadio(key []byte) (cipher.Block, error) {
	return des.NewCipher(key)
}

func radioStream(key []byte) (cipher.Stream, error) {
	return rc4.NewCipher(key)
}

func sealThenMAC(encKey, macKey, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(encKey)
	if err != nil {
		return nil, err
	}
	iv := make([]byte, aes.BlockSize)
	if _, err := rand.Read(iv); err != nil {
		return nil, err
	}
	body := make([]byte, len(plain))
	cipher.NewCTR(block, iv).XORKeyStream(body, plain)
	tag := hmac.New(sha256.New, macKey)
	tag.Write(iv)
	tag.Write(body)
	return append(append(iv, body...), tag.Sum(nil)...), nil
}

func builtInBlock() (cipher.Block, error) {
	return aes.NewCipher([]byte("tide-table-2019!"))
}

func configuredBlock() (cipher.Block, error) {
	key, err := os.ReadFile("/run/secrets/buoy_key")
	if err != nil {
		return nil, err
	}
	return aes.NewCipher(bytes.TrimSpace(key))
}

func freshKey(strong bool) ([]byte, error) {
	size := 16
	if strong {
		size = 32
	}
	key := make([]byte, size)
	_, err := rand.Read(key)
	return key, err
}

func buoyIdentity() (*rsa.PrivateKey, error) {
	return rsa.GenerateKey(rand.Reader, modulus)
}

func shoreIdentity(extra bool) (*rsa.PrivateKey, error) {
	bits := 2048
	if extra {
		bits *= 2
	}
	return rsa.GenerateKey(rand.Reader, bits)
}

func relayIdentity() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func wrapForShore(pub *rsa.PublicKey, key []byte) ([]byte, error) {
	return rsa.EncryptPKCS1v15(rand.Reader, pub, key)
}

func wrapForShoreOAEP(pub *rsa.PublicKey, key []byte) ([]byte, error) {
	return rsa.EncryptOAEP(sha256.New(), rand.Reader, pub, key, []byte("buoy"))
}

func signReading(key *rsa.PrivateKey, reading []byte) ([]byte, error) {
	sum := sha256.Sum256(reading)
	return rsa.SignPSS(rand.Reader, key, crypto.SHA256, sum[:], nil)
}

func signLegacy(key *rsa.PrivateKey, digest []byte) ([]byte, error) {
	return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA1, digest)
}

func digestLegacy(reading []byte) []byte {
	h := sha1.New()
	h.Write(reading)
	return h.Sum(nil)
}

func tagMatches(key, reading, tag []byte) bool {
	m := hmac.New(sha256.New, key)
	m.Write(reading)
	return bytes.Equal(m.Sum(nil), tag)
}

func tagMatchesSteadily(key, reading, tag []byte) bool {
	m := hmac.New(sha256.New, key)
	m.Write(reading)
	return hmac.Equal(m.Sum(nil), tag)
}
