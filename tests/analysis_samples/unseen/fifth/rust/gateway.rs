//! The public gate of a network of rain gauges.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use hyper::{body::Body, Request, Response, StatusCode};
use hyper::client::HttpConnector;
use hyper_tls::HttpsConnector;
use reqwest::{redirect::Policy, Url};
use serde::Deserialize;
use tokio::time::timeout;
use warp::http::Uri;
use warp::{reply, Filter, Rejection, Reply};

type Client = hyper::Client<HttpsConnector<HttpConnector>>;

static GAUGES: phf::Map<&'static str, &'static str> = phf::phf_map! {
    "hill" => "https://hill.gauges.example/now",
    "dale" => "https://dale.gauges.example/now",
};

#[derive(Deserialize)]
struct Subscribe {
    callback: String,
    every: u32,
}

#[derive(Clone)]
struct Gate {
    http: reqwest::Client,
    agent: Arc<ureq::Agent>,
}

impl Gate {
    fn new() -> Result<Self, reqwest::Error> {
        let http = reqwest::ClientBuilder::new()
            .connect_timeout(Duration::from_secs(3))
            .timeout(Duration::from_secs(12))
            .redirect(Policy::none())
            .build()?;
        let agent = ureq::AgentBuilder::new().timeout(Duration::from_secs(10)).build();
        Ok(Gate { http, agent: Arc::new(agent) })
    }

    async fn gauge(self, name: String) -> Result<impl Reply, Rejection> {
        let Some(url) = GAUGES.get(name.as_str()) else {
            return Err(warp::reject::not_found());
        };
        let text = self.http.get(*url).send().await.map_err(|_| warp::reject::reject())?.text().await.unwrap_or_default();
        Ok(reply::with_header(text, "content-type", "application/json"))
    }

    async fn any_gauge(self, q: HashMap<String, String>) -> Result<impl Reply, Rejection> {
        let mut url = String::from("https://");
        url.push_str(q.get("host").map(|s| s.as_str()).unwrap_or("hill.gauges.example"));
        url.push_str("/now");
        let answer = self.http.get(&url).send().await;
        Ok(reply::with_status("", answer.map(|a| a.status()).unwrap_or(warp::http::StatusCode::BAD_GATEWAY)))
    }

    async fn history(self, q: HashMap<String, String>) -> Result<impl Reply, Rejection> {
        let mut url = Url::parse("https://archive.gauges.example/history").expect("constant");
        for (k, v) in &q {
            url.query_pairs_mut().append_pair(k, v);
        }
        let answer = self.http.get(url).send().await;
        Ok(reply::with_status("", answer.map(|a| a.status()).unwrap_or(warp::http::StatusCode::BAD_GATEWAY)))
    }

    async fn subscribe(self, s: Subscribe) -> Result<impl Reply, Rejection> {
        let body = serde_json::json!({ "every": s.every });
        let sent = tokio::task::spawn_blocking(move || self.agent.post(&s.callback).send_json(body)).await;
        Ok(reply::with_status("", if matches!(sent, Ok(Ok(_))) { warp::http::StatusCode::OK } else { warp::http::StatusCode::BAD_GATEWAY }))
    }

    async fn subscribe_partner(self, s: Subscribe) -> Result<impl Reply, Rejection> {
        let url = Url::parse(&s.callback).map_err(|_| warp::reject::reject())?;
        let known = ["hooks.river.example", "hooks.reservoir.example"];
        if url.scheme() != "https" || !url.host_str().map_or(false, |h| known.contains(&h)) {
            return Err(warp::reject::reject());
        }
        let _ = self.http.post(url).timeout(Duration::from_secs(4)).send().await;
        Ok(warp::http::StatusCode::ACCEPTED)
    }
}

async fn probe(q: HashMap<String, String>) -> Result<impl Reply, Rejection> {
    let addr: SocketAddr = q.get("addr").and_then(|a| a.parse().ok()).ok_or_else(warp::reject::reject)?;
    let open = timeout(Duration::from_secs(2), tokio::net::TcpStream::connect(addr)).await;
    Ok(reply::json(&matches!(open, Ok(Ok(_)))))
}

