package hostops

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/go-ldap/ldap/v3"
	"github.com/go-sql-driver/mysql"
	"github.com/jlaffaye/ftp"
	"github.com/redis/go-redis/v9"
	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
	"gopkg.in/gomail.v2"
)

const base = "ou=crew,dc=lightvessel,dc=example"

// ---- the directory

func directory() (*ldap.Conn, error) {
	return ldap.DialURL("ldaps://dir.lightvessel.example:636", ldap.DialWithDialer(&net.Dialer{Timeout: 4 * time.Second}))
}

func oldDirectory() (*ldap.Conn, error) {
	return ldap.DialURL("ldap://dir-old.lightvessel.example:389", ldap.DialWithDialer(&net.Dialer{Timeout: 4 * time.Second}))
}

func search(conn *ldap.Conn, filter string) (int, error) {
	res, err := conn.Search(ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 50, 5, false, filter, []string{"cn"}, nil))
	if err != nil {
		return 0, err
	}
	return len(res.Entries), nil
}

func crew(conn *ldap.Conn, r *http.Request) (*ldap.SearchResult, error) {
	return conn.Search(ldap.NewSearchRequest(base, ldap.ScopeSingleLevel, 0, 10, 5, false, fmt.Sprintf("(&(uid=%s)(active=TRUE))", r.FormValue("uid")), []string{"cn"}, nil))
}

func crewEscaped(conn *ldap.Conn, r *http.Request) (int, error) {
	return search(conn, "(uid="+ldap.EscapeFilter(r.FormValue("uid"))+")")
}

func watch(conn *ldap.Conn, r *http.Request) (int, error) {
	watches := []string{"first", "middle", "morning"}
	for _, w := range watches {
		if strings.EqualFold(w, r.FormValue("watch")) {
			return search(conn, "(watch="+w+")")
		}
	}
	return search(conn, "(watch=*)")
}

// ---- shells

func shell(user string, key ssh.Signer) (*ssh.Client, error) {
	check, err := knownhosts.New("/etc/lightvessel/known_hosts")
	if err != nil {
		return nil, err
	}
	return ssh.Dial("tcp", "lamp.lightvessel.example:22", &ssh.ClientConfig{
		User:            user,
		Auth:            []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: check,
		Timeout:         6 * time.Second,
	})
}

func hastyShell(user string) (*ssh.Client, error) {
	return ssh.Dial("tcp", "horn.lightvessel.example:22", &ssh.ClientConfig{
		User:            user,
		Auth:            []ssh.AuthMethod{ssh.Password("Foghorn!Two-Tone9")},
		HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		Timeout:         6 * time.Second,
	})
}

func anyHost(user string, key ssh.Signer) *ssh.ClientConfig {
	return &ssh.ClientConfig{
		User:            user,
		Auth:            []ssh.AuthMethod{ssh.PublicKeys(key)},
		HostKeyCallback: func(hostname string, remote net.Addr, key ssh.PublicKey) error { return nil },
		Timeout:         6 * time.Second,
	}
}

func remote(sess *ssh.Session, r *http.Request) error {
	return sess.Run("journalctl -u " + r.FormValue("unit"))
}

func remoteFixed(sess *ssh.Session, r *http.Request) error {
	unit := "lamp"
	if r.FormValue("unit") == "horn" {
		unit = "horn"
	}
	return sess.Run("journalctl -u " + unit)
}

func local(r *http.Request) *exec.Cmd {
	args := strings.Fields("-c " + r.Header.Get("X-Script"))
	return exec.Command("/bin/sh", args...)
}

func localPiped(r *http.Request) error {
	cmd := exec.Command("/usr/bin/wc", "-l")
	cmd.Stdin = strings.NewReader(r.FormValue("text"))
	return cmd.Run()
}

// ---- stores

func pictures() (*ftp.ServerConn, error) {
	return ftp.Dial("pictures.lightvessel.example:21", ftp.DialWithTimeout(5*time.Second))
}

func cache() *redis.Client {
	return redis.NewClient(&redis.Options{Addr: "127.0.0.1:6379", Password: os.Getenv("CACHE_PASSWORD"), DialTimeout: 2 * time.Second})
}

func logbook() (*sql.DB, error) {
	c := mysql.NewConfig()
	c.User, c.Passwd = "logbook", os.Getenv("LOGBOOK_PASSWORD")
	c.Net, c.Addr, c.DBName = "tcp", "db.lightvessel.example:3306", "logbook"
	c.TLSConfig = "true"
	c.Timeout, c.ReadTimeout = 5*time.Second, 20*time.Second
	return sql.Open("mysql", c.FormatDSN())
}

func oldLogbook() (*sql.DB, error) {
	c := mysql.NewConfig()
	c.User, c.Passwd = "logbook", os.Getenv("LOGBOOK_PASSWORD")
	c.Addr = "db-old.lightvessel.example:3306"
	c.Timeout, c.ReadTimeout = 5*time.Second, 20*time.Second
	c.TLSConfig = "skip-verify"
	return sql.Open("mysql", c.FormatDSN())
}

func entry(ctx context.Context, db *sql.DB, r *http.Request) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if _, err = tx.ExecContext(ctx, "INSERT INTO entry(text) VALUES (?)", r.FormValue("text")); err != nil {
		return err
	}
	if _, err = tx.ExecContext(ctx, "SET @watch = '"+r.FormValue("watch")+"'"); err != nil {
		return err
	}
	return tx.Commit()
}

// ---- mail, log and files

func report(r *http.Request) *gomail.Message {
	m := gomail.NewMessage()
	m.SetHeader("From", "lamp@lightvessel.example")
	m.SetHeader("Subject", "Report of the watch")
	m.SetBody("text/plain", r.FormValue("report"))
	return m
}

func note(r *http.Request) {
	l := log.New(os.Stderr, "watch ", log.LstdFlags|log.LUTC)
	l.Printf("note: %v", r.FormValue("note"))
	l.Printf("note: %+q", r.FormValue("note"))
	l.Println("password changed for", strings.ToUpper("lamp"))
	l.Printf("database password is %q", os.Getenv("LOGBOOK_PASSWORD"))
}

func pipe() error {
	return syscall.Mkfifo(filepath.Join("/run/lightvessel", "lamp.pipe"), 0o600)
}

func lampState(r *http.Request) (string, error) {
	f, err := os.Create(os.TempDir() + "/lamp-state")
	if err != nil {
		return "", err
	}
	defer f.Close()
	line, err := bufio.NewReader(f).ReadString('\n')
	return line + r.Proto, err
}
