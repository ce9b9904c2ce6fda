package apiarydb

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

type Colony struct {
	ID    int64  `db:"id"`
	Queen string `db:"queen"`
}

type filter struct {
	clauses []string
	args    []interface{}
}

type flows struct {
	db   *sqlx.DB
	last string
}

func (f *flows) direct(r *http.Request) (out []Colony, err error) {
	err = f.db.Select(&out, "SELECT id, queen FROM colony WHERE queen = '"+r.FormValue("queen")+"'")
	return
}

func (f *flows) bound(r *http.Request) (out []Colony, err error) {
	err = f.db.Select(&out, "SELECT id, queen FROM colony WHERE queen = $1", r.FormValue("queen"))
	return
}

func (f *flows) named(r *http.Request) (*sqlx.Rows, error) {
	return f.db.NamedQuery(`SELECT id, queen FROM colony WHERE queen = :q`, map[string]interface{}{"q": r.FormValue("queen")})
}

func (f *flows) built(r *http.Request) (*sqlx.Rows, error) {
	var b bytes.Buffer
	b.WriteString("SELECT id, queen FROM colony WHERE 1=1")
	if v := r.FormValue("site"); v != "" {
		fmt.Fprintf(&b, " AND site = '%s'", v)
	}
	return f.db.Queryx(b.String())
}

func (f *flows) builtWithArgs(r *http.Request) (*sqlx.Rows, error) {
	fl := filter{}
	for _, k := range []string{"site", "race", "keeper"} {
		if v := r.FormValue(k); v != "" {
			fl.args = append(fl.args, v)
			fl.clauses = append(fl.clauses, k+" = $"+strconv.Itoa(len(fl.args)))
		}
	}
	q := "SELECT id, queen FROM colony"
	if len(fl.clauses) > 0 {
		q += " WHERE " + strings.Join(fl.clauses, " AND ")
	}
	return f.db.Queryx(q, fl.args...)
}

func (f *flows) everyKey(r *http.Request) (*sqlx.Rows, error) {
	_ = r.ParseForm()
	keys := make([]string, 0, len(r.Form))
	for k := range r.Form {
		keys = append(keys, k+" IS NOT NULL")
	}
	sort.Strings(keys)
	return f.db.Queryx("SELECT id, queen FROM colony WHERE " + strings.Join(keys, " OR "))
}

func quoted(s string) string { return "'" + s + "'" }

func (f *flows) throughHelper(r *http.Request) (sql.Result, error) {
	return f.db.Exec("UPDATE colony SET queen = " + quoted(r.FormValue("queen")) + " WHERE id = 7")
}

func (f *flows) throughHelperLiteral(r *http.Request) (sql.Result, error) {
	return f.db.Exec("UPDATE colony SET note = "+quoted("inspected")+" WHERE id = $1", r.FormValue("id"))
}

func (f *flows) identifier(r *http.Request) (*sql.Rows, error) {
	return f.db.Query("SELECT count(*) FROM " + pq.QuoteIdentifier(r.FormValue("table")))
}

func (f *flows) number(r *http.Request) (*sql.Rows, error) {
	id, err := strconv.ParseUint(r.PathValue("id"), 10, 32)
	if err != nil {
		return nil, err
	}
	return f.db.Query("SELECT queen FROM colony WHERE id = " + fmt.Sprint(id))
}

func (f *flows) direction(r *http.Request) (*sql.Rows, error) {
	dir := "ASC"
	if strings.EqualFold(r.FormValue("dir"), "desc") {
		dir = "DESC"
	}
	return f.db.Query("SELECT queen FROM colony ORDER BY queen " + dir)
}

func (f *flows) directionRaw(r *http.Request) (*sql.Rows, error) {
	dir := r.FormValue("dir")
	if dir == "" {
		dir = "ASC"
	}
	return f.db.Query("SELECT queen FROM colony ORDER BY queen " + dir)
}

func (f *flows) overwritten(r *http.Request) (*sql.Rows, error) {
	race := r.FormValue("race")
	race = "carnica"
	return f.db.Query("SELECT queen FROM colony WHERE race = '" + race + "'")
}

func (f *flows) keep(r *http.Request) { f.last = r.Header.Get("X-Site") }

func (f *flows) kept() (*sql.Rows, error) {
	return f.db.Query("SELECT queen FROM colony WHERE site = '" + f.last + "'")
}

func (f *flows) closure(r *http.Request) error {
	site := r.FormValue("site")
	run := func(verb string) error {
		_, err := f.db.Exec(verb + " FROM inspection WHERE site = '" + site + "'")
		return err
	}
	return run("DELETE")
}

func (f *flows) decoded(r *http.Request) (*sql.Rows, error) {
	v, err := url.QueryUnescape(r.URL.RawQuery)
	if err != nil {
		return nil, err
	}
	pair := map[string]string{"site": v, "limit": "10"}
	return f.db.Query("SELECT queen FROM colony WHERE site = '" + pair["site"] + "' LIMIT 10")
}

func (f *flows) inList(ctx context.Context, r *http.Request) (out []Colony, err error) {
	q, args, err := sqlx.In("SELECT id, queen FROM colony WHERE site IN (?)", r.Form["site"])
	if err != nil {
		return nil, err
	}
	err = f.db.SelectContext(ctx, &out, f.db.Rebind(q), args...)
	return
}

func (f *flows) prepared(r *http.Request) (*sql.Stmt, error) {
	table := r.FormValue("kind")
	switch table {
	case "colony", "swarm":
	default:
		table = "colony"
	}
	return f.db.Prepare("SELECT queen FROM " + table + " WHERE id = $1")
}

func (f *flows) count(r *http.Request) (n int, err error) {
	cookie, err := r.Cookie("site")
	if err != nil {
		return 0, err
	}
	err = f.db.Get(&n, fmt.Sprintf("SELECT count(*) FROM colony WHERE site = '%v'", cookie.Value))
	return
}
