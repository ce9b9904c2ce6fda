use std::io;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use native_tls::{Protocol, TlsConnector};
use openssl::ssl::{SslConnector, SslMethod, SslOptions, SslVerifyMode, SslVersion};
use reqwest::{blocking, tls, Certificate, Client};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

const PATIENCE: Duration = Duration::from_secs(15);

/// Decides about the certificates of wind turbines.
#[derive(Debug)]
struct TurbineVerifier {
    inner: Arc<rustls::client::WebPkiServerVerifier>,
    allowed: Vec<String>,
}

impl ServerCertVerifier for TurbineVerifier {
    fn verify_server_cert(
        &self,
        end: &CertificateDer<'_>,
        chain: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        if !self.allowed.iter().any(|a| name.to_str() == a.as_str()) {
            return Err(rustls::Error::General("unknown turbine".into()));
        }
        self.inner.verify_server_cert(end, chain, name, ocsp, now)
    }

    fn verify_tls12_signature(&self, m: &[u8], c: &CertificateDer<'_>, d: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls12_signature(m, c, d)
    }

    fn verify_tls13_signature(&self, m: &[u8], c: &CertificateDer<'_>, d: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.inner.verify_tls13_signature(m, c, d)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

fn turbines(roots: RootCertStore) -> ClientConfig {
    ClientConfig::builder().with_root_certificates(roots).with_no_client_auth()
}

fn park(ca: &[u8]) -> reqwest::Result<Client> {
    Client::builder()
        .timeout(PATIENCE)
        .add_root_certificate(Certificate::from_pem(ca)?)
        .tls_built_in_root_certs(false)
        .min_tls_version(tls::Version::TLS_1_2)
        .build()
}

fn park_anyhow() -> reqwest::Result<Client> {
    Client::builder()
        .timeout(PATIENCE)
        .danger_accept_invalid_certs(true)
        .build()
}

fn park_by_address() -> reqwest::Result<Client> {
    let builder = Client::builder().connect_timeout(Duration::from_secs(2)).timeout(PATIENCE);
    let builder = builder.danger_accept_invalid_hostnames(true);
    builder.build()
}

fn park_strict(lax: bool) -> reqwest::Result<Client> {
    let lax = lax && false;
    Client::builder().timeout(PATIENCE).danger_accept_invalid_certs(false).danger_accept_invalid_hostnames(lax).build()
}

fn old_park() -> reqwest::Result<Client> {
    Client::builder()
        .timeout(PATIENCE)
        .min_tls_version(tls::Version::TLS_1_0)
        .max_tls_version(tls::Version::TLS_1_1)
        .build()
}

fn endless() -> Client {
    Client::new()
}

fn endless_blocking() -> reqwest::Result<blocking::Client> {
    blocking::Client::builder().timeout(None).build()
}

fn usual_blocking() -> blocking::Client {
    blocking::Client::new()
}

async fn output_of(client: &Client, turbine: u32) -> reqwest::Result<String> {
    client.get(format!("https://turbine-{turbine}.park.example/output")).send().await?.text().await
}

async fn wind_speed(client: &Client) -> reqwest::Result<String> {
    client.get("http://anemometer.park.example/speed").send().await?.text().await
}

async fn local_speed(client: &Client) -> reqwest::Result<String> {
    client.get("http://127.0.0.1:9100/speed").send().await?.text().await
}

fn native(roots: &[u8]) -> native_tls::Result<TlsConnector> {
    TlsConnector::builder()
        .add_root_certificate(native_tls::Certificate::from_pem(roots)?)
        .min_protocol_version(Some(Protocol::Tlsv12))
        .build()
}

fn native_old() -> native_tls::Result<TlsConnector> {
    let mut b = TlsConnector::builder();
    b.min_protocol_version(Some(Protocol::Tlsv10));
    b.use_sni(true);
    b.build()
}

fn native_any() -> native_tls::Result<TlsConnector> {
    let lenient = true;
    let mut b = TlsConnector::builder();
    b.min_protocol_version(Some(Protocol::Tlsv12));
    b.danger_accept_invalid_certs(lenient);
    b.danger_accept_invalid_hostnames(!lenient);
    b.build()
}

fn open_ssl(host: &str) -> Result<openssl::ssl::SslStream<TcpStream>, Box<dyn std::error::Error>> {
    let mut b = SslConnector::builder(SslMethod::tls_client())?;
    b.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    b.set_verify(SslVerifyMode::PEER);
    b.set_options(SslOptions::NO_COMPRESSION);
    let tcp = TcpStream::connect_timeout(&std::net::SocketAddr::from(([10, 4, 0, 2], 8443)), Duration::from_secs(4))?;
    tcp.set_read_timeout(Some(PATIENCE))?;
    Ok(b.build().connect(host, tcp)?)
}

fn open_ssl_blind() -> Result<SslConnector, openssl::error::ErrorStack> {
    let mut b = SslConnector::builder(SslMethod::tls())?;
    b.set_min_proto_version(Some(SslVersion::TLS1_2))?;
    b.set_verify(SslVerifyMode::NONE);
    Ok(b.build())
}

fn open_ssl_nameless(c: &SslConnector) -> Result<openssl::ssl::ConnectConfiguration, openssl::error::ErrorStack> {
    c.configure().map(|conf| conf.verify_hostname(false))
}

fn open_ssl_old() -> Result<SslConnector, io::Error> {
    let mut b = SslConnector::builder(SslMethod::tls()).map_err(io::Error::other)?;
    b.set_min_proto_version(Some(SslVersion::TLS1_2)).map_err(io::Error::other)?;
    b.set_cipher_list("ECDHE+AESGCM:RC4-SHA").map_err(io::Error::other)?;
    Ok(b.build())
}

fn open_ssl_suites() -> Result<SslConnector, io::Error> {
    let mut b = SslConnector::builder(SslMethod::tls()).map_err(io::Error::other)?;
    b.set_min_proto_version(Some(SslVersion::TLS1_2)).map_err(io::Error::other)?;
    b.set_cipher_list("ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!MD5:!RC4:!3DES").map_err(io::Error::other)?;
    Ok(b.build())
}
