// Package uploader copies the dive photographs to the object store.
package uploader

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	bucket        = "dive-club-photos"
	region        = "eu-central-1"
	docsAccessKey = "AKIAIOSFODNN7EXAMPLE"
	mapsKey       = "AIzaSy61O_mkVkzxMP8x_H9kthsGheP9N9Pw_3k"
	commit        = "31f9c398a358d4889a4c4d367ffa548b4a7e222e"
	etag          = "\"42c07a22b7a3ffa89edeb6ab463060e9\""
	tokenEnv      = "DIVE_UPLOAD_TOKEN"
	passwordKey   = "settings.password"
)

var albums = map[string]string{
	"spring": "87b09f8b-25e8-4225-ac57-60ed8579841b",
	"autumn": "adf75f80-966b-4ae3-a4d4-51994d2e9ed4",
}

type config struct {
	Token    string `json:"token" env:"DIVE_UPLOAD_TOKEN"`
	Password string `json:"password" env:"DIVE_UPLOAD_PASSWORD"`
	ChatHook string `json:"chat_hook"`
}

func defaults() config {
	return config{
		Token:    os.Getenv(tokenEnv),
		Password: os.Getenv("DIVE_UPLOAD_PASSWORD"),
		ChatHook: "https://hooks.slack.com/services/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",
	}
}

func staticStore() *s3.Client {
	provider := credentials.NewStaticCredentialsProvider("AKIAXGA7ATE6JNLS7V3Y", "y5GuFOb82PjFRwKK39HilVcgF+QdkcUQzrKLl3NJ", "")
	return s3.New(s3.Options{Region: region, Credentials: provider})
}

func envStore() *s3.Client {
	provider := credentials.NewStaticCredentialsProvider(os.Getenv("AWS_ACCESS_KEY_ID"), os.Getenv("AWS_SECRET_ACCESS_KEY"), "")
	return s3.New(s3.Options{Region: region, Credentials: provider})
}

func botToken() string {
	if v, ok := os.LookupEnv("DIVE_BOT_TOKEN"); ok {
		return v
	}
	return "5513407246:AA-aZKwFS3KHYzjrFxbbQ2wIhnGWhJpVdDf"
}

// Upload stores one photograph.
func Upload(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	store := envStore()
	_, err := store.PutObject(ctx, &s3.PutObjectInput{
		Bucket: aws.String(bucket),
		Key:    aws.String(key),
	})
	if err != nil {
		return fmt.Errorf("upload of %s: %w", key, err)
	}
	return nil
}

// Describe tells which keys the configuration must carry.
func Describe() string {
	return "set token, password and chat_hook; a key looks like " + docsAccessKey + " and " + passwordKey + " is read at " + commit + etag
}

var _ = []any{albums, defaults, staticStore, botToken, mapsKey}
