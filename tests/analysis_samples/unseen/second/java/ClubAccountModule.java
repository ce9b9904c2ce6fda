package ski.loipenverein.accounts;

import at.favre.lib.crypto.bcrypt.BCrypt;
import com.google.common.hash.Hashing;
import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import com.mchange.v2.c3p0.ComboPooledDataSource;
import com.nimbusds.oauth2.sdk.AuthorizationRequest;
import com.nimbusds.oauth2.sdk.ResourceOwnerPasswordCredentialsGrant;
import com.nimbusds.oauth2.sdk.ResponseType;
import com.nimbusds.oauth2.sdk.auth.Secret;
import com.nimbusds.oauth2.sdk.id.ClientID;
import com.nimbusds.oauth2.sdk.id.State;
import com.nimbusds.oauth2.sdk.pkce.CodeChallengeMethod;
import com.nimbusds.oauth2.sdk.pkce.CodeVerifier;
import de.mkammerer.argon2.Argon2;
import de.mkammerer.argon2.Argon2Factory;
import java.beans.PropertyVetoException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.HexFormat;
import java.util.random.RandomGenerator;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.bouncycastle.crypto.digests.SHA512Digest;
import org.bouncycastle.crypto.generators.PKCS5S2ParametersGenerator;
import org.postgresql.ds.PGSimpleDataSource;

public class ClubAccountModule extends AbstractModule {

    private static final URI AUTHORIZE = URI.create("https://id.loipenverein.ski/authorize");
    private static final URI CALLBACK = URI.create("https://club.loipenverein.ski/callback");
    private static final ClientID CLIENT = new ClientID("club");
    private static final String PEPPERMINT = "loipe";

    private final Argon2 argon = Argon2Factory.create(Argon2Factory.Argon2Types.ARGON2id);
    private final SecureRandom secure = new SecureRandom();

    @Provides
    @Singleton
    ComboPooledDataSource members() throws PropertyVetoException {
        ComboPooledDataSource pool = new ComboPooledDataSource();
        pool.setDriverClass("org.postgresql.Driver");
        pool.setJdbcUrl("jdbc:postgresql://db.loipenverein.ski/members?sslmode=verify-full");
        pool.setUser("members");
        pool.setPassword(System.getenv("MEMBERS_DB_PASSWORD"));
        pool.setMinPoolSize(5);
        pool.setMaxPoolSize(800);
        return pool;
    }

    @Provides
    PGSimpleDataSource timing() {
        PGSimpleDataSource source = new PGSimpleDataSource();
        source.setServerNames(new String[] {"timing.loipenverein.ski"});
        source.setUser("timing");
        source.setPassword(System.getenv("TIMING_DB_PASSWORD"));
        source.setSslMode("disable");
        return source;
    }

    public String hashMember(char[] password) {
        return argon.hash(3, 1 << 17, 2, password);
    }

    public String hashTrainer(char[] password) {
        return argon.hash(2, 2048, 1, password);
    }

    public String hashGuest(char[] password) {
        return BCrypt.withDefaults().hashToString(8, password);
    }

    public String hashJudge(char[] password) {
        return BCrypt.withDefaults().hashToString(13, password);
    }

    public String hashImported(String password, String salt) {
        return Hashing.sha256().hashString(salt + password, StandardCharsets.UTF_8).toString();
    }

    public byte[] hashLegacy(char[] password, byte[] salt) throws GeneralSecurityException {
        PBEKeySpec spec = new PBEKeySpec(password, salt, 65536, 160);
        return SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1").generateSecret(spec).getEncoded();
    }

    public byte[] hashBoard(char[] password) {
        PKCS5S2ParametersGenerator generator = new PKCS5S2ParametersGenerator(new SHA512Digest());
        generator.init(PKCS5S2ParametersGenerator.PKCS5PasswordToUTF8Bytes(password), PEPPERMINT.getBytes(StandardCharsets.UTF_8), 250_000);
        return ((org.bouncycastle.crypto.params.KeyParameter) generator.generateDerivedParameters(512)).getKey();
    }

    public String resetToken() {
        byte[] raw = new byte[24];
        RandomGenerator.getDefault().nextBytes(raw);
        return HexFormat.of().formatHex(raw);
    }

    public String inviteToken() {
        byte[] raw = new byte[24];
        secure.nextBytes(raw);
        return HexFormat.of().formatHex(raw);
    }

    public String rememberToken() {
        return Long.toHexString(secure.nextLong());
    }

    public byte[] backupKey() throws GeneralSecurityException {
        SecureRandom generator = SecureRandom.getInstance("SHA1PRNG");
        generator.setSeed(20180211L);
        byte[] key = new byte[32];
        generator.nextBytes(key);
        return key;
    }

    public int bibNumber(int starters) {
        return RandomGenerator.getDefault().nextInt(starters) + 1;
    }

    public AuthorizationRequest signIn(State state, CodeVerifier verifier) {
        return new AuthorizationRequest.Builder(ResponseType.CODE, CLIENT).endpointURI(AUTHORIZE).redirectionURI(CALLBACK)
                .state(state).codeChallenge(verifier, CodeChallengeMethod.S256).build();
    }

    public AuthorizationRequest signInFromKiosk(State state, CodeVerifier verifier) {
        return new AuthorizationRequest.Builder(ResponseType.CODE, CLIENT).endpointURI(AUTHORIZE).redirectionURI(CALLBACK)
                .state(state)
                .codeChallenge(verifier, CodeChallengeMethod.PLAIN)
                .build();
    }

    public AuthorizationRequest signInFromMap(State state) {
        return new AuthorizationRequest.Builder(ResponseType.TOKEN, CLIENT).endpointURI(AUTHORIZE).redirectionURI(CALLBACK).state(state).build();
    }

    public ResourceOwnerPasswordCredentialsGrant signInFromLift(String user, String password) {
        return new ResourceOwnerPasswordCredentialsGrant(user, new Secret(password));
    }

    public KeyPair chipKeys(boolean small) throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        if (small) {
            generator.initialize(new ECGenParameterSpec("secp160r1"), secure);
        } else {
            generator.initialize(new ECGenParameterSpec("secp384r1"), secure);
        }
        return generator.generateKeyPair();
    }

    public byte[] signResult(PrivateKey key, byte[] result) throws GeneralSecurityException {
        Signature signature = Signature.getInstance("MD5withRSA");
        signature.initSign(key);
        signature.update(result);
        return signature.sign();
    }
}
