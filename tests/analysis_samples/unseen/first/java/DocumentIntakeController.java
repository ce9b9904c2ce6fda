package com.grundbuchamt.intake;

import jakarta.servlet.http.HttpServletResponse;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import java.util.UUID;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.multipart.MultipartFile;

@RestController
public class DocumentIntakeController {

    private static final Path STORE = Paths.get("/srv/intake/deeds");
    private static final Set<String> TYPES = Set.of("application/pdf", "image/tiff");
    private static final long MAX_ENTRY = 20L * 1024 * 1024;

    @GetMapping("/deeds/raw")
    public void raw(@RequestParam String file, HttpServletResponse response) throws IOException {
        response.setContentType("application/octet-stream");
        try (InputStream in = new FileInputStream("/srv/intake/deeds/" + file)) {
            in.transferTo(response.getOutputStream());
        }
    }

    @GetMapping("/deeds/{name}/text")
    public String text(@PathVariable String name) throws IOException {
        Path target = STORE.resolve(name).normalize();
        if (!target.startsWith(STORE)) {
            throw new IllegalArgumentException("outside of the store");
        }
        return Files.readString(target, StandardCharsets.UTF_8);
    }

    @GetMapping("/deeds/number/{number}")
    public Resource byNumber(@PathVariable int number) {
        return new FileSystemResource("/srv/intake/deeds/" + number + ".pdf");
    }

    @GetMapping("/deeds/plan")
    public byte[] plan(@RequestParam("district") String district, @RequestParam("sheet") String sheet) throws IOException {
        String image = sheet + ".png";
        return Files.readAllBytes(Paths.get("/srv/intake/plans", district, image));
    }

    @GetMapping("/deeds/attachment")
    public ResponseEntity<Resource> attachment(@RequestParam long id, @RequestParam String saveAs) {
        return ResponseEntity.ok()
                .header(HttpHeaders.CONTENT_DISPOSITION, "attachment; filename=" + saveAs)
                .body(new FileSystemResource(STORE.resolve(id + ".pdf")));
    }

    @PostMapping("/deeds")
    public String store(@RequestParam MultipartFile deed) throws IOException {
        if (!TYPES.contains(deed.getContentType()) || deed.getSize() > MAX_ENTRY) {
            throw new IllegalArgumentException("type or size not accepted");
        }
        Path target = STORE.resolve(UUID.randomUUID() + ".pdf");
        deed.transferTo(target);
        return target.getFileName().toString();
    }

    @PostMapping("/deeds/sketch")
    public String sketch(@RequestParam MultipartFile sketch) throws IOException {
        sketch.transferTo(STORE.resolve(sketch.getOriginalFilename()));
        return "stored";
    }

    @PostMapping("/deeds/bundle")
    public int bundle(@RequestParam MultipartFile bundle) throws IOException {
        int count = 0;
        try (ZipInputStream zip = new ZipInputStream(bundle.getInputStream())) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                try (OutputStream sink = Files.newOutputStream(STORE.resolve(entry.getName()))) {
                    sink.write(zip.readNBytes((int) MAX_ENTRY));
                }
                count++;
            }
        }
        return count;
    }

    @PostMapping("/deeds/batch")
    public int batch(@RequestParam MultipartFile batch) throws IOException {
        int count = 0;
        Path root = Files.createTempDirectory("batch");
        try (ZipInputStream zip = new ZipInputStream(batch.getInputStream())) {
            ZipEntry entry;
            while ((entry = zip.getNextEntry()) != null && count < 500) {
                Path out = root.resolve(entry.getName()).normalize();
                if (!out.startsWith(root) || entry.isDirectory()) {
                    throw new IOException("entry refused");
                }
                Files.createDirectories(out.getParent());
                Files.write(out, zip.readNBytes((int) MAX_ENTRY));
                count++;
            }
        }
        return count;
    }

    public Path scratch() throws IOException {
        return Files.createTempFile("deed", ".tmp", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    public void openForScanner(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
    }

    public void lockDown(Path folder) throws IOException {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-x---"));
    }

    public void writeProgress(int done) throws IOException {
        Files.writeString(Path.of("/tmp/intake-progress.txt"), "done " + done);
    }
}
