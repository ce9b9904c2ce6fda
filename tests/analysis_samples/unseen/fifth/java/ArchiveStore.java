package nz.tuatara.archive;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.FileWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Set;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

import org.apache.commons.compress.archivers.ArchiveEntry;
import org.apache.commons.compress.archivers.ArchiveInputStream;
import org.apache.commons.compress.archivers.sevenz.SevenZArchiveEntry;
import org.apache.commons.compress.archivers.sevenz.SevenZFile;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.apache.commons.io.FileUtils;
import org.apache.commons.io.FilenameUtils;
import org.apache.commons.io.IOUtils;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.util.StringUtils;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
public class ArchiveStore {

    private static final File ROOT = new File("/srv/tuatara");
    private static final Set<PosixFilePermission> OWNER = EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE = PosixFilePermissions.asFileAttribute(OWNER);

    // ---- members of archives

    void untar(InputStream in, File dest) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new GzipCompressorInputStream(in))) {
            TarArchiveEntry entry;
            while ((entry = tar.getNextTarEntry()) != null) {
                if (!entry.isFile()) {
                    continue;
                }
                try (OutputStream out = new FileOutputStream(new File(dest, entry.getName()))) {
                    IOUtils.copyLarge(tar, out, 0, 50_000_000L);
                }
            }
        }
    }

    void untarInside(ArchiveInputStream<?> in, File dest) throws IOException {
        String root = dest.getCanonicalPath() + File.separator;
        ArchiveEntry entry;
        while ((entry = in.getNextEntry()) != null) {
            File target = new File(dest, entry.getName());
            if (!target.getCanonicalPath().startsWith(root)) {
                throw new IOException("member leads outside of the archive");
            }
            if (!entry.isDirectory()) {
                try (OutputStream out = new BufferedOutputStream(new FileOutputStream(target))) {
                    IOUtils.copyLarge(in, out, 0, 50_000_000L);
                }
            }
        }
    }

    void unseven(SevenZFile archive, Path dest) throws IOException {
        for (SevenZArchiveEntry e = archive.getNextEntry(); e != null; e = archive.getNextEntry()) {
            if (e.hasStream()) {
                Files.copy(archive.getInputStream(e), dest.resolve(e.getName()));
            }
        }
    }

    void unsevenFlat(SevenZFile archive, Path dest) throws IOException {
        int n = 0;
        for (SevenZArchiveEntry e : archive.getEntries()) {
            if (e.hasStream()) {
                Files.copy(archive.getInputStream(e), dest.resolve("member-" + n++ + ".bin"));
            }
        }
    }

    String manifestOf(JarFile jar) throws IOException {
        JarEntry e = jar.getJarEntry("META-INF/MANIFEST.MF");
        try (InputStream in = jar.getInputStream(e)) {
            return new String(in.readNBytes(10_000), StandardCharsets.UTF_8);
        }
    }

    // ---- files by name

    @GetMapping("/sheets")
    public Resource sheet(@RequestParam String name) {
        return new FileSystemResource("/srv/tuatara/sheets/" + name);
    }

    @GetMapping("/sheets/{id}")
    public Resource sheetById(@PathVariable int id) {
        return new FileSystemResource("/srv/tuatara/sheets/" + id + ".csv");
    }

    @GetMapping("/sheets/flat")
    public String sheetFlat(@RequestParam String name) throws IOException {
        return FileUtils.readFileToString(new File(ROOT, FilenameUtils.getName(name)), StandardCharsets.UTF_8);
    }

    @GetMapping("/sheets/clean")
    public String sheetClean(@RequestParam String name) throws IOException {
        String cleaned = StringUtils.cleanPath(name);
        if (cleaned.contains("..") || cleaned.startsWith("/")) {
            return "";
        }
        return FileUtils.readFileToString(new File(ROOT, cleaned), StandardCharsets.UTF_8);
    }

    @DeleteMapping("/sheets")
    public void drop(@RequestParam("folder") String folder) throws IOException {
        String[] parts = {ROOT.getPath(), "drafts", folder};
        FileUtils.deleteDirectory(FileSystems.getDefault().getPath(String.join("/", parts)).toFile());
    }

    @DeleteMapping("/sheets/drafts")
    public void dropDrafts(@RequestParam(defaultValue = "old") String which) throws IOException {
        String folder = which.equals("old") ? "drafts-old" : "drafts";
        FileUtils.deleteDirectory(new File(ROOT, folder));
    }

    // ---- working files and their rights

    Path work() throws IOException {
        return Files.createTempFile("sheet", ".tmp", PRIVATE);
    }

    Path workFolder() throws IOException {
        return Files.createTempDirectory(ROOT.toPath(), "import-");
    }

    void note(String text) throws IOException {
        try (FileWriter w = new FileWriter("/var/tmp/tuatara-import.log", true)) {
            w.write(text);
        }
    }

    void noteProperly(String text) throws IOException {
        try (FileWriter w = new FileWriter(new File(ROOT, "import.log"), true)) {
            w.write(text);
        }
    }

    void shareWithAll(Path sheet) throws IOException {
        Files.setPosixFilePermissions(sheet, PosixFilePermissions.fromString("rw-rw-rw-"));
    }

    void shareWithGroup(Path sheet) throws IOException {
        Files.setPosixFilePermissions(sheet, PosixFilePermissions.fromString("rw-rw----"));
    }

    boolean openUp(File folder) {
        return folder.setWritable(true, false);
    }

    boolean closeDown(File folder) {
        return folder.setWritable(true, true) && folder.setReadable(true, true);
    }

    void keepKey(byte[] pem) throws IOException {
        Path key = Files.createFile(ROOT.toPath().resolve("signing.key"), PRIVATE);
        Files.write(key, pem);
    }
}
