package org.drucksaal.spool;

import jakarta.servlet.http.HttpServletRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import javax.script.ScriptEngine;
import javax.script.ScriptEngineManager;
import javax.script.ScriptException;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
public class PrintSpoolRunner {

    private static final Pattern QUEUE = Pattern.compile("[a-z][a-z0-9_]{0,30}");
    private static final Map<String, List<String>> REPORTS = Map.of(
            "queues", List.of("lpstat", "-p"), "jobs", List.of("lpstat", "-o"));

    @Value("${spool.lp:/usr/bin/lp}")
    private String lp;

    public static class JobRequest {
        public String queue;
        public String options;
        public int copies;
    }

    @GetMapping("/spool/status")
    public String status(@RequestParam String queue) throws IOException {
        Process process = Runtime.getRuntime().exec("lpstat -p " + queue);
        return read(process);
    }

    @GetMapping("/spool/trace")
    public String trace(@RequestParam String host) throws IOException {
        String[] command = {"/bin/sh", "-c", "ping -c 3 " + host + " | tail -2"};
        return read(Runtime.getRuntime().exec(command));
    }

    @GetMapping("/spool/report/{kind}")
    public String report(@PathVariable String kind) throws IOException {
        List<String> command = REPORTS.get(kind);
        if (command == null) {
            return "";
        }
        return read(new ProcessBuilder(command).redirectErrorStream(true).start());
    }

    @PostMapping("/spool/print")
    public String print(@RequestBody JobRequest job) throws IOException, InterruptedException {
        if (!QUEUE.matcher(job.queue).matches()) {
            throw new IllegalArgumentException("queue");
        }
        ProcessBuilder builder = new ProcessBuilder(lp, "-d", job.queue, "-n", Integer.toString(job.copies), "--", "/srv/spool/current.pdf");
        builder.environment().put("LANG", "C.UTF-8");
        Process process = builder.start();
        process.waitFor(30, TimeUnit.SECONDS);
        return read(process);
    }

    @PostMapping("/spool/convert")
    public String convert(@RequestBody JobRequest job) throws IOException {
        StringBuilder line = new StringBuilder("gs -sDEVICE=pdfwrite ");
        line.append(job.options);
        line.append(" -o /srv/spool/out.pdf /srv/spool/in.ps");
        Process process = new ProcessBuilder("bash", "-c", line.toString()).redirectErrorStream(true).start();
        return read(process);
    }

    @GetMapping("/spool/filter")
    public String filter(HttpServletRequest request) throws IOException {
        String program = request.getParameter("filter");
        List<String> command = new ArrayList<>();
        command.add(program);
        command.add("/srv/spool/in.ps");
        return read(new ProcessBuilder(command).start());
    }

    @GetMapping("/spool/cancel/{id}")
    public String cancel(@PathVariable long id) throws IOException {
        return read(new ProcessBuilder(Arrays.asList("/bin/sh", "-c", "cancel " + id + " 2>&1")).start());
    }

    @GetMapping("/spool/disk")
    public String disk() throws IOException {
        return read(Runtime.getRuntime().exec(new String[] {"sh", "-c", "df -h /srv/spool | tail -1"}));
    }

    @GetMapping("/spool/price")
    public Object price(@RequestParam String formula, @RequestParam double pages) throws ScriptException {
        ScriptEngine engine = new ScriptEngineManager().getEngineByName("javascript");
        engine.put("pages", pages);
        return engine.eval(formula);
    }

    @GetMapping("/spool/discount")
    public Object discount(@RequestParam double pages) throws ScriptException {
        ScriptEngine engine = new ScriptEngineManager().getEngineByName("javascript");
        engine.put("pages", pages);
        return engine.eval("pages > 100 ? 0.9 : 1.0");
    }

    @GetMapping("/spool/driver")
    public String driver(@RequestParam("class") String name) throws ReflectiveOperationException {
        Class<?> type = Class.forName(name);
        return type.getDeclaredConstructor().newInstance().toString();
    }

    @GetMapping("/spool/format")
    public String format(@RequestParam String kind) throws ReflectiveOperationException {
        String className = switch (kind) {
            case "ps" -> "org.drucksaal.spool.formats.PostScript";
            case "pcl" -> "org.drucksaal.spool.formats.Pcl";
            default -> "org.drucksaal.spool.formats.Plain";
        };
        return Class.forName(className).getSimpleName();
    }

    private static String read(Process process) throws IOException {
        StringBuilder out = new StringBuilder();
        try (BufferedReader reader = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                out.append(line).append('\n');
            }
        }
        return out.toString();
    }
}
