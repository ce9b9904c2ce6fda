// Package orders is the kitchen side of a meal delivery cooperative.
package orders

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	mrand "math/rand"
	"net/http"
	"net/url"
	"os"
	"path"
	"regexp"
	"strings"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	"gorm.io/driver/postgres"
	"gorm.io/gorm"
)

const menuDir = "/srv/meals/menus"

var (
	slug      = regexp.MustCompile(`^[a-z0-9-]{1,40}$`)
	sortBy    = map[string]bool{"placed_at": true, "street": true}
	errNoMenu = errors.New("no such menu")
)

type Order struct {
	gorm.Model
	Street string
	Dish   string
	Code   string
}

type Kitchen struct {
	db  *gorm.DB
	log *log.Logger
}

func OpenMain() (*gorm.DB, error) {
	dsn := fmt.Sprintf("host=db.meals.example user=kitchen password=%s dbname=meals sslmode=verify-full", os.Getenv("MEALS_DB_PASSWORD"))
	return gorm.Open(postgres.Open(dsn), &gorm.Config{})
}

func OpenReplica() (*gorm.DB, error) {
	pw := os.Getenv("MEALS_REPLICA_PASSWORD")
	return gorm.Open(postgres.Open("host=replica.meals.example user=reader dbname=meals sslmode=disable password="+pw), &gorm.Config{})
}

func (k *Kitchen) Mount(e *gin.Engine) {
	e.Use(cors.New(cors.Config{
		AllowOrigins:     []string{"https://app.meals.example"},
		AllowMethods:     []string{"GET", "POST"},
		AllowCredentials: true,
		MaxAge:           time.Hour,
	}))
	public := e.Group("/public", cors.New(cors.Config{
		AllowAllOrigins: true,
		AllowMethods:    []string{"GET"},
	}))
	public.GET("/menu/:name", k.menu)
	public.GET("/menu", k.menuByQuery)
	orders := e.Group("/orders")
	orders.GET("", k.list)
	orders.GET("/by-street", k.byStreet)
	orders.GET("/by-dish", k.byDish)
	orders.GET("/recent", k.recent)
	orders.POST("", k.place)
	orders.GET("/thanks", k.thanks)
	orders.GET("/hello", k.hello)
	orders.DELETE("/:id", k.guard, k.remove)
}

func (k *Kitchen) list(c *gin.Context) {
	by := c.DefaultQuery("sort", "placed_at")
	if !sortBy[by] {
		by = "placed_at"
	}
	var found []Order
	k.db.Where("street = ?", c.Query("street")).Order(by).Find(&found)
	c.JSON(http.StatusOK, found)
}

func (k *Kitchen) byStreet(c *gin.Context) {
	var found []Order
	k.db.Where("street = '" + c.Query("street") + "'").Find(&found)
	c.JSON(http.StatusOK, found)
}

func (k *Kitchen) byDish(c *gin.Context) {
	var found []Order
	dish := c.Query("dish")
	k.db.Raw(fmt.Sprintf("SELECT * FROM orders WHERE dish ILIKE '%s%%'", dish)).Scan(&found)
	k.log.Printf("dish search %s", strings.NewReplacer("\n", " ", "\r", " ").Replace(dish))
	c.JSON(http.StatusOK, found)
}

func (k *Kitchen) recent(c *gin.Context) {
	var found []Order
	k.db.Order(c.Query("order")).Limit(20).Find(&found)
	k.db.Raw("SELECT * FROM orders WHERE placed_at > ? LIMIT 20", time.Now().Add(-time.Hour)).Scan(&found)
	c.JSON(http.StatusOK, found)
}

func (k *Kitchen) place(c *gin.Context) {
	o := Order{Street: c.PostForm("street"), Dish: c.PostForm("dish"), Code: pickupToken()}
	if err := k.db.Create(&o).Error; err != nil {
		k.log.Printf("placing an order in %s: %v", o.Street, err)
		c.JSON(http.StatusInternalServerError, gin.H{"error": "could not place the order"})
		return
	}
	c.SetSameSite(http.SameSiteStrictMode)
	c.SetCookie("order_token", trackingToken(), 3600, "/orders", "", false, true)
	c.SetCookie("order_seen", "1", 3600, "/orders", "", true, true)
	c.JSON(http.StatusCreated, gin.H{"id": o.ID})
}

func pickupToken() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
	var b strings.Builder
	for i := 0; i < 30; i++ {
		b.WriteByte(letters[mrand.Intn(len(letters))])
	}
	return b.String()
}

func trackingToken() string {
	buf := make([]byte, 24)
	if _, err := rand.Read(buf); err != nil {
		panic(err)
	}
	return hex.EncodeToString(buf)
}

// cookingMinutes spreads the ovens a little.
func cookingMinutes(base int) int {
	return base + mrand.Intn(5)
}

func (k *Kitchen) thanks(c *gin.Context) {
	next := c.Query("next")
	u, err := url.Parse(next)
	if err == nil && u.Scheme == "https" && u.Host == "app.meals.example" {
		c.Redirect(http.StatusFound, u.String())
		return
	}
	c.Redirect(http.StatusFound, c.DefaultQuery("fallback", "/orders"))
}

func (k *Kitchen) hello(c *gin.Context) {
	name := c.Query("name")
	if !slug.MatchString(name) {
		c.Data(http.StatusOK, "text/html; charset=utf-8", []byte("<p>Hello "+name+"</p>"))
		return
	}
	c.String(http.StatusOK, "Hello %s, dinner in %d minutes", name, cookingMinutes(20))
}

func (k *Kitchen) menu(c *gin.Context) {
	name := c.Param("name")
	if !slug.MatchString(name) {
		c.AbortWithError(http.StatusNotFound, errNoMenu)
		return
	}
	c.File(path.Join(menuDir, name+".pdf"))
}

func (k *Kitchen) menuByQuery(c *gin.Context) {
	c.File(menuDir + "/" + c.Query("file"))
}

func (k *Kitchen) guard(c *gin.Context) {
	key := c.GetHeader("X-Kitchen-Key")
	if subtle.ConstantTimeCompare([]byte(key), []byte(os.Getenv("KITCHEN_KEY"))) != 1 {
		c.AbortWithStatus(http.StatusForbidden)
	}
}

func (k *Kitchen) remove(c *gin.Context) {
	k.db.Delete(&Order{}, "id = ?", c.Param("id"))
	c.Status(http.StatusNoContent)
}
