package com.waxworks.apiary.web;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.web.client.RestTemplateBuilder;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.CrossOrigin;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.util.HtmlUtils;

@Controller
@RequestMapping("/hives")
public class HiveController {

    private static final Logger log = LoggerFactory.getLogger(HiveController.class);
    private static final Path PHOTOS = Paths.get("/srv/apiary/photos");
    private static final List<String> SORTABLE = List.of("name", "queen_age", "last_visit");

    private final JdbcTemplate jdbc;
    private final RestTemplate weather;

    public HiveController(JdbcTemplate jdbc, RestTemplateBuilder builder) {
        this.jdbc = jdbc;
        this.weather = builder.setConnectTimeout(Duration.ofSeconds(3)).setReadTimeout(Duration.ofSeconds(10)).build();
    }

    @GetMapping("/by-keeper")
    @ResponseBody
    public List<Map<String, Object>> byKeeper(@RequestParam String keeper, @RequestParam(defaultValue = "name") String sort) {
        if (!SORTABLE.contains(sort)) {
            sort = "name";
        }
        return jdbc.queryForList("SELECT * FROM hive WHERE keeper = ? ORDER BY " + sort, keeper);
    }

    @GetMapping("/search")
    @ResponseBody
    public List<Map<String, Object>> search(@RequestParam("q") String q, @RequestParam String order) {
        String base = String.format("SELECT id, name FROM hive WHERE notes LIKE '%%%s%%'", q);
        List<Map<String, Object>> rows = jdbc.queryForList(base);
        log.debug("search gave {} rows", rows.size());
        if (rows.isEmpty()) {
            return jdbc.queryForList("SELECT id, name FROM hive ORDER BY " + order);
        }
        return rows;
    }

    @GetMapping("/{id}/visits")
    @ResponseBody
    public Integer visits(@PathVariable long id) {
        return jdbc.queryForObject("SELECT count(*) FROM visit WHERE hive = " + id, Integer.class);
    }

    @GetMapping(value = "/{name}/card", produces = MediaType.TEXT_HTML_VALUE)
    @ResponseBody
    public String card(@PathVariable String name, @RequestParam(required = false) String note) {
        StringBuilder html = new StringBuilder("<article><h1>");
        html.append(HtmlUtils.htmlEscape(name)).append("</h1>");
        if (note != null && !note.isBlank()) {
            html.append("<p>").append(HtmlUtils.htmlEscape(note)).append("</p>");
        }
        return html.append("</article>").toString();
    }

    @GetMapping(value = "/greeting", produces = "text/html")
    @ResponseBody
    public String greeting(@RequestParam String keeper) {
        return "<h1>Good morning, " + keeper + "</h1>";
    }

    @GetMapping(value = "/photo", produces = MediaType.IMAGE_JPEG_VALUE)
    @ResponseBody
    public byte[] photo(@RequestParam String file) throws IOException {
        return Files.readAllBytes(PHOTOS.resolve(file));
    }

    @GetMapping(value = "/thumbnail", produces = MediaType.IMAGE_JPEG_VALUE)
    @ResponseBody
    public ResponseEntity<byte[]> thumbnail(@RequestParam String file) throws IOException {
        Path wanted = PHOTOS.resolve(file).normalize();
        if (!wanted.startsWith(PHOTOS)) {
            return ResponseEntity.status(HttpStatus.NOT_FOUND).build();
        }
        return ResponseEntity.ok(Files.readAllBytes(wanted));
    }

    @GetMapping("/forecast")
    @ResponseBody
    public String forecast(@RequestParam String provider) {
        return weather.getForObject(provider + "/v1/forecast", String.class);
    }

    @GetMapping("/forecast/fixed")
    @ResponseBody
    public String fixedForecast(@RequestParam String place) {
        return weather.getForObject("https://api.weather.example/v1/forecast?place={place}", String.class, place);
    }

    @GetMapping("/plain-forecast")
    @ResponseBody
    public String plainForecast() {
        RestTemplate quick = new RestTemplate();
        return quick.getForObject("https://api.weather.example/v1/today", String.class);
    }

    @GetMapping("/leave")
    public String leave(@RequestParam String to) {
        return "redirect:" + to;
    }

    @GetMapping("/home")
    public String home(@RequestParam(defaultValue = "1") int page) {
        return "redirect:/hives/list?page=" + page;
    }

    @CrossOrigin(origins = "*")
    @GetMapping("/public-count")
    @ResponseBody
    public Integer publicCount() {
        return jdbc.queryForObject("SELECT count(*) FROM hive", Integer.class);
    }

    @CrossOrigin(origins = {"https://shop.waxworks.example"}, maxAge = 600)
    @GetMapping("/partner-count")
    @ResponseBody
    public Integer partnerCount(@RequestHeader("X-Trace") String trace) {
        log.info("partner call {}", trace);
        log.info("partner call {}", trace.replaceAll("[^A-Za-z0-9-]", "_"));
        return jdbc.queryForObject("SELECT count(*) FROM hive WHERE shared", Integer.class);
    }

    @GetMapping("/consent")
    public ResponseEntity<Void> consent() {
        ResponseCookie visit = ResponseCookie.from("visit", UUID.randomUUID().toString())
                .httpOnly(true)
                .secure(false)
                .sameSite("Strict")
                .build();
        ResponseCookie agreed = ResponseCookie.from("agreed", "yes").httpOnly(true).secure(true).sameSite("Lax").build();
        return ResponseEntity.noContent()
                .header(HttpHeaders.SET_COOKIE, visit.toString())
                .header(HttpHeaders.SET_COOKIE, agreed.toString())
                .build();
    }
}
