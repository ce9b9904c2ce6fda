package directory

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	ttemplate "text/template"

	"github.com/antchfx/xmlquery"
	"github.com/antchfx/xpath"
	"github.com/dlclark/regexp2"
	"github.com/dop251/goja"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/render"
	"github.com/go-ldap/ldap/v3"
)

const baseDN = "ou=keepers,dc=apiary,dc=example"

var (
	errEscape  = errors.New("entry leaves the target")
	hiveByName = xpath.MustCompile("//hive[@state='active']")
	reportTmpl = ttemplate.Must(ttemplate.New("report").Parse("Hive {{.Hive}}: {{.Kilos}} kg\n"))
)

type Directory struct {
	ldap  *ldap.Conn
	yards *xmlquery.Node
	inbox string
}

func (d *Directory) Router() http.Handler {
	r := chi.NewRouter()
	r.Get("/keepers/{uid}", d.keeper)
	r.Get("/keepers", d.keepersByTown)
	r.Get("/hives/{id}", d.hive)
	r.Get("/hives", d.activeHives)
	r.Get("/report", d.report)
	r.Get("/report/custom", d.customReport)
	r.Get("/formula", d.formula)
	r.Get("/grep", d.grep)
	return r
}

func (d *Directory) search(filter string) (*ldap.SearchResult, error) {
	req := ldap.NewSearchRequest(baseDN, ldap.ScopeSingleLevel, ldap.NeverDerefAliases, 50, 5, false, filter, []string{"cn"}, nil)
	return d.ldap.Search(req)
}

func (d *Directory) keeper(w http.ResponseWriter, r *http.Request) {
	uid := ldap.EscapeFilter(chi.URLParam(r, "uid"))
	res, err := d.search("(&(objectClass=person)(uid=" + uid + "))")
	if err != nil {
		http.Error(w, "directory unavailable", http.StatusBadGateway)
		return
	}
	render.JSON(w, r, res.Entries)
}

func (d *Directory) keepersByTown(w http.ResponseWriter, r *http.Request) {
	town := r.URL.Query().Get("town")
	filter := "(l=" + town + ")"
	res, err := d.ldap.Search(ldap.NewSearchRequest(baseDN, ldap.ScopeSingleLevel, ldap.NeverDerefAliases, 50, 5, false, filter, []string{"cn"}, nil))
	if err != nil {
		http.Error(w, "directory unavailable", http.StatusBadGateway)
		return
	}
	log.Printf("%d keepers in %s", len(res.Entries), town)
	log.Printf("lookup done: town=%q", town)
	render.JSON(w, r, res.Entries)
}

func (d *Directory) hive(w http.ResponseWriter, r *http.Request) {
	expr := "//hive[@id='" + chi.URLParam(r, "id") + "']"
	node, err := xmlquery.Query(d.yards, expr)
	if err != nil || node == nil {
		http.NotFound(w, r)
		return
	}
	render.JSON(w, r, node.SelectAttr("yard"))
}

func (d *Directory) activeHives(w http.ResponseWriter, r *http.Request) {
	wanted := r.URL.Query().Get("yard")
	var ids []string
	for _, n := range xmlquery.QuerySelectorAll(d.yards, hiveByName) {
		if n.SelectAttr("yard") == wanted {
			ids = append(ids, n.SelectAttr("id"))
		}
	}
	render.JSON(w, r, ids)
}

func (d *Directory) report(w http.ResponseWriter, r *http.Request) {
	var buf bytes.Buffer
	if reportTmpl.Execute(&buf, map[string]string{"Hive": r.URL.Query().Get("hive"), "Kilos": "31"}) != nil {
		http.Error(w, "report failed", http.StatusInternalServerError)
		return
	}
	render.PlainText(w, r, buf.String())
}

func (d *Directory) customReport(w http.ResponseWriter, r *http.Request) {
	layout := r.URL.Query().Get("layout")
	t, err := ttemplate.New("custom").Parse(layout)
	if err != nil {
		http.Error(w, "bad layout", http.StatusBadRequest)
		return
	}
	var buf bytes.Buffer
	_ = t.Execute(&buf, d)
	render.PlainText(w, r, buf.String())
}

func (d *Directory) formula(w http.ResponseWriter, r *http.Request) {
	vm := goja.New()
	if _, err := vm.RunString("function mean(a) { return a.reduce((x, y) => x + y, 0) / a.length }"); err != nil {
		http.Error(w, "formula engine", http.StatusInternalServerError)
		return
	}
	v, err := vm.RunString(r.URL.Query().Get("expr"))
	if err != nil {
		http.Error(w, "bad formula", http.StatusBadRequest)
		return
	}
	render.JSON(w, r, v.Export())
}

func (d *Directory) grep(w http.ResponseWriter, r *http.Request) {
	pattern := r.URL.Query().Get("pattern")
	re, err := regexp2.Compile(pattern, regexp2.IgnoreCase)
	if err != nil {
		http.Error(w, "bad pattern", http.StatusBadRequest)
		return
	}
	literal := regexp2.MustCompile(regexp2.Escape(pattern), regexp2.None)
	var hits []string
	for _, n := range xmlquery.Find(d.yards, "//note") {
		if ok, _ := re.MatchString(n.InnerText()); ok {
			hits = append(hits, n.InnerText())
		} else if ok, _ := literal.MatchString(n.InnerText()); ok {
			hits = append(hits, n.InnerText())
		}
	}
	render.JSON(w, r, hits)
}

func (d *Directory) UnpackPhotos(path string) error {
	zr, err := zip.OpenReader(path)
	if err != nil {
		return err
	}
	defer zr.Close()
	for _, f := range zr.File {
		out, err := os.Create(filepath.Join(d.inbox, f.Name))
		if err != nil {
			return err
		}
		src, err := f.Open()
		if err != nil {
			return err
		}
		_, err = io.CopyN(out, src, 8<<20)
		out.Close()
		if err != nil && err != io.EOF {
			return err
		}
	}
	return nil
}

func (d *Directory) UnpackLogs(src io.Reader) error {
	tr := tar.NewReader(src)
	root := filepath.Clean(d.inbox) + string(os.PathSeparator)
	for {
		h, err := tr.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		target := filepath.Join(d.inbox, h.Name)
		if !strings.HasPrefix(target, root) {
			return errEscape
		}
		out, err := os.Create(target)
		if err != nil {
			return err
		}
		_, err = io.CopyN(out, tr, 8<<20)
		out.Close()
		if err != nil && err != io.EOF {
			return err
		}
	}
}

func manifest(names []string) ([]byte, error) { return json.Marshal(map[string]any{"files": names}) }
