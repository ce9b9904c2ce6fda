package loans

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"html"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

var orderColumns = map[string]string{"due": "due_at", "title": "title"}

// Desk serves the counter of a small lending library.
type Desk struct {
	db     *sql.DB
	covers string
	client *http.Client
	issue  func(reader int64) string
}

func NewDesk(db *sql.DB, issue func(int64) string) *Desk {
	return &Desk{db: db, covers: "/srv/library/covers", client: &http.Client{Timeout: 8 * time.Second}, issue: issue}
}

func (d *Desk) Routes(mux *http.ServeMux) {
	mux.HandleFunc("/loans", d.list)
	mux.HandleFunc("/loans/search", d.search)
	mux.HandleFunc("/loans/overdue", d.overdue)
	mux.HandleFunc("/reader", d.reader)
	mux.HandleFunc("/cover", d.cover)
	mux.HandleFunc("/cover/small", d.smallCover)
	mux.HandleFunc("/isbn", d.isbn)
	mux.HandleFunc("/back", d.back)
	mux.Handle("/login", http.HandlerFunc(d.login))
}

func (d *Desk) list(w http.ResponseWriter, r *http.Request) {
	col, ok := orderColumns[r.URL.Query().Get("order")]
	if !ok {
		col = "due_at"
	}
	rows, err := d.db.QueryContext(r.Context(), "SELECT title, due_at FROM loan WHERE reader = $1 ORDER BY "+col, r.FormValue("reader"))
	if err != nil {
		log.Printf("list: %v", err)
		http.Error(w, "list is not available", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	d.write(w, rows)
}

func (d *Desk) search(w http.ResponseWriter, r *http.Request) {
	term := r.URL.Query().Get("q")
	query := "SELECT title, due_at FROM loan WHERE title LIKE '%" + term + "%'"
	rows, err := d.db.QueryContext(r.Context(), query)
	if err != nil {
		log.Printf("search for %s failed", term)
		http.Error(w, "search is not available", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	log.Printf("search for %q", term)
	d.write(w, rows)
}

func (d *Desk) overdue(w http.ResponseWriter, r *http.Request) {
	days, err := strconv.Atoi(r.FormValue("days"))
	if err != nil || days < 1 {
		http.Error(w, "days must be a number", http.StatusBadRequest)
		return
	}
	q := fmt.Sprintf("SELECT title, due_at FROM loan WHERE due_at < now() - interval '%d days'", days)
	var where []string
	if branch := r.FormValue("branch"); branch != "" {
		where = append(where, fmt.Sprintf("branch = '%s'", branch))
	}
	if len(where) == 0 {
		rows, err := d.db.Query(q)
		if err != nil {
			http.Error(w, "overdue list is not available", http.StatusInternalServerError)
			return
		}
		defer rows.Close()
		d.write(w, rows)
		return
	}
	rows, err := d.db.Query(q + " AND " + strings.Join(where, " AND "))
	if err != nil {
		http.Error(w, "overdue list is not available", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	d.write(w, rows)
}

func (d *Desk) reader(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	name := r.FormValue("name")
	fmt.Fprintf(w, "<h1>%s</h1>", name)
	fmt.Fprintf(w, "<p>%s</p>", html.EscapeString(name))
	fmt.Fprintf(w, "<p>%d letters</p>", len(name))
}

func (d *Desk) cover(w http.ResponseWriter, r *http.Request) {
	http.ServeFile(w, r, filepath.Join(d.covers, r.FormValue("file")))
}

func (d *Desk) smallCover(w http.ResponseWriter, r *http.Request) {
	name := filepath.Base(filepath.Clean("/" + r.FormValue("file")))
	data, err := os.ReadFile(filepath.Join(d.covers, "small", name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	_, _ = w.Write(data)
}

func (d *Desk) isbn(w http.ResponseWriter, r *http.Request) {
	number, err := strconv.ParseInt(r.FormValue("isbn"), 10, 64)
	if err != nil {
		http.Error(w, "isbn", http.StatusBadRequest)
		return
	}
	resp, err := d.client.Get(fmt.Sprintf("https://isbn.example/v2/%d", number))
	if err != nil {
		if mirror := r.FormValue("mirror"); mirror != "" {
			resp, err = d.client.Get(mirror + "/v2/lookup")
		}
		if err != nil {
			http.Error(w, "no answer", http.StatusBadGateway)
			return
		}
	}
	defer resp.Body.Close()
	w.WriteHeader(resp.StatusCode)
}

func (d *Desk) back(w http.ResponseWriter, r *http.Request) {
	switch target := r.URL.Query().Get("to"); target {
	case "loans", "reader":
		http.Redirect(w, r, "/"+target, http.StatusSeeOther)
	default:
		http.Redirect(w, r, target, http.StatusSeeOther)
	}
}

func (d *Desk) login(w http.ResponseWriter, r *http.Request) {
	card, pin := r.PostFormValue("card"), r.PostFormValue("pin")
	var id int64
	row := d.db.QueryRow("SELECT id FROM reader WHERE card = $1 AND pin_hash = crypt($2, pin_hash)", card, pin)
	if err := row.Scan(&id); err != nil {
		log.Printf("refused card %q with pin %q", card, pin)
		http.Error(w, "no", http.StatusUnauthorized)
		return
	}
	http.SetCookie(w, &http.Cookie{
		Name:     "desk",
		Value:    d.issue(id),
		Path:     "/",
		Secure:   true,
		HttpOnly: false,
		SameSite: http.SameSiteLaxMode,
	})
	http.Redirect(w, r, "/loans", http.StatusSeeOther)
}

func (d *Desk) write(w http.ResponseWriter, rows *sql.Rows) {
	out := [][2]string{}
	for rows.Next() {
		var rec [2]string
		if rows.Scan(&rec[0], &rec[1]) == nil {
			out = append(out, rec)
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out)
}
