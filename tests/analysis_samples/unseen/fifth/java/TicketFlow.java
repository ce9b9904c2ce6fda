package fm.nightjar.tickets;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

import org.jdbi.v3.core.Handle;
import org.jooq.DSLContext;
import org.jooq.Record;
import org.jooq.Result;
import org.jooq.impl.DSL;
import org.springframework.jdbc.core.namedparam.MapSqlParameterSource;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.context.request.WebRequest;

/** Questions about concerts, asked in many ways. */
@RestController
class TicketFlow {

    private static final boolean SHOW_DRAFTS = false;
    private static final String PREFIX = "SELECT id FROM gig WHERE ";

    record Wish(String artist, String city, int seats) { }

    private static class Box {
        private String content;
        private final String label = "gig";

        Box with(String content) {
            this.content = content;
            return this;
        }
    }

    private final NamedParameterJdbcTemplate named;
    private final JdbcClient client;
    private final DSLContext jooq;
    private final Handle handle;

    TicketFlow(NamedParameterJdbcTemplate named, JdbcClient client, DSLContext jooq, Handle handle) {
        this.named = named;
        this.client = client;
        this.jooq = jooq;
        this.handle = handle;
    }

    @GetMapping("/f/record")
    List<Long> fromRecord(@RequestBody Wish wish) {
        return client.sql(PREFIX + "artist = '" + wish.artist() + "'").query(Long.class).list();
    }

    @GetMapping("/f/record-number")
    List<Long> fromRecordNumber(@RequestBody Wish wish) {
        return client.sql(PREFIX + "free >= " + wish.seats()).query(Long.class).list();
    }

    @GetMapping("/f/record-bound")
    List<Long> fromRecordBound(@RequestBody Wish wish) {
        return client.sql(PREFIX + "city = :city").param("city", wish.city()).query(Long.class).list();
    }

    @GetMapping("/f/box")
    int fromBox(@RequestHeader("X-Venue") String venue) {
        Box b = new Box().with(venue.trim());
        return handle.execute("DELETE FROM hold WHERE venue = '" + b.content + "'");
    }

    @GetMapping("/f/box-label")
    int fromBoxLabel(@RequestHeader("X-Venue") String venue) {
        Box b = new Box().with(venue);
        return handle.execute("DELETE FROM hold WHERE table_name = '" + b.label + "' AND venue = ?", b.content);
    }

    @GetMapping("/f/base64")
    Result<Record> fromBase64(@CookieValue("wish") String cookie) {
        String city = new String(Base64.getDecoder().decode(cookie), StandardCharsets.UTF_8);
        return jooq.fetch("SELECT id FROM gig WHERE city = '" + city + "'");
    }

    @GetMapping("/f/jooq-dsl")
    Result<Record> fromDsl(@RequestParam String city) {
        return jooq.select().from("gig").where(DSL.field("city").eq(city)).fetch();
    }

    @GetMapping("/f/jooq-plain")
    Result<Record> fromPlain(@RequestParam String city) {
        return jooq.select().from("gig").where("city = '" + city + "'").fetch();
    }

    @GetMapping("/f/jooq-binds")
    Result<Record> fromBinds(@RequestParam String city) {
        return jooq.fetch("SELECT id FROM gig WHERE city = ?", city);
    }

    @GetMapping("/f/deque")
    List<Long> fromDeque(WebRequest request) {
        Deque<String> parts = new ArrayDeque<>();
        parts.push(request.getParameter("artist"));
        parts.push("artist = '");
        StringBuilder sql = new StringBuilder(PREFIX);
        while (!parts.isEmpty()) {
            sql.append(parts.pop());
        }
        sql.append('\'');
        return client.sql(sql.toString()).query(Long.class).list();
    }

    @GetMapping("/f/stream")
    List<Map<String, Object>> fromStream(@RequestParam List<String> cities) {
        String in = cities.stream().map(c -> "'" + c + "'").collect(Collectors.joining(","));
        return named.queryForList(PREFIX + "city IN (" + in + ")", Map.of());
    }

    @GetMapping("/f/stream-bound")
    List<Map<String, Object>> fromStreamBound(@RequestParam List<String> cities) {
        return named.queryForList(PREFIX + "city IN (:cities)", new MapSqlParameterSource("cities", cities));
    }

    @GetMapping("/f/stream-numbers")
    List<Map<String, Object>> fromStreamNumbers(@RequestParam List<String> ids) {
        String in = ids.stream().map(Integer::valueOf).map(String::valueOf).collect(Collectors.joining(","));
        return named.queryForList(PREFIX + "id IN (" + in + ")", Map.of());
    }

    @GetMapping("/f/function")
    List<Long> fromFunction(@RequestParam String artist) {
        Function<String, String> like = s -> "artist LIKE '%" + s + "%'";
        Supplier<String> sql = () -> PREFIX + like.apply(artist);
        return client.sql(sql.get()).query(Long.class).list();
    }

    @GetMapping("/f/function-fixed")
    List<Long> fromFunctionFixed() {
        Function<String, String> like = s -> "artist LIKE '%" + s + "%'";
        return client.sql(PREFIX + like.apply("choir")).query(Long.class).list();
    }

    @GetMapping("/f/map")
    List<Long> fromMap(@RequestParam Map<String, String> all) {
        Map<String, String> wanted = new HashMap<>();
        wanted.put("city", "Leeds");
        wanted.put("artist", all.get("artist"));
        String where = "artist = '" + wanted.get("artist") + "'";
        return client.sql(PREFIX + where).query(Long.class).list();
    }

    @GetMapping("/f/map-other")
    List<Long> fromMapOther() {
        Map<String, String> wanted = new HashMap<>();
        wanted.put("city", "Leeds");
        return client.sql(PREFIX + "city = '" + wanted.get("city") + "'").query(Long.class).list();
    }

    @GetMapping("/f/ternary")
    List<Long> fromTernary(@RequestParam String sort) {
        String column = "price".equals(sort) ? "price" : "starts_at";
        return client.sql("SELECT id FROM gig ORDER BY " + column).query(Long.class).list();
    }

    @GetMapping("/f/ternary-raw")
    List<Long> fromTernaryRaw(@RequestParam(required = false) String sort) {
        String column = sort != null ? sort : "starts_at";
        return client.sql("SELECT id FROM gig ORDER BY " + column).query(Long.class).list();
    }

    @GetMapping("/f/dead")
    List<Long> fromDeadBranch(@RequestParam String state) {
        String where = "state = 'published'";
        if (SHOW_DRAFTS) {
            where = "state = '" + state + "'";
        }
        return client.sql(PREFIX + where).query(Long.class).list();
    }

    @PutMapping("/f/try")
    int fromTry(@RequestBody String raw) {
        List<String> clauses = new ArrayList<>();
        try {
            clauses.add("city = '" + URLDecoder.decode(raw, StandardCharsets.UTF_8) + "'");
        } catch (IllegalArgumentException e) {
            clauses.add("1 = 0");
        }
        return handle.execute("UPDATE gig SET sold = true WHERE " + String.join(" AND ", clauses));
    }

    @PutMapping("/f/locale")
    int fromLocale(@RequestHeader("Accept-Language") String language) {
        Locale best = Locale.lookup(Locale.LanguageRange.parse(language), List.of(Locale.ENGLISH, Locale.GERMAN));
        String code = Objects.requireNonNullElse(best, Locale.ENGLISH).getLanguage();
        return handle.createUpdate("UPDATE gig SET shown = shown + 1 WHERE lang = :l").bind("l", code).execute();
    }
}
