package fi.lumitiedot.events;

import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.BasicPolymorphicTypeValidator;
import com.fasterxml.jackson.databind.jsontype.impl.LaissezFaireSubTypeValidator;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SslConfigs;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

@RestController
public class EventPayloadMapper {

    public record SnowDepth(String station, int centimetres) implements Serializable {}

    public static class Envelope {
        public String kind;
        @JsonTypeInfo(use = JsonTypeInfo.Id.CLASS)
        public Object payload;
    }

    public static class Notice {
        @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
        public SnowDepth payload;
    }

    private final ObjectMapper plain = new ObjectMapper().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final ObjectMapper permissive = permissiveMapper();

    private static ObjectMapper permissiveMapper() {
        ObjectMapper mapper = new ObjectMapper();
        mapper.activateDefaultTyping(LaissezFaireSubTypeValidator.instance, ObjectMapper.DefaultTyping.NON_FINAL);
        return mapper;
    }

    static ObjectMapper guardedMapper() {
        BasicPolymorphicTypeValidator validator = BasicPolymorphicTypeValidator.builder()
                .allowIfSubType("fi.lumitiedot.events.model.")
                .build();
        return JsonMapper.builder().activateDefaultTyping(validator, ObjectMapper.DefaultTyping.NON_FINAL).build();
    }

    @PostMapping("/events/depth")
    public int depth(@RequestBody String json) throws IOException {
        SnowDepth depth = plain.readValue(json, SnowDepth.class);
        return depth.centimetres();
    }

    @PostMapping("/events/count")
    public int count(@RequestBody String json) throws IOException {
        JsonNode node = plain.readTree(json);
        return node.path("readings").size();
    }

    @PostMapping("/events/any")
    public String any(@RequestBody String json) throws IOException {
        return permissive.readValue(json, Envelope.class).kind.equals("depth") ? "depth" : "other";
    }

    @PostMapping("/events/binary")
    public String binary(InputStream body) throws IOException, ClassNotFoundException {
        SnowDepth depth = (SnowDepth) new ObjectInputStream(body).readObject();
        return "stored " + depth.centimetres();
    }

    @PostMapping("/events/cursor")
    public Object cursor(@RequestHeader("X-Cursor") String cursor) throws IOException, ClassNotFoundException {
        byte[] raw = Base64.getDecoder().decode(cursor);
        return new ObjectInputStream(new ByteArrayInputStream(raw)).readObject();
    }

    static SnowDepth restore(byte[] local) throws IOException, ClassNotFoundException {
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(local))) {
            in.setObjectInputFilter(ONLY_DEPTHS);
            return (SnowDepth) in.readObject();
        }
    }

    static SnowDepth copyOf(SnowDepth depth) throws IOException {
        ByteArrayOutputStream buffer = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(buffer)) {
            out.writeObject(depth);
        }
        return new SnowDepth(depth.station(), buffer.size());
    }

    static final ObjectInputFilter ONLY_DEPTHS = ObjectInputFilter.Config.createFilter("fi.lumitiedot.events.*;java.base/*;!*");

    static Map<String, Object> archiveProducer(String brokers) {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
        config.put(ProducerConfig.ACKS_CONFIG, "all");
        config.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "SASL_SSL");
        config.put(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG, "https");
        return config;
    }

    static Map<String, Object> alertProducer(String brokers) {
        Map<String, Object> config = new HashMap<>();
        config.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
        config.put(ProducerConfig.ACKS_CONFIG, "1");
        config.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "SASL_PLAINTEXT");
        return config;
    }

    static Properties mirrorProducer(String brokers) {
        Properties config = new Properties();
        config.setProperty("bootstrap.servers", brokers);
        config.setProperty("security.protocol", "SSL");
        config.setProperty("ssl.endpoint.identification.algorithm", "");
        config.setProperty("acks", "-1");
        config.setProperty("client.id", "plaintext-mirror");
        return config;
    }

    static List<String> kinds() {
        return List.of("SnowDepth", "java.lang.Object", "enableDefaultTyping");
    }
}
