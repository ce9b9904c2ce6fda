use std::io::Read;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use isahc::config::{Configurable, RedirectPolicy, SslOption};
use isahc::HttpClient;
use native_tls::{Protocol, TlsConnector};
use openssl::ssl::{SslConnector, SslMethod, SslOptions, SslVerifyMode, SslVersion};
use tiny_http::{Request, Response};
use url::form_urlencoded;

const LIMIT: u64 = 2 << 20;
const SOURCES: &[(&str, &str)] = &[
    ("tides", "https://tides.lighthouse.example/feed"),
    ("ships", "https://ships.lighthouse.example/feed"),
];

type Fault = Box<dyn std::error::Error + Send + Sync>;

fn argument(request: &Request, name: &str) -> Option<String> {
    let query = request.url().split_once('?')?.1;
    form_urlencoded::parse(query.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn agent() -> Result<ureq::Agent, Fault> {
    let connector = TlsConnector::builder().min_protocol_version(Some(Protocol::Tlsv12)).build()?;
    Ok(ureq::AgentBuilder::new()
        .timeout(Duration::from_secs(15))
        .tls_connector(Arc::new(connector))
        .build())
}

fn buoy_agent() -> Result<ureq::Agent, Fault> {
    let connector = TlsConnector::builder()
        .min_protocol_version(Some(Protocol::Tlsv12))
        .danger_accept_invalid_certs(true)
        .build()?;
    let builder = ureq::AgentBuilder::new().timeout(Duration::from_secs(15));
    Ok(builder.tls_connector(Arc::new(connector)).build())
}

fn foghorn_connector() -> Result<TlsConnector, native_tls::Error> {
    let mut builder = TlsConnector::builder();
    builder.min_protocol_version(Some(Protocol::Tlsv10));
    builder.danger_accept_invalid_hostnames(true);
    builder.use_sni(true);
    builder.build()
}

fn ship_client() -> Result<HttpClient, isahc::Error> {
    HttpClient::builder()
        .timeout(Duration::from_secs(12))
        .redirect_policy(RedirectPolicy::Limit(3))
        .ssl_options(SslOption::NONE)
        .build()
}

fn wharf_client() -> Result<HttpClient, isahc::Error> {
    HttpClient::builder()
        .timeout(Duration::from_secs(12))
        .ssl_options(SslOption::DANGER_ACCEPT_INVALID_CERTS | SslOption::DANGER_ACCEPT_REVOKED_CERTS)
        .build()
}

fn lamp_connector() -> Result<SslConnector, openssl::error::ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    builder.set_verify(SslVerifyMode::PEER);
    builder.set_options(SslOptions::NO_SSLV2 | SslOptions::NO_SSLV3 | SslOptions::NO_COMPRESSION);
    Ok(builder.build())
}

fn bell_connector() -> Result<SslConnector, openssl::error::ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1))?;
    builder.set_verify(SslVerifyMode::NONE);
    builder.set_cipher_list("HIGH:RC4-SHA:!aNULL")?;
    Ok(builder.build())
}

fn buoy_connector() -> Result<SslConnector, openssl::error::ErrorStack> {
    let mut builder = SslConnector::builder(SslMethod::tls_client())?;
    builder.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    builder.set_cipher_list("ECDHE+AESGCM:!RC4:!3DES:!aNULL:!eNULL:!MD5")?;
    Ok(builder.build())
}

fn keeper_log(connector: &SslConnector) -> Result<String, Fault> {
    let address = "10.1.7.4:6443".parse()?;
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(4))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut tls = connector.configure()?.verify_hostname(false).connect("keeper.lighthouse.example", stream)?;
    let mut text = String::new();
    tls.read_to_string(&mut text)?;
    Ok(text)
}

fn fetch(agent: &ureq::Agent, request: &Request) -> Result<String, Fault> {
    let target = argument(request, "feed").ok_or("feed is missing")?;
    let response = agent.get(&target).call()?;
    let mut text = String::new();
    response.into_reader().take(LIMIT).read_to_string(&mut text)?;
    Ok(text)
}

fn fetch_named(agent: &ureq::Agent, request: &Request) -> Result<String, Fault> {
    let name = argument(request, "feed").ok_or("feed is missing")?;
    let (_, target) = SOURCES.iter().find(|(known, _)| *known == name).ok_or("feed is not known")?;
    let mut text = String::new();
    agent.get(target).call()?.into_reader().take(LIMIT).read_to_string(&mut text)?;
    Ok(text)
}

fn fetch_ship(client: &HttpClient, request: &Request) -> Result<u16, Fault> {
    let host = argument(request, "host").unwrap_or_default();
    let response = client.get(format!("https://{host}/position"))?;
    Ok(response.status().as_u16())
}

fn fetch_ship_number(client: &HttpClient, request: &Request) -> Result<u16, Fault> {
    let number: u32 = argument(request, "imo").unwrap_or_default().parse()?;
    let response = client.get(format!("https://ships.lighthouse.example/{number}/position"))?;
    Ok(response.status().as_u16())
}

fn main() -> Result<(), Fault> {
    let (agent, buoys, ships, wharf) = (agent()?, buoy_agent()?, ship_client()?, wharf_client()?);
    let connectors = [lamp_connector()?, bell_connector()?, buoy_connector()?];
    foghorn_connector()?;
    let server = tiny_http::Server::http("127.0.0.1:7900")?;
    for request in server.incoming_requests() {
        let path = request.url().split('?').next().unwrap_or("/").to_owned();
        let answer = match path.as_str() {
            "/fetch" => fetch(&agent, &request),
            "/buoy" => fetch_named(&buoys, &request),
            "/ship" => fetch_ship(&ships, &request).map(|code| code.to_string()),
            "/wharf" => fetch_ship_number(&wharf, &request).map(|code| code.to_string()),
            _ => keeper_log(&connectors[0]),
        };
        match answer {
            Ok(text) => request.respond(Response::from_string(text))?,
            Err(_) => request.respond(Response::from_string("no feed").with_status_code(502))?,
        }
    }
    Ok(())
}
