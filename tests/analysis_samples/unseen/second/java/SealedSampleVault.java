package science.kernlager.vault;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Arrays;
import org.bouncycastle.crypto.AsymmetricCipherKeyPair;
import org.bouncycastle.crypto.BufferedBlockCipher;
import org.bouncycastle.crypto.CryptoException;
import org.bouncycastle.crypto.Digest;
import org.bouncycastle.crypto.InvalidCipherTextException;
import org.bouncycastle.crypto.digests.MD5Digest;
import org.bouncycastle.crypto.digests.SHA1Digest;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.bouncycastle.crypto.encodings.OAEPEncoding;
import org.bouncycastle.crypto.encodings.PKCS1Encoding;
import org.bouncycastle.crypto.engines.AESEngine;
import org.bouncycastle.crypto.engines.RC4Engine;
import org.bouncycastle.crypto.engines.RSAEngine;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.generators.BCrypt;
import org.bouncycastle.crypto.generators.RSAKeyPairGenerator;
import org.bouncycastle.crypto.generators.SCrypt;
import org.bouncycastle.crypto.macs.HMac;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.crypto.modes.GCMBlockCipher;
import org.bouncycastle.crypto.paddings.PaddedBufferedBlockCipher;
import org.bouncycastle.crypto.params.AEADParameters;
import org.bouncycastle.crypto.params.Argon2Parameters;
import org.bouncycastle.crypto.params.AsymmetricKeyParameter;
import org.bouncycastle.crypto.params.KeyParameter;
import org.bouncycastle.crypto.params.ParametersWithIV;
import org.bouncycastle.crypto.params.RSAKeyGenerationParameters;
import org.bouncycastle.crypto.signers.RSADigestSigner;
import org.bouncycastle.util.encoders.Hex;

public final class SealedSampleVault {

    private static final BigInteger F4 = BigInteger.valueOf(65537);
    private final SecureRandom random = new SecureRandom();
    private final byte[] key;

    public SealedSampleVault(byte[] key) {
        this.key = key.clone();
    }

    public byte[] seal(byte[] record) throws InvalidCipherTextException {
        byte[] nonce = new byte[12];
        random.nextBytes(nonce);
        GCMBlockCipher gcm = new GCMBlockCipher(new AESEngine());
        gcm.init(true, new AEADParameters(new KeyParameter(key), 128, nonce));
        byte[] out = new byte[gcm.getOutputSize(record.length)];
        int n = gcm.processBytes(record, 0, record.length, out, 0);
        gcm.doFinal(out, n);
        return out;
    }

    public byte[] sealForFreezer(byte[] record) throws InvalidCipherTextException {
        byte[] iv = new byte[16];
        random.nextBytes(iv);
        BufferedBlockCipher cbc = new PaddedBufferedBlockCipher(new CBCBlockCipher(new AESEngine()));
        cbc.init(true, new ParametersWithIV(new KeyParameter(key), iv));
        byte[] out = new byte[cbc.getOutputSize(record.length)];
        int n = cbc.processBytes(record, 0, record.length, out, 0);
        cbc.doFinal(out, n);
        return out;
    }

    public byte[] sealForBarcode(byte[] record) throws InvalidCipherTextException {
        BufferedBlockCipher plain = new PaddedBufferedBlockCipher(new AESEngine());
        plain.init(true, new KeyParameter(key));
        byte[] out = new byte[plain.getOutputSize(record.length)];
        int n = plain.processBytes(record, 0, record.length, out, 0);
        plain.doFinal(out, n);
        return out;
    }

    public byte[] sealForCentrifuge(byte[] record) throws InvalidCipherTextException {
        byte[] zero = new byte[12];
        GCMBlockCipher gcm = new GCMBlockCipher(new AESEngine());
        gcm.init(true, new AEADParameters(new KeyParameter(key), 128, zero));
        byte[] out = new byte[gcm.getOutputSize(record.length)];
        gcm.doFinal(out, gcm.processBytes(record, 0, record.length, out, 0));
        return out;
    }

    public byte[] stream(byte[] record) {
        RC4Engine rc4 = new RC4Engine();
        rc4.init(true, new KeyParameter(key));
        byte[] out = new byte[record.length];
        rc4.processBytes(record, 0, record.length, out, 0);
        return out;
    }

    public byte[] wrap(AsymmetricKeyParameter lab, byte[] dataKey) throws InvalidCipherTextException {
        OAEPEncoding oaep = new OAEPEncoding(new RSAEngine(), new SHA256Digest());
        oaep.init(true, lab);
        return oaep.processBlock(dataKey, 0, dataKey.length);
    }

    public byte[] wrapForReader(AsymmetricKeyParameter reader, byte[] dataKey) throws InvalidCipherTextException {
        PKCS1Encoding encoding = new PKCS1Encoding(new RSAEngine());
        encoding.init(true, reader);
        return encoding.processBlock(dataKey, 0, dataKey.length);
    }

    public AsymmetricCipherKeyPair labPair() {
        RSAKeyPairGenerator generator = new RSAKeyPairGenerator();
        generator.init(new RSAKeyGenerationParameters(F4, random, 3072, 100));
        return generator.generateKeyPair();
    }

    public AsymmetricCipherKeyPair readerPair() {
        RSAKeyPairGenerator generator = new RSAKeyPairGenerator();
        generator.init(new RSAKeyGenerationParameters(F4, random, 1024, 80));
        return generator.generateKeyPair();
    }

    public byte[] sign(AsymmetricKeyParameter lab, byte[] record) throws CryptoException {
        RSADigestSigner signer = new RSADigestSigner(new SHA256Digest());
        signer.init(true, lab);
        signer.update(record, 0, record.length);
        return signer.generateSignature();
    }

    public String catalogueDigest(byte[] record) {
        return digest(new SHA256Digest(), record);
    }

    public String shelfDigest(byte[] record) {
        return digest(new MD5Digest(), record);
    }

    public String boxDigest(byte[] record) {
        return digest(new SHA1Digest(), record);
    }

    private static String digest(Digest digest, byte[] record) {
        digest.update(record, 0, record.length);
        byte[] out = new byte[digest.getDigestSize()];
        digest.doFinal(out, 0);
        return Hex.toHexString(out);
    }

    public boolean authentic(byte[] record, byte[] mac) {
        HMac hmac = new HMac(new SHA256Digest());
        hmac.init(new KeyParameter(key));
        hmac.update(record, 0, record.length);
        byte[] expected = new byte[hmac.getMacSize()];
        hmac.doFinal(expected, 0);
        if (record.length > 4096) {
            return Arrays.equals(expected, mac);
        }
        return org.bouncycastle.util.Arrays.constantTimeAreEqual(expected, mac);
    }

    public byte[] staffPassword(String password, byte[] salt) {
        return SCrypt.generate(password.getBytes(StandardCharsets.UTF_8), salt, 1 << 17, 8, 1, 32);
    }

    public byte[] guestPassword(String password, byte[] salt) {
        return SCrypt.generate(password.getBytes(StandardCharsets.UTF_8), salt, 1024, 8, 1, 32);
    }

    public byte[] visitorPassword(String password, byte[] salt) {
        return BCrypt.generate(BCrypt.passwordToByteArray(password.toCharArray()), salt, 6);
    }

    public byte[] curatorPassword(String password, byte[] salt) {
        Argon2BytesGenerator generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withSalt(salt)
                .withMemoryAsKB(8192)
                .withIterations(3)
                .withParallelism(1)
                .build());
        byte[] out = new byte[32];
        generator.generateBytes(password.toCharArray(), out);
        return out;
    }
}
