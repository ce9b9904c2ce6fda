package vault

import (
	"bytes"
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
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

const (
	deviceKeyBits = 3072
	scaleKeyBits  = 1024
)

var errFormat = errors.New("vault: malformed record")

// objectMeta mirrors what the bucket tells about an upload; MD5 is its own field name.
type objectMeta struct {
	Key string
	MD5 string
}

func SealReading(key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, gcm.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return gcm.Seal(nonce, nonce, plain, nil), nil
}

func SealQueenRecord(key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce := []byte("queen-record")
	return gcm.Seal(nil, nonce, plain, nil), nil
}

func SealDemo(plain []byte) ([]byte, error) {
	block, err := aes.NewCipher([]byte("n4vX0q7Lr2sT9wYb"))
	if err != nil {
		return nil, err
	}
	gcm, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, gcm.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return gcm.Seal(nonce, nonce, plain, nil), nil
}

func SealBlocks(key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	if len(plain)%aes.BlockSize != 0 {
		return nil, errFormat
	}
	out := make([]byte, len(plain))
	for i := 0; i < len(plain); i += aes.BlockSize {
		block.Encrypt(out[i:i+aes.BlockSize], plain[i:i+aes.BlockSize])
	}
	return out, nil
}

func SealScaleLog(key, plain []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	out := make([]byte, aes.BlockSize+len(plain))
	if _, err := rand.Read(out[:aes.BlockSize]); err != nil {
		return nil, err
	}
	cipher.NewCTR(block, out[:aes.BlockSize]).XORKeyStream(out[aes.BlockSize:], plain)
	return out, nil
}

func SealArchive(encKey, macKey, padded []byte) ([]byte, error) {
	block, err := aes.NewCipher(encKey)
	if err != nil {
		return nil, err
	}
	iv := make([]byte, aes.BlockSize)
	if _, err := rand.Read(iv); err != nil {
		return nil, err
	}
	body := make([]byte, len(padded))
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(body, padded)
	mac := hmac.New(sha256.New, macKey)
	mac.Write(iv)
	mac.Write(body)
	return bytes.Join([][]byte{iv, body, mac.Sum(nil)}, nil), nil
}

func OldScaleCipher(key []byte) (cipher.Block, error) {
	return des.NewTripleDESCipher(key)
}

func RadioStream(key []byte) (cipher.Stream, error) {
	return rc4.NewCipher(key)
}

func FrameDigest(frame []byte) [16]byte {
	return md5.Sum(frame)
}

func FrameDigestV2(frame []byte) [32]byte { return sha256.Sum256(frame) }

func SameUpload(a, b objectMeta) bool { return a.Key == b.Key && a.MD5 == b.MD5 }

func NewDeviceKey() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, deviceKeyBits) }

func NewScaleKey() (*rsa.PrivateKey, error) {
	return rsa.GenerateKey(rand.Reader, scaleKeyBits)
}

func NewGatewayKey() (*ecdsa.PrivateKey, error) {
	return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
}

func WrapKey(pub *rsa.PublicKey, key []byte) ([]byte, error) {
	return rsa.EncryptOAEP(sha256.New(), rand.Reader, pub, key, []byte("hive-vault"))
}

func WrapKeyForScale(pub *rsa.PublicKey, key []byte) ([]byte, error) {
	return rsa.EncryptPKCS1v15(rand.Reader, pub, key)
}

func SignFirmware(priv *rsa.PrivateKey, image []byte) ([]byte, error) {
	sum := sha256.Sum256(image)
	return rsa.SignPSS(rand.Reader, priv, crypto.SHA256, sum[:], nil)
}

func SignScaleFirmware(priv *rsa.PrivateKey, image []byte) ([]byte, error) {
	sum := sha1.Sum(image)
	return rsa.SignPKCS1v15(rand.Reader, priv, crypto.SHA1, sum[:])
}

func gatewayTemplate(cn string, serial *big.Int) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:       serial,
		Subject:            pkix.Name{CommonName: cn},
		NotBefore:          time.Now(),
		NotAfter:           time.Now().AddDate(1, 0, 0),
		SignatureAlgorithm: x509.ECDSAWithSHA256,
	}
}

func scaleTemplate(cn string, serial *big.Int) *x509.Certificate {
	return &x509.Certificate{
		SerialNumber:       serial,
		Subject:            pkix.Name{CommonName: cn},
		NotBefore:          time.Now(),
		NotAfter:           time.Now().AddDate(1, 0, 0),
		SignatureAlgorithm: x509.SHA1WithRSA,
	}
}

func StoreKey(dir string, priv *rsa.PrivateKey) error {
	blob := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(priv)})
	return os.WriteFile(filepath.Join(dir, "device.key"), blob, 0o600)
}

func StoreScaleKey(dir string, priv *rsa.PrivateKey) error {
	blob := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(priv)})
	return os.WriteFile(filepath.Join(dir, "scale-private.key"), blob, 0o644)
}

func PrepareSpool(dir string) error {
	previous := syscall.Umask(0o077)
	defer syscall.Umask(previous)
	return os.MkdirAll(dir, 0o750)
}

func PrepareExchange(dir string) error {
	syscall.Umask(0)
	return os.MkdirAll(dir, 0o777)
}

func ExportFile() (*os.File, error) { return os.CreateTemp("", "hive-export-*.csv") }

func ScratchFile() (*os.File, error) {
	return os.Create("/tmp/hive-scratch.bin")
}
