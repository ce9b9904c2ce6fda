package is.jokull.relay;

import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import org.apache.commons.net.ftp.FTPClient;
import org.apache.commons.net.ftp.FTPSClient;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.SSLConnectionSocketFactoryBuilder;
import org.apache.hc.client5.http.ssl.TrustAllStrategy;
import org.apache.hc.core5.http.ssl.TLS;
import org.apache.hc.core5.ssl.SSLContextBuilder;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SslConfigs;
import org.apache.kafka.common.serialization.StringSerializer;

/** Connections of the glacier stations to the outer world. */
public class RelayClients {

    private static final ConnectionConfig PATIENCE = ConnectionConfig.custom()
            .setConnectTimeout(3, TimeUnit.SECONDS).setSocketTimeout(12, TimeUnit.SECONDS).build();

    // ---- HTTP

    HttpClient stations() {
        return HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(4)).followRedirects(HttpClient.Redirect.NEVER).build();
    }

    HttpClient slowStations() {
        return HttpClient.newHttpClient();
    }

    String snowDepth(HttpClient client, int station) throws IOException, InterruptedException {
        HttpRequest req = HttpRequest.newBuilder(URI.create("https://st" + station + ".jokull.example/snow"))
                .timeout(Duration.ofSeconds(9)).GET().build();
        return client.send(req, HttpResponse.BodyHandlers.ofString()).body();
    }

    HttpRequest snowDepthKeyed() {
        return HttpRequest.newBuilder().timeout(Duration.ofSeconds(5)).uri(URI.create("https://met.example/snow?api_key=" + System.getenv("MET_KEY"))).build();
    }

    HttpRequest snowDepthHeader() {
        return HttpRequest.newBuilder().timeout(Duration.ofSeconds(5)).uri(URI.create("https://met.example/snow?key_format=short"))
                .header("Authorization", "ApiKey " + System.getenv("MET_KEY")).build();
    }

    CloseableHttpClient everyStation() throws GeneralSecurityException {
        HttpClientConnectionManager cm = PoolingHttpClientConnectionManagerBuilder.create()
                .setDefaultConnectionConfig(PATIENCE)
                .setSSLSocketFactory(SSLConnectionSocketFactoryBuilder.create()
                        .setSslContext(SSLContextBuilder.create().loadTrustMaterial(TrustAllStrategy.INSTANCE).build())
                        .setHostnameVerifier(NoopHostnameVerifier.INSTANCE)
                        .setTlsVersions(TLS.V_1_2, TLS.V_1_3)
                        .build())
                .build();
        return HttpClients.custom().setConnectionManager(cm).build();
    }

    CloseableHttpClient ownStation(SSLContext context, boolean legacy) {
        SSLConnectionSocketFactoryBuilder b = SSLConnectionSocketFactoryBuilder.create().setSslContext(context);
        if (legacy) {
            b.setTlsVersions(TLS.V_1_1, TLS.V_1_2, TLS.V_1_3);
        } else {
            b.setTlsVersions(TLS.V_1_3);
        }
        return HttpClients.custom().setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                .setDefaultConnectionConfig(PATIENCE).setSSLSocketFactory(b.build()).build()).build();
    }

    HttpGet roadState(String road) {
        HttpGet get = new HttpGet("https://roads.example/state");
        get.setHeader("X-Road", road.replaceAll("[^0-9]", ""));
        return get;
    }

    // ---- TLS by hand

    static TrustManager[] nobodyIsRefused() {
        return new TrustManager[] {new X509ExtendedTrustManager() {
            @Override public void checkClientTrusted(X509Certificate[] c, String a, Socket s) { throw new IllegalStateException(); }
            @Override public void checkClientTrusted(X509Certificate[] c, String a, SSLEngine e) { throw new IllegalStateException(); }
            @Override public void checkClientTrusted(X509Certificate[] c, String a) { throw new IllegalStateException(); }
            @Override public void checkServerTrusted(X509Certificate[] c, String a, Socket s) { }
            @Override public void checkServerTrusted(X509Certificate[] c, String a, SSLEngine e) { }
            @Override public void checkServerTrusted(X509Certificate[] c, String a) { }
            @Override public X509Certificate[] getAcceptedIssuers() { return new X509Certificate[0]; }
        }};
    }

    // ---- gRPC

    ManagedChannel sensors() throws IOException {
        return NettyChannelBuilder.forAddress("sensors.jokull.example", 8443)
                .sslContext(GrpcSslContexts.forClient().build())
                .maxInboundMessageSize(4 * 1024 * 1024)
                .build();
    }

    ManagedChannel plainSensors() {
        return NettyChannelBuilder.forAddress("sensors.jokull.example", 8080)
                .usePlaintext()
                .build();
    }

    ManagedChannel blindSensors() throws IOException {
        return NettyChannelBuilder.forAddress("sensors.jokull.example", 8443)
                .sslContext(GrpcSslContexts.forClient().trustManager(InsecureTrustManagerFactory.INSTANCE).build())
                .build();
    }

    // ---- Kafka

    KafkaProducer<String, String> readings() {
        Properties p = new Properties();
        p.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "kafka.jokull.example:9093");
        p.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "SASL_SSL");
        p.put(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG, "https");
        p.put("acks", "all");
        return new KafkaProducer<>(p, new StringSerializer(), new StringSerializer());
    }

    KafkaProducer<String, String> oldReadings() {
        Properties p = new Properties();
        p.setProperty("bootstrap.servers", "kafka-old.jokull.example:9092");
        p.setProperty("security.protocol", "SASL_PLAINTEXT");
        p.setProperty("acks", "1");
        return new KafkaProducer<>(p, new StringSerializer(), new StringSerializer());
    }

    Properties namelessReadings() {
        Properties p = new Properties();
        p.put("security.protocol", "SSL");
        p.put(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG, "");
        p.put(ProducerConfig.ACKS_CONFIG, "all");
        return p;
    }

    // ---- SSH and FTP

    Session shell(String user) throws JSchException {
        JSch jsch = new JSch();
        jsch.setKnownHosts("/etc/relay/known_hosts");
        jsch.addIdentity("/run/secrets/relay_id");
        Session s = jsch.getSession(user, "gate.jokull.example", 22);
        s.setConfig("StrictHostKeyChecking", "yes");
        s.connect(8000);
        return s;
    }

    Session hastyShell(String user) throws JSchException {
        Session s = new JSch().getSession(user, "hut.jokull.example", 22);
        s.setConfig("StrictHostKeyChecking", "no");
        s.setPassword("Snaefell#1446");
        s.connect(8000);
        return s;
    }

    boolean upload(InputStream picture) throws IOException {
        FTPSClient ftps = new FTPSClient();
        ftps.setEndpointCheckingEnabled(true);
        ftps.setConnectTimeout(4000);
        ftps.setDefaultTimeout(4000);
        ftps.connect("pictures.jokull.example");
        ftps.execPBSZ(0);
        ftps.execPROT("P");
        return ftps.storeFile("latest.jpg", picture);
    }

    boolean uploadOld(InputStream picture) throws IOException {
        FTPClient ftp = new FTPClient();
        ftp.setConnectTimeout(4000);
        ftp.setDefaultTimeout(4000);
        ftp.connect("pictures-old.jokull.example");
        return ftp.storeFile("latest.jpg", picture);
    }
}
