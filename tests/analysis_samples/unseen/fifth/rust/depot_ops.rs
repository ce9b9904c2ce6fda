//! Connections of a railway depot's night shift.

use std::collections::HashMap;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::Query;
use ldap3::{ldap_escape, LdapConn, LdapConnSettings, Scope};
use lettre::message::{header::ContentType, Mailbox, Message};
use lettre::transport::smtp::{authentication::Credentials, client::Tls, client::TlsParameters};
use lettre::SmtpTransport;
use rdkafka::config::ClientConfig;
use rdkafka::producer::FutureProducer;
use russh::client;
use ssh2::{CheckResult, KnownHostFileKind, Session};
use suppaftp::{FtpStream, NativeTlsConnector, NativeTlsFtpStream};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::Request;

use crate::proto::{engines_client::EnginesClient, EngineRequest, EngineState};

type Fault = Box<dyn std::error::Error + Send + Sync>;

// ---- gRPC

pub async fn engines(ca: &[u8]) -> Result<EnginesClient<Channel>, Fault> {
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(ca)).domain_name("engines.depot.example");
    let channel = Channel::from_static("https://engines.depot.example:8443")
        .tls_config(tls)?
        .connect_timeout(Duration::from_secs(3))
        .timeout(Duration::from_secs(10))
        .connect()
        .await?;
    Ok(EnginesClient::new(channel))
}

pub async fn yard_engines() -> Result<EnginesClient<Channel>, Fault> {
    let channel = Endpoint::from_static("http://yard.depot.example:8080").timeout(Duration::from_secs(10)).connect().await?;
    Ok(EnginesClient::new(channel))
}

pub async fn state(c: &mut EnginesClient<Channel>, number: u32) -> Result<EngineState, tonic::Status> {
    let mut req = Request::new(EngineRequest { number });
    req.set_timeout(Duration::from_secs(4));
    c.state(req).await.map(|r| r.into_inner())
}

// ---- Kafka

pub fn events() -> Result<FutureProducer, Fault> {
    Ok(ClientConfig::new()
        .set("bootstrap.servers", "kafka.depot.example:9093")
        .set("security.protocol", "SASL_SSL")
        .set("sasl.username", "depot")
        .set("sasl.password", std::env::var("KAFKA_PASSWORD")?)
        .set("ssl.endpoint.identification.algorithm", "https")
        .set("acks", "all")
        .create()?)
}

pub fn yard_events() -> Result<FutureProducer, Fault> {
    let mut c = ClientConfig::new();
    c.set("bootstrap.servers", "kafka.yard.example:9092");
    c.set("security.protocol", "PLAINTEXT");
    c.set("acks", "0");
    Ok(c.create()?)
}

pub fn blind_events() -> Result<FutureProducer, Fault> {
    Ok(ClientConfig::from_iter([
        ("bootstrap.servers", "kafka.shed.example:9093"),
        ("security.protocol", "ssl"),
        ("enable.ssl.certificate.verification", "false"),
        ("acks", "-1"),
    ])
    .create()?)
}

// ---- shells

pub struct Shell {
    known: Arc<HashMap<String, russh_keys::key::PublicKey>>,
    host: String,
}

#[async_trait::async_trait]
impl client::Handler for Shell {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &russh_keys::key::PublicKey) -> Result<bool, Self::Error> {
        Ok(self.known.get(&self.host) == Some(key))
    }
}

pub struct HastyShell;

#[async_trait::async_trait]
impl client::Handler for HastyShell {
    type Error = russh::Error;

    async fn check_server_key(&mut self, _key: &russh_keys::key::PublicKey) -> Result<bool, Self::Error> { Ok(true) }
}

pub fn signal_box(host: &str) -> Result<Session, Fault> {
    let tcp = TcpStream::connect_timeout(&std::net::SocketAddr::from(([10, 8, 0, 4], 22)), Duration::from_secs(3))?;
    let mut s = Session::new()?;
    s.set_timeout(8000);
    s.set_tcp_stream(tcp);
    s.handshake()?;
    let mut known = s.known_hosts()?;
    known.read_file("/etc/depot/known_hosts".as_ref(), KnownHostFileKind::OpenSSH)?;
    let (key, _) = s.host_key().ok_or("no host key")?;
    match known.check(host, key) {
        CheckResult::Match => {}
        _ => return Err("unknown host key".into()),
    }
    s.userauth_pubkey_file("shift", None, "/run/secrets/shift_id".as_ref(), None)?;
    Ok(s)
}

