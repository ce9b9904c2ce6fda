package main

import (
	"fmt"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-gonic/gin"
	"github.com/google/uuid"
	"gorm.io/driver/mysql"
	"gorm.io/gorm"
	"gorm.io/gorm/clause"
)

type Order struct {
	ID      uint   `gorm:"primaryKey"`
	Grower  string `gorm:"index"`
	Variety string
	Crates  int
}

type ordersAPI struct {
	db    *gorm.DB
	store string
}

var sortable = map[string]bool{"grower": true, "variety": true, "crates": true}

func (a *ordersAPI) list(c *gin.Context) {
	var orders []Order
	grower := c.Query("grower")
	a.db.Where("grower = ?", grower).Limit(50).Find(&orders)
	c.JSON(http.StatusOK, orders)
}

func (a *ordersAPI) match(c *gin.Context) {
	var orders []Order
	a.db.Where(fmt.Sprintf("variety LIKE '%%%s%%'", c.Query("variety"))).Find(&orders)
	c.JSON(http.StatusOK, orders)
}

func (a *ordersAPI) sorted(c *gin.Context) {
	var orders []Order
	by := c.DefaultQuery("by", "grower")
	if sortable[by] {
		a.db.Order(clause.OrderByColumn{Column: clause.Column{Name: by}, Desc: true}).Find(&orders)
	} else {
		a.db.Order("crates DESC").Find(&orders)
	}
	c.JSON(http.StatusOK, orders)
}

func (a *ordersAPI) sortedFreely(c *gin.Context) {
	var orders []Order
	direction := c.Query("direction")
	a.db.Order("crates " + direction).Find(&orders)
	c.JSON(http.StatusOK, orders)
}

type filter struct {
	Grower string `form:"grower" binding:"required"`
	Crates int    `form:"crates"`
}

func (a *ordersAPI) totals(c *gin.Context) {
	var f filter
	if err := c.ShouldBindQuery(&f); err != nil {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	var total int64
	condition := "grower = '" + f.Grower + "'"
	a.db.Raw("SELECT SUM(crates) FROM orders WHERE " + condition).Scan(&total)
	var large int64
	a.db.Raw("SELECT COUNT(*) FROM orders WHERE grower = @grower AND crates > @crates",
		map[string]any{"grower": f.Grower, "crates": f.Crates}).Scan(&large)
	c.JSON(http.StatusOK, gin.H{"total": total, "large": large})
}

func (a *ordersAPI) attach(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 5<<20)
	file, err := c.FormFile("slip")
	if err != nil {
		c.AbortWithStatus(http.StatusBadRequest)
		return
	}
	extension := strings.ToLower(filepath.Ext(file.Filename))
	if extension != ".pdf" && extension != ".png" {
		c.AbortWithStatus(http.StatusUnsupportedMediaType)
		return
	}
	target := filepath.Join(a.store, uuid.NewString()+extension)
	if err := c.SaveUploadedFile(file, target); err != nil {
		c.AbortWithStatus(http.StatusInternalServerError)
		return
	}
	c.Status(http.StatusCreated)
}

func (a *ordersAPI) label(c *gin.Context) {
	c.File(a.store + "/labels/" + c.Query("name"))
}

func (a *ordersAPI) crate(c *gin.Context) {
	name := filepath.Base(c.Param("name"))
	if !strings.HasSuffix(name, ".png") {
		c.AbortWithStatus(http.StatusNotFound)
		return
	}
	c.File(filepath.Join(a.store, "crates", name))
}

func (a *ordersAPI) signIn(c *gin.Context) {
	c.SetSameSite(http.SameSiteStrictMode)
	c.SetCookie("grower", c.PostForm("grower"), 3600, "/", "", false, true)
	c.SetCookie("season", "autumn", 3600, "/", "", true, true)
	c.Redirect(http.StatusFound, c.PostForm("return_to"))
}

func router(a *ordersAPI) *gin.Engine {
	gin.SetMode(gin.ReleaseMode)
	if os.Getenv("ORCHARD_TRACE") == "" {
		gin.SetMode(gin.DebugMode)
	}
	r := gin.New()
	r.Use(gin.Recovery())
	open := cors.DefaultConfig()
	open.AllowAllOrigins = true
	r.Group("/public").Use(cors.New(open)).GET("/orders", a.list)
	grower := r.Group("/growers", cors.New(cors.Config{
		AllowOrigins:     []string{"https://growers.orchard.example"},
		AllowCredentials: true,
		AllowMethods:     []string{"GET", "POST"},
	}))
	grower.GET("/match", a.match)
	grower.GET("/sorted", a.sorted)
	grower.GET("/sorted/free", a.sortedFreely)
	grower.GET("/totals", a.totals)
	grower.POST("/slips", a.attach)
	grower.GET("/label", a.label)
	grower.GET("/crates/:name", a.crate)
	grower.POST("/sign-in", a.signIn)
	return r
}

func main() {
	db, err := gorm.Open(mysql.Open(os.Getenv("ORCHARD_DSN")), &gorm.Config{})
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{
		Addr:              "127.0.0.1:9443",
		Handler:           router(&ordersAPI{db: db, store: "/var/lib/orchard"}),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      30 * time.Second,
	}
	log.Fatal(server.ListenAndServeTLS("/etc/orchard/cert.pem", "/etc/orchard/key.pem"))
}
