package telemetry

import (
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
	"github.com/rs/zerolog"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/mongo"
	"gorm.io/gorm"
)

type Station struct {
	ID    uint
	Name  string
	Owner string
}

type API struct {
	pg       *sqlx.DB
	orm      *gorm.DB
	readings *mongo.Collection
	http     *http.Client
	log      zerolog.Logger
	dumps    string
}

type stationQuery struct {
	Name  string `query:"name"`
	Owner string `query:"owner"`
	Sort  string `query:"sort"`
}

func Mount(e *echo.Echo, a *API) {
	e.HideBanner = true
	e.Use(middleware.BodyLimit("512K"))
	e.Use(middleware.SecureWithConfig(middleware.SecureConfig{
		ContentTypeNosniff:    "nosniff",
		XFrameOptions:         "DENY",
		HSTSMaxAge:            31536000,
		ContentSecurityPolicy: "default-src 'none'; frame-ancestors 'none'",
		ReferrerPolicy:        "no-referrer",
	}))
	e.Use(middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOrigins: []string{"*"},
		AllowMethods: []string{http.MethodGet},
	}))
	e.GET("/stations", a.stations)
	e.GET("/stations/raw", a.stationsRaw)
	e.GET("/stations/find", a.find)
	e.GET("/stations/sorted", a.sorted)
	e.GET("/stations/:id", a.station)
	e.GET("/owners/:owner", a.owner)
	e.GET("/readings", a.readingsFor)
	e.Add("SEARCH", "/readings", a.readingsQuery)
	e.GET("/widget", a.widget)
	e.GET("/dumps/:name", a.dump)
	e.GET("/probe", a.probe)
	e.GET("/ping", a.ping)
}

func (a *API) stations(c echo.Context) error {
	var q stationQuery
	if err := c.Bind(&q); err != nil {
		return echo.ErrBadRequest
	}
	var out []Station
	if err := a.pg.SelectContext(c.Request().Context(), &out, "SELECT id, name FROM stations WHERE name = $1", q.Name); err != nil {
		return echo.ErrInternalServerError
	}
	return c.JSON(http.StatusOK, out)
}

func (a *API) stationsRaw(c echo.Context) error {
	var q stationQuery
	if err := c.Bind(&q); err != nil {
		return echo.ErrBadRequest
	}
	var sb strings.Builder
	sb.WriteString("SELECT id, name FROM stations WHERE owner = '")
	sb.WriteString(q.Owner)
	sb.WriteString("'")
	var out []Station
	if err := a.pg.Select(&out, sb.String()); err != nil {
		return echo.ErrInternalServerError
	}
	return c.JSON(http.StatusOK, out)
}

func (a *API) find(c echo.Context) error {
	var out []Station
	name := c.QueryParam("name")
	tx := a.orm.WithContext(c.Request().Context())
	if c.QueryParam("exact") == "1" {
		tx = tx.Where("name = ?", name)
	} else {
		tx = tx.Where(fmt.Sprintf("name LIKE '%%%s%%'", name))
	}
	if tx.Find(&out).Error != nil {
		return echo.ErrInternalServerError
	}
	return c.JSON(http.StatusOK, out)
}

func orderOf(key string) string {
	switch key {
	case "owner":
		return "owner ASC"
	case "recent":
		return "updated_at DESC"
	}
	return "name ASC"
}

func (a *API) sorted(c echo.Context) error {
	var asc, free []Station
	a.orm.Order(orderOf(c.QueryParam("sort"))).Limit(20).Find(&asc)
	a.orm.Order(c.QueryParam("order")).Limit(20).Find(&free)
	return c.JSON(http.StatusOK, append(asc, free...))
}

func (a *API) station(c echo.Context) error {
	id, err := uuid.Parse(c.Param("id"))
	if err != nil {
		return echo.ErrNotFound
	}
	var s Station
	if a.orm.Raw("SELECT * FROM stations WHERE ref = '"+id.String()+"'").Scan(&s).Error != nil {
		return echo.ErrNotFound
	}
	return c.JSON(http.StatusOK, s)
}

func (a *API) owner(c echo.Context) error {
	owner := c.Param("owner")
	a.log.Info().Str("owner", owner).Msg("owner requested")
	rows, err := a.pg.NamedQueryContext(c.Request().Context(), "SELECT id FROM stations WHERE owner = :owner", map[string]any{"owner": owner})
	if err != nil {
		return echo.ErrInternalServerError
	}
	defer rows.Close()
	return c.NoContent(http.StatusNoContent)
}

func (a *API) readingsFor(c echo.Context) error {
	cur, err := a.readings.Find(c.Request().Context(), bson.M{"station": c.QueryParam("station"), "valid": true})
	if err != nil {
		return echo.ErrInternalServerError
	}
	return a.dumpCursor(c, cur)
}

func (a *API) readingsQuery(c echo.Context) error {
	filter := bson.M{}
	if err := json.NewDecoder(c.Request().Body).Decode(&filter); err != nil {
		return echo.ErrBadRequest
	}
	cur, err := a.readings.Find(c.Request().Context(), filter)
	if err != nil {
		return echo.ErrInternalServerError
	}
	return a.dumpCursor(c, cur)
}

func (a *API) dumpCursor(c echo.Context, cur *mongo.Cursor) error {
	var out []bson.M
	if err := cur.All(c.Request().Context(), &out); err != nil {
		return echo.ErrInternalServerError
	}
	return c.JSON(http.StatusOK, out)
}

func (a *API) widget(c echo.Context) error {
	title := c.QueryParam("title")
	if c.QueryParam("plain") != "" {
		return c.String(http.StatusOK, title)
	}
	if c.QueryParam("v") == "2" {
		return c.HTML(http.StatusOK, "<b>"+html.EscapeString(title)+"</b>")
	}
	return c.HTML(http.StatusOK, "<b>"+title+"</b>")
}

func (a *API) dump(c echo.Context) error {
	name := c.Param("name")
	if !filepath.IsLocal(name) {
		return echo.ErrNotFound
	}
	f, err := os.Open(filepath.Join(a.dumps, name))
	if err != nil {
		return echo.ErrNotFound
	}
	defer f.Close()
	return c.Stream(http.StatusOK, "application/gzip", f)
}

func (a *API) probe(c echo.Context) error {
	host := c.QueryParam("host")
	resp, err := a.http.Get("https://" + host + "/health")
	if err != nil {
		return echo.ErrBadGateway
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 4096))
	return c.NoContent(resp.StatusCode)
}

func (a *API) ping(c echo.Context) error {
	line := strings.Join([]string{"ping -c 1", c.QueryParam("host")}, " ")
	cmd := exec.Command("/bin/bash", "-c", line)
	done := make(chan error, 1)
	go func() { done <- cmd.Run() }()
	select {
	case err := <-done:
		if err != nil {
			return echo.ErrBadGateway
		}
	case <-time.After(3 * time.Second):
		return echo.ErrBadGateway
	}
	return c.NoContent(http.StatusNoContent)
}
