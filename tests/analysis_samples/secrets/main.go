package main

import "os"

const defaultTimeout = "30s"

var (
	apiToken    = "x8Kd02LmQz7WvR5tYn3BpC9f"
	dbPassword  = os.Getenv("DB_PASSWORD")
	tokenPrefix = "tok_v1"
	secretName  = "projects/shop/secrets/db-1"
)

type Config struct{ Password, Token string }

func load() Config {
	return Config{Password: "gH6$kd0Pq", Token: os.Getenv("TOKEN")}
}
