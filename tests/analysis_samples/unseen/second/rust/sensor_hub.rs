use std::collections::HashMap;
use std::time::Duration;

use async_nats::jetstream::stream::{Config as StreamConfig, StorageType};
use axum::{extract::Query, http::HeaderValue, routing::get, Json, Router};
use ldap3::{ldap_escape, LdapConnAsync, LdapConnSettings, Scope, SearchEntry};
use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Tls, TlsParameters};
use lettre::{Message, SmtpTransport, Transport};
use rdkafka::config::ClientConfig;
use rdkafka::producer::FutureProducer;
use serde::Deserialize;
use sxd_xpath::{Context, Factory, Value};
use tonic::transport::{Channel, ClientTlsConfig, Endpoint};
use tower_http::cors::{AllowOrigin, Any, CorsLayer};

use crate::pb::readings_client::ReadingsClient;

const BASE: &str = "ou=owners,dc=hub,dc=example";

#[derive(Deserialize)]
struct Settings {
    interval: u64,
    name: String,
}

pub fn settings(text: &str) -> Result<(u64, String), serde_yaml::Error> {
    let settings: Settings = serde_yaml::from_str(text)?;
    Ok((settings.interval, settings.name))
}

pub async fn readings() -> Result<ReadingsClient<Channel>, tonic::transport::Error> {
    let channel = Endpoint::from_static("https://readings.hub.example:443")
        .tls_config(ClientTlsConfig::new().with_native_roots())?
        .connect_timeout(Duration::from_secs(4))
        .timeout(Duration::from_secs(10))
        .connect()
        .await?;
    Ok(ReadingsClient::new(channel))
}

pub async fn field_readings() -> Result<ReadingsClient<Channel>, tonic::transport::Error> {
    let endpoint = Endpoint::from_static("http://field.hub.example:50051").timeout(Duration::from_secs(10));
    Ok(ReadingsClient::new(endpoint.connect().await?))
}

pub fn producer() -> Option<FutureProducer> {
    ClientConfig::new()
        .set("bootstrap.servers", "k1.hub.example:9093")
        .set("security.protocol", "ssl")
        .set("ssl.ca.location", "/etc/hub/ca.pem")
        .set("enable.ssl.certificate.verification", "true")
        .set("acks", "all")
        .create()
        .ok()
}

pub fn burst_producer() -> Option<FutureProducer> {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", "k1.hub.example:9092");
    config.set("security.protocol", "plaintext");
    config.set("request.required.acks", "0");
    config.create().ok()
}

pub fn branch_producer() -> Option<FutureProducer> {
    ClientConfig::new()
        .set("bootstrap.servers", "k1.branch.example:9093")
        .set("security.protocol", "ssl")
        .set("enable.ssl.certificate.verification", "false")
        .set("ssl.endpoint.identification.algorithm", "https")
        .set("acks", "-1")
        .create()
        .ok()
}

pub fn streams() -> [StreamConfig; 2] {
    let wind = StreamConfig {
        name: "WIND".into(),
        storage: StorageType::File,
        num_replicas: 2,
        ..Default::default()
    };
    let rain = StreamConfig { name: "RAIN".into(), num_replicas: 3, ..Default::default() };
    [wind, rain]
}

pub fn relay() -> Result<SmtpTransport, lettre::transport::smtp::Error> {
    let user = std::env::var("HUB_SMTP_USER").unwrap_or_default();
    let password = std::env::var("HUB_SMTP_PASSWORD").unwrap_or_default();
    Ok(SmtpTransport::relay("smtp.hub.example")?.credentials(Credentials::new(user, password)).build())
}

pub fn plain_relay() -> SmtpTransport {
    SmtpTransport::builder_dangerous("smtp.hub.example").timeout(Some(Duration::from_secs(9))).build()
}

pub fn branch_relay() -> Result<SmtpTransport, lettre::transport::smtp::Error> {
    let tls = TlsParameters::builder("smtp.branch.example".into())
        .dangerous_accept_invalid_certs(true)
        .build()?;
    Ok(SmtpTransport::relay("smtp.branch.example")?.tls(Tls::Required(tls)).build())
}

pub fn alarm(mailer: &SmtpTransport, to: Mailbox, level: f32) -> bool {
    let message = Message::builder()
        .from("hub@hub.example".parse().expect("address"))
        .to(to)
        .subject(format!("Level {level:.1}"))
        .body(String::from("See the board."));
    message.is_ok_and(|m| mailer.send(&m).is_ok())
}

async fn owner(Query(query): Query<HashMap<String, String>>) -> Json<usize> {
    let name = query.get("name").cloned().unwrap_or_default();
    let settings = LdapConnSettings::new().set_conn_timeout(Duration::from_secs(4));
    let Ok((connection, mut ldap)) = LdapConnAsync::with_settings(settings, "ldaps://dir.hub.example").await else {
        return Json(0);
    };
    tokio::spawn(connection.drive());
    let open = ldap.search(BASE, Scope::Subtree, &format!("(cn={name})"), vec!["cn"]).await;
    let safe = ldap.search(BASE, Scope::OneLevel, &format!("(cn={})", ldap_escape(&name)), vec!["cn"]).await;
    let found = open.and_then(|r| r.success()).into_iter().chain(safe.and_then(|r| r.success()));
    Json(found.flat_map(|(entries, _)| entries).map(SearchEntry::construct).count())
}

async fn site(Query(query): Query<HashMap<String, String>>) -> Json<f64> {
    let id = query.get("id").cloned().unwrap_or_default();
    let package = sxd_document::parser::parse(include_str!("sites.xml")).expect("sites");
    let document = package.as_document();
    let open = sxd_xpath::evaluate_xpath(&document, &format!("count(//site[@id='{id}'])"));
    let mut context = Context::new();
    context.set_variable("id", Value::String(id));
    let expression = Factory::new().build("count(//site[@id=$id])").ok().flatten().expect("expression");
    let safe = expression.evaluate(&context, document.root());
    Json(open.map_or(0.0, |v| v.number()) + safe.map_or(0.0, |v| v.number()))
}

pub fn routes() -> Router {
    let open = CorsLayer::new().allow_methods(Any).allow_origin(Any);
    let named = CorsLayer::new()
        .allow_origin(HeaderValue::from_static("https://board.hub.example"))
        .allow_credentials(true);
    let mirrored = CorsLayer::new()
        .allow_origin(AllowOrigin::mirror_request())
        .allow_credentials(true);
    Router::new()
        .route("/site", get(site).layer(open))
        .route("/owner", get(owner).layer(named))
        .route("/owners", get(owner).layer(mirrored))
}
