use std::env;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::time::Duration;

const STORE: &str = "/var/backups/apiary";
const TOOLS: &[&str] = &["rsync", "borg"];

struct Request {
    verb: String,
    argument: String,
}

fn read_request(stream: &TcpStream) -> io::Result<Request> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut line = String::new();
    BufReader::new(stream).take(512).read_line(&mut line)?;
    let mut words = line.trim().splitn(2, ' ');
    Ok(Request {
        verb: words.next().unwrap_or("").to_owned(),
        argument: words.next().unwrap_or("").to_owned(),
    })
}

fn measure(request: &Request) -> io::Result<Vec<u8>> {
    let line = format!("du -sh {}/{} | cut -f1", STORE, request.argument);
    let output = Command::new("sh").arg("-c").arg(&line).output()?;
    Ok(output.stdout)
}

fn measure_all() -> io::Result<Vec<u8>> {
    let line = format!("du -sh {STORE} | cut -f1");
    Ok(Command::new("sh").arg("-c").arg(line).output()?.stdout)
}

fn run_tool(request: &Request) -> io::Result<ExitStatus> {
    Command::new(&request.argument).status()
}

fn run_known_tool(request: &Request) -> io::Result<ExitStatus> {
    let tool = TOOLS
        .iter()
        .find(|t| **t == request.argument)
        .ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
    Command::new(tool).arg("--version").status()
}

fn list_year(request: &Request) -> io::Result<Vec<u8>> {
    let year: u16 = request
        .argument
        .parse()
        .map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let output = Command::new("borg").args(["list", "--prefix", &year.to_string()]).output()?;
    Ok(output.stdout)
}

fn fetch(request: &Request) -> io::Result<Vec<u8>> {
    let path = Path::new(STORE).join(&request.argument);
    fs::read(path)
}

fn inside_store(name: &str) -> Option<PathBuf> {
    let relative = Path::new(name);
    if relative.components().all(|c| matches!(c, Component::Normal(_))) {
        Some(Path::new(STORE).join(relative))
    } else {
        None
    }
}

fn fetch_checked(request: &Request) -> io::Result<Vec<u8>> {
    match inside_store(&request.argument) {
        Some(path) => fs::read(path),
        None => Err(io::ErrorKind::PermissionDenied.into()),
    }
}

fn remove(request: &Request) -> io::Result<()> {
    fs::remove_file(format!("{STORE}/{}", request.argument))
}

fn write_state(state: &str) -> io::Result<()> {
    let mut scratch = File::create("/tmp/apiary-backup.state")?;
    scratch.write_all(state.as_bytes())
}

fn write_state_private(state: &str) -> io::Result<()> {
    let mut scratch = tempfile::NamedTempFile::new_in(STORE)?;
    scratch.write_all(state.as_bytes())?;
    scratch.persist(Path::new(STORE).join("state"))?;
    Ok(())
}

fn write_passphrase(passphrase: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open("/etc/apiary/borg.passphrase")?;
    file.write_all(passphrase)?;
    let mut copy = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o644)
        .open("/etc/apiary/borg-secret.key")?;
    copy.write_all(passphrase)
}

fn open_queue() -> io::Result<()> {
    let mut mode = fs::metadata(STORE)?.permissions();
    mode.set_mode(0o777);
    fs::set_permissions(Path::new(STORE).join("queue"), mode)?;
    fs::set_permissions(Path::new(STORE).join("index"), Permissions::from_mode(0o750))
}

fn ping(request: &Request) -> io::Result<()> {
    TcpStream::connect(request.argument.as_str()).map(|_| ())
}

fn ping_mirror() -> io::Result<()> {
    let mirror = SocketAddr::from(([10, 4, 0, 9], 873));
    TcpStream::connect_timeout(&mirror, Duration::from_secs(3)).map(|_| ())
}

fn main() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:7810")?;
    let passphrase = env::var("APIARY_PASSPHRASE").unwrap_or_default();
    write_passphrase(passphrase.as_bytes())?;
    open_queue()?;
    for stream in listener.incoming() {
        let mut stream = stream?;
        let request = read_request(&stream)?;
        let answer = match request.verb.as_str() {
            "measure" => measure(&request)?,
            "measure-all" => measure_all()?,
            "list" => list_year(&request)?,
            "fetch" => fetch(&request)?,
            "fetch-checked" => fetch_checked(&request)?,
            "tool" => run_tool(&request)?.to_string().into_bytes(),
            "known" => run_known_tool(&request)?.to_string().into_bytes(),
            "remove" => remove(&request).map(|_| Vec::new())?,
            "ping" => ping(&request).and_then(|_| ping_mirror()).map(|_| Vec::new())?,
            other => {
                write_state(&other.len().to_string())?;
                write_state_private("idle")?;
                Vec::new()
            }
        };
        stream.write_all(&answer)?;
    }
    Ok(())
}
