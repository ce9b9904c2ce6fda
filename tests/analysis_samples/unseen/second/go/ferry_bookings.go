package main

import (
	"crypto/tls"
	"database/sql"
	"errors"
	"html"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
	"github.com/labstack/echo/v4"
	"github.com/labstack/echo/v4/middleware"
)

type booking struct {
	ID    int64  `db:"id" json:"id"`
	Route string `db:"route" json:"route"`
	Cars  int    `db:"cars" json:"cars"`
}

type bookings struct{ db *sqlx.DB }

func (b bookings) byRoute(c echo.Context) error {
	var out []booking
	statement := "SELECT id, route, cars FROM bookings WHERE route = '" + c.Param("route") + "'"
	if err := b.db.Select(&out, statement); err != nil {
		return echo.ErrInternalServerError
	}
	return c.JSON(http.StatusOK, out)
}

func (b bookings) byRoutes(c echo.Context) error {
	query, args, err := sqlx.In("SELECT id, route, cars FROM bookings WHERE route IN (?)", c.QueryParams()["route"])
	if err != nil {
		return echo.ErrBadRequest
	}
	var out []booking
	if err := b.db.Select(&out, b.db.Rebind(query), args...); err != nil {
		return echo.ErrInternalServerError
	}
	return c.JSON(http.StatusOK, out)
}

func (b bookings) one(c echo.Context) error {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return echo.ErrNotFound
	}
	var out booking
	err = b.db.Get(&out, "SELECT id, route, cars FROM bookings WHERE id = "+strconv.FormatInt(id, 10))
	if errors.Is(err, sql.ErrNoRows) {
		return echo.ErrNotFound
	}
	return c.JSON(http.StatusOK, out)
}

type change struct {
	Route string `json:"route" db:"route"`
	Cars  int    `json:"cars" db:"cars"`
	Deck  string `json:"deck" db:"deck"`
}

func (b bookings) create(c echo.Context) error {
	var ch change
	if err := c.Bind(&ch); err != nil {
		return echo.ErrBadRequest
	}
	if _, err := b.db.NamedExec("INSERT INTO bookings (route, cars) VALUES (:route, :cars)", ch); err != nil {
		return echo.ErrInternalServerError
	}
	b.db.MustExec("UPDATE decks SET used = used + ? WHERE name = '"+ch.Deck+"'", ch.Cars)
	return c.NoContent(http.StatusCreated)
}

func greeting(c echo.Context) error {
	return c.HTML(http.StatusOK, "<h1>Ahoy "+c.QueryParam("name")+"</h1>")
}

func farewell(c echo.Context) error {
	name := html.EscapeString(c.QueryParam("name"))
	return c.HTML(http.StatusOK, "<h1>Goodbye "+name+"</h1>")
}

func echoText(c echo.Context) error {
	return c.String(http.StatusOK, c.QueryParam("name"))
}

func timetable(c echo.Context) error {
	return c.Attachment("/srv/ferry/timetables/"+c.QueryParam("pdf"), "timetable.pdf")
}

func onward(c echo.Context) error {
	if target := c.QueryParam("to"); target == "/harbour" || target == "/bar" {
		return c.Redirect(http.StatusFound, target)
	}
	return c.Redirect(http.StatusFound, c.QueryParam("to"))
}

func language(c echo.Context) error {
	cookie := new(http.Cookie)
	cookie.Name = "lang"
	cookie.Value = "fi"
	cookie.Secure = true
	cookie.HttpOnly = true
	cookie.SameSite = http.SameSiteLaxMode
	c.SetCookie(cookie)
	pass := &http.Cookie{Name: "pass", Value: "deck", Secure: true, SameSite: http.SameSiteLaxMode}
	c.SetCookie(pass)
	return c.NoContent(http.StatusNoContent)
}

func connect() (*sqlx.DB, error) {
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.DBName = "tcp", "bookings-db.ferry.example:3306", "bookings"
	cfg.User = "bookings"
	cfg.Passwd = "Gr0yne-Bollard!58"
	cfg.TLSConfig = "skip-verify"
	cfg.Timeout = 5 * time.Second
	return sqlx.Connect("mysql", cfg.FormatDSN())
}

func main() {
	db, err := connect()
	if err != nil {
		os.Exit(1)
	}
	b := bookings{db: db}
	e := echo.New()
	e.Debug = true
	e.Use(middleware.Recover(), middleware.BodyLimit("256K"))
	e.Use(middleware.SecureWithConfig(middleware.SecureConfig{
		ContentTypeNosniff:    "nosniff",
		XFrameOptions:         "DENY",
		HSTSMaxAge:            86400,
		ContentSecurityPolicy: "default-src 'self'; script-src 'self' 'unsafe-eval'",
		ReferrerPolicy:        "no-referrer",
	}))
	e.Use(middleware.CORSWithConfig(middleware.CORSConfig{
		AllowOrigins: []string{"https://quay.ferry.example"},
	}))
	e.GET("/routes/:route", b.byRoute)
	e.GET("/routes", b.byRoutes)
	e.GET("/bookings/:id", b.one)
	e.POST("/bookings", b.create)
	e.GET("/greeting", greeting)
	e.GET("/farewell", farewell)
	e.GET("/text", echoText)
	e.GET("/timetable", timetable)
	e.GET("/onward", onward)
	e.GET("/language", language)
	e.Logger.Fatal(e.StartServer(&http.Server{
		Addr:              "127.0.0.1:8443",
		TLSConfig:         &tls.Config{MinVersion: tls.VersionTLS12},
		ReadHeaderTimeout: 4 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      20 * time.Second,
	}))
}
