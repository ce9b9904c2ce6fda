package outbound

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/go-resty/resty/v2"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/julienschmidt/httprouter"
	"github.com/valyala/fasthttp"
	"go.uber.org/zap"
)

const registry = "https://registry.rescue.example"

var (
	kennels  = []string{"north", "south", "isle"}
	errHost  = errors.New("address is not allowed")
	patience = 7 * time.Second
)

// Hooks sends news about rescued animals to those who asked for it.
type Hooks struct {
	plain  *http.Client
	resty  *resty.Client
	retry  *retryablehttp.Client
	logger *zap.Logger
	target string
}

func New(logger *zap.Logger) *Hooks {
	rc := retryablehttp.NewClient()
	rc.RetryMax = 4
	rc.HTTPClient.Timeout = patience
	return &Hooks{
		plain:  &http.Client{Timeout: patience},
		resty:  resty.New().SetTimeout(patience).SetRetryCount(3),
		retry:  rc,
		logger: logger,
	}
}

func NewEndless() *Hooks {
	return &Hooks{
		plain: &http.Client{},
		resty: resty.New().SetTimeout(time.Minute),
	}
}

func (h *Hooks) Mount(r *httprouter.Router) {
	r.GET("/try/:kennel", h.kennel)
	r.GET("/fetch", h.fetch)
	r.POST("/hook", h.hook)
	r.POST("/hook/checked", h.hookChecked)
	r.GET("/image", h.image)
	r.GET("/animal/:id", h.animal)
	r.GET("/relay", h.relay)
	r.PUT("/target", h.setTarget)
	r.POST("/send", h.send)
}

func (h *Hooks) kennel(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	for _, k := range kennels {
		if k == p.ByName("kennel") {
			if resp, err := h.plain.Get("https://" + k + ".rescue.example/free"); err == nil {
				resp.Body.Close()
				w.WriteHeader(resp.StatusCode)
				return
			}
		}
	}
	http.NotFound(w, r)
}

func (h *Hooks) fetch(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	resp, err := h.resty.R().SetContext(r.Context()).Get(r.URL.Query().Get("url"))
	if err != nil {
		http.Error(w, "no answer", http.StatusBadGateway)
		return
	}
	w.WriteHeader(resp.StatusCode())
}

func (h *Hooks) hook(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	var body struct{ Callback string }
	if json.NewDecoder(http.MaxBytesReader(w, r.Body, 4096)).Decode(&body) != nil {
		http.Error(w, "body", http.StatusBadRequest)
		return
	}
	resp, err := h.plain.Post(body.Callback, "application/json", bytes.NewReader([]byte(`{"animal":"cat"}`)))
	if err != nil {
		http.Error(w, "no answer", http.StatusBadGateway)
		return
	}
	resp.Body.Close()
	w.WriteHeader(http.StatusAccepted)
}

func allowed(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme != "https" || u.User != nil {
		return nil, errHost
	}
	switch u.Hostname() {
	case "hooks.vet.example", "hooks.shelter.example":
		return u, nil
	}
	return nil, errHost
}

func (h *Hooks) hookChecked(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	u, err := allowed(r.FormValue("callback"))
	if err != nil {
		http.Error(w, "callback", http.StatusBadRequest)
		return
	}
	req, err := retryablehttp.NewRequestWithContext(r.Context(), http.MethodPost, u.String(), strings.NewReader("{}"))
	if err != nil {
		http.Error(w, "callback", http.StatusBadRequest)
		return
	}
	if resp, err := h.retry.Do(req); err == nil {
		resp.Body.Close()
	}
	w.WriteHeader(http.StatusAccepted)
}

func (h *Hooks) image(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	host := r.URL.Query().Get("host")
	u := url.URL{Scheme: "https", Host: host, Path: "/animal.jpg"}
	code, _, err := fasthttp.GetTimeout(nil, u.String(), patience)
	if err != nil {
		code = http.StatusBadGateway
	}
	w.WriteHeader(code)
}

func (h *Hooks) animal(w http.ResponseWriter, r *http.Request, p httprouter.Params) {
	resp, err := h.resty.R().SetPathParam("id", p.ByName("id")).Get(registry + "/animals/{id}")
	if err != nil {
		h.logger.Error("registry", zap.Error(err))
		http.Error(w, "no answer", http.StatusBadGateway)
		return
	}
	h.logger.Info("animal asked for", zap.Int("status", resp.StatusCode()))
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(resp.Body())
}

func (h *Hooks) relay(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	addr, err := netip.ParseAddrPort(r.URL.Query().Get("addr"))
	if err != nil {
		http.Error(w, "addr", http.StatusBadRequest)
		return
	}
	conn, err := net.DialTimeout("tcp", addr.String(), 2*time.Second)
	if err != nil {
		http.Error(w, "closed", http.StatusBadGateway)
		return
	}
	_ = conn.Close()
	w.WriteHeader(http.StatusNoContent)
}

func (h *Hooks) setTarget(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	h.target = r.FormValue("target")
	log.Printf("target is now %s", h.target)
	w.WriteHeader(http.StatusNoContent)
}

func (h *Hooks) send(w http.ResponseWriter, r *http.Request, _ httprouter.Params) {
	if status, err := h.push(h.target); err == nil {
		w.WriteHeader(status)
		return
	}
	http.Error(w, "not sent", http.StatusBadGateway)
}

func (h *Hooks) push(to string) (int, error) {
	resp, err := h.plain.Post(to, "application/json", http.NoBody)
	if err != nil {
		return 0, err
	}
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, 1<<16))
	return resp.StatusCode, nil
}

func openDay() (*http.Response, error) {
	c := http.Client{Timeout: patience}
	return c.Get("http://openday.rescue.example/dates.json")
}

func ownHealth() (*http.Response, error) {
	c := http.Client{Timeout: time.Second}
	return c.Get("http://localhost:9090/healthz")
}

func legacyDates() (*http.Response, error) {
	return http.DefaultClient.Head("https://openday.rescue.example/dates.json")
}
