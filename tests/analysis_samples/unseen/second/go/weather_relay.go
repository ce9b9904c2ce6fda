package relay

import (
	"context"
	"crypto/tls"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v4"
	"github.com/go-resty/resty/v2"
	"github.com/hashicorp/go-retryablehttp"
	"github.com/valyala/fasthttp"
)

var stations = map[string]string{
	"cape":  "https://cape.windmast.example",
	"ridge": "https://ridge.windmast.example",
}

func forecastClient() *resty.Client {
	return resty.New().
		SetBaseURL("https://api.windmast.example").
		SetTimeout(8 * time.Second).
		SetRetryCount(3).
		SetRetryWaitTime(time.Second).
		SetRetryMaxWaitTime(20 * time.Second)
}

func stationClient() *resty.Client {
	c := resty.New()
	c.SetTimeout(6 * time.Second)
	c.SetTLSClientConfig(&tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true})
	return c
}

func archiveClient() *resty.Client {
	return resty.New().
		SetTimeout(30 * time.Second).
		SetTLSClientConfig(&tls.Config{
			MinVersion: tls.VersionTLS12,
			MaxVersion: tls.VersionTLS13,
		}).
		SetBaseURL("http://archive.windmast.example")
}

func almanacClient() *resty.Client {
	return resty.New().SetBaseURL("https://almanac.windmast.example")
}

func reading(ctx *fasthttp.RequestCtx) {
	target := string(ctx.QueryArgs().Peek("station"))
	resp, err := stationClient().R().SetHeader("Accept", "application/json").Get("https://" + target + "/now")
	if err != nil {
		ctx.SetStatusCode(fasthttp.StatusBadGateway)
		return
	}
	ctx.SetContentType("application/json")
	ctx.SetBody(resp.Body())
}

func readingKnown(ctx *fasthttp.RequestCtx) {
	base, ok := stations[string(ctx.QueryArgs().Peek("station"))]
	if !ok {
		ctx.SetStatusCode(fasthttp.StatusNotFound)
		return
	}
	resp, err := forecastClient().R().Get(base + "/now")
	if err != nil {
		ctx.SetStatusCode(fasthttp.StatusBadGateway)
		return
	}
	ctx.SetContentType("application/json")
	ctx.SetBody(resp.Body())
}

func forecast(ctx *fasthttp.RequestCtx) {
	place := string(ctx.QueryArgs().Peek("place"))
	resp, err := forecastClient().R().SetPathParam("place", place).SetQueryParam("units", "metric").Get("/forecast/{place}")
	if err != nil {
		ctx.SetStatusCode(fasthttp.StatusBadGateway)
		return
	}
	ctx.SetContentType("application/json")
	ctx.SetBody(resp.Body())
}

func image(ctx *fasthttp.RequestCtx) {
	var body []byte
	_, body, err := fasthttp.GetTimeout(body, string(ctx.PostArgs().Peek("image_url")), 5*time.Second)
	if err != nil {
		ctx.Error("no image", fasthttp.StatusBadGateway)
		return
	}
	ctx.SetContentType("image/png")
	ctx.SetBody(body)
}

func widget(ctx *fasthttp.RequestCtx) {
	ctx.SetContentType("text/html; charset=utf-8")
	ctx.WriteString("<b>" + string(ctx.FormValue("town")) + "</b>")
}

func away(ctx *fasthttp.RequestCtx) {
	ctx.RedirectBytes(ctx.QueryArgs().Peek("to"), fasthttp.StatusFound)
}

func publish(ctx context.Context, send func() error) error {
	policy := backoff.NewExponentialBackOff()
	policy.MaxElapsedTime = 2 * time.Minute
	return backoff.Retry(send, backoff.WithContext(policy, ctx))
}

func publishForever(send func() error) error {
	policy := backoff.NewExponentialBackOff()
	policy.MaxElapsedTime = 0
	return backoff.Retry(send, policy)
}

func publishAtOnce(send func() error) error {
	return backoff.Retry(send, backoff.WithMaxRetries(&backoff.ZeroBackOff{}, 20))
}

func tideClient() *http.Client {
	c := retryablehttp.NewClient()
	c.RetryMax = 4
	c.RetryWaitMax = 10 * time.Second
	c.HTTPClient.Timeout = 15 * time.Second
	return c.StandardClient()
}

func proxyTo(w http.ResponseWriter, r *http.Request) {
	target, err := url.Parse(r.URL.Query().Get("upstream"))
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	httputil.NewSingleHostReverseProxy(target).ServeHTTP(w, r)
}

func Serve() error {
	server := &fasthttp.Server{
		ReadTimeout:        10 * time.Second,
		WriteTimeout:       10 * time.Second,
		MaxRequestBodySize: 256 << 10,
		Handler: func(ctx *fasthttp.RequestCtx) {
			switch string(ctx.Path()) {
			case "/reading":
				reading(ctx)
			case "/known":
				readingKnown(ctx)
			case "/forecast":
				forecast(ctx)
			case "/image":
				image(ctx)
			case "/widget":
				widget(ctx)
			default:
				away(ctx)
			}
		},
	}
	return server.ListenAndServeTLS("127.0.0.1:7443", "/etc/windmast/cert.pem", "/etc/windmast/key.pem")
}
