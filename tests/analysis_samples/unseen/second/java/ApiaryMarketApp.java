package coop.honigmarkt.shop;

import static org.jooq.impl.DSL.condition;
import static org.jooq.impl.DSL.field;
import static org.jooq.impl.DSL.table;

import com.samskivert.mustache.Mustache;
import com.samskivert.mustache.Template;
import io.javalin.Javalin;
import io.javalin.config.SizeUnit;
import io.javalin.http.Context;
import io.javalin.http.Cookie;
import io.javalin.http.SameSite;
import io.javalin.http.UploadedFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.commons.io.FilenameUtils;
import org.jooq.DSLContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

public final class ApiaryMarketApp {

    private static final Logger LOGGER = LoggerFactory.getLogger("market");
    private static final Path PHOTOS = Path.of("/var/lib/market/photos");
    private static final Template OFFER = Mustache.compiler().compile("<h1>{{title}}</h1><p>{{price}}</p>");
    private static final Template NOTE = Mustache.compiler().escapeHTML(false).compile("<p>{{text}}</p>");

    private final DSLContext db;

    private ApiaryMarketApp(DSLContext db) {
        this.db = db;
    }

    public static Javalin create(DSLContext db) {
        ApiaryMarketApp app = new ApiaryMarketApp(db);
        Javalin server = Javalin.create(config -> {
            config.http.maxRequestSize = 2_000_000L;
            config.jetty.multipartConfig.maxFileSize(2, SizeUnit.MB);
            config.bundledPlugins.enableCors(cors -> {
                cors.addRule(rule -> rule.allowHost("https://honigmarkt.coop"));
                cors.addRule(rule -> {
                    rule.path = "/feed/*";
                    rule.anyHost();
                });
            });
            config.showJavalinBanner = false;
        });
        server.get("/offers", app::offers);
        server.get("/offers/rank", app::rank);
        server.get("/offers/note", app::note);
        server.get("/offers/card", app::card);
        server.post("/photos", app::photo);
        server.post("/labels", app::label);
        server.get("/photo/{name}", app::showPhoto);
        server.get("/leave", app::leave);
        server.post("/basket", app::basket);
        return server;
    }

    private void offers(Context ctx) {
        String region = ctx.queryParam("region");
        int max = ctx.queryParamAsClass("max", Integer.class).getOrDefault(20);
        ctx.json(db.select(field("title")).from(table("offer")).where(field("region", String.class).eq(region)).limit(max).fetchMaps());
    }

    private void rank(Context ctx) {
        String expr = Optional.ofNullable(ctx.queryParam("where")).orElse("1 = 1");
        ctx.json(db.select(field("title")).from(table("offer")).where(condition(expr)).fetchMaps());
    }

    private void note(Context ctx) {
        ctx.html(NOTE.execute(Map.of("text", "Fresh heather honey")));
    }

    private void card(Context ctx) {
        ctx.html(OFFER.execute(Map.of("title", ctx.queryParam("title"), "price", "4.50")));
    }

    private void photo(Context ctx) throws IOException {
        UploadedFile upload = ctx.uploadedFile("photo");
        if (upload == null || upload.size() > 1_500_000 || !"image/jpeg".equals(upload.contentType())) {
            ctx.status(415);
            return;
        }
        try (InputStream content = upload.content()) {
            Files.copy(content, PHOTOS.resolve(UUID.randomUUID() + ".jpg"));
        }
    }

    private void label(Context ctx) throws IOException {
        UploadedFile upload = ctx.uploadedFile("label");
        if (upload == null) {
            ctx.status(400);
            return;
        }
        try (InputStream content = upload.content()) {
            Files.copy(content, Path.of("/var/lib/market/labels", upload.filename()), StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void showPhoto(Context ctx) throws IOException {
        String name = FilenameUtils.getName(ctx.pathParam("name"));
        ctx.contentType("image/jpeg").result(Files.newInputStream(PHOTOS.resolve(name)));
    }

    private void leave(Context ctx) {
        String shop = ctx.queryParam("shop");
        if ("blog".equals(shop)) {
            ctx.redirect("https://blog.honigmarkt.coop");
        } else {
            ctx.redirect(shop);
        }
    }

    private void basket(Context ctx) {
        int jars = Integer.parseInt(ctx.formParam("jars"));
        ctx.cookie(new Cookie("basket", Integer.toString(jars), "/", 3600, true, 0, true, null, null, SameSite.LAX));
        ctx.cookie(new Cookie("hint", "seen", "/", 3600, true, 0, true, null, null, SameSite.NONE));
        String buyer = ctx.formParam("buyer");
        LOGGER.info("basket of " + jars + " jars");
        LOGGER.warn("buyer " + buyer + " took everything");
        ctx.header("X-Buyer", buyer.replace("\r", "").replace("\n", ""));
    }
}
