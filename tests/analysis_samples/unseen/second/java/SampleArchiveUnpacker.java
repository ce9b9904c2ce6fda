package bio.moosarchiv.ingest;

import com.google.common.io.ByteStreams;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Enumeration;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import net.lingala.zip4j.exception.ZipException;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

public final class SampleArchiveUnpacker {

    private static final long LIMIT = 50L << 20;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

    private final File target;

    public SampleArchiveUnpacker(File target) {
        this.target = target;
    }

    public int unzip(File archive) throws IOException {
        int files = 0;
        try (ZipFile zip = new ZipFile(archive)) {
            Enumeration<? extends ZipEntry> entries = zip.entries();
            while (entries.hasMoreElements()) {
                ZipEntry entry = entries.nextElement();
                if (entry.isDirectory()) {
                    continue;
                }
                try (InputStream in = zip.getInputStream(entry);
                        OutputStream out = new FileOutputStream(new File(target, entry.getName()))) {
                    ByteStreams.limit(in, LIMIT).transferTo(out);
                }
                files++;
            }
        }
        return files;
    }

    public int unzipChecked(File archive) throws IOException {
        int files = 0;
        try (ZipFile zip = new ZipFile(archive)) {
            for (ZipEntry entry : zip.stream().filter(e -> !e.isDirectory()).toList()) {
                File file = new File(target, entry.getName());
                if (!file.getCanonicalPath().startsWith(target.getCanonicalPath() + File.separator)) {
                    throw new IOException("entry leads out of the target");
                }
                try (InputStream in = zip.getInputStream(entry); OutputStream out = new FileOutputStream(file)) {
                    ByteStreams.limit(in, LIMIT).transferTo(out);
                }
                files++;
            }
        }
        return files;
    }

    public int untar(InputStream upload) throws IOException {
        int files = 0;
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new GzipCompressorInputStream(new BufferedInputStream(upload)))) {
            TarArchiveEntry entry;
            while ((entry = tar.getNextTarEntry()) != null) {
                if (entry.isFile()) {
                    Files.copy(ByteStreams.limit(tar, LIMIT), target.toPath().resolve(entry.getName()), StandardCopyOption.REPLACE_EXISTING);
                    files++;
                }
            }
        }
        return files;
    }

    public int untarFlat(InputStream upload) throws IOException {
        int files = 0;
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new GzipCompressorInputStream(new BufferedInputStream(upload)))) {
            TarArchiveEntry entry;
            while ((entry = tar.getNextTarEntry()) != null) {
                if (entry.isFile()) {
                    String flat = new File(entry.getName()).getName();
                    Files.copy(ByteStreams.limit(tar, LIMIT), target.toPath().resolve("sample-" + flat));
                    files++;
                }
            }
        }
        return files;
    }

    public void unpackPlugin(JarFile jar) throws IOException {
        for (JarEntry entry : jar.stream().toList()) {
            String name = entry.getName();
            if (name.endsWith(".txt")) {
                try (OutputStream out = new BufferedOutputStream(new FileOutputStream(target + "/" + name))) {
                    ByteStreams.limit(jar.getInputStream(entry), LIMIT).transferTo(out);
                }
            }
        }
    }

    public long listSizes(ZipFile zip) {
        return zip.stream().mapToLong(ZipEntry::getSize).sum();
    }

    public void wholeArchive(File archive) throws ZipException {
        new net.lingala.zip4j.ZipFile(archive).extractAll(target.getPath());
    }

    public void remember(String state) throws IOException {
        Files.writeString(Path.of(System.getProperty("java.io.tmpdir"), "moosarchiv.state"), state);
    }

    public Path workFolderSafe() throws IOException {
        return Files.createTempDirectory("moss");
    }

    public void lockMarker() throws IOException {
        new FileOutputStream("/tmp/moosarchiv.lock").close();
    }

    public void markerInState() throws IOException {
        new FileOutputStream("/var/lib/moosarchiv/ingest.lock").close();
    }

    public void share(File report, Path credentials) throws IOException {
        report.setReadable(true, true);
        report.setWritable(true, false);
        Files.setPosixFilePermissions(credentials, OWNER_ONLY);
    }

    public void publishScript(Path script) throws IOException {
        Set<PosixFilePermission> permissions = EnumSet.copyOf(OWNER_ONLY);
        permissions.add(PosixFilePermission.OWNER_EXECUTE);
        Files.setPosixFilePermissions(script, permissions);
    }

    public void dropKey(Path privateKey) throws IOException {
        Files.setPosixFilePermissions(privateKey, EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OTHERS_READ));
    }
}