pub fn points(s: &Session) -> Result<(), Fault> {
    s.userauth_password("points", "Switch-Blade-0617!")?;
    Ok(())
}

pub fn run_on(s: &Session, Query(q): Query<HashMap<String, String>>) -> Result<(), Fault> {
    let mut ch = s.channel_session()?;
    ch.exec(&format!("points set {}", q.get("track").ok_or("track")?))?;
    Ok(())
}

pub fn run_number(s: &Session, Query(q): Query<HashMap<String, u8>>) -> Result<(), Fault> {
    let track = q.get("track").copied().unwrap_or_default();
    let mut ch = s.channel_session()?;
    ch.exec(&format!("points set {track}"))?;
    Ok(())
}

// ---- the directory

fn directory(url: &str) -> Result<LdapConn, Fault> {
    let settings = LdapConnSettings::new().set_conn_timeout(Duration::from_secs(3));
    Ok(LdapConn::with_settings(settings, url)?)
}

pub fn shift_directory() -> Result<LdapConn, Fault> {
    directory("ldaps://dir.depot.example")
}

pub fn lenient_directory() -> Result<LdapConn, Fault> {
    let settings = LdapConnSettings::new()
        .set_conn_timeout(Duration::from_secs(3))
        .set_no_tls_verify(true);
    Ok(LdapConn::with_settings(settings, "ldaps://dir-old.depot.example")?)
}

pub fn driver(ldap: &mut LdapConn, Query(q): Query<HashMap<String, String>>) -> Result<usize, Fault> {
    let name = q.get("name").map(String::as_str).unwrap_or("");
    Ok(ldap.search("ou=drivers,dc=depot", Scope::Subtree, &format!("(cn=*{name}*)"), vec!["cn"])?.success()?.0.len())
}

pub fn driver_escaped(ldap: &mut LdapConn, Query(q): Query<HashMap<String, String>>) -> Result<usize, Fault> {
    let name = ldap_escape(q.get("name").cloned().unwrap_or_default());
    Ok(ldap.search("ou=drivers,dc=depot", Scope::Subtree, &format!("(cn=*{name}*)"), vec!["cn"])?.success()?.0.len())
}

// ---- mail and files

pub fn mailer(user: String, password: String) -> Result<SmtpTransport, Fault> {
    Ok(SmtpTransport::relay("mail.depot.example")?.credentials(Credentials::new(user, password)).timeout(Some(Duration::from_secs(9))).build())
}

pub fn lenient_mailer(user: String, password: String) -> Result<SmtpTransport, Fault> {
    let tls = TlsParameters::builder("mail-old.depot.example".into())
        .dangerous_accept_invalid_certs(true)
        .build()?;
    Ok(SmtpTransport::relay("mail-old.depot.example")?.tls(Tls::Wrapper(tls)).credentials(Credentials::new(user, password)).build())
}

pub fn morning_mail(to: Mailbox, text: String) -> Result<Message, Fault> {
    Ok(Message::builder().from("night@depot.example".parse()?).to(to).subject("Night shift").header(ContentType::TEXT_PLAIN).body(text)?)
}

pub fn plans() -> Result<NativeTlsFtpStream, Fault> {
    let tls = NativeTlsConnector::from(suppaftp::native_tls::TlsConnector::builder().min_protocol_version(Some(suppaftp::native_tls::Protocol::Tlsv12)).build()?);
    let plain = NativeTlsFtpStream::connect_timeout(([10, 8, 0, 9], 21).into(), Duration::from_secs(4))?;
    Ok(plain.into_secure(tls, "plans.depot.example")?)
}

pub fn old_plans() -> Result<FtpStream, Fault> {
    Ok(FtpStream::connect_timeout(([10, 8, 0, 10], 21).into(), Duration::from_secs(4))?)
}
