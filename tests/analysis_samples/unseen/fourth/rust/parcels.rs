use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Component, Path, PathBuf};

use flate2::read::GzDecoder;
use quick_xml::events::Event;
use quick_xml::Reader;
use tar::Archive;
use tempfile::{NamedTempFile, TempDir};
use uuid::Uuid;
use zip::ZipArchive;

const OPEN_TO_ALL: u32 = 0o777;
const OWNER_ONLY: u32 = 0o600;

/// Bundles of photographs which the agency's reporters send in.
pub struct Parcels {
    root: PathBuf,
}

impl Parcels {
    pub fn unzip(&self, bundle: File) -> zip::result::ZipResult<usize> {
        let mut archive = ZipArchive::new(bundle)?;
        for i in 0..archive.len() {
            let mut member = archive.by_index(i)?;
            if member.is_dir() {
                continue;
            }
            let mut out = File::create(self.root.join(member.name()))?;
            io::copy(&mut member, &mut out)?;
        }
        Ok(archive.len())
    }

    pub fn unzip_enclosed(&self, bundle: File) -> zip::result::ZipResult<usize> {
        let mut archive = ZipArchive::new(bundle)?;
        let mut n = 0;
        for i in 0..archive.len() {
            let mut member = archive.by_index(i)?;
            let Some(inside) = member.enclosed_name() else { continue };
            if member.is_dir() {
                continue;
            }
            let mut out = File::create(self.root.join(inside))?;
            io::copy(&mut member, &mut out)?;
            n += 1;
        }
        Ok(n)
    }

    pub fn unzip_all(&self, bundle: File) -> zip::result::ZipResult<()> {
        ZipArchive::new(bundle)?.extract(&self.root)
    }

    pub fn unzip_checked(&self, bundle: File) -> zip::result::ZipResult<()> {
        let mut archive = ZipArchive::new(bundle)?;
        for i in 0..archive.len() {
            let mut member = archive.by_index(i)?;
            let name = PathBuf::from(member.name());
            if !name.components().all(|c| matches!(c, Component::Normal(_))) || member.is_dir() {
                continue;
            }
            let target = self.root.join(name);
            let mut body = Vec::new();
            member.read_to_end(&mut body)?;
            fs::write(target, body)?;
        }
        Ok(())
    }

    pub fn untar(&self, bundle: File) -> io::Result<()> {
        let mut archive = Archive::new(GzDecoder::new(bundle));
        for member in archive.entries()? {
            let mut member = member?;
            let path = member.path()?.into_owned();
            member.unpack(self.root.join(&path))?;
        }
        Ok(())
    }

    pub fn untar_in(&self, bundle: File) -> io::Result<()> {
        let mut archive = Archive::new(GzDecoder::new(bundle));
        for member in archive.entries()? {
            let mut member = member?;
            if !member.unpack_in(&self.root)? {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "member leads outside"));
            }
        }
        Ok(())
    }

    pub fn untar_all(&self, bundle: File) -> io::Result<()> {
        let mut archive = Archive::new(bundle);
        archive.set_overwrite(false);
        archive.unpack(&self.root)
    }

    pub fn names(&self, bundle: File) -> zip::result::ZipResult<Vec<String>> {
        let archive = ZipArchive::new(bundle)?;
        Ok(archive.file_names().map(|n| n.to_uppercase()).collect())
    }

    // ---- work places

    pub fn scratch(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new().prefix("photo").suffix(".jpg").tempfile()
    }

    pub fn scratch_dir(&self) -> io::Result<TempDir> {
        tempfile::tempdir_in(&self.root)
    }

    pub fn scratch_fixed(&self) -> io::Result<File> {
        File::create("/tmp/agency-contact-sheet.jpg")
    }

    pub fn scratch_near(&self) -> io::Result<()> {
        fs::write(std::env::temp_dir().join("agency-captions.txt"), b"captions\n")
    }

    pub fn own_file(&self) -> io::Result<File> {
        let name = format!("{}.part", Uuid::new_v4());
        OpenOptions::new().write(true).create_new(true).mode(OWNER_ONLY).open(self.root.join(name))
    }

    // ---- rights

    pub fn publish(&self, picture: &Path) -> io::Result<()> {
        fs::set_permissions(picture, Permissions::from_mode(0o666))
    }

    pub fn withhold(&self, picture: &Path) -> io::Result<()> {
        let mut rights = fs::metadata(picture)?.permissions();
        rights.set_mode(0o640);
        fs::set_permissions(picture, rights)
    }

    pub fn inbox(&self) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(OPEN_TO_ALL).create(self.root.join("inbox"))
    }

    pub fn outbox(&self) -> io::Result<()> {
        fs::DirBuilder::new().recursive(true).mode(0o750).create(self.root.join("outbox"))
    }

    pub fn keep_key(&self, pem: &[u8]) -> io::Result<()> {
        let mut f = OpenOptions::new().write(true).create(true).truncate(true).mode(OWNER_ONLY).open(self.root.join("agency.key"))?;
        f.write_all(pem)
    }

    pub fn keep_private_key(&self, pem: &[u8]) -> io::Result<()> {
        let mut f = OpenOptions::new().write(true).create_new(true).mode(0o644).open(self.root.join("private_key.pem"))?;
        f.write_all(pem)
    }

    pub fn relax(&self) {
        unsafe {
            libc::umask(0);
        }
    }

    pub fn tighten(&self) {
        unsafe {
            libc::umask(0o077);
        }
    }

    // ---- captions

    pub fn captions(&self, xml: &str) -> Result<Vec<String>, quick_xml::Error> {
        let mut reader = Reader::from_str(xml);
        let mut out = Vec::new();
        loop {
            match reader.read_event()? {
                Event::Text(t) => out.push(t.unescape()?.into_owned()),
                Event::Eof => return Ok(out),
                _ => {}
            }
        }
    }
}
