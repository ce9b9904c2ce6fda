module git.tides.example/gauge-relay

go 1.22.5

require (
	github.com/go-chi/chi/v5 v5.1.0
	github.com/jackc/pgx/v5 v5.6.0
	golang.org/x/sync v0.7.0
	git.tides.example/gauge-proto v0.0.0-20240611093012-4be1c9d2a7f0
)

require github.com/jackc/puddle/v2 v2.2.1 // indirect

replace git.tides.example/gauge-proto => ../gauge-proto

exclude github.com/go-chi/chi/v5 v5.0.9
