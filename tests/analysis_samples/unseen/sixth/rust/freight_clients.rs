use std::{env, time::Duration};

use async_nats::jetstream;
use lettre::{transport::smtp::authentication::Credentials, AsyncSmtpTransport, Tokio1Executor};
use native_tls::TlsConnector;
use openssl::ssl::{SslConnector, SslMethod, SslVerifyMode, SslVersion};
use rdkafka::{producer::FutureProducer, ClientConfig};
use reqwest::{tls, Certificate, Client};
use russh::{client, keys::ssh_key::PublicKey};
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgSslMode};
use suppaftp::FtpStream;
use tonic::transport::{Certificate as GrpcCa, Channel, ClientTlsConfig, Endpoint};

type Fallible<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;

const QUOTES: &str = "https://quotes.hanse-freight.example/v3";
const WAYBILL_NS: &str = "http://schemas.hanse-freight.example/waybill";

fn require(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

pub fn quote_client(ca: &[u8]) -> Fallible<Client> {
    Ok(Client::builder()
        .add_root_certificate(Certificate::from_pem(ca)?)
        .min_tls_version(tls::Version::TLS_1_2)
        .danger_accept_invalid_certs(false)
        .timeout(Duration::from_secs(10))
        .build()?)
}

pub fn customs_client() -> Fallible<Client> {
    let builder = Client::builder().timeout(Duration::from_secs(10)).user_agent("hanse/1");
    Ok(builder
        .danger_accept_invalid_certs(true)
        .build()?)
}

pub fn harbour_client() -> Fallible<Client> {
    Ok(Client::builder()
        .timeout(Duration::from_secs(10))
        .danger_accept_invalid_hostnames(true)
        .min_tls_version(tls::Version::TLS_1_0)
        .build()?)
}

pub fn label_client() -> Client {
    Client::new()
}

pub async fn holidays() -> Fallible<String> {
    Ok(reqwest::get("https://calendar.hanse-freight.example/holidays").await?.text().await?)
}

pub async fn quote(client: &Client, grams: u32) -> Fallible<String> {
    let res = client.get(QUOTES).query(&[("grams", grams)]).send().await?.error_for_status()?;
    Ok(res.text().await?)
}

pub async fn berths(client: &Client) -> Fallible<String> {
    Ok(client.get("http://berths.hanse-freight.example/today").send().await?.text().await?)
}

pub fn envelope(body: &str) -> String {
    format!("<w:waybill xmlns:w=\"{WAYBILL_NS}\">{}</w:waybill>", body.len())
}

pub fn gate_tls() -> Fallible<SslConnector> {
    let mut b = SslConnector::builder(SslMethod::tls_client())?;
    b.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    b.set_verify(SslVerifyMode::PEER);
    Ok(b.build())
}

pub fn crane_tls() -> Fallible<SslConnector> {
    let mut b = SslConnector::builder(SslMethod::tls_client())?;
    b.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    b.set_verify(SslVerifyMode::NONE);
    b.set_cipher_list("ECDHE-RSA-AES128-GCM-SHA256:RC4-SHA")?;
    Ok(b.build())
}

pub fn scale_tls() -> Fallible<TlsConnector> {
    Ok(TlsConnector::builder()
        .min_protocol_version(Some(native_tls::Protocol::Tlsv11))
        .danger_accept_invalid_hostnames(false)
        .build()?)
}

pub fn notices() -> Fallible<AsyncSmtpTransport<Tokio1Executor>> {
    let creds = Credentials::new("notices".into(), require("NOTICES_PASSWORD"));
    Ok(AsyncSmtpTransport::<Tokio1Executor>::relay("mail.hanse-freight.example")?
        .credentials(creds)
        .timeout(Some(Duration::from_secs(20)))
        .build())
}

pub fn dispatch_mail() -> AsyncSmtpTransport<Tokio1Executor> {
    AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("smtp.dispatch.example")
        .port(25)
        .timeout(Some(Duration::from_secs(20)))
        .build()
}

pub async fn ledger() -> Fallible<PgPool> {
    let opts = PgConnectOptions::new()
        .host("ledger.internal")
        .username("freight")
        .password(&require("LEDGER_PASSWORD"))
        .ssl_mode(PgSslMode::VerifyFull)
        .ssl_root_cert("/etc/freight/ca.pem");
    Ok(PgPoolOptions::new().max_connections(12).acquire_timeout(Duration::from_secs(3)).connect_with(opts).await?)
}

pub async fn archive() -> Fallible<PgPool> {
    let opts = PgConnectOptions::new()
        .host("archive.internal")
        .username("freight")
        .password(&require("ARCHIVE_PASSWORD"))
        .ssl_mode(PgSslMode::Prefer);
    Ok(PgPoolOptions::new().max_connections(4).acquire_timeout(Duration::from_secs(3)).connect_with(opts).await?)
}

pub fn cache() -> redis::RedisResult<redis::Client> {
    redis::Client::open(format!("rediss://freight:{}@cache.internal:6380/0", require("CACHE_PASSWORD")))
}

pub fn rate_cache() -> redis::RedisResult<redis::Client> {
    redis::Client::open(format!("redis://rates:{}@rates-cache.internal:6379/0", require("RATES_PASSWORD")))
}

pub fn events() -> Fallible<FutureProducer> {
    Ok(ClientConfig::new()
        .set("bootstrap.servers", "kafka.internal:9093")
        .set("security.protocol", "ssl")
        .set("acks", "all")
        .create()?)
}

pub fn audit_events() -> Fallible<FutureProducer> {
    Ok(ClientConfig::new()
        .set("bootstrap.servers", "kafka.internal:9092")
        .set("security.protocol", "plaintext")
        .set("acks", "1")
        .create()?)
}

pub fn broker_events() -> Fallible<FutureProducer> {
    Ok(ClientConfig::new()
        .set("bootstrap.servers", "kafka.broker.example:9093")
        .set("security.protocol", "ssl")
        .set("ssl.endpoint.identification.algorithm", "none")
        .set("acks", "-1")
        .create()?)
}

pub async fn depot(ca: &str) -> Fallible<Channel> {
    let tls = ClientTlsConfig::new().ca_certificate(GrpcCa::from_pem(ca)).domain_name("depot.internal");
    Ok(Endpoint::from_static("https://depot.internal:50051")
        .tls_config(tls)?
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(5))
        .connect()
        .await?)
}

pub async fn yard() -> Fallible<Channel> {
    Ok(Endpoint::from_static("http://yard.internal:50051")
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(5))
        .connect()
        .await?)
}

pub async fn streams(js: &jetstream::Context) -> Fallible<()> {
    let base = jetstream::stream::Config { max_messages: 1_000_000, num_replicas: 3, ..Default::default() };
    js.get_or_create_stream(jetstream::stream::Config { name: "SCANS".into(), ..base.clone() }).await?;
    js.get_or_create_stream(jetstream::stream::Config {
        name: "ALERTS".into(),
        num_replicas: 2,
        ..base
    })
    .await?;
    Ok(())
}

pub fn tariffs() -> Fallible<FtpStream> {
    Ok(FtpStream::connect("ftp.tariffs.example:21")?)
}

pub struct PinnedHost(pub PublicKey);
pub struct AnyHost;

impl client::Handler for PinnedHost {
    type Error = russh::Error;
    async fn check_server_key(&mut self, offered: &PublicKey) -> Result<bool, Self::Error> {
        Ok(*offered == self.0)
    }
}

impl client::Handler for AnyHost {
    type Error = russh::Error;
    async fn check_server_key(&mut self, _offered: &PublicKey) -> Result<bool, Self::Error> { Ok(true) }
}
