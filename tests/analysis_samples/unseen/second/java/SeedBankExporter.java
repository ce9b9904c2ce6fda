package seeds.saatgutarche.export;

import com.google.common.hash.Hashing;
import com.google.common.html.HtmlEscapers;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import io.dropwizard.auth.Auth;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.skife.jdbi.v2.DBI;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@Path("/seeds")
public class SeedBankExporter {

    private static final Logger LOG = LoggerFactory.getLogger(SeedBankExporter.class);
    private static final boolean VERBOSE = false;
    private static final java.nio.file.Path VAULT = java.nio.file.Path.of("/srv/seeds");
    private static final Map<String, String> LINKS = Map.of("map", "/atlas", "shop", "https://laden.saatgutarche.seeds/");
    private static final String PASSWORD_HINT = "The password is printed on the back of your membership card";
    private static final String DOCTYPE = "<!DOCTYPE html>";

    private final DBI dbi;
    private final Aead aead;
    private final SecureRandom random = new SecureRandom();

    public SeedBankExporter(DBI dbi) throws GeneralSecurityException {
        AeadConfig.register();
        this.dbi = dbi;
        this.aead = KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM).getPrimitive(Aead.class);
    }

    @GET
    @Path("/species")
    @Produces(MediaType.APPLICATION_JSON)
    public List<Map<String, Object>> species(@QueryParam("genus") String genus, @QueryParam("max") @Min(1) @Max(500) int max) {
        return dbi.withHandle(handle -> handle.select("SELECT * FROM species WHERE genus = ? LIMIT " + max, genus));
    }

    @GET
    @Path("/card/{id}")
    @Produces(MediaType.TEXT_HTML)
    public String card(@PathParam("id") int id, @QueryParam("title") String title) {
        String safe = HtmlEscapers.htmlEscaper().escape(title);
        return DOCTYPE + "<h1>" + safe + "</h1><p>No. " + id + "</p>";
    }

    @GET
    @Path("/go/{link}")
    public Response go(@PathParam("link") String link) {
        String target = LINKS.get(link);
        if (target == null) {
            return Response.status(Response.Status.NOT_FOUND).build();
        }
        return Response.seeOther(URI.create(target)).build();
    }

    @GET
    @Path("/sheet/{name}")
    @Produces(MediaType.APPLICATION_OCTET_STREAM)
    public byte[] sheet(@Auth Principal user, @PathParam("name") String name) throws IOException {
        java.nio.file.Path file = VAULT.resolve(name).toRealPath();
        if (!file.startsWith(VAULT) || Files.size(file) > 5_000_000) {
            throw new IOException("not a sheet");
        }
        if (VERBOSE) {
            LOG.info("sheet " + name + " read");
        }
        return Files.readAllBytes(file);
    }

    public byte[] sealed(String accession) throws GeneralSecurityException {
        return aead.encrypt(accession.getBytes(StandardCharsets.UTF_8), new byte[0]);
    }

    public String shareToken() {
        byte[] raw = new byte[20];
        random.nextBytes(raw);
        return HexFormat.of().formatHex(raw);
    }

    public double simulatedGermination(int seeds) {
        Random lots = new Random(1987);
        int sprouted = 0;
        for (int i = 0; i < seeds; i++) {
            sprouted += lots.nextDouble() < 0.83 ? 1 : 0;
        }
        return (double) sprouted / seeds;
    }

    public String fingerprint(byte[] export) {
        return Hashing.sha256().hashBytes(export).toString();
    }

    public int bucket(String accession) {
        return Hashing.murmur3_32_fixed().hashString(accession, StandardCharsets.UTF_8).asInt() & 63;
    }

    public String help() {
        return PASSWORD_HINT + ". Never use eval(), MD5 or http:// addresses in export scripts.";
    }
}
