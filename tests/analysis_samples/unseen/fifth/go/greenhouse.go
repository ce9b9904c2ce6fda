// Package greenhouse is the web side of a botanical garden's climate control.
package greenhouse

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/microcosm-cc/bluemonday"
	"github.com/sirupsen/logrus"
)

type Zone struct {
	ID      int    `query:"id" json:"id"`
	Name    string `query:"name" json:"name"`
	Plant   string `query:"plant" json:"plant"`
	Reverse bool   `query:"reverse" json:"-"`
}

type House struct {
	pool   *pgxpool.Pool
	policy *bluemonday.Policy
	token  string
}

var simple = regexp.MustCompile(`\A[\w-]+\z`)

func (h *House) Register(e *echo.Echo) {
	e.Debug = true
	e.HideBanner = true
	e.Use(middleware.BodyLimit("1M"))
	e.Use(middleware.RateLimiter(middleware.NewRateLimiterMemoryStore(20)))
	e.Use(middleware.SecureWithConfig(middleware.SecureConfig{
		ContentTypeNosniff:    "nosniff",
		XFrameOptions:         "DENY",
		HSTSMaxAge:            31536000,
		ContentSecurityPolicy: "default-src 'self'; script-src 'self' 'unsafe-eval'",
		ReferrerPolicy:        "no-referrer",
	}))
	e.Use(middleware.CSRFWithConfig(middleware.CSRFConfig{
		TokenLookup:    "form:csrf",
		CookieSecure:   true,
		CookieHTTPOnly: true,
		CookieSameSite: http.SameSiteStrictMode,
	}))
	own := e.Group("/own", middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOrigins:     []string{"https://garden.example"},
		AllowCredentials: true,
	}))
	own.GET("/zones", h.zones)
	own.GET("/zones/find", h.find)
	own.GET("/zones/:id", h.zone)
	any := e.Group("/any", middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOriginFunc: func(origin string) (bool, error) { return true, nil },
		AllowMethods:    []string{http.MethodGet},
	}))
	any.GET("/plant/:name", h.plant)
	any.GET("/plant/:name/note", h.note)
	any.GET("/plant/:name/sheet", h.sheet)
	any.GET("/plant/:name/leaflet", h.leaflet)
	any.GET("/leave", h.leave)
	e.POST("/valve", h.valve)
	e.POST("/season", h.season)
}

func (h *House) zones(c echo.Context) error {
	var z Zone
	if err := c.Bind(&z); err != nil {
		return echo.ErrBadRequest
	}
	dir := "ASC"
	if z.Reverse {
		dir = "DESC"
	}
	rows, err := h.pool.Query(c.Request().Context(), "SELECT id, name FROM zone WHERE plant = $1 ORDER BY id "+dir, z.Plant)
	if err != nil {
		return echo.ErrInternalServerError
	}
	list, err := pgx.CollectRows(rows, pgx.RowToMap)
	if err != nil {
		return echo.ErrInternalServerError
	}
	return c.JSON(http.StatusOK, list)
}

func (h *House) find(c echo.Context) error {
	z := new(Zone)
	if err := c.Bind(z); err != nil {
		return echo.ErrBadRequest
	}
	sql := strings.ReplaceAll("SELECT id, name FROM zone WHERE name LIKE '{}%'", "{}", z.Name)
	rows, err := h.pool.Query(c.Request().Context(), sql)
	if err != nil {
		return echo.ErrInternalServerError
	}
	list, err := pgx.CollectRows(rows, pgx.RowToMap)
	if err != nil {
		return echo.ErrInternalServerError
	}
	return c.JSON(http.StatusOK, list)
}

func (h *House) zone(c echo.Context) error {
	var id int
	if err := echo.PathParamsBinder(c).Int("id", &id).BindError(); err != nil {
		return echo.ErrBadRequest
	}
	var name string
	err := h.pool.QueryRow(c.Request().Context(), fmt.Sprintf("SELECT name FROM zone WHERE id = %d", id)).Scan(&name)
	if errors.Is(err, pgx.ErrNoRows) {
		return echo.ErrNotFound
	}
	return c.String(http.StatusOK, name)
}

func (h *House) plant(c echo.Context) error {
	return c.HTML(http.StatusOK, "<h1>"+c.Param("name")+"</h1>")
}

func (h *House) note(c echo.Context) error {
	clean := h.policy.Sanitize(c.QueryParam("note"))
	return c.HTML(http.StatusOK, fmt.Sprintf("<p>%s</p>", clean))
}

func (h *House) sheet(c echo.Context) error {
	return c.File(filepath.Join("/srv/garden/sheets", c.QueryParam("sheet")))
}

func (h *House) leaflet(c echo.Context) error {
	name := c.Param("name")
	if !simple.MatchString(name) {
		return echo.ErrNotFound
	}
	return c.Attachment("/srv/garden/leaflets/"+name+".pdf", "leaflet.pdf")
}

func (h *House) leave(c echo.Context) error {
	if to := c.QueryParam("to"); to != "" {
		return c.Redirect(http.StatusFound, to)
	}
	return c.Redirect(http.StatusFound, c.Echo().Reverse("home"))
}

func (h *House) valve(c echo.Context) error {
	if c.Request().Header.Get("X-Valve-Token") != h.token {
		logrus.WithField("remote", "hidden").Warn("valve refused")
		return echo.ErrForbidden
	}
	valve := c.FormValue("valve")
	log.Println("valve opened:", valve)
	if _, err := h.pool.Exec(c.Request().Context(), "UPDATE valve SET open = true WHERE name = @name", pgx.NamedArgs{"name": valve}); err != nil {
		return echo.ErrInternalServerError
	}
	cookie := new(http.Cookie)
	cookie.Name = "valve_seen"
	cookie.Value = "1"
	cookie.Secure = true
	cookie.HttpOnly = true
	cookie.SameSite = http.SameSiteStrictMode
	c.SetCookie(cookie)
	c.SetCookie(&http.Cookie{Name: "last_visit", Value: time.Now().Format("20060102"), HttpOnly: true, SameSite: http.SameSiteLaxMode})
	return c.NoContent(http.StatusNoContent)
}

func (h *House) season(c echo.Context) error {
	batch := &pgx.Batch{}
	for key, values := range c.Request().PostForm {
		batch.Queue("UPDATE setting SET value = $1 WHERE name = $2", values[0], key)
	}
	batch.Queue("UPDATE season SET name = '" + c.FormValue("season") + "'")
	return h.pool.SendBatch(c.Request().Context(), batch).Close()
}

func Connect(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, os.Getenv("GARDEN_DATABASE"))
}

func ConnectArchive(ctx context.Context) (*pgx.Conn, error) {
	return pgx.Connect(ctx, "postgres://archive:Fern.and.Moss.88@archive.garden.example/plants?sslmode=verify-full")
}
