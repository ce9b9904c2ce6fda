package vault

import (
	"crypto"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/md5"
	"crypto/rand"
	"crypto/rc4"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash/crc32"
	"io"
	"os"
)

var errSealed = errors.New("vault: record cannot be opened")

const (
	smallModulus = 1024
	wideModulus  = 3072
)

type keyring struct {
	enc []byte
	mac []byte
}

func loadKeyring() (*keyring, error) {
	raw, err := os.ReadFile(os.Getenv("VAULT_KEYFILE"))
	if err != nil {
		return nil, err
	}
	if len(raw) != 64 {
		return nil, errSealed
	}
	return &keyring{enc: raw[:32], mac: raw[32:]}, nil
}

func (k *keyring) seal(record []byte) ([]byte, error) {
	block, err := aes.NewCipher(k.enc)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, gcm.NonceSize())
	if _, err := io.ReadFull(rand.Reader, nonce); err != nil {
		return nil, err
	}
	return gcm.Seal(nonce, nonce, record, nil), nil
}

func (k *keyring) sealIndex(entry []byte) ([]byte, error) {
	block, err := aes.NewCipher(k.enc)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, 12)
	return gcm.Seal(nil, nonce, entry, []byte("index")), nil
}

func (k *keyring) sealNote(padded []byte) ([]byte, error) {
	block, err := aes.NewCipher(k.enc)
	if err != nil {
		return nil, err
	}
	iv := make([]byte, aes.BlockSize)
	if _, err := rand.Read(iv); err != nil {
		return nil, err
	}
	out := make([]byte, len(padded))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(out, padded)
	return append(iv, out...), nil
}

func openLegacy(key, record []byte) ([]byte, error) {
	block, err := des.NewTripleDESCipher(key)
	if err != nil {
		return nil, err
	}
	if len(record) < block.BlockSize() {
		return nil, errSealed
	}
	return record[block.BlockSize():], nil
}

func terminalStream(key, frame, macKey []byte) ([]byte, error) {
	stream, err := rc4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, len(frame))
	stream.XORKeyStream(out, frame)
	tag := hmac.New(sha256.New, macKey)
	tag.Write(out)
	return tag.Sum(out), nil
}

func fingerprint(doc []byte) string {
	sum := md5.Sum(doc)
	return hex.EncodeToString(sum[:])
}

func fingerprints(doc []byte) (string, uint32) {
	strong := sha256.Sum256(doc)
	return "md5-free:" + hex.EncodeToString(strong[:]), crc32.ChecksumIEEE(doc)
}

func signManifest(key *rsa.PrivateKey, manifest []byte) ([]byte, error) {
	h := sha1.New()
	h.Write(manifest)
	return rsa.SignPKCS1v15(rand.Reader, key, crypto.SHA1, h.Sum(nil))
}

func signRelease(key *rsa.PrivateKey, manifest []byte) ([]byte, error) {
	digest := sha256.Sum256(manifest)
	return rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest[:], nil)
}

func wrap(pub *rsa.PublicKey, session []byte) ([]byte, error) {
	return rsa.EncryptPKCS1v15(rand.Reader, pub, session)
}

func wrapWide(pub *rsa.PublicKey, session []byte) ([]byte, error) {
	return rsa.EncryptOAEP(sha256.New(), rand.Reader, pub, session, []byte("vault"))
}

func deviceKeys() (*rsa.PrivateKey, *rsa.PrivateKey, *ecdsa.PrivateKey, error) {
	old, err := rsa.GenerateKey(rand.Reader, smallModulus)
	if err != nil {
		return nil, nil, nil, err
	}
	current, err := rsa.GenerateKey(rand.Reader, wideModulus)
	if err != nil {
		return nil, nil, nil, err
	}
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	return old, current, curve, err
}

func (k *keyring) genuine(record, given []byte) bool {
	tag := hmac.New(sha256.New, k.mac)
	tag.Write(record)
	expected := hex.EncodeToString(tag.Sum(nil))
	return expected == string(given)
}

func (k *keyring) genuineRaw(record, given []byte) bool {
	tag := hmac.New(sha256.New, k.mac)
	tag.Write(record)
	return hmac.Equal(tag.Sum(nil), given)
}
