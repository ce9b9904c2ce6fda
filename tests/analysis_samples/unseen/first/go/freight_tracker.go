package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	_ "github.com/lib/pq"
)

const (
	readDSN    = "host=freight-ro.internal dbname=freight user=tracker sslmode=disable"
	reportDSN  = "host=freight-dw.internal dbname=warehouse user=reports sslmode=verify-full sslrootcert=/etc/freight/ca.pem"
	fallbackDB = "postgres://tracker@freight-standby.internal:5432/freight?sslmode=require"
)

var sortColumns = map[string]string{
	"eta":    "expected_at",
	"weight": "gross_kg",
	"port":   "port_code",
}

type consignment struct {
	ID     int64  `json:"id"`
	Ref    string `json:"ref"`
	Port   string `json:"port"`
	Weight int    `json:"weight"`
}

type tracker struct {
	db      *sql.DB
	reports *sql.DB
}

func (t *tracker) byReference(w http.ResponseWriter, r *http.Request) {
	ref := r.URL.Query().Get("ref")
	query := fmt.Sprintf("SELECT id, ref, port_code, gross_kg FROM consignments WHERE ref = '%s'", ref)
	rows, err := t.db.QueryContext(r.Context(), query)
	if err != nil {
		http.Error(w, "lookup failed", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	t.write(w, rows)
}

func (t *tracker) byPort(w http.ResponseWriter, r *http.Request) {
	port := r.URL.Query().Get("port")
	column, known := sortColumns[r.URL.Query().Get("sort")]
	if !known {
		column = "expected_at"
	}
	query := "SELECT id, ref, port_code, gross_kg FROM consignments WHERE port_code = $1 ORDER BY " + column
	rows, err := t.db.QueryContext(r.Context(), query, port)
	if err != nil {
		http.Error(w, "lookup failed", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	t.write(w, rows)
}

func (t *tracker) heavierThan(w http.ResponseWriter, r *http.Request) {
	kilos, err := strconv.Atoi(r.FormValue("kilos"))
	if err != nil {
		http.Error(w, "kilos must be a number", http.StatusBadRequest)
		return
	}
	rows, err := t.db.QueryContext(r.Context(), fmt.Sprintf("SELECT id, ref, port_code, gross_kg FROM consignments WHERE gross_kg > %d", kilos))
	if err != nil {
		http.Error(w, "lookup failed", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	t.write(w, rows)
}

func (t *tracker) search(w http.ResponseWriter, r *http.Request) {
	var clauses []string
	for _, field := range []string{"carrier", "vessel"} {
		if value := r.FormValue(field); value != "" {
			clauses = append(clauses, field+" LIKE '%"+value+"%'")
		}
	}
	var sb strings.Builder
	sb.WriteString("SELECT id, ref, port_code, gross_kg FROM consignments")
	if len(clauses) > 0 {
		sb.WriteString(" WHERE ")
		sb.WriteString(strings.Join(clauses, " AND "))
	}
	rows, err := t.db.Query(sb.String())
	if err != nil {
		http.Error(w, "search failed", http.StatusInternalServerError)
		return
	}
	defer rows.Close()
	t.write(w, rows)
}

func (t *tracker) archive(ctx context.Context, table string, before time.Time) error {
	_, err := t.reports.ExecContext(ctx, "DELETE FROM "+table+" WHERE closed_at < $1", before)
	return err
}

func (t *tracker) nightly(ctx context.Context) error {
	cutoff := time.Now().AddDate(-1, 0, 0)
	return errors.Join(t.archive(ctx, "consignments", cutoff), t.archive(ctx, "handovers", cutoff))
}

func (t *tracker) rename(w http.ResponseWriter, r *http.Request) {
	tx, err := t.db.BeginTx(r.Context(), nil)
	if err != nil {
		http.Error(w, "busy", http.StatusServiceUnavailable)
		return
	}
	defer tx.Rollback()
	if _, err = tx.Exec("UPDATE consignments SET ref = $1 WHERE id = $2", r.PostFormValue("ref"), r.PathValue("id")); err != nil {
		http.Error(w, "not renamed", http.StatusConflict)
		return
	}
	note := "renamed to " + r.PostFormValue("ref")
	tx.Exec("INSERT INTO history (consignment_id, note) VALUES (" + r.PathValue("id") + ", '" + note + "')")
	tx.Commit()
}

func (t *tracker) write(w http.ResponseWriter, rows *sql.Rows) {
	found := []consignment{}
	for rows.Next() {
		var c consignment
		if err := rows.Scan(&c.ID, &c.Ref, &c.Port, &c.Weight); err != nil {
			log.Printf("scan: %v", err)
			continue
		}
		found = append(found, c)
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(found)
}

func open(name string) *sql.DB {
	db, err := sql.Open("postgres", name)
	if err != nil {
		log.Fatal(err)
	}
	db.SetMaxOpenConns(20)
	return db
}

func main() {
	primary := readDSN
	if os.Getenv("FREIGHT_STANDBY") == "1" {
		primary = fallbackDB
	}
	t := &tracker{db: open(primary), reports: open(reportDSN)}
	if err := t.nightly(context.Background()); err != nil {
		log.Print(err)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /consignments", t.byReference)
	mux.HandleFunc("GET /ports", t.byPort)
	mux.HandleFunc("GET /heavy", t.heavierThan)
	mux.HandleFunc("GET /search", t.search)
	mux.HandleFunc("POST /consignments/{id}/ref", t.rename)
	srv := &http.Server{
		Addr:    "127.0.0.1:8443",
		Handler: mux,
	}
	log.Fatal(srv.ListenAndServeTLS("/etc/freight/tls.crt", "/etc/freight/tls.key"))
}
