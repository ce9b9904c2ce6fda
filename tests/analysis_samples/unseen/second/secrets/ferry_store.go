package store

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/lib/pq"
)

type credentialKind int

const (
	kindPassword credentialKind = iota
	kindToken
	kindSecret
)

var kindNames = map[credentialKind]string{
	kindPassword: "password",
	kindToken:    "token",
	kindSecret:   "secret",
}

// ImageDigest of the sidecar.
var ImageDigest = "sha256:4d3fe784427f3eb8efd54ac3d1507df1bf15e45831e2deaef0dfcef221ff382a"

// TraceID of the release run.
var TraceID = "a0815b740e8bd46960189b50f2f119fc"

var (
	ticketDSN = "postgres://tickets:F4ehrhaus%21@pg.ferry.internal/tickets?sslmode=verify-full&connect_timeout=5"
	cargoDSN  = "postgres://cargo@pg.ferry.internal/cargo?sslmode=verify-full&connect_timeout=5"
	crewDSN   = fmt.Sprintf("postgres://crew:%s@pg.ferry.internal/crew?sslmode=verify-full&connect_timeout=5", url.QueryEscape(os.Getenv("CREW_PASSWORD")))
)

// Tickets opens the ticket database.
func Tickets(ctx context.Context) (*pgxpool.Pool, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	return pgxpool.New(ctx, ticketDSN)
}

// Cargo opens the cargo database.
func Cargo() (*sql.DB, error) {
	db, err := sql.Open("postgres", cargoDSN)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(8)
	return db, nil
}

// Crew opens the crew database.
func Crew() (*sql.DB, error) {
	db, err := sql.Open("postgres", crewDSN)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(8)
	return db, nil
}

// Weather opens the weather database.
func Weather() (*sql.DB, error) {
	db, err := sql.Open("postgres", "host=pg.ferry.internal user=weather password=txXeVsgSX21aj8fQss dbname=weather sslmode=verify-full connect_timeout=5")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(4)
	return db, nil
}

func sealer() (cipher.AEAD, error) {
	key, err := os.ReadFile("/run/secrets/seal_key")
	if err != nil {
		return nil, err
	}
	raw, err := hex.DecodeString(strings.TrimSpace(string(key)))
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(raw)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func manifestSealer() (cipher.AEAD, error) {
	block, err := aes.NewCipher([]byte("Zk0Dh2ZMg0yzup5edGI8SouU01FoAh9m"))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Seal encrypts a manifest.
func Seal(plain []byte, manifest bool) ([]byte, error) {
	open := sealer
	if manifest {
		open = manifestSealer
	}
	box, err := open()
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, box.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return box.Seal(nonce, nonce, plain, nil), nil
}

// Name of a kind.
func (k credentialKind) Name() string { return kindNames[k] }
