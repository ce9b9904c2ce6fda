package works.kiln.ceramics.ops;

import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

import javax.servlet.http.HttpServletRequest;

public class WorkshopCommands {

    private static final Pattern KILN = Pattern.compile("[a-z]{3,12}-[0-9]{1,3}");
    private static final Map<String, String> TOOLS = Map.of("logs", "/opt/kiln/bin/logs", "heat", "/opt/kiln/bin/heat");
    private static final File GLAZES = new File("/srv/kiln/glazes");

    private String pendingKiln;

    // ---- programs

    Process ping(HttpServletRequest req) throws IOException {
        String host = req.getParameter("host");
        return Runtime.getRuntime().exec(new String[] {"/bin/sh", "-c", "ping -c 1 " + host});
    }

    Process pingKiln(HttpServletRequest req) throws IOException {
        String kiln = req.getParameter("kiln");
        if (!KILN.matcher(kiln).matches()) {
            throw new IllegalArgumentException("no such kiln");
        }
        return Runtime.getRuntime().exec(new String[] {"/bin/ping", "-c", "1", kiln + ".kilns.internal"});
    }

    Process run(HttpServletRequest req) throws IOException {
        return Runtime.getRuntime().exec(req.getParameter("tool") + " --brief");
    }

    Process runListed(HttpServletRequest req) throws IOException {
        String program = TOOLS.get(req.getParameter("tool"));
        if (program == null) {
            return null;
        }
        return new ProcessBuilder(program, "--brief").start();
    }

    Process convert(HttpServletRequest req) throws IOException {
        List<String> words = new ArrayList<>();
        words.add("bash");
        words.add("-c");
        words.add("convert glaze.png -resize " + req.getParameter("size") + " out.png");
        return new ProcessBuilder(words).redirectErrorStream(true).start();
    }

    Process convertTo(HttpServletRequest req) throws IOException {
        int width = Math.min(Integer.parseInt(req.getParameter("size")), 2000);
        return new ProcessBuilder(Arrays.asList("bash", "-c", "convert glaze.png -resize " + width + " out.png")).start();
    }

    void remember(HttpServletRequest req) {
        this.pendingKiln = req.getHeader("X-Kiln");
    }

    int firePending() throws IOException, InterruptedException {
        return new ProcessBuilder("sh", "-c", String.format("kilnctl fire %s", pendingKiln)).start().waitFor();
    }

    String uptime() throws IOException {
        Process p = new ProcessBuilder("sh", "-c", "uptime | cut -d, -f1").start();
        try (BufferedReader r = new BufferedReader(new InputStreamReader(p.getInputStream()))) {
            return r.readLine();
        }
    }

    Process report(HttpServletRequest req) throws IOException {
        String period = req.getParameter("period");
        String flag;
        switch (period) {
            case "week":
                flag = "--days=7";
                break;
            case "month":
                flag = "--days=31";
                break;
            default:
                flag = "--days=1";
        }
        return Runtime.getRuntime().exec("/opt/kiln/bin/report " + flag);
    }

    // ---- files

    InputStream glaze(HttpServletRequest req) throws IOException {
        return new FileInputStream(new File(GLAZES, req.getParameter("name")));
    }

    InputStream glazeChecked(HttpServletRequest req) throws IOException {
        File wanted = new File(GLAZES, req.getParameter("name"));
        if (!wanted.getCanonicalPath().startsWith(GLAZES.getCanonicalPath() + File.separator)) {
            throw new IOException("outside of the shelf");
        }
        return new FileInputStream(wanted);
    }

    List<String> recipe(HttpServletRequest req) throws IOException {
        long id = Long.parseLong(req.getParameter("id"));
        return Files.readAllLines(Paths.get("/srv/kiln/recipes", id + ".txt"));
    }

    void dropRecipe(HttpServletRequest req) throws IOException {
        String name = suffix(req.getParameter("recipe"));
        Files.deleteIfExists(Paths.get("/srv/kiln/recipes/" + name));
    }

    private static String suffix(String name) {
        return name.endsWith(".txt") ? name : name + ".txt";
    }

    void unpack(InputStream bundle, Path target) throws IOException {
        try (ZipInputStream zip = new ZipInputStream(bundle)) {
            for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
                if (e.isDirectory()) {
                    continue;
                }
                Files.copy(zip, target.resolve(e.getName()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    void unpackChecked(File bundle, Path target) throws IOException {
        Path root = target.toAbsolutePath().normalize();
        try (ZipFile zip = new ZipFile(bundle)) {
            Enumeration<? extends ZipEntry> all = zip.entries();
            while (all.hasMoreElements()) {
                ZipEntry e = all.nextElement();
                Path out = root.resolve(e.getName()).normalize();
                if (e.isDirectory() || !out.startsWith(root)) {
                    continue;
                }
                try (InputStream in = zip.getInputStream(e)) {
                    Files.copy(in, out);
                }
            }
        }
    }

    int countEntries(File bundle) throws IOException {
        int n = 0;
        try (ZipFile zip = new ZipFile(bundle)) {
            for (var e : java.util.Collections.list(zip.entries())) {
                n += e.getName().endsWith(".txt") ? 1 : 0;
            }
        }
        return n;
    }

    Path scratch() throws IOException {
        return Files.createTempFile("firing", ".csv");
    }

    Path scratchFixed() throws IOException {
        return Files.writeString(Paths.get("/tmp/kiln-firing.csv"), "kiln,degrees\n");
    }
}
