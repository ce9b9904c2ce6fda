module git.weather.example/radar/compose

go 1.22.5

toolchain go1.22.5

require (
	github.com/jackc/pgx/v5 v5.6.0
	github.com/nats-io/nats.go v1.36.0
	go.uber.org/zap v1.27.0
	golang.org/x/sync v0.7.0
)

require (
	github.com/klauspost/compress v1.17.9 // indirect
	go.uber.org/multierr v1.11.0 // indirect
	golang.org/x/crypto v0.24.0 // indirect
)

replace git.weather.example/radar/geo => ../geo

exclude golang.org/x/net v0.22.0
