package is.vedurblik.pull;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import okhttp3.CertificatePinner;
import okhttp3.CipherSuite;
import okhttp3.ConnectionSpec;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.TlsVersion;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpGet;
import org.apache.http.conn.ssl.DefaultHostnameVerifier;
import org.apache.http.conn.ssl.NoopHostnameVerifier;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.ssl.SSLContextBuilder;
import org.apache.http.ssl.SSLContexts;
import org.apache.http.util.EntityUtils;

public class WeatherPullClient {

    private static final String API = "https://api.vedurblik.is";
    private static final String RADAR = "http://radar.vedurblik.is/latest.json";
    private static final RequestConfig LIMITS = RequestConfig.custom()
            .setConnectTimeout(2_000).setSocketTimeout(8_000).setConnectionRequestTimeout(2_000).build();

    private final OkHttpClient ok = new OkHttpClient.Builder()
            .connectTimeout(Duration.ofSeconds(3))
            .callTimeout(Duration.ofSeconds(20))
            .connectionSpecs(List.of(ConnectionSpec.RESTRICTED_TLS))
            .certificatePinner(new CertificatePinner.Builder().add("api.vedurblik.is", "sha256/9Vn7z0Yxk3Qd0m0c1mQO2yq8vVhX2Z4nS0bX9s5o1aE=").build())
            .build();

    private final OkHttpClient streaming = new OkHttpClient.Builder()
            .connectTimeout(Duration.ofSeconds(3))
            .readTimeout(0, TimeUnit.MILLISECONDS)
            .build();

    public String forecast(String station) throws IOException {
        HttpUrl url = HttpUrl.get(API).newBuilder().addPathSegment("forecast").addPathSegment(station).build();
        try (Response response = ok.newCall(new Request.Builder().url(url).build()).execute()) {
            return response.body().string();
        }
    }

    public String radar() throws IOException {
        try (Response response = streaming.newCall(new Request.Builder().url(RADAR).build()).execute()) {
            return response.body().string();
        }
    }

    public OkHttpClient forBuoys() {
        return new OkHttpClient.Builder()
                .callTimeout(Duration.ofSeconds(30))
                .hostnameVerifier((host, session) -> true)
                .build();
    }

    public OkHttpClient forMasts() {
        ConnectionSpec old = new ConnectionSpec.Builder(ConnectionSpec.COMPATIBLE_TLS)
                .tlsVersions(TlsVersion.TLS_1_0, TlsVersion.TLS_1_2, TlsVersion.TLS_1_3)
                .build();
        return new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(30)).connectionSpecs(List.of(old)).build();
    }

    public OkHttpClient forShips() {
        ConnectionSpec odd = new ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS)
                .cipherSuites(CipherSuite.TLS_AES_256_GCM_SHA384, CipherSuite.TLS_RSA_WITH_3DES_EDE_CBC_SHA)
                .build();
        return new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(30)).connectionSpecs(List.of(odd)).build();
    }

    public OkHttpClient throughProxy() {
        Proxy proxy = new Proxy(Proxy.Type.HTTP, new InetSocketAddress("proxy.vedurblik.is", 3128));
        return new OkHttpClient.Builder().callTimeout(Duration.ofSeconds(15)).proxy(proxy).build();
    }

    public String tides(String port) throws IOException {
        try (CloseableHttpClient client = HttpClients.custom().setDefaultRequestConfig(LIMITS).build();
                CloseableHttpResponse response = client.execute(new HttpGet(API + "/tides/" + Integer.parseInt(port)))) {
            return EntityUtils.toString(response.getEntity());
        }
    }

    public String ashAlert() throws IOException {
        try (CloseableHttpClient client = HttpClients.createDefault();
                CloseableHttpResponse response = client.execute(new HttpGet(API + "/ash"))) {
            return EntityUtils.toString(response.getEntity());
        }
    }

    public CloseableHttpClient forSnowGauges() throws GeneralSecurityException {
        SSLContext everything = SSLContextBuilder.create()
                .loadTrustMaterial(null, (X509Certificate[] chain, String type) -> true)
                .build();
        SSLConnectionSocketFactory sockets = new SSLConnectionSocketFactory(
                everything, new String[] {"TLSv1.2", "TLSv1.3"}, null, new DefaultHostnameVerifier());
        return HttpClients.custom().setSSLSocketFactory(sockets).setDefaultRequestConfig(LIMITS).build();
    }

    public CloseableHttpClient forLightningSensors() throws GeneralSecurityException {
        SSLContext platform = SSLContexts.createSystemDefault();
        return HttpClients.custom()
                .setSSLContext(platform)
                .setDefaultRequestConfig(LIMITS)
                .setSSLHostnameVerifier(NoopHostnameVerifier.INSTANCE)
                .build();
    }

    public CloseableHttpClient forObservers(java.io.File trustStore, char[] passphrase) throws GeneralSecurityException, IOException {
        SSLContext own = SSLContexts.custom().loadTrustMaterial(trustStore, passphrase).build();
        return HttpClients.custom().setSSLContext(own).setDefaultRequestConfig(LIMITS).setSSLHostnameVerifier(new DefaultHostnameVerifier()).build();
    }

    public String currents(String apiKey) throws IOException {
        HttpUrl url = HttpUrl.get(API + "/currents").newBuilder().addQueryParameter("api_key", apiKey).build();
        try (Response response = ok.newCall(new Request.Builder().url(url).build()).execute()) {
            return response.body().string();
        }
    }

    public String waves(String apiKey) throws IOException {
        Request request = new Request.Builder().url(API + "/waves").header("X-Api-Key", apiKey).build();
        try (Response response = ok.newCall(request).execute()) {
            return response.body().string();
        }
    }
}
