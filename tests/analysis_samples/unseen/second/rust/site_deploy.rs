use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{anyhow, bail, Context, Result};
use duct::cmd;
use flate2::read::GzDecoder;
use poem::web::Query;
use serde::Deserialize;
use ssh2::{CheckResult, KnownHostFileKind, Session};
use suppaftp::{native_tls::TlsConnector, FtpStream, NativeTlsConnector, NativeTlsFtpStream};
use tar::Archive;
use tokio::process::Command;
use zip::ZipArchive;

const TARGET: &str = "/srv/orchid/site";
const USER: &str = "deploy";

#[derive(Deserialize)]
pub struct Job {
    branch: String,
    site: String,
    build: u32,
}

fn session(host: &str) -> Result<Session> {
    let address = format!("{host}:22").parse()?;
    let stream = TcpStream::connect_timeout(&address, Duration::from_secs(5))?;
    let mut session = Session::new()?;
    session.set_timeout(20_000);
    session.set_tcp_stream(stream);
    session.handshake()?;
    Ok(session)
}

fn trusted(host: &str) -> Result<Session> {
    let session = session(host)?;
    let mut hosts = session.known_hosts()?;
    hosts.read_file(Path::new("/etc/orchid/known_hosts"), KnownHostFileKind::OpenSSH)?;
    let (key, _) = session.host_key().ok_or_else(|| anyhow!("no host key"))?;
    if !matches!(hosts.check(host, key), CheckResult::Match) {
        bail!("{host} is a stranger");
    }
    let key = PathBuf::from(std::env::var("ORCHID_SSH_KEY")?);
    session.userauth_pubkey_file(USER, None, &key, None)?;
    Ok(session)
}

fn unpack_tar(bundle: &Path) -> Result<()> {
    let mut archive = Archive::new(GzDecoder::new(File::open(bundle)?));
    archive.set_preserve_permissions(false);
    archive.unpack(TARGET).context("bundle is not usable")
}

fn unpack_tar_raw(bundle: &Path) -> Result<()> {
    let mut archive = Archive::new(File::open(bundle)?);
    for entry in archive.entries()? {
        let mut entry = entry?;
        let name = entry.path()?.to_string_lossy().into_owned();
        let mut out = File::create(format!("{TARGET}/{name}"))?;
        io::copy(&mut entry, &mut out)?;
    }
    Ok(())
}

fn unpack_zip(bundle: &Path) -> Result<()> {
    let mut archive = ZipArchive::new(File::open(bundle)?)?;
    for index in 0..archive.len() {
        let mut member = archive.by_index(index)?;
        if member.is_dir() {
            continue;
        }
        let target = Path::new(TARGET).join(member.name());
        let mut out = File::create(&target)?;
        io::copy(&mut member, &mut out)?;
    }
    Ok(())
}

fn unpack_zip_enclosed(bundle: &Path) -> Result<()> {
    let mut archive = ZipArchive::new(File::open(bundle)?)?;
    for index in 0..archive.len() {
        let mut member = archive.by_index(index)?;
        let Some(inner) = member.enclosed_name() else {
            bail!("member {index} leaves the bundle");
        };
        let target = Path::new(TARGET).join(inner);
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        io::copy(&mut member, &mut File::create(&target)?)?;
    }
    Ok(())
}

fn mirror_plain(bundle: &mut File) -> Result<()> {
    let address = "10.8.0.3:21".parse()?;
    let mut ftp = FtpStream::connect_timeout(address, Duration::from_secs(5))?;
    ftp.login(USER, std::env::var("ORCHID_FTP_PASSWORD")?)?;
    ftp.put_file("site.zip", bundle)?;
    Ok(ftp.quit()?)
}

fn mirror(bundle: &mut File) -> Result<()> {
    let address = "10.8.0.4:21".parse()?;
    let plain = NativeTlsFtpStream::connect_timeout(address, Duration::from_secs(5))?;
    let mut ftp = plain.into_secure(NativeTlsConnector::from(TlsConnector::new()?), "mirror.orchid.example")?;
    ftp.login(USER, std::env::var("ORCHID_FTP_PASSWORD")?)?;
    ftp.put_file("site.zip", bundle)?;
    Ok(ftp.quit()?)
}

#[poem::handler]
pub async fn checkout(Query(job): Query<Job>) -> poem::Result<String> {
    let script = format!("cd {TARGET} && git fetch && git reset --hard origin/{}", job.branch);
    let done = Command::new("bash").arg("-c").arg(script).status().await;
    Ok(done.is_ok_and(|s| s.success()).to_string())
}

#[poem::handler]
pub async fn build(Query(job): Query<Job>) -> poem::Result<String> {
    let number = job.build.to_string();
    let done = Command::new("make").arg("site").env("BUILD_NUMBER", number).current_dir(TARGET).status().await;
    Ok(done.is_ok_and(|s| s.success()).to_string())
}

#[poem::handler]
pub fn hook(Query(job): Query<Job>) -> String {
    let done = cmd!(format!("/srv/orchid/hooks/{}", job.site), "run").stdout_null().run();
    done.is_ok().to_string()
}

#[poem::handler]
pub fn uptime(Query(job): Query<Job>) -> poem::Result<String> {
    let text = trusted("10.8.0.9").and_then(|session| {
        let mut channel = session.channel_session()?;
        channel.exec(&format!("systemctl status site@{}", job.site))?;
        let mut text = String::new();
        channel.read_to_string(&mut text)?;
        Ok(text)
    });
    Ok(text.unwrap_or_default())
}

pub fn release(bundle: &Path, kind: &str) -> Result<()> {
    match kind {
        "tgz" => unpack_tar(bundle)?,
        "tar" => unpack_tar_raw(bundle)?,
        "zip" => unpack_zip(bundle)?,
        _ => unpack_zip_enclosed(bundle)?,
    }
    let mut file = File::open(bundle)?;
    mirror_plain(&mut file).and_then(|_| mirror(&mut file))?;
    io::stdout().write_all(b"released\n").context("stdout")
}
