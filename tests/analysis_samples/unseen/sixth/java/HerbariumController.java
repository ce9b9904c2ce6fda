package example.herbarium.web;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.servlet.http.HttpServletRequest;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.Velocity;
import org.hibernate.Session;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.Resource;
import org.springframework.expression.ExpressionParser;
import org.springframework.expression.spel.standard.SpelExpressionParser;
import org.springframework.expression.spel.support.SimpleEvaluationContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseBody;
import org.springframework.stereotype.Controller;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.multipart.MultipartFile;
import org.springframework.web.servlet.view.RedirectView;
import org.springframework.web.util.HtmlUtils;
import org.springframework.web.util.UriComponentsBuilder;

@Controller
@RequestMapping("/herbarium")
public class HerbariumController {

    enum Sort { GENUS, COLLECTED }

    record Find(String family, String collector, List<String> genera) { }

    private static final Logger log = LoggerFactory.getLogger(HerbariumController.class);
    private static final Path SHEETS = Path.of("/srv/herbarium/sheets");
    private static final Pattern SHEET = Pattern.compile("[A-Z]{3}-[0-9]{1,6}");
    private static final Map<String, URI> GARDENS = Map.of("kelso", URI.create("https://kelso.example/api"), "lund", URI.create("https://lund.example/api"));

    private final JdbcTemplate jdbc;
    private final NamedParameterJdbcTemplate named;
    private final RestTemplate rest;
    private final ExpressionParser parser = new SpelExpressionParser();

    @PersistenceContext
    private EntityManager em;

    public HerbariumController(JdbcTemplate jdbc, NamedParameterJdbcTemplate named, RestTemplate rest) {
        this.jdbc = jdbc;
        this.named = named;
        this.rest = rest;
    }

    @GetMapping("/genus")
    @ResponseBody
    List<Long> byGenus(@RequestParam String genus) {
        String good = "SELECT id FROM sheet WHERE genus = ?";
        List<Long> ids = jdbc.queryForList(good, Long.class, genus);
        ids.addAll(jdbc.queryForList("SELECT id FROM loan WHERE genus = '" + genus + "'", Long.class));
        return ids;
    }

    @GetMapping("/sorted")
    @ResponseBody
    List<Map<String, Object>> sorted(@RequestParam Sort sort, @RequestParam(defaultValue = "20") int limit) {
        String column = switch (sort) {
            case GENUS -> "genus";
            case COLLECTED -> "collected_on";
        };
        return jdbc.queryForList("SELECT id FROM sheet ORDER BY " + column + " LIMIT " + limit);
    }

    @PostMapping("/find")
    @ResponseBody
    List<?> find(@RequestBody Find find) {
        List<Object> all = new ArrayList<>();
        all.addAll(named.queryForList("SELECT id FROM sheet WHERE genus IN (:g)", Map.of("g", find.genera())));
        all.addAll(em.createQuery("SELECT s FROM Sheet s WHERE s.family = :f").setParameter("f", find.family()).getResultList());
        String jpql = String.format("SELECT s FROM Sheet s WHERE s.collector = '%s'", find.collector());
        all.addAll(em.createQuery(jpql).getResultList());
        return all;
    }

    @GetMapping("/parish/{parish}")
    @ResponseBody
    List<?> parish(@PathVariable String parish, @RequestParam(required = false) String fallback) {
        String wanted = parish.isBlank() ? fallback : parish;
        Session session = em.unwrap(Session.class);
        return session.createNativeQuery("SELECT id FROM sheet WHERE parish = '".concat(wanted).concat("'"), Long.class).list();
    }

    @GetMapping("/sheet")
    ResponseEntity<Resource> sheet(@RequestParam String file) {
        return ResponseEntity.ok(new FileSystemResource(SHEETS.resolve(file)));
    }

