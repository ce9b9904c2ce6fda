package ticketdesk

import (
	"database/sql"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strconv"
	"time"

	"github.com/gin-contrib/cors"
	"github.com/gin-contrib/pprof"
	"github.com/gin-contrib/sessions"
	"github.com/gin-contrib/sessions/cookie"
	"github.com/gin-gonic/gin"
	"github.com/unrolled/secure"
)

const attachmentRoot = "/srv/ticketdesk/attachments"

var sortColumns = map[string]string{"newest": "opened_at DESC", "oldest": "opened_at", "queue": "queue_name"}

type Desk struct {
	db *sql.DB
}

func headers() gin.HandlerFunc {
	s := secure.New(secure.Options{
		STSSeconds:            31536000,
		STSIncludeSubdomains:  false,
		ContentSecurityPolicy: "default-src 'self'; frame-ancestors 'none'",
		ContentTypeNosniff:    true,
		FrameDeny:             true,
		ReferrerPolicy:        "no-referrer",
		SSLRedirect:           true,
	})
	return func(c *gin.Context) {
		if s.Process(c.Writer, c.Request) != nil {
			c.Abort()
		}
	}
}

func agentOnly() gin.HandlerFunc {
	return func(c *gin.Context) {
		if sessions.Default(c).Get("agent") == nil {
			c.AbortWithStatus(http.StatusForbidden)
		}
	}
}

func Router(d *Desk) *gin.Engine {
	gin.SetMode(gin.DebugMode)
	r := gin.New()
	r.Use(headers())

	store := cookie.NewStore([]byte(os.Getenv("DESK_SESSION_KEY")))
	store.Options(sessions.Options{
		Path:     "/",
		MaxAge:   4 * 3600,
		Secure:   true,
		HttpOnly: false,
		SameSite: http.SameSiteLaxMode,
	})
	r.Use(sessions.Sessions("desk", store))

	public := r.Group("/status")
	public.Use(cors.New(cors.Config{
		AllowOrigins: []string{"https://status.ticketdesk.example"},
		AllowMethods: []string{"GET"},
		MaxAge:       time.Hour,
	}))
	public.GET("", func(c *gin.Context) { c.JSON(http.StatusOK, gin.H{"ok": true}) })

	api := r.Group("/api")
	api.Use(cors.New(cors.Config{
		AllowOriginFunc:  func(origin string) bool { return true },
		AllowMethods:     []string{"GET"},
		AllowCredentials: true,
	}))
	api.GET("/tickets", d.list)
	api.GET("/tickets/:id", d.show)
	api.GET("/tickets/:id/history", d.history)
	api.GET("/search", d.search)
	api.GET("/attachments", d.attachment)
	api.GET("/attachments/:id/thumb", d.thumbnail)
	api.GET("/preview", d.preview)
	api.GET("/leave", d.leave)
	api.GET("/back", d.back)

	pprof.Register(r)
	ops := r.Group("/ops", agentOnly())
	ops.GET("/version", func(c *gin.Context) { c.String(http.StatusOK, "ok") })
	return r
}

func fail(c *gin.Context, err error) {
	log.Printf("request failed: %q", err.Error())
	c.JSON(http.StatusInternalServerError, gin.H{"error": "internal", "trace": string(debug.Stack())})
}

func (d *Desk) list(c *gin.Context) {
	order, ok := sortColumns[c.DefaultQuery("sort", "newest")]
	if !ok {
		order = "opened_at DESC"
	}
	rows, err := d.db.QueryContext(c, "SELECT id, title FROM tickets ORDER BY "+order+" LIMIT 50")
	if err != nil {
		fail(c, err)
		return
	}
	defer rows.Close()
	c.JSON(http.StatusOK, collect(rows))
}

func (d *Desk) show(c *gin.Context) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	rows, err := d.db.QueryContext(c, fmt.Sprintf("SELECT id, title FROM tickets WHERE id = %d", id))
	if err != nil {
		fail(c, err)
		return
	}
	defer rows.Close()
	c.JSON(http.StatusOK, collect(rows))
}

func (d *Desk) history(c *gin.Context) {
	stmt := "SELECT id, title FROM ticket_log WHERE ticket = '" + c.Param("id") + "'"
	rows, err := d.db.Query(stmt)
	if err != nil {
		fail(c, err)
		return
	}
	defer rows.Close()
	c.JSON(http.StatusOK, collect(rows))
}

func (d *Desk) search(c *gin.Context) {
	where, args := "closed = false", []any{}
	if q := c.Query("q"); q != "" {
		where += " AND title ILIKE $1"
		args = append(args, "%"+q+"%")
	}
	rows, err := d.db.QueryContext(c, "SELECT id, title FROM tickets WHERE "+where, args...)
	if err != nil {
		fail(c, err)
		return
	}
	defer rows.Close()
	log.Println("search for", c.Query("q"))
	c.JSON(http.StatusOK, collect(rows))
}

func (d *Desk) attachment(c *gin.Context) {
	name := c.Query("name")
	full := filepath.Join(attachmentRoot, name)
	c.File(full)
}

func (d *Desk) thumbnail(c *gin.Context) {
	id, err := strconv.Atoi(c.Param("id"))
	if err != nil {
		c.Status(http.StatusNotFound)
		return
	}
	size := c.DefaultQuery("size", "small")
	if !slices.Contains([]string{"small", "large"}, size) {
		size = "small"
	}
	c.File(filepath.Join(attachmentRoot, "thumbs", size, strconv.Itoa(id)+".png"))
}

func (d *Desk) preview(c *gin.Context) {
	page := c.Query("page")
	out, err := exec.CommandContext(c, "sh", "-c", "pdftotext -f "+page+" /srv/ticketdesk/manual.pdf -").Output()
	if err != nil {
		fail(c, err)
		return
	}
	c.Data(http.StatusOK, "text/plain", out)
}

func (d *Desk) leave(c *gin.Context) {
	next := c.Query("next")
	if next == "" {
		next = "/"
	}
	c.Redirect(http.StatusFound, next)
}

func (d *Desk) back(c *gin.Context) {
	switch c.Query("to") {
	case "queue":
		c.Redirect(http.StatusFound, "/queue")
	default:
		c.Redirect(http.StatusFound, "/")
	}
}

func collect(rows *sql.Rows) []gin.H {
	out := []gin.H{}
	for rows.Next() {
		var id int64
		var title string
		if rows.Scan(&id, &title) == nil {
			out = append(out, gin.H{"id": id, "title": title})
		}
	}
	return out
}
