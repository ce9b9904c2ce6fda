package shop;

import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.Random;
import javax.crypto.Cipher;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.PBEKeySpec;
import javax.net.ssl.HostnameVerifier;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import javax.servlet.http.Cookie;
import org.springframework.security.crypto.bcrypt.BCryptPasswordEncoder;

public class Security {
    private final SecureRandom secure = new SecureRandom();

    static final TrustManager[] TRUST_ALL = {
        new X509TrustManager() {
            public void checkClientTrusted(X509Certificate[] chain, String type) {}

            public void checkServerTrusted(X509Certificate[] chain, String type) {}

            public X509Certificate[] getAcceptedIssuers() {
                return new X509Certificate[0];
            }
        }
    };

    static class Anyone implements HostnameVerifier {
        @Override
        public boolean verify(String host, SSLSession session) {
            return true;
        }
    }

    void connect() throws Exception {
        SSLContext old = SSLContext.getInstance("TLSv1");
        SSLContext good = SSLContext.getInstance("TLSv1.3");
        SSLContext usual = SSLContext.getInstance("TLS");
        HttpsURLConnection.setDefaultHostnameVerifier((host, session) -> true);
    }

    byte[] digest(byte[] data) throws Exception {
        MessageDigest weak = MessageDigest.getInstance("MD5");
        MessageDigest good = MessageDigest.getInstance("SHA-256");
        weak.update(data);
        return good.digest(data);
    }

    void encrypt() throws Exception {
        Cipher des = Cipher.getInstance("DES/CBC/PKCS5Padding");
        Cipher ecb = Cipher.getInstance("AES/ECB/PKCS5Padding");
        Cipher bare = Cipher.getInstance("AES");
        Cipher gcm = Cipher.getInstance("AES/GCM/NoPadding");
        IvParameterSpec fixed = new IvParameterSpec("0123456789abcdef".getBytes());
    }

    void sign() throws Exception {
        Signature old = Signature.getInstance("SHA1withRSA");
        Signature good = Signature.getInstance("SHA256withRSA");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
    }

    String resetToken() {
        Random random = new Random();
        String token = Long.toHexString(random.nextLong());
        return token;
    }

    String apiKey() {
        byte[] key = new byte[32];
        secure.nextBytes(key);
        return new String(key);
    }

    int dice() {
        return new Random().nextInt(6) + 1;
    }

    void store(char[] password, byte[] salt) throws Exception {
        SecretKeyFactory factory = SecretKeyFactory.getInstance("PBKDF2WithHmacSHA256");
        factory.generateSecret(new PBEKeySpec(password, salt, 1000, 256));
        factory.generateSecret(new PBEKeySpec(password, salt, 600_000, 256));
        new BCryptPasswordEncoder(4);
        new BCryptPasswordEncoder(12);
    }

    void cookie() {
        Cookie session = new Cookie("session", apiKey());
        session.setHttpOnly(false);
        session.setSecure(false);
        Cookie good = new Cookie("other", apiKey());
        good.setHttpOnly(true);
        good.setSecure(true);
    }
}