    @GetMapping("/sheet/{code}")
    ResponseEntity<Resource> sheetByCode(@PathVariable String code) {
        if (!SHEET.matcher(code).matches()) {
            return ResponseEntity.notFound().build();
        }
        return ResponseEntity.ok(new FileSystemResource(SHEETS.resolve(code + ".jpg")));
    }

    @GetMapping("/label/{id}")
    @ResponseBody
    String label(@PathVariable UUID id) throws IOException {
        return Files.readString(SHEETS.resolve(id + ".txt"), StandardCharsets.UTF_8);
    }

    @PostMapping("/scan")
    ResponseEntity<Void> scan(@RequestParam MultipartFile scan) throws IOException {
        if (scan.getSize() > 5_000_000 || !MediaType.IMAGE_JPEG_VALUE.equals(scan.getContentType())) {
            return ResponseEntity.badRequest().build();
        }
        scan.transferTo(SHEETS.resolve(scan.getOriginalFilename()));
        scan.transferTo(SHEETS.resolve(UUID.randomUUID() + ".jpg"));
        return ResponseEntity.noContent().build();
    }

    @GetMapping("/garden")
    @ResponseBody
    Map<?, ?> garden(@RequestParam String host, @RequestParam String genus) {
        String url = "https://" + host + "/genera/" + genus;
        return rest.getForObject(url, Map.class);
    }

    @GetMapping("/garden/{name}")
    @ResponseBody
    Map<?, ?> gardenNamed(@PathVariable String name, @RequestParam String genus) {
        URI base = GARDENS.get(name);
        if (base == null) {
            return Map.of();
        }
        return rest.getForObject(UriComponentsBuilder.fromUri(base).pathSegment("genera").queryParam("g", "{g}").build(genus), Map.class);
    }

    @PostMapping("/rule")
    @ResponseBody
    Object rule(@RequestParam String rule) {
        return parser.parseExpression(rule).getValue();
    }

    @PostMapping("/count")
    @ResponseBody
    Object count(@RequestParam int rows) {
        return parser.parseExpression("#rows * 2").getValue(contextOf(rows));
    }

    private static SimpleEvaluationContext contextOf(int rows) {
        SimpleEvaluationContext context = SimpleEvaluationContext.forReadOnlyDataBinding().build();
        context.setVariable("rows", rows);
        return context;
    }

    @GetMapping("/continue")
    String onward(@RequestParam(required = false) String next) {
        return next == null ? "redirect:/herbarium" : "redirect:" + next;
    }

    @GetMapping("/continue2")
    RedirectView onwardChecked(@RequestParam String garden) {
        return new RedirectView(GARDENS.getOrDefault(garden, URI.create("/herbarium")).toString());
    }

    @GetMapping(value = "/card", produces = MediaType.TEXT_HTML_VALUE)
    @ResponseBody
    String card(@RequestParam String genus, @RequestParam(defaultValue = "L.") String author) {
        String safe = HtmlUtils.htmlEscape(genus);
        log.debug("card of {} characters", genus.length());
        return "<i>" + safe + "</i> " + author;
    }

    @GetMapping(value = "/card2", produces = MediaType.TEXT_HTML_VALUE)
    @ResponseBody
    String cardSafe(@RequestParam String genus) {
        return "<i>" + HtmlUtils.htmlEscape(genus) + "</i>";
    }

    @PostMapping("/letter")
    @ResponseBody
    Map<String, Integer> letter(@RequestParam String layout, HttpServletRequest request) {
        java.io.StringWriter out = new java.io.StringWriter();
        Velocity.evaluate(new VelocityContext(), out, "letter", layout);
        Velocity.evaluate(new VelocityContext(Map.of("layout", layout)), out, "fixed", "Dear reader, $layout");
        log.info("letter from {}", request.getHeader(HttpHeaders.FROM));
        return Map.of("length", out.toString().length());
    }

    @GetMapping("/agent")
    @ResponseBody
    int agent(@RequestHeader("User-Agent") String agent) {
        log.info("agent {}", agent.replaceAll("[\\r\\n]", "_"));
        return agent.length();
    }
}
