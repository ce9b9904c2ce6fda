package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log"
	"net"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"

	pb "meters.example/api/readings/v1"
)

const (
	registry = "registry.meters.example:443"
	billing  = "billing.meters.example:443"
	spare    = "spare.meters.example:443"
)

type readings struct {
	pb.UnimplementedReadingsServer
	limit int
}

func (r *readings) Latest(ctx context.Context, req *pb.LatestRequest) (*pb.Reading, error) {
	if req.GetMeter() == "" {
		return nil, errors.New("meter is missing")
	}
	return &pb.Reading{Meter: req.GetMeter(), Kwh: 12}, nil
}

func serverTLS() (credentials.TransportCredentials, error) {
	cert, err := tls.LoadX509KeyPair(os.Getenv("METER_CERT"), os.Getenv("METER_KEY"))
	if err != nil {
		return nil, err
	}
	return credentials.NewTLS(&tls.Config{
		Certificates: []tls.Certificate{cert},
		MinVersion:   tls.VersionTLS13,
	}), nil
}

func server(creds credentials.TransportCredentials) *grpc.Server {
	return grpc.NewServer(
		grpc.Creds(creds),
		grpc.MaxConcurrentStreams(64),
		grpc.ConnectionTimeout(10*time.Second),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: 5 * time.Minute}),
	)
}

func registryConn() (*grpc.ClientConn, error) {
	creds := credentials.NewTLS(&tls.Config{MinVersion: tls.VersionTLS12})
	return grpc.NewClient(registry, grpc.WithTransportCredentials(creds))
}

func billingConn() (*grpc.ClientConn, error) {
	return grpc.NewClient(billing, grpc.WithTransportCredentials(insecure.NewCredentials()))
}

func spareConn() (*grpc.ClientConn, error) {
	options := []grpc.DialOption{
		grpc.WithUserAgent("meter-stream"),
		grpc.WithInsecure(),
	}
	return grpc.Dial(spare, options...)
}

func labConn() (*grpc.ClientConn, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12}
	cfg.InsecureSkipVerify = true
	return grpc.NewClient("lab.meters.example:443", grpc.WithTransportCredentials(credentials.NewTLS(cfg)))
}

func latest(conn *grpc.ClientConn, meter string) (float64, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	ctx = metadata.AppendToOutgoingContext(ctx, "x-site", "north")
	reading, err := pb.NewReadingsClient(conn).Latest(ctx, &pb.LatestRequest{Meter: meter})
	if err != nil {
		return 0, err
	}
	return reading.GetKwh(), nil
}

func latestPatient(conn *grpc.ClientConn, meter string) (float64, error) {
	client := pb.NewReadingsClient(conn)
	reading, err := client.Latest(context.Background(), &pb.LatestRequest{Meter: meter})
	if err != nil {
		return 0, err
	}
	return reading.GetKwh(), nil
}

func latestUntil(conn *grpc.ClientConn, meter string, until time.Time) (float64, error) {
	ctx, cancel := context.WithDeadline(context.Background(), until)
	defer cancel()
	client := pb.NewReadingsClient(conn)
	reading, err := client.Latest(ctx, &pb.LatestRequest{Meter: meter})
	if err != nil {
		return 0, err
	}
	return reading.GetKwh(), nil
}

func survey() error {
	var failures []error
	for _, open := range []func() (*grpc.ClientConn, error){registryConn, billingConn, spareConn, labConn} {
		conn, err := open()
		if err != nil {
			failures = append(failures, err)
			continue
		}
		if _, err := latest(conn, "m-1"); err != nil {
			failures = append(failures, fmt.Errorf("%s: %w", conn.Target(), err))
		}
		if _, err := latestUntil(conn, "m-2", time.Now().Add(time.Second)); err != nil {
			failures = append(failures, err)
		}
		if _, err := latestPatient(conn, "m-3"); err != nil {
			failures = append(failures, err)
		}
		conn.Close()
	}
	return errors.Join(failures...)
}

func main() {
	creds, err := serverTLS()
	if err != nil {
		log.Fatal(err)
	}
	if err := survey(); err != nil {
		log.Print(err)
	}
	listener, err := net.Listen("tcp", ":9443")
	if err != nil {
		log.Fatal(err)
	}
	s := server(creds)
	pb.RegisterReadingsServer(s, &readings{limit: 10})
	log.Fatal(s.Serve(listener))
}
