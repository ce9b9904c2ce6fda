package directory

import (
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"regexp"
	"time"

	"github.com/antchfx/xmlquery"
	"github.com/antchfx/xpath"
	"github.com/beevik/etree"
	"github.com/go-ldap/ldap/v3"
	"github.com/gorilla/mux"
	"github.com/lestrrat-go/libxml2/parser"
)

const base = "ou=people,dc=granary,dc=example"

var badgeNo = regexp.MustCompile(`^[0-9]{4,8}$`)

type directory struct {
	conn  *ldap.Conn
	plan  *xmlquery.Node
	rooms *etree.Document
}

func dialer() ldap.DialOpt {
	return ldap.DialWithDialer(&net.Dialer{Timeout: 5 * time.Second})
}

func connectPlain() (*ldap.Conn, error) {
	return ldap.DialURL("ldap://dir.granary.example:389", dialer())
}

func connect() (*ldap.Conn, error) {
	cfg := &tls.Config{ServerName: "dir.granary.example", MinVersion: tls.VersionTLS12}
	conn, err := ldap.DialURL("ldaps://dir.granary.example", dialer(), ldap.DialWithTLSConfig(cfg))
	if err != nil {
		return nil, err
	}
	conn.SetTimeout(10 * time.Second)
	return conn, conn.Bind("cn=lookup,dc=granary,dc=example", os.Getenv("GRANARY_BIND_PASSWORD"))
}

func connectBranch() (*ldap.Conn, error) {
	cfg := &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}
	conn, err := ldap.DialURL("ldaps://branch.granary.example", dialer(), ldap.DialWithTLSConfig(cfg))
	if err != nil {
		return nil, err
	}
	return conn, conn.Bind("cn=lookup,dc=granary,dc=example", "Sieve&Hopper_2291")
}

func request(filter string) *ldap.SearchRequest {
	return ldap.NewSearchRequest(base, ldap.ScopeWholeSubtree, ldap.NeverDerefAliases, 20, 5, false, filter, []string{"cn", "mail"}, nil)
}

func (d *directory) person(w http.ResponseWriter, r *http.Request) {
	uid := mux.Vars(r)["uid"]
	result, err := d.conn.Search(request(fmt.Sprintf("(uid=%s)", ldap.EscapeFilter(uid))))
	d.answer(w, result, err)
}

func (d *directory) mail(w http.ResponseWriter, r *http.Request) {
	filter := "(&(objectClass=person)(mail=" + r.FormValue("mail") + "))"
	result, err := d.conn.Search(ldap.NewSearchRequest(base, ldap.ScopeSingleLevel, ldap.NeverDerefAliases, 20, 5, false, filter, []string{"cn"}, nil))
	d.answer(w, result, err)
}

func (d *directory) badge(w http.ResponseWriter, r *http.Request) {
	number := r.FormValue("badge")
	if !badgeNo.MatchString(number) {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	result, err := d.conn.Search(request("(employeeNumber=" + number + ")"))
	d.answer(w, result, err)
}

func (d *directory) answer(w http.ResponseWriter, result *ldap.SearchResult, err error) {
	if err != nil || len(result.Entries) == 0 {
		http.Error(w, "nobody found", http.StatusNotFound)
		return
	}
	names := make([]string, 0, len(result.Entries))
	for _, entry := range result.Entries {
		names = append(names, entry.GetAttributeValue("cn"))
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(names)
}

func (d *directory) desk(w http.ResponseWriter, r *http.Request) {
	node, err := xmlquery.Query(d.plan, "//desk[@owner='"+r.FormValue("owner")+"']")
	if err != nil || node == nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	w.Header().Set("X-Desk", "found")
}

func (d *directory) floor(w http.ResponseWriter, r *http.Request) {
	expr, err := xpath.Compile(fmt.Sprintf("count(//floor[name='%s']/desk)", r.FormValue("floor")))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	total := expr.Evaluate(xmlquery.CreateXPathNavigator(d.plan))
	json.NewEncoder(w).Encode(total)
}

func (d *directory) desks(w http.ResponseWriter, r *http.Request) {
	total := 0
	for _, node := range xmlquery.Find(d.plan, "//desk") {
		if node.SelectAttr("owner") == r.FormValue("owner") {
			total++
		}
	}
	json.NewEncoder(w).Encode(total)
}

func (d *directory) room(w http.ResponseWriter, r *http.Request) {
	found := d.rooms.FindElements("//room[@id='" + mux.Vars(r)["id"] + "']")
	json.NewEncoder(w).Encode(len(found))
}

func importPlan(w http.ResponseWriter, r *http.Request) {
	p := parser.New(parser.XMLParseNoEnt, parser.XMLParseDTDLoad)
	doc, err := p.ParseReader(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	doc.Free()
}

func importRooms(w http.ResponseWriter, r *http.Request) {
	doc := etree.NewDocument()
	if _, err := doc.ReadFrom(http.MaxBytesReader(w, r.Body, 1<<20)); err != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
}
