package example.ferry.links;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Hashtable;
import java.util.Properties;

import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.directory.InitialDirContext;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

import com.jcraft.jsch.JSch;
import com.jcraft.jsch.JSchException;
import com.jcraft.jsch.Session;
import com.zaxxer.hikari.HikariConfig;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import okhttp3.TlsVersion;
import org.apache.commons.net.ftp.FTPClient;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClients;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.ssl.NoopHostnameVerifier;
import org.apache.hc.client5.http.ssl.SSLConnectionSocketFactoryBuilder;
import org.apache.hc.core5.util.Timeout;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.SslConfigs;

public final class PartnerLinks {

    private static final String HARBOUR = "https://api.harbourmaster.example/v1/";
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String[] OLD_AND_NEW = {"TLSv1.1", "TLSv1.2", "TLSv1.3"};

    static final class Lenient implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    SSLContext pinned(KeyStore store) throws GeneralSecurityException {
        TrustManagerFactory tmf = TrustManagerFactory.getInstance("PKIX");
        tmf.init(store);
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        TrustManager[] managers = tmf.getTrustManagers();
        context.init(null, managers, null);
        return context;
    }

    String tides() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create(HARBOUR + "tides")).timeout(PATIENCE).GET().build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    String berths() throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://berths.harbourmaster.example/list")).timeout(PATIENCE).build();
        return http.send(request, HttpResponse.BodyHandlers.ofString()).body();
    }

    byte[] chart(int number) throws IOException {
        HttpsURLConnection c = (HttpsURLConnection) new URL(HARBOUR + "charts/" + number).openConnection();
        c.setConnectTimeout(4_000);
        c.setReadTimeout(10_000);
        c.setHostnameVerifier((host, session) -> true);
        try (InputStream in = c.getInputStream()) {
            return in.readAllBytes();
        }
    }

    byte[] notices() throws IOException {
        HttpsURLConnection c = (HttpsURLConnection) new URL(HARBOUR + "notices").openConnection();
        c.setConnectTimeout(4_000);
        c.setReadTimeout(0);
        try (InputStream in = c.getInputStream()) {
            return in.readAllBytes();
        }
    }

    CloseableHttpClient customs(SSLContext context) {
        HostnameVerifier any = NoopHostnameVerifier.INSTANCE;
        return HttpClients.custom()
                .setConnectionManager(PoolingHttpClientConnectionManagerBuilder.create()
                        .setSSLSocketFactory(SSLConnectionSocketFactoryBuilder.create()
                                .setSslContext(context)
                                .setHostnameVerifier(any)
                                .build())
                        .build())
                .setDefaultRequestConfig(RequestConfig.custom()
                        .setConnectTimeout(Timeout.ofSeconds(5))
                        .setResponseTimeout(Timeout.ofSeconds(15))
                        .build())
                .build();
    }

    OkHttpClient fuel() {
        ConnectionSpec spec = new ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS)
                .tlsVersions(TlsVersion.TLS_1_3, TlsVersion.TLS_1_0)
                .build();
        return new OkHttpClient.Builder().connectionSpecs(java.util.List.of(spec)).callTimeout(PATIENCE).build();
    }

    OkHttpClient weather() {
        return new OkHttpClient.Builder()
                .connectionSpecs(java.util.List.of(ConnectionSpec.RESTRICTED_TLS))
                .hostnameVerifier(this::onlyWeather)
                .callTimeout(Duration.ofSeconds(15))
                .build();
    }

    private boolean onlyWeather(String host, SSLSession session) {
        return "weather.example".equals(host) && HttpsURLConnection.getDefaultHostnameVerifier().verify(host, session);
    }

    void gangway(SSLServerSocket socket) {
        socket.setEnabledProtocols(OLD_AND_NEW);
        socket.setEnabledCipherSuites(new String[] {
            "TLS_AES_256_GCM_SHA384",
            "SSL_RSA_WITH_RC4_128_SHA"});
    }

    ServerSocket signals() throws IOException {
        ServerSocket open = new ServerSocket();
        open.bind(new InetSocketAddress("0.0.0.0", 7010));
        ServerSocket local = new ServerSocket();
        local.bind(new InetSocketAddress("127.0.0.1", 7011));
        return open.isBound() ? open : local;
    }

    ManagedChannel lighthouse(boolean old) {
        if (old) {
            return ManagedChannelBuilder.forAddress("light.example", 8080).usePlaintext().build();
        }
        return NettyChannelBuilder.forAddress("light.example", 443).useTransportSecurity().build();
    }

    Properties events() {
        Properties p = new Properties();
        p.put(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, "kafka.ferry.example:9093");
        p.put(CommonClientConfigs.SECURITY_PROTOCOL_CONFIG, "SASL_SSL");
        p.put(ProducerConfig.ACKS_CONFIG, "all");
        p.put(SslConfigs.SSL_ENDPOINT_IDENTIFICATION_ALGORITHM_CONFIG, "");
        return p;
    }

    Properties sightings() {
        Properties p = new Properties();
        p.setProperty("bootstrap.servers", "kafka.ferry.example:9092");
        p.setProperty("security.protocol", "SASL_PLAINTEXT");
        p.setProperty("acks", "all");
        return p;
    }

    Session crane(JSch jsch, boolean field) throws JSchException {
        Session session = jsch.getSession("ops", "crane.ferry.example");
        session.setConfig("StrictHostKeyChecking", field ? "yes" : "no");
        session.connect(8000);
        return session;
    }

    Connection ledger() throws SQLException {
        Properties p = new Properties();
        p.setProperty("user", "ferry");
        p.setProperty("password", System.getenv("LEDGER_PASSWORD"));
        p.setProperty("sslmode", "verify-full");
        p.setProperty("loginTimeout", "10");
        return DriverManager.getConnection("jdbc:postgresql://ledger.ferry.example/ledger", p);
    }

    HikariConfig crew() {
        HikariConfig c = new HikariConfig();
        c.setJdbcUrl("jdbc:mysql://crew.ferry.example/crew?sslMode=DISABLED");
        c.setUsername("crew");
        c.setPassword("Gannet-41-breakwater");
        c.setMaximumPoolSize(400);
        c.setConnectionTimeout(10_000);
        return c;
    }

    void upload(byte[] manifest) throws IOException {
        FTPClient plain = new FTPClient();
        plain.setConnectTimeout(5000);
        plain.connect("drop.ferry.example");
        plain.storeFile("manifest.csv", new java.io.ByteArrayInputStream(manifest));
    }

    InitialDirContext directory() throws NamingException {
        Hashtable<String, String> env = new Hashtable<>();
        env.put(Context.INITIAL_CONTEXT_FACTORY, "com.sun.jndi.ldap.LdapCtxFactory");
        env.put(Context.PROVIDER_URL, "ldaps://ldap.ferry.example");
        env.put("com.sun.jndi.ldap.connect.timeout", "5000");
        env.put("com.sun.jndi.ldap.read.timeout", "5000");
        env.put(Context.SECURITY_AUTHENTICATION, "simple");
        env.put(Context.SECURITY_PRINCIPAL, "cn=reader,dc=ferry");
        env.put(Context.SECURITY_CREDENTIALS, System.getenv("LDAP_PASSWORD"));
        return new InitialDirContext(env);
    }
}
