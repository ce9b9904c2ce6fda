package fleetlink

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/IBM/sarama"
	"github.com/nats-io/nats.go"
	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl/scram"

	pb "example.org/fleet/gen/fleetv1"
)

const target = "dns:///trucks.fleet.example:443"

type tokenAuth struct{ token string }

func (t tokenAuth) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{"authorization": "Bearer " + t.token}, nil
}

func (tokenAuth) RequireTransportSecurity() bool { return true }

func roots(file string) (*x509.CertPool, error) {
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("no certificates in %s", file)
	}
	return pool, nil
}

// Dial is what the dispatchers use.
func Dial(caFile, token string) (*grpc.ClientConn, error) {
	pool, err := roots(caFile)
	if err != nil {
		return nil, err
	}
	creds := credentials.NewTLS(&tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS13})
	return grpc.NewClient(target, grpc.WithTransportCredentials(creds), grpc.WithPerRPCCredentials(tokenAuth{token}))
}

func DialDepot() (*grpc.ClientConn, error) {
	return grpc.NewClient("depot.fleet.example:9000", grpc.WithTransportCredentials(insecure.NewCredentials()))
}

func DialYard(opts ...grpc.DialOption) (*grpc.ClientConn, error) {
	opts = append(opts,
		grpc.WithUserAgent("fleetlink"),
		grpc.WithInsecure(),
	)
	return grpc.Dial("yard.fleet.example:9000", opts...)
}

func DialWorkshop() (*grpc.ClientConn, error) {
	creds := credentials.NewTLS(&tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true,
	})
	return grpc.NewClient("workshop.fleet.example:443", grpc.WithTransportCredentials(creds))
}

type Dispatcher struct {
	trucks pb.TruckServiceClient
}

func (d *Dispatcher) Where(ctx context.Context, plate string) (*pb.Position, error) {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	return d.trucks.Locate(ctx, &pb.LocateRequest{Plate: plate})
}

func (d *Dispatcher) WhereNow(plate string) (*pb.Position, error) {
	return d.trucks.Locate(context.Background(), &pb.LocateRequest{Plate: plate})
}

func (d *Dispatcher) Recall(plate string) error {
	ctx := metadata.AppendToOutgoingContext(context.Background(), "x-reason", "recall")
	ctx, cancel := context.WithDeadline(ctx, time.Now().Add(10*time.Second))
	defer cancel()
	_, err := d.trucks.Recall(ctx, &pb.RecallRequest{Plate: plate})
	if status.Code(err) == codes.NotFound {
		return nil
	}
	return err
}

func Server(certFile, keyFile string) (*grpc.Server, error) {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, err
	}
	conf := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert}
	return grpc.NewServer(grpc.Creds(credentials.NewTLS(conf)), grpc.MaxRecvMsgSize(1<<20), grpc.ConnectionTimeout(10*time.Second)), nil
}

// ---- events

func SaramaConfig(pool *x509.CertPool) *sarama.Config {
	c := sarama.NewConfig()
	c.Net.TLS.Enable = true
	c.Net.TLS.Config = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}
	c.Producer.RequiredAcks = sarama.WaitForAll
	c.Producer.Retry.Max = 5
	return c
}

func SaramaConfigFast(pool *x509.CertPool) *sarama.Config {
	c := sarama.NewConfig()
	c.Net.TLS.Enable = true
	c.Net.TLS.Config = &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS11}
	c.Producer.RequiredAcks = sarama.NoResponse
	return c
}

func Writer(pool *x509.CertPool) (*kafka.Writer, error) {
	mech, err := scram.Mechanism(scram.SHA512, "fleet", os.Getenv("KAFKA_PASSWORD"))
	if err != nil {
		return nil, err
	}
	return &kafka.Writer{
		Addr:         kafka.TCP("kafka.fleet.example:9093"),
		Topic:        "positions",
		RequiredAcks: kafka.RequireAll,
		Transport:    &kafka.Transport{TLS: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}, SASL: mech},
	}, nil
}

func WriterOne(tr *kafka.Transport) *kafka.Writer {
	return &kafka.Writer{
		Addr:         kafka.TCP("kafka.fleet.example:9093"),
		Topic:        "engine-hours",
		RequiredAcks: kafka.RequireOne,
		Transport:    tr,
	}
}

func Stream(js nats.JetStreamContext) error {
	_, err := js.AddStream(&nats.StreamConfig{Name: "POSITIONS", Subjects: []string{"pos.>"}, Replicas: 3})
	return err
}

func StreamPair(js nats.JetStreamContext) error {
	_, err := js.AddStream(&nats.StreamConfig{
		Name:     "ALARMS",
		Subjects: []string{"alarm.>"},
		Replicas: 2,
	})
	return err
}

func Nats() (*nats.Conn, error) {
	return nats.Connect("tls://nats.fleet.example:4222", nats.RootCAs("/etc/fleet/ca.pem"), nats.UserCredentials("/run/secrets/nats.creds"), nats.MaxReconnects(30))
}
