// Package views draws the pages of a choir's song archive.
package views

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"io"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	texttemplate "text/template"

	"github.com/flosch/pongo2/v6"
	"github.com/gorilla/mux"
	"github.com/yuin/goldmark"
)

const frame = `<!doctype html><title>{{.Title}}</title><main>{{.Body}}</main>`

var (
	safeFrame = template.Must(template.New("frame").Parse(frame))
	bareFrame = texttemplate.Must(texttemplate.New("frame").Parse(frame))
	keyNames  = map[string]string{"c": "C major", "am": "A minor"}
)

type song struct {
	Title string
	Body  interface{}
}

func Routes() *mux.Router {
	r := mux.NewRouter()
	r.HandleFunc("/song/{title}", auto).Methods(http.MethodGet)
	r.HandleFunc("/song/{title}/bare", bare).Methods(http.MethodGet)
	r.HandleFunc("/song/{title}/html", typed).Methods(http.MethodGet)
	r.HandleFunc("/song/{title}/mixed", mixed).Methods(http.MethodGet)
	r.HandleFunc("/song/{title}/plain", plain).Methods(http.MethodGet)
	r.HandleFunc("/song/{title}/mail", mail).Methods(http.MethodGet)
	r.HandleFunc("/lines", lines)
	r.HandleFunc("/key", key)
	r.HandleFunc("/page", page)
	r.HandleFunc("/preview", preview)
	r.HandleFunc("/preview/fixed", previewFixed)
	r.HandleFunc("/markdown", markdown)
	r.HandleFunc("/link", link)
	r.HandleFunc("/script", script)
	r.HandleFunc("/echo", echoHeader)
	return r
}

func htmlType(w http.ResponseWriter) {
	w.Header().Set("Content-Type", mime.FormatMediaType("text/html", map[string]string{"charset": "utf-8"}))
}

func auto(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	_ = safeFrame.Execute(w, song{Title: mux.Vars(r)["title"], Body: r.URL.Query().Get("verse")})
}

func bare(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	_ = bareFrame.Execute(w, song{Title: "A song", Body: r.URL.Query().Get("verse")})
}

func typed(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	_ = safeFrame.Execute(w, song{Title: "A song", Body: template.HTML("<p>" + r.URL.Query().Get("verse") + "</p>")})
}

func mixed(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	verse := template.HTMLEscapeString(r.URL.Query().Get("verse"))
	_ = safeFrame.Execute(w, song{Title: "A song", Body: template.HTML("<p>" + verse + "</p>")})
}

func plain(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	fmt.Fprintf(w, "%s\n%s\n", mux.Vars(r)["title"], r.URL.Query().Get("verse"))
}

func mail(w http.ResponseWriter, r *http.Request) {
	var text bytes.Buffer
	t := texttemplate.Must(texttemplate.New("mail").Parse("Dear choir, we sing number {{.}}."))
	n, err := strconv.Atoi(r.URL.Query().Get("number"))
	if err != nil {
		http.Error(w, "number", http.StatusBadRequest)
		return
	}
	_ = t.Execute(&text, n)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = text.WriteTo(w)
}

func lines(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	var b strings.Builder
	b.WriteString("<ol>")
	for _, l := range r.URL.Query()["line"] {
		b.WriteString("<li>" + l + "</li>")
	}
	b.WriteString("</ol>")
	_, _ = w.Write([]byte(b.String()))
}

func key(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	name, ok := keyNames[r.URL.Query().Get("key")]
	if !ok {
		name = "unknown"
	}
	fmt.Fprintln(w, "<i>"+name+"</i>")
}

func page(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	n, err := strconv.ParseInt(r.URL.Query().Get("n"), 10, 32)
	if err != nil {
		fmt.Fprint(w, "<p>No page ", r.URL.Query().Get("n"), "</p>")
		return
	}
	fmt.Fprint(w, "<p>Page ", n, "</p>")
}

func preview(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	tpl, err := pongo2.FromString(r.FormValue("layout"))
	if err != nil {
		http.Error(w, "layout", http.StatusBadRequest)
		return
	}
	_ = tpl.ExecuteWriter(pongo2.Context{"title": "Preview"}, w)
}

func previewFixed(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	tpl := pongo2.Must(pongo2.FromString("<h1>{{ title }}</h1>"))
	_ = tpl.ExecuteWriter(pongo2.Context{"title": r.FormValue("title")}, w)
}

func markdown(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	var out bytes.Buffer
	if err := goldmark.Convert([]byte(r.FormValue("text")), &out); err != nil {
		http.Error(w, "text", http.StatusBadRequest)
		return
	}
	_, _ = io.Copy(w, &out)
}

func link(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	q := url.QueryEscape(r.FormValue("q"))
	_, _ = io.WriteString(w, `<a href="/search?q=`+q+`">again</a>`)
}

func script(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	inner := "var choir = '" + r.FormValue("choir") + "';"
	fmt.Fprintf(w, "<script>%s</script>", inner)
}

func echoHeader(w http.ResponseWriter, r *http.Request) {
	htmlType(w)
	agent := html.EscapeString(r.UserAgent())
	fmt.Fprintf(w, "<small>%s</small>", agent)
	if ref := r.Referer(); ref != "" {
		wrap := func(tag, s string) string { return "<" + tag + ">" + s + "</" + tag + ">" }
		_, _ = io.WriteString(w, wrap("small", ref))
	}
}
