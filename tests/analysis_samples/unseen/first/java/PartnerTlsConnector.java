package at.alpinfracht.partner;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Set;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

public class PartnerTlsConnector {

    private static final String[] CURRENT = {"TLSv1.3", "TLSv1.2"};
    private static final String[] WIDE = {"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    private static final Set<String> ALIASES = Set.of("edi-a.alpinfracht.at", "edi-b.alpinfracht.at");

    static final class SandboxTrust implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            throw new CertificateException("clients are not accepted");
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) {
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    static final class PinnedTrust implements X509TrustManager {
        private final X509TrustManager delegate;
        private final X509Certificate pinned;

        PinnedTrust(X509TrustManager delegate, X509Certificate pinned) {
            this.delegate = delegate;
            this.pinned = pinned;
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            delegate.checkClientTrusted(chain, authType);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
            delegate.checkServerTrusted(chain, authType);
            if (!chain[0].equals(pinned)) {
                throw new CertificateException("unexpected certificate");
            }
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return delegate.getAcceptedIssuers();
        }
    }

    public SSLContext fromStore(InputStream store, char[] passphrase) throws GeneralSecurityException, IOException {
        KeyStore trust = KeyStore.getInstance("PKCS12");
        trust.load(store, passphrase);
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trust);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), new SecureRandom());
        return context;
    }

    public SSLContext pinned(X509TrustManager platform, X509Certificate certificate) throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLSv1.3");
        context.init(null, new TrustManager[] {new PinnedTrust(platform, certificate)}, null);
        return context;
    }

    public HttpsURLConnection openRates(SSLContext context) throws IOException {
        HttpsURLConnection connection = (HttpsURLConnection) new URL("https://edi.alpinfracht.at/rates").openConnection();
        connection.setConnectTimeout(4_000);
        connection.setReadTimeout(15_000);
        connection.setSSLSocketFactory(context.getSocketFactory());
        connection.setHostnameVerifier((host, session) -> true);
        return connection;
    }

    public HttpsURLConnection openOrders(SSLContext context) throws IOException {
        HttpsURLConnection connection = (HttpsURLConnection) new URL("https://edi.alpinfracht.at/orders").openConnection();
        connection.setConnectTimeout(4_000);
        connection.setReadTimeout(15_000);
        connection.setSSLSocketFactory(context.getSocketFactory());
        HostnameVerifier platform = HttpsURLConnection.getDefaultHostnameVerifier();
        connection.setHostnameVerifier((host, session) -> ALIASES.contains(host) && platform.verify(host, session));
        return connection;
    }

    public void relaxGlobally() {
        HttpsURLConnection.setDefaultHostnameVerifier(new HostnameVerifier() {
            @Override
            public boolean verify(String hostname, SSLSession session) {
                return true;
            }
        });
    }

    public SSLSocket carrierSocket(SSLContext context, String host) throws IOException {
        SSLSocket socket = (SSLSocket) context.getSocketFactory().createSocket(host, 8443);
        socket.setSoTimeout(20_000);
        SSLParameters parameters = socket.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(CURRENT);
        socket.setSSLParameters(parameters);
        return socket;
    }

    public SSLEngine yardEngine(SSLContext context) {
        SSLEngine engine = context.createSSLEngine("yard.alpinfracht.at", 9443);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        parameters.setProtocols(WIDE);
        engine.setSSLParameters(parameters);
        return engine;
    }

    public SSLServerSocket inbound(SSLContext context) throws IOException {
        SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
        server.setEnabledProtocols(CURRENT);
        server.setEnabledCipherSuites(new String[] {"TLS_AES_256_GCM_SHA384", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"});
        return server;
    }

    public SSLServerSocket inboundForScanners(SSLContext context) throws IOException {
        SSLServerSocket server = (SSLServerSocket) context.getServerSocketFactory().createServerSocket();
        server.setEnabledProtocols(new String[] {"SSLv3", "TLSv1.2", "TLSv1.3"});
        server.setEnabledCipherSuites(new String[] {"TLS_AES_128_GCM_SHA256", "SSL_RSA_WITH_RC4_128_SHA"});
        return server;
    }

    public SSLContext sandbox() throws GeneralSecurityException {
        SSLContext context = SSLContext.getInstance("TLS");
        TrustManager[] managers = {new SandboxTrust()};
        context.init(null, managers, new SecureRandom());
        return context;
    }
}
