package carriers

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/IBM/sarama"
	"github.com/avast/retry-go/v4"
	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/go-resty/resty/v2"
	"github.com/go-sql-driver/mysql"
	"github.com/jlaffaye/ftp"
	_ "github.com/lib/pq"
	"github.com/nats-io/nats.go"
	"github.com/redis/go-redis/v9"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"

	depotpb "parcelgate.example/gen/depot/v1"
)

const (
	ratesURL = "https://rates.northfreight.example/v2/quotes"
	soapNS   = "http://schemas.northfreight.example/waybill" // only an identifier in the envelope
)

type Clients struct {
	rates *http.Client
	depot depotpb.DepotClient
}

func newRatesClient(pool *x509.CertPool) *http.Client {
	tr := &http.Transport{
		TLSClientConfig:     &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12, InsecureSkipVerify: false},
		TLSHandshakeTimeout: 5 * time.Second,
	}
	return &http.Client{Transport: tr, Timeout: 10 * time.Second}
}

func newBrokerClient() *http.Client {
	conf := new(tls.Config)
	conf.MinVersion = tls.VersionTLS12
	conf.InsecureSkipVerify = true
	return &http.Client{Transport: &http.Transport{TLSClientConfig: conf}, Timeout: 10 * time.Second}
}

func newPickupClient() *resty.Client {
	return resty.New().
		SetBaseURL("https://pickup.northfreight.example").
		SetRetryCount(3).
		SetTimeout(8 * time.Second)
}

func newLabelClient() *resty.Client {
	c := resty.New()
	c.SetBaseURL("https://labels.northfreight.example")
	return c
}

func (c *Clients) Quote(ctx context.Context, weight int) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("%s?grams=%d", ratesURL, weight), nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.rates.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	return io.ReadAll(io.LimitReader(resp.Body, 1<<20))
}

func (c *Clients) OpenDeclarations() (*http.Response, error) {
	return c.rates.Get("http://customs.northfreight.example/v1/declarations")
}

func Holidays() (*http.Response, error) {
	return http.Get("https://calendar.northfreight.example/holidays.json")
}

func DialDepot(addr string) (*grpc.ClientConn, error) {
	creds := credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS13})
	return grpc.NewClient(addr, grpc.WithTransportCredentials(creds))
}

func DialYard(addr string) (*grpc.ClientConn, error) {
	opts := []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithUserAgent("parcelgate"),
	}
	return grpc.NewClient(addr, opts...)
}

func (c *Clients) Manifest(ctx context.Context, id string) (*depotpb.Manifest, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	return c.depot.GetManifest(ctx, &depotpb.ManifestRequest{Id: id})
}

func (c *Clients) CloseManifest(id string) error {
	_, err := c.depot.CloseManifest(context.Background(), &depotpb.ManifestRequest{Id: id})
	return err
}

func FetchTariffs() (*ftp.ServerConn, error) {
	return ftp.Dial("ftp.tariffs.example:21", ftp.DialWithTimeout(10*time.Second))
}

func FetchZones() (*ftp.ServerConn, error) {
	conf := &tls.Config{ServerName: "ftp.zones.example", MinVersion: tls.VersionTLS12}
	return ftp.Dial("ftp.zones.example:21", ftp.DialWithTimeout(10*time.Second), ftp.DialWithExplicitTLS(conf))
}

func OpenLedger() (*sql.DB, error) {
	db, err := sql.Open("postgres", "host=ledger.internal user=parcels dbname=ledger sslmode=disable connect_timeout=5 password="+os.Getenv("LEDGER_PASSWORD"))
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(20)
	return db, nil
}

func OpenRoutes() (*sql.DB, error) {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.DBName = "tcp", "routes.internal:3306", "routes"
	cfg.User, cfg.Passwd = "parcels", os.Getenv("ROUTES_PASSWORD")
	cfg.TLSConfig = "true"
	cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout = 5*time.Second, 10*time.Second, 10*time.Second
	db, err := sql.Open("mysql", cfg.FormatDSN())
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(20)
	return db, nil
}

func Cache() *redis.Client {
	return redis.NewClient(&redis.Options{
		Addr:      "cache.internal:6380",
		Username:  "parcels",
		Password:  os.Getenv("CACHE_PASSWORD"),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12},
	})
}

func eventProducer() (sarama.SyncProducer, error) {
	cfg := sarama.NewConfig()
	cfg.Net.TLS.Enable = true
	cfg.Producer.Return.Successes = true
	cfg.Producer.RequiredAcks = sarama.WaitForLocal
	return sarama.NewSyncProducer([]string{"kafka-1.internal:9093"}, cfg)
}

func auditProducer() (*kafka.Producer, error) {
	return kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers": "kafka-1.internal:9092",
		"security.protocol": "SASL_PLAINTEXT",
		"sasl.mechanisms":   "SCRAM-SHA-512",
		"sasl.username":     "audit",
		"sasl.password":     os.Getenv("AUDIT_SASL_PASSWORD"),
		"acks":              "all",
	})
}

func ensureStreams(js nats.JetStreamContext) error {
	if _, err := js.AddStream(&nats.StreamConfig{Name: "SCANS", Subjects: []string{"scan.>"}, Replicas: 3}); err != nil {
		return err
	}
	_, err := js.AddStream(&nats.StreamConfig{Name: "ALERTS", Subjects: []string{"alert.>"}, Replicas: 2})
	return err
}

func pushWithRetry(push func() error) error {
	return retry.Do(push, retry.Attempts(5), retry.Delay(200*time.Millisecond), retry.DelayType(retry.BackOffDelay))
}

func pushForever(push func() error) error {
	return retry.Do(push, retry.Attempts(0), retry.Delay(time.Second), retry.DelayType(retry.BackOffDelay))
}

func sftpConfig(signer ssh.Signer) (*ssh.ClientConfig, error) {
	check, err := knownhosts.New("/etc/parcelgate/known_hosts")
	if err != nil {
		return nil, err
	}
	return &ssh.ClientConfig{User: "edi", Auth: []ssh.AuthMethod{ssh.PublicKeys(signer)}, HostKeyCallback: check, Timeout: 10 * time.Second}, nil
}

func legacySFTPConfig(signer ssh.Signer) *ssh.ClientConfig {
	return &ssh.ClientConfig{
		User:            "edi",
		Auth:            []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		Timeout:         10 * time.Second,
	}
}
