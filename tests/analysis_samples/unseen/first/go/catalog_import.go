package catalog

import (
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path"
	"plugin"
	"reflect"
	"slices"
	"time"
)

const maxFeed = 4 << 20

var (
	errFeed     = errors.New("feed is not usable")
	feedHosts   = []string{"feeds.seedbank.example", "mirror.seedbank.example"}
	fetchClient = &http.Client{Timeout: 20 * time.Second}
)

type variety struct {
	XMLName xml.Name `xml:"variety"`
	Latin   string   `xml:"latin"`
	Common  string   `xml:"common"`
	Germ    int      `xml:"germination"`
}

type snapshot struct {
	Taken     time.Time
	Varieties []variety
}

func parseFeed(w http.ResponseWriter, r *http.Request) {
	decoder := xml.NewDecoder(http.MaxBytesReader(w, r.Body, maxFeed))
	decoder.Strict = true
	var v variety
	if err := decoder.Decode(&v); err != nil {
		http.Error(w, "feed is not usable", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(v)
}

func restore(file string) (*snapshot, error) {
	handle, err := os.Open(path.Join("/var/lib/seedbank", path.Base(file)))
	if err != nil {
		return nil, err
	}
	defer handle.Close()
	var s snapshot
	if err := gob.NewDecoder(handle).Decode(&s); err != nil {
		return nil, err
	}
	return &s, nil
}

func importFrom(w http.ResponseWriter, r *http.Request) {
	source := r.URL.Query().Get("source")
	resp, err := fetchClient.Get(source)
	if err != nil {
		http.Error(w, "source did not answer", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, maxFeed))
}

func importListed(w http.ResponseWriter, r *http.Request) {
	source, err := url.Parse(r.URL.Query().Get("source"))
	if err != nil || source.Scheme != "https" || !slices.Contains(feedHosts, source.Host) {
		http.Error(w, "source is not listed", http.StatusForbidden)
		return
	}
	resp, err := fetchClient.Get(source.String())
	if err != nil {
		http.Error(w, "source did not answer", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	io.Copy(io.Discard, io.LimitReader(resp.Body, maxFeed))
}

func importMirror(w http.ResponseWriter, r *http.Request) {
	var order struct {
		Mirror string `json:"mirror"`
		Family string `json:"family"`
	}
	body := http.MaxBytesReader(w, r.Body, 1<<12)
	if err := json.NewDecoder(body).Decode(&order); err != nil {
		http.Error(w, "order is not usable", http.StatusBadRequest)
		return
	}
	address := "https://" + order.Mirror + "/families/list.xml"
	resp, err := fetchClient.Get(address)
	if err != nil {
		http.Error(w, "mirror did not answer", http.StatusBadGateway)
		return
	}
	resp.Body.Close()
	family := "https://feeds.seedbank.example/families/" + url.PathEscape(order.Family)
	if again, err := fetchClient.Get(family); err == nil {
		again.Body.Close()
	}
}

func portOpen(w http.ResponseWriter, r *http.Request) {
	conn, err := net.DialTimeout("tcp", r.FormValue("target"), 2*time.Second)
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	conn.Close()
}

func loadRanker(r *http.Request) (plugin.Symbol, error) {
	module, err := plugin.Open("/usr/lib/seedbank/rank.so")
	if err != nil {
		return nil, err
	}
	return module.Lookup("Rank" + r.FormValue("ranker"))
}

func loadDefaultRanker() (plugin.Symbol, error) {
	module, err := plugin.Open("/usr/lib/seedbank/rank.so")
	if err != nil {
		return nil, err
	}
	return module.Lookup("Rank")
}

type actions struct{}

func (actions) Recount() error { return nil }
func (actions) Purge() error   { return errFeed }

func dispatch(w http.ResponseWriter, r *http.Request) {
	method := reflect.ValueOf(actions{}).MethodByName(r.FormValue("action"))
	if !method.IsValid() {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	method.Call(nil)
}

func dispatchKnown(w http.ResponseWriter, r *http.Request) {
	switch r.FormValue("action") {
	case "recount":
		reflect.ValueOf(actions{}).MethodByName("Recount").Call(nil)
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

func acceptAll(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	var varieties []variety
	if json.Unmarshal(raw, &varieties) != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
}
