package dev.windpark.telemetry;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.ext.mongo.MongoClient;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.client.WebClient;
import io.vertx.ext.web.client.WebClientOptions;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.CSRFHandler;
import io.vertx.ext.web.handler.CorsHandler;
import io.vertx.ext.web.handler.SessionHandler;
import io.vertx.ext.web.handler.StaticHandler;
import io.vertx.ext.web.sstore.LocalSessionStore;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.PgPool;
import io.vertx.pgclient.SslMode;
import io.vertx.sqlclient.PoolOptions;
import io.vertx.sqlclient.Tuple;
import java.util.List;
import java.util.concurrent.TimeUnit;

public class TelemetryVerticle extends AbstractVerticle {

    private static final List<String> FIELDS = List.of("rpm", "yaw", "pitch");

    private PgPool pool;
    private MongoClient mongo;
    private WebClient web;

    @Override
    public void start(Promise<Void> started) {
        PgConnectOptions database = new PgConnectOptions()
                .setHost("pg.windpark.dev")
                .setDatabase("telemetry")
                .setUser("telemetry")
                .setPassword(System.getenv("TELEMETRY_DB_PASSWORD"))
                .setSslMode(SslMode.VERIFY_FULL);
        pool = PgPool.pool(vertx, database, new PoolOptions().setMaxSize(16));
        mongo = MongoClient.createShared(vertx, config().getJsonObject("mongo"));
        web = WebClient.create(vertx, new WebClientOptions()
                .setSsl(true)
                .setConnectTimeout(3000)
                .setIdleTimeout(20)
                .setVerifyHost(false));

        Router router = Router.router(vertx);
        router.route("/upload/*").handler(BodyHandler.create().setBodyLimit(-1));
        router.route("/api/*").handler(BodyHandler.create().setBodyLimit(64 * 1024));
        router.route("/api/*").handler(CorsHandler.create().addOrigin("https://ops.windpark.dev").allowCredentials(true));
        router.route("/public/*").handler(CorsHandler.create().addOrigin("*"));
        router.route("/files/*").handler(StaticHandler.create("exports").setDirectoryListing(true));
        router.route("/assets/*").handler(StaticHandler.create("assets").setDirectoryListing(false));
        router.route().handler(SessionHandler.create(LocalSessionStore.create(vertx))
                .setCookieSecureFlag(true)
                .setCookieHttpOnlyFlag(false)
                .setCookieSameSite(CookieSameSite.LAX));

        router.route("/api/*").handler(CSRFHandler.create(vertx, System.getenv("TELEMETRY_CSRF_SECRET")));

        router.get("/api/turbine").handler(this::turbine);
        router.get("/api/series").handler(this::series);
        router.get("/api/site/:site").handler(this::site);
        router.post("/api/query").handler(this::query);
        router.get("/api/relay").handler(this::relay);
        router.get("/api/title").handler(this::title);

        HttpServerOptions options = new HttpServerOptions()
                .setSsl(true)
                .setKeyCertOptions(new PemKeyCertOptions().setKeyPath("/etc/windpark/key.pem").setCertPath("/etc/windpark/cert.pem"))
                .setIdleTimeout(30)
                .setIdleTimeoutUnit(TimeUnit.SECONDS)
                .setCompressionSupported(true)
                .setHost("0.0.0.0")
                .setPort(8443);
        options.addEnabledSecureTransportProtocol("TLSv1.1");
        vertx.createHttpServer(options).requestHandler(router).listen().<Void>mapEmpty().onComplete(started);
    }

    private void turbine(RoutingContext ctx) {
        String name = ctx.request().getParam("name");
        pool.query("SELECT * FROM turbine WHERE name = '" + name + "'").execute()
                .onSuccess(rows -> ctx.json(new JsonObject().put("count", rows.size())))
                .onFailure(ctx::fail);
    }

    private void series(RoutingContext ctx) {
        String field = ctx.request().getParam("field");
        String turbine = ctx.request().getParam("turbine");
        if (!FIELDS.contains(field)) {
            ctx.fail(400);
            return;
        }
        pool.preparedQuery("SELECT at, " + field + " FROM sample WHERE turbine = $1").execute(Tuple.of(turbine))
                .onSuccess(rows -> ctx.json(new JsonObject().put("count", rows.size())))
                .onFailure(ctx::fail);
    }

    private void site(RoutingContext ctx) {
        mongo.find("sites", new JsonObject().put("code", ctx.pathParam("site")))
                .onSuccess(found -> ctx.json(new JsonObject().put("count", found.size())))
                .onFailure(ctx::fail);
    }

    private void query(RoutingContext ctx) {
        JsonObject filter = ctx.body().asJsonObject();
        mongo.find("sites", filter)
                .onSuccess(found -> ctx.json(new JsonObject().put("count", found.size())))
                .onFailure(ctx::fail);
    }

    private void relay(RoutingContext ctx) {
        String target = ctx.queryParams().get("target");
        web.getAbs(target).timeout(5000).send()
                .onSuccess(answer -> ctx.end(String.valueOf(answer.statusCode())))
                .onFailure(ctx::fail);
    }

    private void title(RoutingContext ctx) {
        String park = ctx.request().getParam("park");
        ctx.response().putHeader("content-type", "text/html");
        ctx.response().end("<h1>" + park + "</h1>");
    }
}
