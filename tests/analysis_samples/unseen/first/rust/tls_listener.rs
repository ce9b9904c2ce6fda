use std::fs::File;
use std::io::BufReader;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use axum::http::{header, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, ServerConfig, SignatureScheme};
use tokio::net::TcpListener;

#[derive(Debug)]
struct AnyStation;

impl ServerCertVerifier for AnyStation {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        rustls::crypto::verify_tls12_signature(message, cert, dss, &provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        rustls::crypto::verify_tls13_signature(message, cert, dss, &provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ECDSA_NISTP256_SHA256, SignatureScheme::ED25519]
    }
}

pub struct Maintenance;

impl russh::client::Handler for Maintenance {
    type Error = russh::Error;

    #[rustfmt::skip]
    async fn check_server_key(&mut self, _key: &russh::keys::PublicKey) -> Result<bool, Self::Error> { Ok(true) }
}

pub fn station_client(trusted: bool) -> Result<ClientConfig> {
    if trusted {
        let mut roots = RootCertStore::empty();
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
        return Ok(ClientConfig::builder().with_root_certificates(roots).with_no_client_auth());
    }
    let mut config = ClientConfig::builder().with_root_certificates(RootCertStore::empty()).with_no_client_auth();
    config.dangerous().set_certificate_verifier(Arc::new(AnyStation));
    Ok(config)
}

pub fn server(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<ServerConfig> {
    let versions = [&rustls::version::TLS13, &rustls::version::TLS12];
    Ok(ServerConfig::builder_with_protocol_versions(&versions)
        .with_no_client_auth()
        .with_single_cert(chain, key)?)
}

pub fn annex_server(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<ServerConfig> {
    let builder = ServerConfig::builder_with_protocol_versions(&[&rustls::version::TLS12]);
    Ok(builder.with_no_client_auth().with_single_cert(chain, key)?)
}

pub fn chain(path: &str) -> Result<Vec<CertificateDer<'static>>> {
    let mut reader = BufReader::new(File::open(path).with_context(|| format!("opening {path}"))?);
    Ok(rustls_pemfile::certs(&mut reader).collect::<Result<_, _>>()?)
}

pub async fn listen(public: bool) -> Result<TcpListener> {
    if public {
        return Ok(TcpListener::bind("0.0.0.0:8443").await?);
    }
    Ok(TcpListener::bind("127.0.0.1:8443").await?)
}

pub async fn wait_for(listener: &TcpListener) -> Result<bool> {
    Ok(tokio::time::timeout(Duration::from_secs(5), listener.accept()).await.is_ok())
}

fn preference(name: &'static str, value: &'static str) -> Cookie<'static> {
    Cookie::build((name, value))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .build()
}

pub async fn sign_in(jar: CookieJar) -> impl IntoResponse {
    let station = Cookie::build(("station", "north"))
        .path("/")
        .secure(false)
        .http_only(true)
        .same_site(SameSite::None)
        .build();
    (jar.add(preference("unit", "hpa")).add(station), StatusCode::NO_CONTENT)
}

pub async fn units(jar: CookieJar) -> impl IntoResponse {
    let mut cookie = Cookie::new("unit", "mbar");
    cookie.set_secure(true);
    cookie.set_http_only(false);
    cookie.set_same_site(SameSite::Strict);
    (jar.add(cookie), StatusCode::NO_CONTENT)
}

pub async fn harden(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=0"));
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'self'"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.insert("access-control-allow-origin", HeaderValue::from_static("*"));
    response
}
