package games.brettspielclub.snapshots;

import com.caucho.hessian.io.Hessian2Input;
import com.esotericsoftware.kryo.Kryo;
import com.esotericsoftware.kryo.io.Input;
import com.google.gson.Gson;
import com.google.gson.JsonParser;
import com.thoughtworks.xstream.XStream;
import com.thoughtworks.xstream.io.xml.StaxDriver;
import com.thoughtworks.xstream.security.NoTypePermission;
import io.undertow.server.HttpServerExchange;
import java.beans.XMLDecoder;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.ObjectInputStream;
import java.io.ObjectStreamClass;
import java.io.InvalidClassException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.commons.lang3.SerializationUtils;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.Constructor;
import org.yaml.snakeyaml.constructor.SafeConstructor;

public class SessionSnapshotStore {

    public static class Board {
        public String game;
        public List<String> players = new ArrayList<>();
    }

    static final class NarrowInput extends ObjectInputStream {
        private static final Set<String> KNOWN = Set.of(Board.class.getName(), ArrayList.class.getName(), "java.lang.String");

        NarrowInput(InputStream in) throws IOException {
            super(in);
        }

        @Override
        protected Class<?> resolveClass(ObjectStreamClass description) throws IOException, ClassNotFoundException {
            if (!KNOWN.contains(description.getName())) {
                throw new InvalidClassException("not a board", description.getName());
            }
            return super.resolveClass(description);
        }
    }

    public Object fromCookie(HttpServerExchange exchange) {
        byte[] raw = Base64.getUrlDecoder().decode(exchange.getRequestCookie("board").getValue());
        return SerializationUtils.deserialize(raw);
    }

    public Object fromPeer(ServerSocket table) throws IOException, ClassNotFoundException {
        try (Socket peer = table.accept()) {
            peer.setSoTimeout(5_000);
            return new ObjectInputStream(new BufferedInputStream(peer.getInputStream())).readObject();
        }
    }

    public Board fromPeerNarrow(ServerSocket table) throws IOException, ClassNotFoundException {
        try (Socket peer = table.accept(); NarrowInput in = new NarrowInput(peer.getInputStream())) {
            peer.setSoTimeout(5_000);
            return (Board) in.readObject();
        }
    }

    public Object fromXml(HttpServerExchange exchange) {
        String xml = exchange.getQueryParameters().get("board").getFirst();
        XStream stream = new XStream(new StaxDriver());
        stream.allowTypesByWildcard(new String[] {"**"});
        return stream.fromXML(xml);
    }

    public Board fromXmlNarrow(HttpServerExchange exchange) {
        XStream stream = new XStream(new StaxDriver());
        stream.addPermission(NoTypePermission.NONE);
        stream.allowTypes(new Class<?>[] {Board.class, String.class, ArrayList.class});
        return (Board) stream.fromXML(exchange.getQueryParameters().get("board").getFirst());
    }

    public Object fromBeans(HttpServerExchange exchange) {
        exchange.startBlocking();
        return new XMLDecoder(exchange.getInputStream()).readObject();
    }

    public Object fromYaml(HttpServerExchange exchange) {
        String text = exchange.getQueryParameters().get("rules").getFirst();
        LoaderOptions options = new LoaderOptions();
        options.setTagInspector(tag -> true);
        return new Yaml(new Constructor(Object.class, options)).load(text);
    }

    public Map<String, Object> fromYamlSafe(HttpServerExchange exchange) {
        String text = exchange.getQueryParameters().get("rules").getFirst();
        return new Yaml(new SafeConstructor(new LoaderOptions())).load(text);
    }

    public Object fromKryo(HttpServerExchange exchange) {
        Kryo kryo = new Kryo();
        kryo.setRegistrationRequired(false);
        byte[] raw = Base64.getDecoder().decode(exchange.getRequestHeaders().getFirst("X-Board"));
        return kryo.readClassAndObject(new Input(raw));
    }

    public Board fromKryoNarrow(HttpServerExchange exchange) {
        Kryo kryo = new Kryo();
        kryo.setRegistrationRequired(true);
        kryo.register(Board.class);
        kryo.register(ArrayList.class);
        byte[] raw = Base64.getDecoder().decode(exchange.getRequestHeaders().getFirst("X-Board"));
        return kryo.readObject(new Input(raw), Board.class);
    }

    public Object fromHessian(HttpServerExchange exchange) throws IOException {
        exchange.startBlocking();
        return new Hessian2Input(exchange.getInputStream()).readObject();
    }

    public Board fromJson(HttpServerExchange exchange) {
        String text = exchange.getQueryParameters().get("board").getFirst();
        if (JsonParser.parseString(text).isJsonArray()) {
            return new Board();
        }
        return new Gson().fromJson(text, Board.class);
    }

    public Object plugin(HttpServerExchange exchange) throws ReflectiveOperationException {
        String name = exchange.getQueryParameters().get("plugin").getFirst();
        Object engine = new HashMap<String, String>();
        if (name.equals("timer")) {
            return Class.forName("games.brettspielclub.plugins.Timer").getDeclaredConstructor().newInstance();
        }
        return engine.getClass().getMethod(name).invoke(engine);
    }

    static byte[] textOf(String value) {
        return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8)).readAllBytes();
    }
}
