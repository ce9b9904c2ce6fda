package edge

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"net/http"
	"os"
	"time"
)

// Header of a key file: -----BEGIN RSA PRIVATE KEY-----
const (
	tokenHeader    = "X-Hive-Token"
	tokenEnv       = "HIVE_TOKEN"
	secretPath     = "/run/secrets/hive"
	privateKeyType = "EC PRIVATE KEY"
	firmwareDigest = "0d90a240f73be92772e00df02631303504dd4e6c8b50fb2124a7c7a8577d0515"
	updatePubHex   = "09c6b976292c185e4d791d774f5cd1f44258c4e03dd0929f6c0c5ae8b2893788"
	yardToken      = "VlJ2uPrRqq3HKi7XNOmVjfIs9CHoxsuFKEk4vUhc"
	docToken       = "your-token-goes-here"
)

const gatewayCert = `-----BEGIN CERTIFICATE-----
MIIBlDCCATugAwIBAgIUcf7sh/L9n/C/ciB2kCjtdLDf8KEwCgYIKoZIzj0EAwIw
IDEeMBwGA1UEAwwVaGl2ZS5hcGlhcnktY2xvdWQubmV0MB4XDTI2MTIwMTA0NDkx
NVoXDTM2MTEyODA0NDkxNVowIDEeMBwGA1UEAwwVaGl2ZS5hcGlhcnktY2xvdWQu
bmV0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEJQNGwaon7xieHQDAEDqWM3KE
N4zKJhssLDzinjIwbHrZbv2U7eTf8hu8YBWDhLCs6/cpkdT9a3q9W8z0+43Qa6NT
MFEwHQYDVR0OBBYEFC5eniH2vAqO3qBglylu9Z0c9Z6HMB8GA1UdIwQYMBaAFC5e
niH2vAqO3qBglylu9Z0c9Z6HMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwID
RwAwRAIgPriJX2mUvf/H5oQ7qXdSn3ATJR1MY+UIdM6WxkdqhDoCIBN1qsCUzRJE
sq48AvVpo9Fzq4qCY2MyjEL4WWnsbkp3
-----END CERTIFICATE-----`

const updatePublicKey = `-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAndj7/7SvI+HIV8prZNNE
BtAwfAlDEjowxKWFWvsq06jOdLmZ+MORhWBnmHYp2Qadhmf1a2lFTzUb8EQYb1xp
EG6CrGepnKGz23MdRDhtebS27Vagv/0spB/9KrZzh8Z23Ty2wnJ/5rrVkguLnlE7
rk9Ka7B5DZ8AIMV4N4gfaAg8wQk7Razpdeicm6Gehz0HK+6WgrgutFtVHSrB8mpk
WoRTQMo34FkY/W+nk6LTrkT4QPE1YMH59TupifWPNMmPkWmk0lDWQxmJWcZSvpkE
JOU7DTds8qQ53ZHt4y5yuHSyyrhC5WHGPhuezRnp6UeBZqKJchaRT2dZaFDkkrMv
IQIDAQAB
-----END PUBLIC KEY-----`

const gatewayKey = `-----BEGIN EC PRIVATE KEY-----
MHcCAQEEICmnGDHtjFejfJt2WF4zKlT7N5NO/sDeUAPU8trOaonUoAoGCCqGSM49
AwEHoUQDQgAEycy21M0B9CbvkV1k2Khs4xn6le171R5A3RY3lpuK3DjR+aBg/gLV
C7aRGrO2GEP2/mADueEGxyDlk5MNHOMdAg==
-----END EC PRIVATE KEY-----`

const demoKeyShape = `-----BEGIN EC PRIVATE KEY-----
...
-----END EC PRIVATE KEY-----`

type broker struct {
	User     string
	Password string
	Token    string
}

var errKey = errors.New("edge: no private key in " + secretPath)

var brokers = map[string]broker{
	"heide":   {User: "edge-heide", Password: os.Getenv("HEIDE_PASSWORD")},
	"linden":  {User: "edge-linden", Password: "Wabe-um.Wabe_6eck"},
	"example": {User: "edge", Password: "<password>"},
}

func readKey(path string) (any, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(raw)
	if block == nil || block.Type != privateKeyType {
		return nil, errKey
	}
	return x509.ParseECPrivateKey(block.Bytes)
}

func verifyUpdate(image, sig []byte) bool {
	pub, err := hex.DecodeString(updatePubHex)
	if err != nil || len(pub) != ed25519.PublicKeySize {
		return false
	}
	return ed25519.Verify(ed25519.PublicKey(pub), image, sig)
}

func request(path string) (*http.Request, error) {
	req, err := http.NewRequest(http.MethodGet, "https://hive.example/"+path, nil)
	if err != nil {
		return nil, err
	}
	token := os.Getenv(tokenEnv)
	if token == "" {
		token = yardToken
	}
	req.Header.Set(tokenHeader, token)
	return req, nil
}

func weather() (*http.Request, error) {
	req, err := http.NewRequest(http.MethodGet, "https://weather.example/now", nil)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth("hive", "j0BIpkjZLBWHoMU5pYqN")
	req.Header.Set("If-None-Match", firmwareDigest)
	return req, nil
}

func client() *http.Client { return &http.Client{Timeout: 10 * time.Second} }

func shapes() []string { return []string{gatewayCert, updatePublicKey, gatewayKey, demoKeyShape, docToken} }
