package loandesk

import (
	"bytes"
	"fmt"
	"html"
	"html/template"
	"io"
	"net/http"
	"net/url"
	plain "text/template"
)

const readerCard = `<article><h2>{{.Name}}</h2><p>{{.Note}}</p></article>`

var (
	shelfPage  = template.Must(template.New("shelf").Parse(`<h1>{{.Title}}</h1>{{range .Books}}<li>{{.}}</li>{{end}}`))
	receipt    = plain.Must(plain.New("receipt").Parse("Loan {{.Number}} is due on {{.Due}}.\n"))
	readerPage = plain.Must(plain.New("reader").Parse(readerCard))
	bodyPage   = template.Must(template.New("body").Parse(`<main>{{.Body}}</main>`))
)

type reader struct {
	Name string
	Note string
}

type desk struct {
	banner template.HTML
}

func newDesk() *desk {
	return &desk{banner: template.HTML("<strong>Closed on Mondays</strong>")}
}

func (d *desk) shelf(w http.ResponseWriter, r *http.Request) {
	data := struct {
		Title string
		Books []string
	}{r.FormValue("shelf"), []string{"Moss", "Lichen"}}
	shelfPage.Execute(w, data)
}

func (d *desk) receipt(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	receipt.Execute(w, map[string]string{"Number": r.FormValue("number"), "Due": "Friday"})
}

func (d *desk) reader(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	card := reader{Name: r.FormValue("name"), Note: r.FormValue("note")}
	readerPage.Execute(w, card)
}

func (d *desk) greet(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, "<p>Welcome back, %s</p>", name)
}

func (d *desk) greetQuietly(w http.ResponseWriter, r *http.Request) {
	name := html.EscapeString(r.URL.Query().Get("name"))
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, "<p>Welcome back, %s</p>", name)
}

func (d *desk) summary(w http.ResponseWriter, r *http.Request) {
	body := template.HTML("<em>" + r.PostFormValue("summary") + "</em>")
	bodyPage.Execute(w, map[string]any{"Body": body})
}

func (d *desk) notice(w http.ResponseWriter, r *http.Request) {
	escaped := template.HTMLEscapeString(r.PostFormValue("summary"))
	bodyPage.Execute(w, map[string]any{"Body": template.HTML("<em>" + escaped + "</em>"), "Banner": d.banner})
}

func (d *desk) preview(w http.ResponseWriter, r *http.Request) {
	layout := r.FormValue("layout")
	page, err := template.New("preview").Parse(layout)
	if err != nil {
		http.Error(w, "layout is not valid", http.StatusBadRequest)
		return
	}
	page.Execute(w, d)
}

var layouts = map[string]string{
	"wide":   `<div class="wide">{{.}}</div>`,
	"narrow": `<div class="narrow">{{.}}</div>`,
}

func (d *desk) chosenLayout(w http.ResponseWriter, r *http.Request) {
	source, ok := layouts[r.FormValue("layout")]
	if !ok {
		source = layouts["wide"]
	}
	page := template.Must(template.New("chosen").Parse(source))
	page.Execute(w, r.FormValue("text"))
}

func (d *desk) mailText(w http.ResponseWriter, r *http.Request) {
	greeting := "Dear {{.}},\n\n" + readBody(r) + "\n"
	letter, err := plain.New("letter").Parse(greeting)
	if err != nil {
		http.Error(w, "letter is not valid", http.StatusBadRequest)
		return
	}
	var out bytes.Buffer
	letter.Execute(&out, "reader")
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(out.Bytes())
}

func readBody(r *http.Request) string {
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil {
		return ""
	}
	return string(raw)
}

func (d *desk) link(w http.ResponseWriter, r *http.Request) {
	term := r.FormValue("q")
	w.Header().Set("Content-Type", "text/html")
	io.WriteString(w, `<a href="/search?q=`+url.QueryEscape(term)+`">again</a>`)
	if r.FormValue("debug") == "yes" {
		io.WriteString(w, "<!-- query: "+term+" -->")
	}
}

func Routes(mux *http.ServeMux) {
	d := newDesk()
	mux.HandleFunc("/shelf", d.shelf)
	mux.HandleFunc("/receipt", d.receipt)
	mux.HandleFunc("/reader", d.reader)
	mux.HandleFunc("/greet", d.greet)
	mux.HandleFunc("/greet/quiet", d.greetQuietly)
	mux.HandleFunc("/summary", d.summary)
	mux.HandleFunc("/notice", d.notice)
	mux.HandleFunc("/preview", d.preview)
	mux.HandleFunc("/chosen", d.chosenLayout)
	mux.HandleFunc("/letter", d.mailText)
	mux.HandleFunc("/link", d.link)
}
