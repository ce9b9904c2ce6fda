package eu.canalside.locks.net;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

import okhttp3.CipherSuite;
import okhttp3.ConnectionSpec;
import okhttp3.OkHttpClient;
import okhttp3.TlsVersion;
import org.apache.http.client.config.RequestConfig;
import org.apache.http.conn.ssl.NoopHostnameVerifier;
import org.apache.http.conn.ssl.SSLConnectionSocketFactory;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;
import org.apache.http.ssl.SSLContexts;

public final class LockClients {

    private static final RequestConfig PATIENCE = RequestConfig.custom()
            .setConnectTimeout(4_000).setSocketTimeout(15_000).setConnectionRequestTimeout(4_000).build();

    /** Used by the water gauges on the upper reach. */
    static class GaugeTrust implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("clients are not expected");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) { }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    /** Narrows the platform's decision to one issuer. */
    static class IssuerTrust implements X509TrustManager {
        private final X509TrustManager platform;
        private final String issuer;

        IssuerTrust(X509TrustManager platform, String issuer) {
            this.platform = platform;
            this.issuer = issuer;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            platform.checkClientTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            platform.checkServerTrusted(chain, authType);
            if (!chain[0].getIssuerX500Principal().getName().contains(issuer)) {
                throw new CertificateException("issuer is not " + issuer);
            }
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return platform.getAcceptedIssuers();
        }
    }

    static HttpsURLConnection gauge(URL url) throws IOException {
        HttpsURLConnection c = (HttpsURLConnection) url.openConnection();
        c.setConnectTimeout(3000);
        c.setReadTimeout(3000);
        c.setHostnameVerifier((host, session) -> true);
        return c;
    }

    static HttpsURLConnection weir(URL url) throws IOException {
        HttpsURLConnection c = (HttpsURLConnection) url.openConnection();
        c.setConnectTimeout(3000);
        c.setReadTimeout(3000);
        HostnameVerifier usual = HttpsURLConnection.getDefaultHostnameVerifier();
        c.setHostnameVerifier((host, session) -> host.endsWith(".canalside.example") && usual.verify(host, session));
        return c;
    }

    static SSLContext ownAuthority(String store, char[] password) throws GeneralSecurityException, IOException {
        KeyStore ks = KeyStore.getInstance("PKCS12");
        try (InputStream in = new FileInputStream(store)) {
            ks.load(in, password);
        }
        TrustManagerFactory tmf = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        tmf.init(ks);
        SSLContext ctx = SSLContext.getInstance("TLS");
        ctx.init(null, tmf.getTrustManagers(), new SecureRandom());
        return ctx;
    }

    static void narrow(SSLSocket socket, boolean strict) {
        if (strict) {
            socket.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        } else {
            socket.setEnabledProtocols(new String[] {"TLSv1.3", "TLSv1.2", "TLSv1"});
        }
    }

    static SSLParameters suites(boolean withOldBarges) {
        SSLParameters p = new SSLParameters();
        p.setEndpointIdentificationAlgorithm("HTTPS");
        p.setProtocols(new String[] {"TLSv1.2", "TLSv1.3"});
        if (withOldBarges) {
            p.setCipherSuites(new String[] {"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "SSL_RSA_WITH_RC4_128_SHA"});
        } else {
            p.setCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"});
        }
        return p;
    }

    static OkHttpClient tollBooth() {
        ConnectionSpec spec = new ConnectionSpec.Builder(ConnectionSpec.MODERN_TLS)
                .tlsVersions(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2)
                .cipherSuites(CipherSuite.TLS_AES_128_GCM_SHA256, CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)
                .build();
        return new OkHttpClient.Builder().connectionSpecs(List.of(spec)).callTimeout(20, TimeUnit.SECONDS).build();
    }

    static OkHttpClient oldTollBooth() {
        ConnectionSpec spec = new ConnectionSpec.Builder(true)
                .tlsVersions(TlsVersion.TLS_1_3, TlsVersion.TLS_1_2, TlsVersion.TLS_1_0)
                .build();
        return new OkHttpClient.Builder()
                .connectionSpecs(Arrays.asList(spec))
                .readTimeout(0, TimeUnit.MILLISECONDS)
                .build();
    }

    static OkHttpClient lockKeeper() {
        return new OkHttpClient.Builder()
                .callTimeout(30, TimeUnit.SECONDS)
                .hostnameVerifier(new HostnameVerifier() {
                    @Override
                    public boolean verify(String host, SSLSession session) {
                        return host.equals("keeper.canalside.example")
                                && HttpsURLConnection.getDefaultHostnameVerifier().verify(host, session);
                    }
                })
                .build();
    }

    static CloseableHttpClient bridges() throws GeneralSecurityException {
        SSLContext any = SSLContexts.custom().loadTrustMaterial(null, (chain, type) -> true).build();
        return HttpClients.custom().setSSLContext(any).setDefaultRequestConfig(PATIENCE).build();
    }

    static CloseableHttpClient quays() {
        return HttpClients.custom()
                .setDefaultRequestConfig(PATIENCE)
                .setSSLHostnameVerifier(NoopHostnameVerifier.INSTANCE)
                .build();
    }

    static CloseableHttpClient sluices(SSLContext pinned) {
        SSLConnectionSocketFactory factory = new SSLConnectionSocketFactory(pinned,
                new String[] {"TLSv1.2", "TLSv1.3"}, null, SSLConnectionSocketFactory.getDefaultHostnameVerifier());
        return HttpClients.custom().setSSLSocketFactory(factory).setDefaultRequestConfig(PATIENCE).build();
    }

    static CloseableHttpClient pumps() {
        return HttpClients.createDefault();
    }

    static SSLContext onlyFrom(X509TrustManager platform, String issuer) throws GeneralSecurityException {
        SSLContext ctx = SSLContext.getInstance("TLSv1.3");
        ctx.init(null, new TrustManager[] {new IssuerTrust(platform, issuer)}, null);
        return ctx;
    }

    static X509TrustManager forGauges() {
        return new GaugeTrust();
    }

    private LockClients() { }
}