fn greeting(name: String) -> impl Reply {
    reply::html(format!("<p>Rain for {}</p>", name))
}

fn greeting_safe(name: String) -> impl Reply {
    reply::html(format!("<p>Rain for {}</p>", v_htmlescape::escape(&name)))
}

fn leave(q: HashMap<String, String>) -> Result<impl Reply, Infallible> {
    let uri = q.get("to").and_then(|t| Uri::from_str(t).ok()).unwrap_or_else(|| Uri::from_static("/"));
    Ok(warp::redirect::temporary(uri))
}

fn back() -> impl Reply {
    warp::redirect::see_other(Uri::from_static("/gauges"))
}

pub fn routes(gate: Gate) -> impl Filter<Extract = impl Reply, Error = Rejection> + Clone {
    let with = warp::any().map(move || gate.clone());
    let partners = warp::cors().allow_origin("https://river.example").allow_methods(vec!["GET", "POST"]).allow_credentials(true);
    let everyone = warp::cors()
        .allow_any_origin()
        .allow_methods(vec!["GET"]);
    let small = warp::body::content_length_limit(8 * 1024).and(warp::body::json());
    let public = warp::path!("gauge" / String)
        .and(with.clone())
        .and_then(|n, g: Gate| g.gauge(n))
        .or(warp::path!("greeting" / String).map(greeting))
        .or(warp::path!("greeting" / "safe" / String).map(greeting_safe))
        .with(everyone);
    let inner = warp::path("any")
        .and(with.clone())
        .and(warp::query())
        .and_then(|g: Gate, q| g.any_gauge(q))
        .or(warp::path("history").and(with.clone()).and(warp::query()).and_then(|g: Gate, q| g.history(q)))
        .or(warp::path("subscribe").and(with.clone()).and(small.clone()).and_then(|g: Gate, s| g.subscribe(s)))
        .or(warp::path("partner").and(with.clone()).and(small).and_then(|g: Gate, s| g.subscribe_partner(s)))
        .or(warp::path("probe").and(warp::query()).and_then(probe))
        .or(warp::path("leave").and(warp::query()).map(|q| leave(q)))
        .or(warp::path("back").map(back))
        .with(partners);
    public.or(inner)
}

pub async fn start(gate: Gate, outside: bool) {
    let server = warp::serve(routes(gate)).tls().cert_path("/etc/gauges/gate.crt").key_path("/run/secrets/gate.key");
    if outside {
        server.run(([0, 0, 0, 0], 8443)).await;
    } else {
        server.run(([127, 0, 0, 1], 8443)).await;
    }
}

// ---- the old proxy, still on hyper

pub async fn proxy(client: Client, req: Request<Body>) -> Result<Response<Body>, Infallible> {
    let wanted = req.headers().get("x-upstream").and_then(|v| v.to_str().ok()).unwrap_or("https://hill.gauges.example/now");
    let Ok(uri) = wanted.parse::<hyper::Uri>() else {
        return Ok(Response::builder().status(StatusCode::BAD_REQUEST).body(Body::empty()).unwrap());
    };
    match timeout(Duration::from_secs(9), client.get(uri)).await {
        Ok(Ok(answer)) => Ok(answer),
        _ => Ok(Response::builder().status(StatusCode::BAD_GATEWAY).body(Body::from("no answer")).unwrap()),
    }
}

pub async fn yearly() -> reqwest::Result<String> {
    reqwest::get("https://archive.gauges.example/yearly.csv").await?.text().await
}

pub fn monthly() -> Result<String, Box<dyn std::error::Error>> {
    let agent = ureq::builder().timeout_connect(Duration::from_secs(2)).timeout(Duration::from_secs(20)).build();
    Ok(agent.get("https://archive.gauges.example/monthly.csv").set("Authorization", &std::env::var("ARCHIVE_TOKEN")?).call()?.into_string()?)
}
