package example.coins.intake;

import java.beans.XMLDecoder;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputFilter;
import java.io.ObjectInputStream;
import java.io.OutputStream;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Base64;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;

import javax.script.ScriptEngineManager;
import javax.script.ScriptException;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.jsontype.impl.LaissezFaireSubTypeValidator;
import com.thoughtworks.xstream.XStream;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.MultipartConfig;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.servlet.http.Part;
import org.apache.commons.beanutils.BeanUtils;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

@WebServlet("/intake/*")
@MultipartConfig(maxFileSize = 8_000_000, maxRequestSize = 9_000_000)
public class CollectionImportServlet extends HttpServlet {

    public static class Coin {
        private String mint;
        private boolean approved;

        public void setMint(String mint) {
            this.mint = mint;
        }

        public void setApproved(boolean approved) {
            this.approved = approved;
        }
    }

    private static final Path TRAYS = Path.of("/srv/coins/trays").toAbsolutePath();
    private static final Map<String, Supplier<Object>> READERS = Map.of("coin", Coin::new, "list", LinkedHashMap::new);
    private final ObjectMapper plain = new ObjectMapper();

    @Override
    protected void doPost(HttpServletRequest req, HttpServletResponse res) throws ServletException, IOException {
        String step = String.valueOf(req.getPathInfo());
        try {
            if (step.endsWith("/zip")) {
                unpack(req.getPart("zip"));
            } else if (step.endsWith("/tar")) {
                unpackTar(req.getPart("tar"));
            } else if (step.endsWith("/state")) {
                restore(req);
            } else if (step.endsWith("/rule")) {
                rules(req);
            } else {
                bean(req);
            }
            res.setStatus(204);
        } catch (ReflectiveOperationException | ScriptException e) {
            log("intake failed", e);
            res.sendError(400);
        }
    }

    private void unpack(Part part) throws IOException {
        if (!"application/zip".equals(part.getContentType())) {
            throw new IOException("not a zip");
        }
        try (ZipInputStream zip = new ZipInputStream(part.getInputStream())) {
            for (ZipEntry e = zip.getNextEntry(); e != null; e = zip.getNextEntry()) {
                if (e.isDirectory()) {
                    continue;
                }
                try (OutputStream out = new FileOutputStream(new File(TRAYS.toFile(), e.getName()))) {
                    zip.transferTo(out);
                }
            }
        }
    }

    private void unpackStored(ZipFile zip) throws IOException {
        Enumeration<? extends ZipEntry> entries = zip.entries();
        while (entries.hasMoreElements()) {
            ZipEntry e = entries.nextElement();
            Path target = TRAYS.resolve(e.getName()).normalize();
            if (!target.startsWith(TRAYS) || e.isDirectory()) {
                continue;
            }
            Files.copy(zip.getInputStream(e), target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private void unpackTar(Part part) throws IOException {
        try (TarArchiveInputStream tar = new TarArchiveInputStream(part.getInputStream())) {
            TarArchiveEntry e;
            while ((e = tar.getNextEntry()) != null) {
                if (e.isFile()) {
                    Files.copy(tar, TRAYS.resolve(e.getName()));
                }
            }
        }
    }

    private void restore(HttpServletRequest req) throws IOException, ReflectiveOperationException {
        byte[] state = Base64.getDecoder().decode(req.getParameter("state"));
        new ObjectInputStream(new ByteArrayInputStream(state)).readObject();
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(state))) {
            in.setObjectInputFilter(ObjectInputFilter.Config.createFilter("java.lang.Integer;java.lang.Number;!*"));
            in.readObject();
        }
        Map<?, ?> json = plain.readValue(state, Map.class);
        req.setAttribute("json", json.size());
        String yaml = req.getParameter("yaml");
        new Yaml(new SafeConstructor(new LoaderOptions())).load(yaml);
        new XMLDecoder(new BufferedInputStream(req.getInputStream())).readObject();
    }

    Object restoreTray(InputStream body) {
        XStream strict = new XStream();
        strict.allowTypes(new Class<?>[] {Coin.class});
        return strict.fromXML(body);
    }

    ObjectMapper typed() {
        ObjectMapper mapper = new ObjectMapper();
        mapper.activateDefaultTyping(LaissezFaireSubTypeValidator.instance, ObjectMapper.DefaultTyping.NON_FINAL);
        return mapper;
    }

    private void rules(HttpServletRequest req) throws ScriptException {
        String rule = req.getParameter("rule");
        new ScriptEngineManager().getEngineByName("js").eval("grade = " + rule);
        String fixed = "price".equals(rule) ? "grade * 2" : "grade";
        new ScriptEngineManager().getEngineByName("js").eval(fixed);
        Pattern wide = Pattern.compile(req.getParameter("mint"), Pattern.CASE_INSENSITIVE);
        Pattern exact = Pattern.compile(Pattern.quote(req.getParameter("mint")), Pattern.CASE_INSENSITIVE);
        req.setAttribute("hits", wide.matcher("York").find() || exact.matcher("York").find());
    }

    private void bean(HttpServletRequest req) throws ReflectiveOperationException {
        String kind = req.getParameter("kind");
        Supplier<Object> reader = READERS.getOrDefault(kind, Coin::new);
        req.setAttribute("reader", reader.get().hashCode());
        Class.forName("example.coins.readers." + kind).getDeclaredConstructor().newInstance();
        Class.forName("org.postgresql.Driver");
        Coin coin = new Coin();
        BeanUtils.populate(coin, req.getParameterMap());
        Coin second = new Coin();
        second.setMint(req.getParameter("mint"));
        invoke(second, "setApproved");
    }

    private static void invoke(Coin coin, String setter) throws NoSuchMethodException, InvocationTargetException, IllegalAccessException {
        Coin.class.getMethod(setter, boolean.class).invoke(coin, false);
    }
}
