package main

import (
	"database/sql"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

type server struct {
	db   *sql.DB
	root string
}

var pages = map[string]bool{"/home": true}

func (s *server) users(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	query := fmt.Sprintf("SELECT id FROM users WHERE name = '%s'", name)
	rows, err := s.db.Query(query)
	if err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
}

func (s *server) user(w http.ResponseWriter, r *http.Request) {
	row := s.db.QueryRowContext(r.Context(), "SELECT name FROM users WHERE id = $1", r.PathValue("id"))
	var name string
	if err := row.Scan(&name); err != nil {
		return
	}
	id, err := strconv.Atoi(r.FormValue("id"))
	if err != nil {
		return
	}
	_, _ = s.db.ExecContext(r.Context(), fmt.Sprintf("UPDATE users SET seen = now() WHERE id = %d", id))
}

func (s *server) remove(w http.ResponseWriter, r *http.Request) {
	_, err := s.db.ExecContext(r.Context(), "DELETE FROM users WHERE name = '"+r.FormValue("name")+"'")
	if err != nil {
		return
	}
}

func (s *server) ping(w http.ResponseWriter, r *http.Request) {
	host := r.FormValue("host")
	out, _ := exec.Command("sh", "-c", "ping -c 1 "+host).Output()
	more, _ := exec.Command("ping", "-c", "1", host).Output()
	_ = append(out, more...)
}

func (s *server) tool(w http.ResponseWriter, r *http.Request) {
	cmd := exec.CommandContext(r.Context(), r.URL.Query().Get("tool"))
	_ = cmd.Run()
}

func (s *server) file(w http.ResponseWriter, r *http.Request) {
	data, err := os.ReadFile(filepath.Join(s.root, r.URL.Query().Get("name")))
	if err != nil {
		return
	}
	_ = data
}

func (s *server) fileChecked(w http.ResponseWriter, r *http.Request) {
	path := filepath.Join(s.root, filepath.Clean("/"+r.URL.Query().Get("name")))
	if !strings.HasPrefix(path, s.root) {
		http.NotFound(w, r)
		return
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return
	}
	_ = data
}

func (s *server) proxy(w http.ResponseWriter, r *http.Request) {
	resp, err := http.Get(r.URL.Query().Get("url"))
	if err != nil {
		return
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
}

func (s *server) proxyChecked(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(r.URL.Query().Get("url"))
	if err != nil || target.Host != "cdn.example.com" {
		return
	}
	resp, err := http.Get(target.String())
	if err != nil {
		return
	}
	defer resp.Body.Close()
}

func (s *server) next(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, r.URL.Query().Get("next"), http.StatusFound)
}

func (s *server) nextChecked(w http.ResponseWriter, r *http.Request) {
	next := r.URL.Query().Get("next")
	if !pages[next] {
		next = "/home"
	}
	http.Redirect(w, r, "/home", http.StatusFound)
}

func (s *server) hello(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "<h1>Hello %s</h1>", r.FormValue("name"))
	fmt.Fprintf(w, "<h1>Hello %s</h1>", html.EscapeString(r.FormValue("name")))
}
