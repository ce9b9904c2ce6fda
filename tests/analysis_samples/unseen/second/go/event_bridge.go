package bridge

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	mrand "math/rand/v2"
	"os"
	"time"

	"github.com/IBM/sarama"
	"github.com/confluentinc/confluent-kafka-go/v2/kafka"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	amqp "github.com/rabbitmq/amqp091-go"
	segment "github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl/scram"
)

const brokers = "k1.cranes.example:9093,k2.cranes.example:9093"

func liftProducer() (*kafka.Producer, error) {
	return kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers": brokers,
		"security.protocol": "SASL_SSL",
		"sasl.mechanisms":   "SCRAM-SHA-512",
		"sasl.username":     "lifts",
		"sasl.password":     os.Getenv("CRANES_KAFKA_PASSWORD"),
		"acks":              "all",
	})
}

func telemetryProducer() (*kafka.Producer, error) {
	return kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers": brokers,
		"security.protocol": "SASL_PLAINTEXT",
		"sasl.mechanisms":   "SCRAM-SHA-256",
		"sasl.username":     "telemetry",
		"sasl.password":     os.Getenv("CRANES_TELEMETRY_PASSWORD"),
		"acks":              "1",
	})
}

func auditConsumer() (*kafka.Consumer, error) {
	cfg := kafka.ConfigMap{
		"bootstrap.servers":        brokers,
		"security.protocol":        "SSL",
		"ssl.ca.location":          "/etc/cranes/ca.pem",
		"ssl.certificate.location": "/etc/cranes/audit.pem",
		"ssl.key.location":         "/etc/cranes/audit.key",
		"group.id":                 "audit",
	}
	if err := cfg.SetKey("ssl.endpoint.identification.algorithm", "none"); err != nil {
		return nil, err
	}
	return kafka.NewConsumer(&cfg)
}

func saramaProducer(addrs []string) (sarama.SyncProducer, error) {
	cfg := sarama.NewConfig()
	cfg.Net.TLS.Enable = true
	cfg.Net.TLS.Config = &tls.Config{MinVersion: tls.VersionTLS12}
	cfg.Net.SASL.Enable = true
	cfg.Net.SASL.User = "yard"
	cfg.Net.SASL.Password = os.Getenv("CRANES_YARD_PASSWORD")
	cfg.Producer.RequiredAcks = sarama.WaitForAll
	cfg.Producer.Return.Successes = true
	cfg.Producer.Retry.Max = 5
	return sarama.NewSyncProducer(addrs, cfg)
}

func saramaLossy(addrs []string) (sarama.AsyncProducer, error) {
	cfg := sarama.NewConfig()
	cfg.Net.TLS.Enable = true
	cfg.Net.TLS.Config = &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}
	cfg.Producer.RequiredAcks = sarama.NoResponse
	return sarama.NewAsyncProducer(addrs, cfg)
}

func segmentWriter() (*segment.Writer, error) {
	mechanism, err := scram.Mechanism(scram.SHA512, "cranes", os.Getenv("CRANES_SEGMENT_PASSWORD"))
	if err != nil {
		return nil, err
	}
	return &segment.Writer{
		Addr:         segment.TCP("k1.cranes.example:9093"),
		Topic:        "moves",
		RequiredAcks: segment.RequireAll,
		WriteTimeout: 10 * time.Second,
		Transport:    &segment.Transport{SASL: mechanism, TLS: &tls.Config{MinVersion: tls.VersionTLS13}},
	}, nil
}

func connectNATS() (*nats.Conn, error) {
	return nats.Connect("tls://nats.cranes.example:4222",
		nats.UserCredentials("/run/secrets/cranes.creds"),
		nats.RootCAs("/etc/cranes/ca.pem"),
		nats.Timeout(5*time.Second),
		nats.MaxReconnects(20),
	)
}

func connectLeaf() (*nats.Conn, error) {
	return nats.Connect("tls://leaf.cranes.example:4222",
		nats.Token("nk5-Vq0aTzL7mRw93dXhPbY1"),
		nats.Secure(&tls.Config{MinVersion: tls.VersionTLS10}),
		nats.MaxReconnects(20),
	)
}

func streams(ctx context.Context, js jetstream.JetStream) error {
	moves := jetstream.StreamConfig{
		Name:     "MOVES",
		Subjects: []string{"moves.>"},
		Storage:  jetstream.FileStorage,
		Replicas: 3,
	}
	if _, err := js.CreateOrUpdateStream(ctx, moves); err != nil {
		return err
	}
	_, err := js.CreateOrUpdateStream(ctx, jetstream.StreamConfig{
		Name:     "ALARMS",
		Subjects: []string{"alarms.>"},
		Storage:  jetstream.FileStorage,
		Replicas: 2,
	})
	return err
}

func connectRabbit() (*amqp.Connection, error) {
	return amqp.DialConfig("amqps://guest:guest@rabbit.cranes.example:5671/yard", amqp.Config{Heartbeat: 10 * time.Second})
}

func connectRabbitYard() (*amqp.Connection, error) {
	address := "amqps://rabbit.cranes.example:5671/yard"
	auth := &amqp.PlainAuth{Username: "yard", Password: os.Getenv("CRANES_RABBIT_PASSWORD")}
	return amqp.DialConfig(address, amqp.Config{SASL: []amqp.Authentication{auth}, Heartbeat: 10 * time.Second})
}

func subscriberToken() string {
	return fmt.Sprintf("%016x%016x", mrand.Uint64(), mrand.Uint64())
}

func operatorToken() string {
	return rand.Text()
}

func spread(base time.Duration) time.Duration {
	return base + time.Duration(mrand.Int64N(int64(base)))
}

func hookAccepted(givenSecret string) bool {
	return givenSecret == os.Getenv("CRANES_HOOK_SECRET")
}

func hookSignature(expected, given []byte) bool {
	return hmac.Equal(expected, given)
}
