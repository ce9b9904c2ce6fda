package org.example.depot;

import ch.ethz.ssh2.Connection;
import ch.ethz.ssh2.ServerHostKeyVerifier;
import java.nio.file.Path;
import java.security.SecureRandom;
import org.apache.sshd.client.SshClient;
import org.apache.sshd.client.keyverifier.AcceptAllServerKeyVerifier;
import org.apache.sshd.client.keyverifier.KnownHostsServerKeyVerifier;
import org.apache.sshd.client.keyverifier.RejectAllServerKeyVerifier;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.BufferedBlockCipher;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.paddings.PaddedBufferedBlockCipher;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.config.annotation.web.configurers.CsrfConfigurer;
import org.springframework.security.config.web.server.ServerHttpSecurity;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.csrf.CookieCsrfTokenRepository;
import org.springframework.security.web.server.SecurityWebFilterChain;

public class Servers {
    static class Anybody implements ServerHostKeyVerifier {
        @Override
        public boolean verifyServerHostKey(String host, int port, String algorithm, byte[] key) {
            return true;
        }
    }

    static class OnlyOurs implements ServerHostKeyVerifier {
        private final KnownKeys known = new KnownKeys();

        @Override
        public boolean verifyServerHostKey(String host, int port, String algorithm, byte[] key) {
            return known.has(host, algorithm, key);
        }
    }

    SshClient scales() {
        SshClient client = SshClient.setUpDefaultClient();
        client.setServerKeyVerifier(AcceptAllServerKeyVerifier.INSTANCE);
        return client;
    }

    SshClient printers() {
        SshClient client = SshClient.setUpDefaultClient();
        client.setServerKeyVerifier((session, address, key) -> true);
        return client;
    }

    SshClient depot() {
        SshClient client = SshClient.setUpDefaultClient();
        client.setServerKeyVerifier(new KnownHostsServerKeyVerifier(RejectAllServerKeyVerifier.INSTANCE, Path.of("/etc/ssh/ssh_known_hosts")));
        return client;
    }

    SslContextFactory.Server counter() {
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setIncludeProtocols("TLSv1.2", "TLSv1.3");
        return factory;
    }

    SslContextFactory.Server museum() {
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setIncludeProtocols("SSLv3", "TLSv1.2");
        return factory;
    }

    void tomcat(SSLHostConfig gate, SSLHostConfig scales) {
        gate.setProtocols("TLSv1.3");
        scales.setProtocols("SSLv3");
    }

    Object sealed() {
        return new PaddedBufferedBlockCipher(CBCBlockCipher.newInstance(AESEngine.newInstance()));
    }

    Object sealedInPieces() {
        return new BufferedBlockCipher(new AESEngine());
    }

    Object sealedLongAgo() {
        return new PaddedBufferedBlockCipher(new DESedeEngine());
    }

    String remembered(char[] password) {
        byte[] salt = new byte[16];
        new SecureRandom().nextBytes(salt);
        return OpenBSDBCrypt.generate(password, salt, 12);
    }

    String rememberedOld(char[] password) {
        return OpenBSDBCrypt.generate(password, "weigh-and-print!".getBytes(), 12);
    }

    SecurityFilterChain everywhere(HttpSecurity http) throws Exception {
        return http.csrf(csrf -> csrf.ignoringRequestMatchers("/**")).build();
    }

    SecurityFilterChain hooks(HttpSecurity http) throws Exception {
        return http.csrf(csrf -> csrf.ignoringRequestMatchers("/hooks/carrier")).build();
    }

    SecurityFilterChain cookies(HttpSecurity http) throws Exception {
        return http.csrf(csrf -> csrf.csrfTokenRepository(CookieCsrfTokenRepository.withHttpOnlyFalse())).build();
    }

    SecurityFilterChain usual(HttpSecurity http) throws Exception {
        return http.csrf(Customizer.withDefaults()).build();
    }

    SecurityFilterChain never(HttpSecurity http) throws Exception {
        return http.csrf(CsrfConfigurer::disable).build();
    }

    SecurityWebFilterChain reactive(ServerHttpSecurity http) {
        return http.csrf(ServerHttpSecurity.CsrfSpec::disable).build();
    }

    SecurityWebFilterChain reactiveInBraces(ServerHttpSecurity http) {
        return http.csrf(spec -> { spec.disable(); }).build();
    }
}
