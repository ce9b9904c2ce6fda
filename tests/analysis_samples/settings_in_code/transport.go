package transport

import (
	"crypto/des"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"math/big"
	mrand "math/rand"
	"net/http"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"golang.org/x/crypto/bcrypt"
	"golang.org/x/crypto/ssh"
)

func loose() *http.Client {
	return &http.Client{
		Timeout:   10 * time.Second,
		Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}},
	}
}

func strict() *http.Client {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{TLSClientConfig: config}}
}

func old() *tls.Config {
	config := &tls.Config{}
	config.MinVersion = tls.VersionTLS10
	return config
}

func suites() *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		CipherSuites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA},
	}
}

func dial(user, key string) *ssh.ClientConfig {
	return &ssh.ClientConfig{
		User:            user,
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	}
}

func digest(b []byte) (string, string) {
	weak := md5.Sum(b)
	good := sha256.Sum256(b)
	return hex.EncodeToString(weak[:]), hex.EncodeToString(good[:])
}

func encrypt(key []byte) error {
	_, err := des.NewTripleDESCipher(key)
	return err
}

func keys() (*rsa.PrivateKey, *rsa.PrivateKey) {
	small, _ := rsa.GenerateKey(rand.Reader, 1024)
	good, _ := rsa.GenerateKey(rand.Reader, 3072)
	return small, good
}

func sessionToken() int64 {
	token := mrand.Int63()
	return token
}

func apiKey() (*big.Int, error) {
	return rand.Int(rand.Reader, big.NewInt(1<<62))
}

func backoff() time.Duration {
	return time.Duration(mrand.Intn(1000)) * time.Millisecond
}

func hashPassword(password string) ([]byte, error) {
	if _, err := bcrypt.GenerateFromPassword([]byte(password), 4); err != nil {
		return nil, err
	}
	return bcrypt.GenerateFromPassword([]byte(password), 12)
}

func peek(raw string) (*jwt.Token, error) {
	token, _, err := jwt.NewParser().ParseUnverified(raw, jwt.MapClaims{})
	return token, err
}

func serve(handler http.Handler) error {
	server := &http.Server{Addr: ":8080", Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	return server.ListenAndServe()
}
