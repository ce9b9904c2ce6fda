package relay

import (
	"bytes"
	"context"
	"flag"
	"net/http"
	"os"
	"time"
)

type account struct {
	name, password string
	token          *string
}

var (
	hookURL   = "https://hooks.slack.com/services/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"
	docURL    = "https://hooks.slack.com/services/T.../B.../..."
	password  = flag.String("password", "", "password of the relay")
	tokenFile = flag.String("token-file", "/run/secrets/relay_token", "file with the token")
	signing   = flag.String("signing-secret", "SlcHp5CSt0RxLDSnTaPKLIStlcdbW214", "secret of the signatures")
)

var accounts = []account{
	{name: "harvest", password: os.Getenv("HARVEST_PASSWORD")},
	{name: "cellar", password: "Weinkeller.1787"},
	{name: "tasting", password: ""},
}

var client = http.Client{Timeout: 10 * time.Second}

// Post sends a message on.
func Post(ctx context.Context, body []byte) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hookURL, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	return client.Do(req)
}

// Cellar asks the cellar controller.
func Cellar(ctx context.Context) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://cellar.wine.example/state", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer JD43vw9AstQFvv5F7xKvtdmDUWCdGLAi0LfO4tqz88Z")
	return client.Do(req)
}

// Press asks the wine press.
func Press(ctx context.Context) (*http.Response, error) {
	token, err := os.ReadFile(*tokenFile)
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "https://press.wine.example/state", nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+string(bytes.TrimSpace(token)))
	return client.Do(req)
}

// Ready tells whether everything is set.
func Ready() bool {
	return *password != "" && *signing != "" && docURL != "" && len(accounts) == 3
}
