package bus.linienwerk.routes;

import bus.linienwerk.planner.v1.PlanRequest;
import bus.linienwerk.planner.v1.PlannerGrpc;
import com.mongodb.BasicDBObject;
import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import ratpack.handling.Context;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;
import org.bson.Document;
import redis.clients.jedis.DefaultJedisClientConfig;
import redis.clients.jedis.HostAndPort;
import redis.clients.jedis.JedisPooled;

public class RoutePlannerGateway {

    private static final Logger LOG = LogManager.getLogger();
    private static final String PLANNER = "planner.linienwerk.bus";

    private final MongoCollection<Document> stops;

    public RoutePlannerGateway(MongoCollection<Document> stops) {
        this.stops = stops;
    }

    static ManagedChannel planner() {
        return ManagedChannelBuilder.forAddress(PLANNER, 443).useTransportSecurity().build();
    }

    static ManagedChannel depot() {
        return ManagedChannelBuilder.forAddress("depot.linienwerk.bus", 9090)
                .usePlaintext()
                .build();
    }

    static String planInTime(ManagedChannel channel, String line) {
        PlannerGrpc.PlannerBlockingStub stub = PlannerGrpc.newBlockingStub(channel).withDeadlineAfter(3, TimeUnit.SECONDS);
        return stub.plan(PlanRequest.newBuilder().setLine(line).build()).getText();
    }

    static String planWhenever(ManagedChannel channel, String line) {
        return PlannerGrpc.newBlockingStub(channel).plan(PlanRequest.newBuilder().setLine(line).build()).getText();
    }

    static JedisPooled cache() {
        DefaultJedisClientConfig config = DefaultJedisClientConfig.builder()
                .ssl(true)
                .user("routes")
                .password(System.getenv("ROUTES_REDIS_PASSWORD"))
                .socketTimeoutMillis(1500)
                .connectionTimeoutMillis(1500)
                .build();
        return new JedisPooled(new HostAndPort("redis.linienwerk.bus", 6380), config);
    }

    static JedisPooled positions() {
        DefaultJedisClientConfig config = DefaultJedisClientConfig.builder()
                .ssl(true)
                .hostnameVerifier((host, session) -> true)
                .password("Haltestelle-Nord_91")
                .socketTimeoutMillis(1500)
                .connectionTimeoutMillis(1500)
                .build();
        return new JedisPooled(new HostAndPort("positions.linienwerk.bus", 6380), config);
    }

    static KafkaProducer<String, String> delays(String brokers) {
        Properties config = base(brokers);
        config.put("acks", "all");
        config.put("security.protocol", "SSL");
        return new KafkaProducer<>(config);
    }

    static KafkaProducer<String, String> displays(String brokers) {
        Properties config = base(brokers);
        config.put("acks", "0");
        config.put("security.protocol", "PLAINTEXT");
        return new KafkaProducer<>(config);
    }

    private static Properties base(String brokers) {
        Properties config = new Properties();
        config.put("bootstrap.servers", brokers);
        config.put("key.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        config.put("value.serializer", "org.apache.kafka.common.serialization.StringSerializer");
        return config;
    }

    void stopsNear(Context ctx) {
        String place = ctx.getRequest().getQueryParams().get("place");
        List<Document> found = stops.find(Filters.where("this.place == '" + place + "'")).into(new ArrayList<>());
        ctx.getResponse().send("text/plain", String.valueOf(found.size()));
    }

    void stopsNamed(Context ctx) {
        String place = ctx.getRequest().getQueryParams().get("place");
        List<Document> found = stops.find(Filters.eq("place", place)).into(new ArrayList<>());
        ctx.getResponse().send("text/plain", String.valueOf(found.size()));
    }

    void stopsMatching(Context ctx) {
        String filter = ctx.getRequest().getQueryParams().get("filter");
        long count = stops.countDocuments(BasicDBObject.parse(filter));
        ctx.getResponse().send("text/plain", String.valueOf(count));
    }

    void stopsInZone(Context ctx) {
        int zone = Integer.parseInt(ctx.getRequest().getQueryParams().get("zone"));
        long count = stops.countDocuments(Document.parse("{ \"zone\": " + zone + " }"));
        LOG.info("zone {} has {} stops", zone, count);
        ctx.getResponse().send("text/plain", String.valueOf(count));
    }

    void report(Context ctx) {
        String driver = ctx.getRequest().getQueryParams().get("driver");
        LOG.warn("report by {}", driver);
        LOG.warn("report by {}", driver.replaceAll("[\r\n\t]", "_"));
        ctx.getResponse().send("text/plain", "noted");
    }

    static String fetchWithPatience(ManagedChannel channel, String line) throws InterruptedException {
        Duration pause = Duration.ofMillis(200);
        for (int i = 0; i < 5; i++) {
            String answer = planInTime(channel, line);
            if (!answer.isEmpty()) {
                return answer;
            }
            Thread.sleep(pause.toMillis());
            pause = pause.multipliedBy(2);
        }
        return "";
    }
}
