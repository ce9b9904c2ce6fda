package com.portolana.tariffs;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import javax.net.ssl.SSLException;
import org.springframework.boot.web.client.RestTemplateBuilder;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.util.UriComponentsBuilder;
import reactor.netty.http.client.HttpClient;

@RestController
public class TariffGatewayClient {

    private static final String TARIFFS = "https://tariffs.portolana.com/v2";
    private static final String HARBOUR_FEED = "http://feed.harbourmasters.org/berths";
    private static final Map<String, String> REGIONS = Map.of(
            "med", "https://med.portolana.com", "baltic", "https://baltic.portolana.com");

    private final RestTemplate bounded;
    private final RestTemplate unbounded;
    private final WebClient web;
    private final String apiToken;

    public TariffGatewayClient(RestTemplateBuilder builder, TokenSource tokens) throws SSLException {
        this.bounded = builder.setConnectTimeout(Duration.ofSeconds(3)).setReadTimeout(Duration.ofSeconds(12)).build();
        this.unbounded = new RestTemplate();
        this.apiToken = tokens.current();
        HttpClient reactor = HttpClient.create().responseTimeout(Duration.ofSeconds(8));
        this.web = WebClient.builder().baseUrl(TARIFFS).clientConnector(new ReactorClientHttpConnector(reactor)).build();
    }

    interface TokenSource {
        String current();
    }

    @GetMapping("/tariffs/{port}")
    public String tariff(@PathVariable String port) {
        return bounded.getForObject(TARIFFS + "/ports/{port}", String.class, port);
    }

    @GetMapping("/tariffs/preview")
    public String preview(@RequestParam String source) {
        return bounded.getForObject(source, String.class);
    }

    @GetMapping("/tariffs/mirror")
    public String mirror(@RequestParam String host) {
        URI uri = UriComponentsBuilder.newInstance().scheme("https").host(host).path("/tariffs.json").build().toUri();
        return bounded.exchange(uri, HttpMethod.GET, HttpEntity.EMPTY, String.class).getBody();
    }

    @GetMapping("/tariffs/region")
    public String region(@RequestParam String region) {
        String base = REGIONS.get(region);
        if (base == null) {
            return "";
        }
        return bounded.getForObject(base + "/tariffs.json", String.class);
    }

    @GetMapping("/tariffs/remote")
    public String remote(@RequestParam String url) {
        URI parsed = URI.create(url);
        if (!"https".equals(parsed.getScheme()) || !REGIONS.containsValue("https://" + parsed.getHost()) || parsed.getPort() != -1) {
            throw new IllegalArgumentException("not one of our regions");
        }
        return bounded.getForObject(parsed, String.class);
    }

    @GetMapping("/tariffs/hook")
    public String hook(@RequestParam("callback") String callback) {
        return web.post().uri(callback).retrieve().bodyToMono(String.class).block(Duration.ofSeconds(10));
    }

    @GetMapping("/tariffs/search")
    public String search(@RequestParam String q) {
        return web.get().uri(b -> b.path("/search").queryParam("q", q).build()).retrieve().bodyToMono(String.class)
                .block(Duration.ofSeconds(10));
    }

    @GetMapping("/berths")
    public String berths() {
        return bounded.getForObject(HARBOUR_FEED, String.class);
    }

    public String account() {
        return bounded.getForObject(TARIFFS + "/account?api_key=" + apiToken, String.class);
    }

    public String accountWithHeader() {
        HttpHeaders headers = new HttpHeaders();
        headers.setBearerAuth(apiToken);
        return bounded.exchange(TARIFFS + "/account", HttpMethod.GET, new HttpEntity<>(headers), String.class).getBody();
    }

    public String archive() {
        SimpleClientHttpRequestFactory factory = new SimpleClientHttpRequestFactory();
        factory.setConnectTimeout(2_000);
        factory.setReadTimeout(30_000);
        return new RestTemplate(factory).getForObject(TARIFFS + "/archive", String.class);
    }

    public String ping() {
        return unbounded.getForObject("http://127.0.0.1:8099/health", String.class);
    }

    static WebClient stagingClient() throws SSLException {
        SslContext ssl = SslContextBuilder.forClient()
                .trustManager(InsecureTrustManagerFactory.INSTANCE)
                .build();
        HttpClient client = HttpClient.create().responseTimeout(Duration.ofSeconds(5)).secure(s -> s.sslContext(ssl));
        return WebClient.builder().clientConnector(new ReactorClientHttpConnector(client)).build();
    }
}
