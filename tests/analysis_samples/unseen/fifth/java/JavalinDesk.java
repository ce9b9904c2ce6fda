package no.fjordbooks.desk;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

import freemarker.template.Configuration;
import freemarker.template.Template;
import freemarker.template.TemplateException;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.NotFoundResponse;
import io.javalin.http.SameSite;
import io.javalin.http.UploadedFile;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.CorsHandler;
import io.vertx.ext.web.handler.SessionHandler;
import io.vertx.ext.web.sstore.LocalSessionStore;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import org.jsoup.Jsoup;
import org.jsoup.safety.Safelist;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

public class JavalinDesk {

    private static final Logger LOG = LoggerFactory.getLogger("desk");
    private static final Pattern SHELF = Pattern.compile("[A-Z]\\d{2}");
    private static final Path PAGES = Path.of("/srv/fjordbooks/pages");
    private static final Map<String, String> PARTNERS = Map.of("bergen", "https://bergen.example/stock", "tromso", "https://tromso.example/stock");

    private final OkHttpClient http = new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(8)).build();
    private final Configuration templates = new Configuration(Configuration.VERSION_2_3_32);

    void configure(JavalinConfig config) {
        config.http.maxRequestSize = 512_000L;
        config.bundledPlugins.enableCors(cors -> {
            cors.addRule(rule -> {
                rule.allowHost("https://fjordbooks.example");
                rule.allowCredentials = true;
            });
            cors.addRule(rule -> {
                rule.path = "feed/*";
                rule.anyHost();
            });
        });
    }

    void routes(Javalin app) {
        app.get("/hello", this::hello);
        app.get("/review", ctx -> ctx.html("<div>" + Jsoup.clean(ctx.queryParam("text"), Safelist.basic()) + "</div>"));
        app.get("/quote", ctx -> ctx.html("<q>" + ctx.queryParam("text") + "</q>"));
        app.get("/plain", ctx -> ctx.result("You said " + ctx.queryParam("text")));
        app.get("/page/{name}", this::page);
        app.get("/shelf/{shelf}", this::shelf);
        app.get("/stock", this::stock);
        app.get("/cover", this::cover);
        app.get("/out", ctx -> ctx.redirect(Optional.ofNullable(ctx.queryParam("to")).orElse("/")));
        app.get("/in", ctx -> ctx.redirect(ctx.queryParam("to") != null ? "/welcome" : "/"));
        app.post("/mood", this::mood);
        app.post("/letter", this::letter);
        app.exception(IllegalArgumentException.class, (e, ctx) -> ctx.status(400).result("bad request"));
    }

    private void hello(Context ctx) {
        String name = ctx.formParam("name");
        LOG.info("hello from {}", name);
        LOG.info("hello from a name of {} letters", name == null ? 0 : name.length());
        ctx.json(Map.of("hello", String.valueOf(name)));
    }

    private void page(Context ctx) throws IOException {
        InputStream in = Files.newInputStream(PAGES.resolve(ctx.pathParam("name") + ".html"));
        ctx.contentType("text/html").result(in);
    }

    private void shelf(Context ctx) throws IOException {
        String shelf = ctx.pathParam("shelf");
        if (!SHELF.matcher(shelf).matches()) {
            throw new NotFoundResponse();
        }
        ctx.contentType("text/html").result(Files.newInputStream(PAGES.resolve(shelf + ".html")));
    }

    private void stock(Context ctx) throws IOException {
        String url = PARTNERS.get(ctx.queryParam("partner"));
        if (url == null) {
            throw new NotFoundResponse();
        }
        try (Response r = http.newCall(new Request.Builder().url(url).build()).execute()) {
            ctx.status(r.code());
        }
    }

    private void cover(Context ctx) throws IOException {
        try (Response r = http.newCall(new Request.Builder().url(ctx.queryParam("image")).build()).execute()) {
            ctx.status(r.code());
        }
    }

    private void mood(Context ctx) {
        ctx.sessionAttribute("mood", ctx.formParam("mood"));
        ctx.sessionAttribute("visits", 1);
        byte[] id = new byte[20];
        new SecureRandom().nextBytes(id);
        String value = Base64.getUrlEncoder().encodeToString(id);
        ctx.cookie(new Cookie("reader", value, "/", 3600, true, 0, true, null, null, SameSite.STRICT));
        ctx.cookie(new Cookie("reader_old", value, "/", 3600, false, 0, true, null, null, SameSite.LAX));
        ctx.status(204);
    }

    private void letter(Context ctx) throws IOException, TemplateException {
        Template t = new Template("letter", ctx.formParam("template"), templates);
        t.process(Map.of("shop", "Fjordbooks"), ctx.res().getWriter());
        Template fixed = templates.getTemplate("thanks.ftlh");
        fixed.process(Map.of("name", String.valueOf(ctx.formParam("name"))), ctx.res().getWriter());
    }

    void scan(UploadedFile file) throws IOException {
        if (!"image/png".equals(file.contentType()) || file.size() > 2_000_000) {
            throw new IllegalArgumentException("png only");
        }
        Path target = Files.createTempFile("scan", ".png");
        Files.write(target, file.content().readNBytes(2_000_000));
    }

    // ---- the partners' side runs on Vert.x

    Router partnerRouter(Vertx vertx) {
        Router router = Router.router(vertx);
        router.route().handler(BodyHandler.create().setBodyLimit(100_000));
        router.route().handler(CorsHandler.create().addOrigin("https://bergen.example").allowedMethod(HttpMethod.GET));
        router.route("/feed/*").handler(CorsHandler.create().addOrigin("*").allowedMethod(HttpMethod.GET));
        router.route().handler(SessionHandler.create(LocalSessionStore.create(vertx))
                .setCookieSecureFlag(true)
                .setCookieHttpOnlyFlag(false)
                .setCookieSameSite(io.vertx.core.http.CookieSameSite.LAX));
        router.get("/partner/:name").handler(this::partner);
        router.get("/partner/:name/json").handler(rc -> rc.json(Map.of("name", rc.pathParam("name"))));
        return router;
    }

    private void partner(RoutingContext rc) {
        rc.response().putHeader("Content-Type", "text/html").end("<h3>" + rc.pathParam("name") + "</h3>");
    }

    PemKeyCertOptions certificate() {
        return new PemKeyCertOptions().setKeyPath("/run/secrets/desk.key").setCertPath("/etc/desk/desk.crt");
    }
}
