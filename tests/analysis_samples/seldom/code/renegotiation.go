package gate

import "crypto/tls"

func gateway() *tls.Config {
	return &tls.Config{ServerName: "gate.example.org", MinVersion: tls.VersionTLS12, Renegotiation: tls.RenegotiateNever}
}

func scales() *tls.Config {
	return &tls.Config{ServerName: "scales.example.org", MinVersion: tls.VersionTLS12, Renegotiation: tls.RenegotiateFreelyAsClient}
}

func printers() *tls.Config {
	c := &tls.Config{ServerName: "printers.example.org", MinVersion: tls.VersionTLS12}
	c.Renegotiation = tls.RenegotiateNever
	return c
}

func archive() *tls.Config {
	c := &tls.Config{ServerName: "archive.example.org", MinVersion: tls.VersionTLS12}
	c.Renegotiation = tls.RenegotiateFreelyAsClient
	return c
}
