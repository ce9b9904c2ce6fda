use std::collections::HashMap;
use std::time::Duration;

use anyhow::{bail, Result};
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use reqwest::{tls, Certificate, Client, ClientBuilder, Url};
use serde::Serialize;

const BENCH: bool = false;
const STATUS_URL: &str = "https://probes.reservoir.example/status";
const ALLOWED: [&str; 2] = ["dam.reservoir.example", "weir.reservoir.example"];

#[derive(Serialize)]
struct Level {
    sensor: u32,
    millimetres: i64,
}

pub fn strict() -> Result<Client> {
    let root = Certificate::from_pem(&std::fs::read("/etc/reservoir/ca.pem")?)?;
    // A gauge without a certificate is not a reason for danger_accept_invalid_certs(true).
    let mut builder = Client::builder()
        .add_root_certificate(root)
        .min_tls_version(tls::Version::TLS_1_2)
        .https_only(true)
        .timeout(Duration::from_secs(10));
    if BENCH {
        builder = builder.danger_accept_invalid_certs(true);
    }
    Ok(builder.build()?)
}

pub fn field() -> Result<Client> {
    Ok(Client::builder()
        .danger_accept_invalid_certs(true)
        .timeout(Duration::from_secs(10))
        .build()?)
}

pub fn field_off(strict_mode: bool) -> reqwest::Result<Client> {
    let builder = ClientBuilder::new().timeout(Duration::from_secs(10));
    if strict_mode {
        return builder.danger_accept_invalid_certs(false).build();
    }
    builder.danger_accept_invalid_hostnames(true).build()
}

pub fn old_gateway() -> reqwest::Result<Client> {
    reqwest::Client::builder()
        .min_tls_version(tls::Version::TLS_1_0)
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(20))
        .build()
}

pub fn capped_gateway() -> reqwest::Result<Client> {
    let mut builder = Client::builder().timeout(Duration::from_secs(20));
    builder = builder.max_tls_version(tls::Version::TLS_1_1);
    builder.build()
}

pub fn patient() -> Client {
    Client::new()
}

pub async fn status(client: &Client) -> Result<String> {
    let response = client.get(STATUS_URL).send().await?;
    Ok(response.text().await?)
}

pub async fn legacy_levels(client: &Client) -> Result<String> {
    Ok(client.get("http://legacy.reservoir.example/levels").send().await?.text().await?)
}

pub async fn register(client: &Client, key: &str) -> Result<()> {
    client.post(format!("https://probes.reservoir.example/register?api_key={key}")).send().await?;
    Ok(())
}

pub async fn register_header(client: &Client, key: &str) -> Result<()> {
    client
        .post("https://probes.reservoir.example/register")
        .bearer_auth(key)
        .send()
        .await?
        .error_for_status()?;
    Ok(())
}

pub async fn relay(Query(params): Query<HashMap<String, String>>) -> Result<String, StatusCode> {
    let client = strict().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let target = params.get("url").ok_or(StatusCode::BAD_REQUEST)?;
    let response = client.get(target).send().await;
    response.map_err(|_| StatusCode::BAD_GATEWAY)?.text().await.map_err(|_| StatusCode::BAD_GATEWAY)
}

pub async fn relay_listed(Query(params): Query<HashMap<String, String>>) -> Result<String, StatusCode> {
    let client = strict().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let raw = params.get("url").ok_or(StatusCode::BAD_REQUEST)?;
    let url = Url::parse(raw).map_err(|_| StatusCode::BAD_REQUEST)?;
    match url.host_str() {
        Some(host) if url.scheme() == "https" && ALLOWED.contains(&host) => {}
        _ => return Err(StatusCode::FORBIDDEN),
    }
    let response = client.get(url).send().await;
    response.map_err(|_| StatusCode::BAD_GATEWAY)?.text().await.map_err(|_| StatusCode::BAD_GATEWAY)
}

pub async fn sensor(Path(host): Path<String>) -> Result<String, StatusCode> {
    let url = format!("https://{host}:8443/levels");
    let response = reqwest::get(&url).await;
    response.map_err(|_| StatusCode::BAD_GATEWAY)?.text().await.map_err(|_| StatusCode::BAD_GATEWAY)
}

pub async fn sensor_number(Path(number): Path<u32>) -> Result<String, StatusCode> {
    let client = strict().map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let url = format!("https://probes.reservoir.example/sensors/{number}");
    let response = client.get(&url).send().await;
    response.map_err(|_| StatusCode::BAD_GATEWAY)?.text().await.map_err(|_| StatusCode::BAD_GATEWAY)
}

pub async fn push_until_accepted(client: &Client, level: &Level) -> Result<()> {
    loop {
        let sent = client.post(STATUS_URL).json(level).send().await;
        if matches!(&sent, Ok(r) if r.status().is_success()) {
            return Ok(());
        }
    }
}

pub async fn push(client: &Client, level: &Level) -> Result<()> {
    let mut wait = Duration::from_millis(250);
    for _ in 0..6 {
        let sent = client.post(STATUS_URL).json(level).send().await;
        if matches!(&sent, Ok(r) if r.status().is_success()) {
            return Ok(());
        }
        tokio::time::sleep(wait).await;
        wait *= 2;
    }
    bail!("sensor {} was not accepted at {} mm", level.sensor, level.millimetres)
}
