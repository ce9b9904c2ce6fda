package example.depot.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import javax.naming.NamingEnumeration;
import javax.naming.NamingException;
import javax.naming.directory.DirContext;
import javax.naming.directory.SearchControls;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;
import javax.xml.xpath.XPath;
import javax.xml.xpath.XPathExpressionException;
import javax.xml.xpath.XPathFactory;

import com.mongodb.client.MongoCollection;
import com.mongodb.client.model.Filters;
import jakarta.inject.Inject;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.CookieParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriBuilder;
import org.bson.Document;
import org.springframework.ldap.support.LdapEncoder;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

@Path("/depot")
@Produces(MediaType.APPLICATION_JSON)
public class DepotResource {

    enum Paper { A4, A5 }

    private static final List<String> PRINTERS = List.of("bay1", "bay2", "gate");
    private static final String STAFF = "ou=staff,dc=depot,dc=example";

    @Inject
    private DirContext directory;

    @Inject
    private MongoCollection<Document> pallets;

    @POST
    @Path("/print")
    public Response print(@FormParam("printer") String printer, @FormParam("paper") Paper paper) throws IOException {
        String[] command = {"/bin/sh", "-c", "lp -d " + printer + " /srv/depot/label.pdf"};
        Runtime.getRuntime().exec(command);
        if (PRINTERS.contains(printer)) {
            Runtime.getRuntime().exec(new String[] {"lp", "-d", printer, "-o", paper.name(), "/srv/depot/label.pdf"});
        }
        return Response.noContent().build();
    }

    @POST
    @Path("/weigh")
    public Response weigh(@FormParam("tool") String tool, @FormParam("scale") int scale) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add("/opt/depot/bin/weigh");
        command.add(Integer.toString(scale));
        Process fixed = new ProcessBuilder(command).start();
        fixed.waitFor(10, TimeUnit.SECONDS);
        command.set(0, tool);
        Process chosen = new ProcessBuilder(command).start();
        chosen.waitFor(10, TimeUnit.SECONDS);
        return Response.ok(Map.of("code", chosen.exitValue())).build();
    }

    @POST
    @Path("/backup")
    public Response backup(@HeaderParam("X-Options") @DefaultValue("") String options) throws IOException {
        List<String> command = new ArrayList<>(List.of("rsync", "-a", "/srv/depot/", "backup:/depot/"));
        for (String option : options.split(" ")) {
            command.add(option);
        }
        new ProcessBuilder(command).start();
        return Response.accepted().build();
    }

    @GET
    @Path("/staff")
    public Response staff(@QueryParam("uid") String uid, @QueryParam("kind") String kind) throws NamingException {
        SearchControls one = new SearchControls();
        one.setTimeLimit(5000);
        String objectClass = switch (kind) {
            case "driver" -> "depotDriver";
            case "guard" -> "depotGuard";
            default -> "person";
        };
        NamingEnumeration<?> safe = directory.search(STAFF, "(&(objectClass=" + objectClass + ")(uid=" + LdapEncoder.filterEncode(uid) + "))", one);
        NamingEnumeration<?> bound = directory.search(STAFF, "(uid={0})", new Object[] {uid}, one);
        NamingEnumeration<?> raw = directory.search(STAFF, "(&(objectClass=" + objectClass + ")(uid=" + uid + "))", one);
        return Response.ok(Map.of("a", safe.hasMore(), "b", bound.hasMore(), "c", raw.hasMore())).build();
    }

    @POST
    @Path("/manifest")
    @Consumes(MediaType.APPLICATION_XML)
    public Response manifest(InputStream body) throws ParserConfigurationException, IOException, SAXException {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        factory.setXIncludeAware(false);
        DocumentBuilder builder = factory.newDocumentBuilder();
        return Response.ok(Map.of("root", builder.parse(body).getDocumentElement().getTagName())).build();
    }

    @POST
    @Path("/manifest/stream")
    @Consumes(MediaType.APPLICATION_XML)
    public Response manifestStream(InputStream body) throws XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, true);
        XMLStreamReader reader = factory.createXMLStreamReader(body);
        int elements = 0;
        while (reader.hasNext()) {
            elements += reader.next() == XMLStreamReader.START_ELEMENT ? 1 : 0;
        }
        return Response.ok(Map.of("elements", elements)).build();
    }

    @POST
    @Path("/manifest/stream2")
    @Consumes(MediaType.APPLICATION_XML)
    public Response manifestStreamSafe(InputStream body) throws XMLStreamException {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        return Response.ok(Map.of("first", factory.createXMLStreamReader(body).getEventType())).build();
    }

    @GET
    @Path("/bays/{bay}")
    public Response bay(@PathParam("bay") String bay, @QueryParam("row") int row, @CookieParam("yard") String yard)
            throws XPathExpressionException {
        XPath xpath = XPathFactory.newInstance().newXPath();
        String source = "<yard><bay name='a' row='1'/></yard>";
        String numbered = xpath.evaluate("//bay[@row='" + row + "']/@name", new InputSource(new StringReader(source)));
        String found = xpath.evaluate("//bay[@name='" + bay + "']/@row", new InputSource(new StringReader(source)));
        XPath bound = XPathFactory.newInstance().newXPath();
        bound.setXPathVariableResolver(name -> "yard".equals(name.getLocalPart()) ? yard : null);
        String matched = bound.evaluate("//bay[@yard=$yard]/@row", new InputSource(new StringReader(source)));
        return Response.ok(Arrays.asList(numbered, found, matched)).build();
    }

    @POST
    @Path("/pallets")
    @Consumes(MediaType.APPLICATION_JSON)
    public Response findPallets(String criteria, @QueryParam("owner") String owner) {
        long all = pallets.countDocuments(Document.parse(criteria));
        long own = pallets.countDocuments(Filters.eq("owner", owner));
        long where = pallets.countDocuments(new Document("$where", "this.owner == '" + owner + "'"));
        return Response.ok(Map.of("all", all, "own", own, "where", where)).build();
    }

    @GET
    @Path("/leave")
    public Response leave(@QueryParam("to") String to) {
        return Response.seeOther(UriBuilder.fromUri(to).build()).build();
    }

    @GET
    @Path("/leave/{printer}")
    public Response leaveFor(@PathParam("printer") String printer) {
        return Response.seeOther(UriBuilder.fromPath("/depot/printers/{p}").build(printer)).build();
    }

    @GET
    @Path("/notice")
    @Produces(MediaType.TEXT_HTML)
    public String notice(@QueryParam("text") String text) {
        StringBuilder page = new StringBuilder("<ul>");
        for (String line : text.split(";")) {
            page.append("<li>").append(line).append("</li>");
        }
        return page.append("</ul>").toString();
    }
}
