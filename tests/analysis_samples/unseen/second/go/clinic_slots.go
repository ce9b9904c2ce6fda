package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cors"
	"github.com/gofiber/fiber/v2/middleware/limiter"
	"github.com/gofiber/fiber/v2/middleware/pprof"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

var exportable = map[string]struct{}{"slots": {}, "rooms": {}}

type clinic struct {
	pool     *pgxpool.Pool
	sessions *session.Store
}

func connect(ctx context.Context) (*pgxpool.Pool, error) {
	cfg, err := pgxpool.ParseConfig(os.Getenv("CLINIC_DATABASE_URL"))
	if err != nil {
		return nil, err
	}
	cfg.MaxConns = 12
	cfg.ConnConfig.TLSConfig = &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: true,
	}
	return pgxpool.NewWithConfig(ctx, cfg)
}

func (c *clinic) slots(ctx *fiber.Ctx) error {
	day := ctx.Query("day")
	rows, err := c.pool.Query(ctx.Context(), fmt.Sprintf("SELECT room FROM slots WHERE day = '%s'", day))
	if err != nil {
		return fiber.ErrInternalServerError
	}
	rooms, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fiber.ErrInternalServerError
	}
	return ctx.JSON(rooms)
}

func (c *clinic) rooms(ctx *fiber.Ctx) error {
	rows, err := c.pool.Query(ctx.Context(), "SELECT room FROM slots WHERE doctor = @doctor", pgx.NamedArgs{"doctor": ctx.Params("doctor")})
	if err != nil {
		return fiber.ErrInternalServerError
	}
	rooms, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fiber.ErrInternalServerError
	}
	return ctx.JSON(rooms)
}

func (c *clinic) count(ctx *fiber.Ctx) error {
	table := ctx.Params("table")
	if _, ok := exportable[table]; !ok {
		return fiber.ErrNotFound
	}
	var n int
	err := c.pool.QueryRow(ctx.Context(), "SELECT count(*) FROM "+pgx.Identifier{table}.Sanitize()).Scan(&n)
	if err != nil {
		return fiber.ErrInternalServerError
	}
	return ctx.JSON(fiber.Map{"rows": n})
}

func (c *clinic) cancel(ctx *fiber.Ctx) error {
	batch := &pgx.Batch{}
	for _, id := range strings.Split(ctx.FormValue("ids"), ",") {
		batch.Queue("DELETE FROM slots WHERE id = " + id)
		batch.Queue("INSERT INTO cancelled (slot) VALUES ($1)", id)
	}
	return c.pool.SendBatch(ctx.Context(), batch).Close()
}

func (c *clinic) letter(ctx *fiber.Ctx) error {
	return ctx.SendFile(filepath.Join("/srv/clinic/letters", ctx.Query("file")))
}

func (c *clinic) print(ctx *fiber.Ctx) error {
	printer := ctx.FormValue("printer")
	cmd := exec.Command("bash", "-c", fmt.Sprintf("lpr -P %s /srv/clinic/day.pdf", printer))
	if err := cmd.Run(); err != nil {
		return fiber.ErrBadGateway
	}
	if strings.EqualFold(ctx.FormValue("copy"), "yes") {
		return exec.Command("lpr", "-P", "archive", "/srv/clinic/day.pdf").Run()
	}
	return ctx.SendStatus(fiber.StatusAccepted)
}

func (c *clinic) enter(ctx *fiber.Ctx) error {
	sess, err := c.sessions.Get(ctx)
	if err != nil {
		return fiber.ErrInternalServerError
	}
	sess.Set("entered", time.Now().Unix())
	sess.Set("role", ctx.FormValue("role"))
	ctx.Cookie(&fiber.Cookie{
		Name:     "desk",
		Value:    "north",
		Secure:   true,
		HTTPOnly: true,
		SameSite: "None",
	})
	ctx.Cookie(&fiber.Cookie{Name: "floor", Value: "2", Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteStrictMode})
	return sess.Save()
}

func (c *clinic) leave(ctx *fiber.Ctx) error {
	return ctx.Redirect(ctx.Query("then", "/"))
}

func onError(ctx *fiber.Ctx, err error) error {
	log.Print("request failed")
	return ctx.Status(fiber.StatusInternalServerError).Send(debug.Stack())
}

func main() {
	pool, err := connect(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	c := &clinic{pool: pool, sessions: session.New(session.Config{
		Expiration:     30 * time.Minute,
		CookieSecure:   true,
		CookieHTTPOnly: false,
		CookieSameSite: "Lax",
	})}
	app := fiber.New(fiber.Config{
		BodyLimit:    1 << 20,
		ReadTimeout:  10 * time.Second,
		WriteTimeout: 10 * time.Second,
		IdleTimeout:  time.Minute,
		ErrorHandler: onError,
	})
	app.Use(limiter.New(limiter.Config{Max: 60, Expiration: time.Minute}))
	app.Use("/open", cors.New(cors.Config{AllowOrigins: "*"}))
	app.Use("/desk", cors.New(cors.Config{AllowOrigins: "https://desk.clinic.example", AllowCredentials: true}))
	app.Use(pprof.New())
	app.Static("/forms", "/srv/clinic/forms")
	app.Static("/scans", "/srv/clinic/scans", fiber.Static{Browse: true})
	app.Get("/slots", c.slots)
	app.Get("/rooms/:doctor", c.rooms)
	app.Get("/count/:table", c.count)
	app.Post("/cancel", c.cancel)
	app.Get("/letter", c.letter)
	app.Post("/print", c.print)
	app.Post("/enter", c.enter)
	app.Get("/leave", c.leave)
	log.Fatal(app.ListenTLS("127.0.0.1:8443", "/etc/clinic/cert.pem", "/etc/clinic/key.pem"))
}
