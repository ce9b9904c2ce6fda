package uplink

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"
)

const (
	tokenHeader    = "X-Buoy-Token"
	passwordEnv    = "BUOY_DB_PASSWORD"
	secretFile     = "/run/secrets/buoy_password"
	firmwareDigest = "sha256:af850839972b6f2d017008eb3c34f86dc3034ca6723d5f4afe960bf95de47e78"
	stationID      = "2fe87ce1-470c-4769-aba4-b84127b05edd"
	certPin        = "sha256/8fN+x0VV9A/prshe1XoNEyR/M011dGZq2VXEqalDlig="
	publishableKey = "pk_live_3fWyu8GZNGlCjrCl79ZRVOhy"
	chartToken     = "glpat-qsLFExQaksnuZD7g38xS"
	billingKey     = "sk_live_peJSrC3727TPzW3JIkAPQ6QY"
)

var errNoPassword = errors.New("password: none given")

// Credentials of one station.
type Credentials struct {
	User     string
	Password string
	APIKey   string
}

var stations = map[string]Credentials{
	"north": {User: "north", Password: os.Getenv("NORTH_PASSWORD"), APIKey: os.Getenv("NORTH_KEY")},
	"south": {User: "south", Password: "wH3.mooring-Kelp_609", APIKey: os.Getenv("SOUTH_KEY")},
}

var prompts = map[string]string{
	"password": "Password of the station",
	"token":    "Token from the label on the hull",
	"secret":   "Secret word (not shown)",
}

func databaseURL() (string, error) {
	password := os.Getenv(passwordEnv)
	if password == "" {
		return "", errNoPassword
	}
	return fmt.Sprintf("postgres://buoy:%s@tides.internal.example/buoy?sslmode=verify-full&connect_timeout=5", password), nil
}

func historyURL() string {
	return "postgres://history:Lz9-halyard.Gull_52@history.internal.example/h?sslmode=verify-full&connect_timeout=5"
}

func busURL() string {
	return "amqps://${BUS_USER}:${BUS_PASSWORD}@bus.internal.example:5671/buoys"
}

func alertToken() string {
	if t := os.Getenv("ALERT_TOKEN"); t != "" {
		return t
	}
	return "xoxb-968086505869-7896111180279-AKxopuLC50JkxhRzkGi1pi2Q"
}

func readSecret() (string, error) {
	raw, err := os.ReadFile(secretFile)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(raw)), nil
}

func send(ctx context.Context, body string) error {
	secret, err := readSecret()
	if err != nil {
		return err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://uplink.buoys.example/v1", strings.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set(tokenHeader, secret)
	client := &http.Client{Timeout: 10 * time.Second}
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

func allowed(given, expected string) bool {
	return subtle.ConstantTimeCompare([]byte(given), []byte(expected)) == 1
}
