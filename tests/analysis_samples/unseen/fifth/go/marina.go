package marina

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	sq "github.com/Masterminds/squirrel"
	"github.com/gofiber/fiber/v2"
	"github.com/gofiber/fiber/v2/middleware/cors"
	"github.com/gofiber/fiber/v2/middleware/csrf"
	"github.com/gofiber/fiber/v2/middleware/limiter"
	"github.com/gofiber/fiber/v2/middleware/session"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fastjson"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
	"xorm.io/xorm"
)

const home = "https://marina.example/"

var berths = map[string]string{"A": "berth_a", "B": "berth_b"}

type Marina struct {
	boats    *mongo.Collection
	engine   *xorm.Engine
	sessions *session.Store
}

func NewApp(m *Marina) *fiber.App {
	app := fiber.New(fiber.Config{
		BodyLimit:    256 * 1024,
		ReadTimeout:  10 * time.Second,
		WriteTimeout: 10 * time.Second,
		IdleTimeout:  30 * time.Second,
	})
	m.sessions = session.New(session.Config{
		CookieHTTPOnly: true,
		CookieSecure:   false,
		CookieSameSite: "Lax",
		Expiration:     2 * time.Hour,
	})
	app.Use(limiter.New(limiter.Config{Max: 60, Expiration: time.Minute}))
	app.Use(csrf.New(csrf.Config{CookieSecure: true, CookieHTTPOnly: true, CookieSameSite: "Strict"}))
	app.Use("/board", cors.New(cors.Config{AllowOrigins: "https://club.example, https://harbour.example", AllowCredentials: true}))
	app.Use("/tides", cors.New(cors.Config{
		AllowOrigins: "*",
		AllowMethods: "GET",
	}))
	app.Get("/boats/:name", m.boat)
	app.Get("/boats/where", m.where)
	app.Post("/boats/query", m.query)
	app.Post("/boats/typed", m.typed)
	app.Get("/berths", m.berth)
	app.Get("/berths/free", m.free)
	app.Get("/berths/sorted", m.sorted)
	app.Get("/welcome/:name", m.welcome)
	app.Get("/chart", m.chart)
	app.Get("/chart/named", m.chartNamed)
	app.Get("/away", m.away)
	app.Get("/weather", m.weather)
	app.Post("/skipper", m.skipper)
	return app
}

func (m *Marina) boat(c *fiber.Ctx) error {
	var boat bson.M
	err := m.boats.FindOne(c.Context(), bson.M{"name": bson.M{"$eq": c.Params("name")}}).Decode(&boat)
	if err != nil {
		return fiber.ErrNotFound
	}
	return c.JSON(boat)
}

func (m *Marina) where(c *fiber.Ctx) error {
	n, err := m.boats.CountDocuments(c.Context(), bson.M{"$where": "this.length > " + c.Query("length")})
	if err != nil {
		return fiber.ErrInternalServerError
	}
	return c.JSON(n)
}

func (m *Marina) query(c *fiber.Ctx) error {
	var filter bson.M
	if err := json.Unmarshal(c.Body(), &filter); err != nil {
		return fiber.ErrBadRequest
	}
	cur, err := m.boats.Find(c.Context(), filter, options.Find().SetLimit(50))
	if err != nil {
		return fiber.ErrInternalServerError
	}
	return c.JSON(cur.RemainingBatchLength())
}

func (m *Marina) typed(c *fiber.Ctx) error {
	var p fastjson.Parser
	v, err := p.ParseBytes(c.Body())
	if err != nil {
		return fiber.ErrBadRequest
	}
	owner, err := primitive.ObjectIDFromHex(string(v.GetStringBytes("owner")))
	if err != nil {
		return fiber.ErrBadRequest
	}
	n, err := m.boats.CountDocuments(context.Background(), bson.D{{Key: "owner", Value: owner}, {Key: "length", Value: v.GetInt("length")}})
	if err != nil {
		return fiber.ErrInternalServerError
	}
	return c.JSON(n)
}

func (m *Marina) berth(c *fiber.Ctx) error {
	table, ok := berths[c.Query("pontoon")]
	if !ok {
		table = berths["A"]
	}
	rows, err := sq.Select("number").From(table).Where(sq.Eq{"boat": c.Query("boat")}).RunWith(m.engine.DB()).Query()
	if err != nil {
		return fiber.ErrInternalServerError
	}
	defer rows.Close()
	return c.JSON(rows.Next())
}

func (m *Marina) free(c *fiber.Ctx) error {
	found, err := m.engine.QueryString("select number from berth where boat is null and pontoon = '" + c.Query("pontoon") + "'")
	if err != nil {
		return fiber.ErrInternalServerError
	}
	return c.JSON(found)
}

func (m *Marina) sorted(c *fiber.Ctx) error {
	found, err := m.engine.QueryString("select number from berth where pontoon = ? limit 100", c.Query("pontoon"))
	if err != nil {
		return fiber.ErrInternalServerError
	}
	rows, err := sq.Select("number").From("berth").OrderBy(c.Query("by")).RunWith(m.engine.DB()).Query()
	if err == nil {
		defer rows.Close()
	}
	return c.JSON(found)
}

func (m *Marina) welcome(c *fiber.Ctx) error {
	c.Type("html")
	if n, err := strconv.Atoi(c.Params("name")); err == nil {
		return c.SendString("<b>Boat number " + strconv.Itoa(n) + "</b>")
	}
	return c.SendString("<b>Ahoy " + c.Params("name") + "</b>")
}

func (m *Marina) chart(c *fiber.Ctx) error {
	return c.SendFile("/srv/marina/charts/" + c.Query("chart"))
}

func (m *Marina) chartNamed(c *fiber.Ctx) error {
	name := "north.png"
	switch strings.ToLower(c.Query("chart")) {
	case "south":
		name = "south.png"
	case "bay":
		name = "bay.png"
	}
	return c.SendFile("/srv/marina/charts/" + name)
}

func (m *Marina) away(c *fiber.Ctx) error {
	to := c.Query("to", home)
	if !strings.HasPrefix(to, home) {
		return c.Redirect(home)
	}
	if c.Query("fast") != "" {
		return c.Redirect(c.Get("Referer"), fiber.StatusFound)
	}
	return c.Redirect(to)
}

func (m *Marina) weather(c *fiber.Ctx) error {
	var out []byte
	_, out, err := fasthttp.GetTimeout(out, c.Query("source"), 5*time.Second)
	if err != nil {
		_, out, err = fasthttp.GetTimeout(nil, "https://weather.example/now", 5*time.Second)
	}
	if err != nil {
		return fiber.ErrBadGateway
	}
	return c.Type("json").Send(out)
}

func (m *Marina) skipper(c *fiber.Ctx) error {
	sess, err := m.sessions.Get(c)
	if err != nil {
		return fiber.ErrInternalServerError
	}
	sess.Set("skipper", c.FormValue("skipper"))
	sess.Set("since", time.Now().Unix())
	c.Cookie(&fiber.Cookie{
		Name:     "flag",
		Value:    "blue",
		Secure:   true,
		HTTPOnly: false,
		SameSite: "Lax",
	})
	c.Cookie(&fiber.Cookie{Name: "pontoon", Value: "A", Secure: true, HTTPOnly: true, SameSite: fiber.CookieSameSiteStrictMode})
	return sess.Save()
}
