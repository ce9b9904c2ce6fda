package loandesk

import (
	"context"
	"database/sql"
	"fmt"
	"html/template"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

const coverDir = "/var/lib/loandesk/covers"

var (
	isbnShape = regexp.MustCompile(`^[0-9]{9}[0-9X]$|^[0-9]{13}$`)
	shelfPage = template.Must(template.New("shelf").Parse(`<h1>{{.Branch}}</h1>{{range .Titles}}<li>{{.}}</li>{{end}}`))
	branches  = map[string]string{"nord": "nord.loandesk.example", "sued": "sued.loandesk.example"}
)

type Desk struct {
	db     *sql.DB
	client *http.Client
	filter *titleFilter
}

type titleFilter struct {
	clauses []string
	args    []any
}

func (f *titleFilter) add(clause string, arg any) {
	f.clauses = append(f.clauses, clause)
	f.args = append(f.args, arg)
}

func New(db *sql.DB) *Desk {
	return &Desk{db: db, client: &http.Client{Timeout: 5 * time.Second}, filter: &titleFilter{}}
}

func (d *Desk) Routes() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /titles", d.titles)
	mux.HandleFunc("GET /authors", d.authors)
	mux.HandleFunc("GET /shelf/{branch}", d.shelf)
	mux.HandleFunc("GET /greeting", d.greeting)
	mux.HandleFunc("GET /covers", d.cover)
	mux.HandleFunc("GET /covers/local", d.localCover)
	mux.HandleFunc("GET /remote", d.remote)
	mux.HandleFunc("GET /branch", d.branchStatus)
	mux.HandleFunc("GET /export", d.export)
	mux.HandleFunc("GET /barcode", d.barcode)
	mux.HandleFunc("GET /confirm", d.confirm)
	mux.HandleFunc("GET /return", d.comeBack)
	return mux
}

func (d *Desk) titles(w http.ResponseWriter, r *http.Request) {
	f := &titleFilter{}
	q := r.URL.Query()
	if a := q.Get("author"); a != "" {
		f.add("author = ?", a)
	}
	if y, err := strconv.Atoi(q.Get("year")); err == nil {
		f.add("year = ?", y)
	}
	stmt := "SELECT title FROM titles"
	if len(f.clauses) > 0 {
		stmt += " WHERE " + strings.Join(f.clauses, " AND ")
	}
	rows, err := d.db.QueryContext(r.Context(), stmt, f.args...)
	if err != nil {
		http.Error(w, "catalogue unavailable", http.StatusBadGateway)
		return
	}
	defer rows.Close()
	writeTitles(w, rows)
}

func (d *Desk) authors(w http.ResponseWriter, r *http.Request) {
	var conds []string
	for _, name := range r.URL.Query()["author"] {
		conds = append(conds, fmt.Sprintf("author = '%s'", name))
	}
	stmt := "SELECT title FROM titles WHERE " + strings.Join(conds, " OR ")
	rows, err := d.db.QueryContext(r.Context(), stmt)
	if err != nil {
		http.Error(w, "catalogue unavailable", http.StatusBadGateway)
		return
	}
	defer rows.Close()
	writeTitles(w, rows)
}

func writeTitles(w http.ResponseWriter, rows *sql.Rows) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	for rows.Next() {
		var t string
		if rows.Scan(&t) == nil {
			io.WriteString(w, t+"\n")
		}
	}
}

func (d *Desk) shelf(w http.ResponseWriter, r *http.Request) {
	view := struct {
		Branch string
		Titles []string
	}{r.PathValue("branch"), r.URL.Query()["t"]}
	if err := shelfPage.Execute(w, view); err != nil {
		slog.Error("shelf page", "err", err)
	}
}

func (d *Desk) greeting(w http.ResponseWriter, r *http.Request) {
	reader := r.FormValue("reader")
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, "<p>%s</p>", template.HTMLEscapeString(reader))
	fmt.Fprintf(w, "<p>Welcome back, %s!</p>", reader)
}

func (d *Desk) cover(w http.ResponseWriter, r *http.Request) {
	isbn := r.URL.Query().Get("isbn")
	if !isbnShape.MatchString(isbn) {
		http.NotFound(w, r)
		return
	}
	blob, err := os.ReadFile(filepath.Join(coverDir, isbn+".jpg"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "image/jpeg")
	w.Write(blob)
}

func (d *Desk) localCover(w http.ResponseWriter, r *http.Request) {
	f, err := openCover(r.URL.Query().Get("file"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	w.Header().Set("Content-Type", "image/jpeg")
	io.Copy(w, f)
}

func openCover(name string) (*os.File, error) {
	return os.Open(coverDir + "/" + name)
}

func (d *Desk) remote(w http.ResponseWriter, r *http.Request) {
	target := r.URL.Query().Get("feed")
	u, err := url.Parse(target)
	if err != nil || u.Scheme != "https" {
		http.Error(w, "https only", http.StatusBadRequest)
		return
	}
	resp, err := d.client.Get(u.String())
	if err != nil {
		http.Error(w, "feed unavailable", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	w.Header().Set("Content-Type", "text/plain")
	io.Copy(w, io.LimitReader(resp.Body, 1<<20))
}

func (d *Desk) branchStatus(w http.ResponseWriter, r *http.Request) {
	host, known := branches[r.URL.Query().Get("branch")]
	if !known {
		http.NotFound(w, r)
		return
	}
	resp, err := d.client.Get("https://" + host + "/healthz")
	if err != nil {
		http.Error(w, "branch unavailable", http.StatusBadGateway)
		return
	}
	resp.Body.Close()
	w.WriteHeader(resp.StatusCode)
}

func (d *Desk) export(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 20*time.Second)
	defer cancel()
	tool := r.URL.Query().Get("format")
	cmd := exec.CommandContext(ctx, "/opt/loandesk/exporters/"+tool, "--all")
	out, err := cmd.Output()
	if err != nil {
		http.Error(w, "export failed", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(out)
}

func (d *Desk) barcode(w http.ResponseWriter, r *http.Request) {
	copyNo, err := strconv.ParseUint(r.URL.Query().Get("copy"), 10, 32)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	out, err := exec.CommandContext(r.Context(), "zint", "--direct", "--data", strconv.FormatUint(copyNo, 10)).Output()
	if err != nil {
		http.Error(w, "no barcode", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "image/png")
	w.Write(out)
}

func (d *Desk) confirm(w http.ResponseWriter, r *http.Request) {
	loan, err := strconv.Atoi(r.URL.Query().Get("loan"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	link := "https://" + r.Host + "/loans/" + strconv.Itoa(loan)
	go d.notify(loan, link)
	w.WriteHeader(http.StatusAccepted)
}

func (d *Desk) notify(loan int, link string) {
	slog.Info("notification queued", "loan", loan, "bytes", len(link))
}

func (d *Desk) comeBack(w http.ResponseWriter, r *http.Request) {
	to := r.URL.Query().Get("to")
	if to == "/shelf" || to == "/titles" {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	http.Redirect(w, r, r.URL.Query().Get("fallback"), http.StatusSeeOther)
}
