package club.segelwart.regatta;

import com.fasterxml.jackson.databind.ObjectMapper;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
public class RegattaScoreboard {

    private static final Logger LOG = LoggerFactory.getLogger(RegattaScoreboard.class);
    private static final String TIMES = "SELECT boat, seconds FROM finish WHERE race = :race AND class = :class";
    private static final String SIGN_IN_PASSWORD_FIELD = "password";
    private static final boolean LEGACY = false;
    private static final URI BUOYS = URI.create("https://bojen.segelwart.club/");

    private final JdbcClient jdbc;
    private final SecretKey key;
    private final ObjectMapper mapper = new ObjectMapper();
    private final HttpClient http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(2)).build();

    public record Entry(
            @NotBlank @Pattern(regexp = "[A-Z]{3} ?\\d{1,5}") String sail,
            @NotBlank @Size(max = 60) String helm) {}

    public RegattaScoreboard(JdbcClient jdbc, SecretKey key) {
        this.jdbc = jdbc;
        this.key = key;
    }

    @GetMapping("/races/{race}/times")
    public List<Map<String, Object>> times(@PathVariable String race, @RequestParam("class") String boatClass) {
        return jdbc.sql(TIMES).param("race", race).param("class", boatClass).query().listOfRows();
    }

    @GetMapping("/races/{race}/leg/{leg}")
    public List<Map<String, Object>> leg(@PathVariable int race, @PathVariable int leg) {
        String table = "leg_" + Math.floorMod(leg, 4);
        return jdbc.sql("SELECT boat FROM " + table + " WHERE race = " + race).query().listOfRows();
    }

    @PostMapping("/entries")
    public Map<String, String> enter(@Valid @RequestBody Entry entry) {
        UUID reference = UUID.randomUUID();
        jdbc.sql("INSERT INTO entry (ref, sail, helm) VALUES (?, ?, ?)").params(reference, entry.sail(), entry.helm()).update();
        LOG.info("entry {} accepted", reference);
        return Map.of("reference", reference.toString());
    }

    @GetMapping(value = "/buoys/{id}", produces = MediaType.APPLICATION_JSON_VALUE)
    public Map<?, ?> buoy(@PathVariable short id) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(BUOYS.resolve("b/" + id)).timeout(Duration.ofSeconds(4)).build();
        return mapper.readValue(http.send(request, HttpResponse.BodyHandlers.ofString()).body(), Map.class);
    }

    @GetMapping("/start-order")
    public List<String> startOrder(@RequestParam List<String> boats) {
        return boats.stream().sorted(Comparator.comparingInt(b -> ThreadLocalRandom.current().nextInt())).toList();
    }

    public byte[] open(byte[] protest) throws GeneralSecurityException {
        Cipher cipher;
        if (LEGACY) {
            cipher = Cipher.getInstance("DES/ECB/PKCS5Padding");
            cipher.init(Cipher.DECRYPT_MODE, key);
        } else {
            cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key, new GCMParameterSpec(128, protest, 0, 12));
        }
        return cipher.doFinal(protest, 12, protest.length - 12);
    }

    public boolean sameSignal(byte[] expected, byte[] received) {
        return MessageDigest.isEqual(expected, received);
    }

    public String formField() {
        return SIGN_IN_PASSWORD_FIELD;
    }
}
