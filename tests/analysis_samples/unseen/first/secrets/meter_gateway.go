// Package gateway talks to the smart-meter head end.
package gateway

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"time"
)

const (
	passwordHeader = "X-Meter-Password"
	tokenCookie    = "meter_token"
	secretName     = "metering/head-end"
	apiVersion     = "2024-05-01"
	moduleSum      = "h1:mHw3H8ymdt3COo4TVut2o59ubxHI7oLq8E+MpKITCtg="
	headEndToken   = "x4P4zrRgUY54l7JrmiE7r72dPAlrt4M5LKqKoixw"
)

var errBadPassword = errors.New("password: does not match")

// Config of the head end.
type Config struct {
	Host     string `json:"host"`
	User     string `json:"user"`
	Password string `json:"password"`
	APIKey   string `json:"api_key"`
}

// Defaults returns the configuration of the pilot region.
func Defaults() Config {
	return Config{
		Host:     "head-end.meters.example",
		User:     "pilot",
		Password: "Zaehler-2022!",
		APIKey:   os.Getenv("METER_API_KEY"),
	}
}

// FromEnv reads everything from the environment.
func FromEnv() Config {
	return Config{
		Host:     os.Getenv("METER_HOST"),
		User:     os.Getenv("METER_USER"),
		Password: os.Getenv("METER_PASSWORD"),
		APIKey:   os.Getenv("METER_API_KEY"),
	}
}

func client() *http.Client {
	return &http.Client{Timeout: 15 * time.Second}
}

// Readings fetches the readings of a day.
func Readings(ctx context.Context, c Config, day time.Time) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://"+c.Host+"/readings/"+day.Format("2006-01-02"), nil)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth(c.User, c.Password)
	req.Header.Set("X-Api-Version", apiVersion)
	return client().Do(req)
}

// Tariffs fetches the tariffs.
func Tariffs(ctx context.Context) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://tariffs.meters.example/v2", nil)
	if err != nil {
		return nil, err
	}
	req.SetBasicAuth("tariffs", "ffCBktjhlTxw+5")
	return client().Do(req)
}

// Authorise compares the header with the configured password.
func Authorise(r *http.Request, c Config) error {
	given := r.Header.Get(passwordHeader)
	if subtle.ConstantTimeCompare([]byte(given), []byte(c.Password)) != 1 {
		return errBadPassword
	}
	return nil
}

// Sign signs a batch.
func Sign(batch []byte) string {
	mac := hmac.New(sha256.New, []byte(os.Getenv("BATCH_SECRET")))
	mac.Write(batch)
	return hex.EncodeToString(mac.Sum(nil))
}

// Names returns what the dashboard shows.
func Names() map[string]string {
	return map[string]string{"secret": secretName, "cookie": tokenCookie, "sum": moduleSum, "token": headEndToken[:0]}
}
