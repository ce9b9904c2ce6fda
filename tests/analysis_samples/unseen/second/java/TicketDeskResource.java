package live.konzerthaus.tickets;

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
import jakarta.ws.rs.client.Client;
import jakarta.ws.rs.client.ClientBuilder;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.StreamingOutput;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;
import java.io.File;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

@Path("/tickets")
@Produces(MediaType.APPLICATION_JSON)
public class TicketDeskResource {

    private static final Logger LOG = Logger.getLogger(TicketDeskResource.class);
    private static final Map<String, URI> VENUES = Map.of(
            "hall", URI.create("https://hall.konzerthaus.live"), "club", URI.create("https://club.konzerthaus.live"));
    private static final Pattern BOOKING = Pattern.compile("^[A-Z0-9]{8}$");

    private final Client patient = ClientBuilder.newBuilder()
            .connectTimeout(2, TimeUnit.SECONDS).readTimeout(6, TimeUnit.SECONDS).build();
    private final Client endless = ClientBuilder.newClient();

    @Inject
    SeatPlan seats;

    public interface SeatPlan {
        List<String> matching(Pattern pattern);
    }

    @GET
    @Path("/pdf/{booking}")
    @Produces("application/pdf")
    public Response pdf(@PathParam("booking") String booking) {
        return Response.ok(new File("/srv/tickets/" + booking + ".pdf")).build();
    }

    @GET
    @Path("/receipt/{booking}")
    @Produces("application/pdf")
    public Response receipt(@PathParam("booking") String booking) {
        if (!BOOKING.matcher(booking).matches()) {
            return Response.status(Response.Status.BAD_REQUEST).build();
        }
        return Response.ok(new File("/srv/receipts/" + booking + ".pdf")).build();
    }

    @GET
    @Path("/programme/{id}")
    @Produces("text/plain")
    public StreamingOutput programme(@PathParam("id") long id) {
        return out -> Files.copy(java.nio.file.Path.of("/srv/programme", id + ".txt"), out);
    }

    @GET
    @Path("/poster")
    public Response poster(@QueryParam("from") String from) {
        byte[] image = patient.target(from).request("image/png").get(byte[].class);
        return Response.ok(image, "image/png").build();
    }

    @GET
    @Path("/venue")
    public Response venue(@QueryParam("venue") @DefaultValue("hall") String venue) {
        URI base = VENUES.get(venue);
        if (base == null) {
            return Response.status(404).build();
        }
        return Response.ok(patient.target(base).path("info").request().get(String.class)).build();
    }

    @GET
    @Path("/continue")
    public Response next(@QueryParam("to") URI to) {
        return Response.seeOther(to).build();
    }

    @GET
    @Path("/home/{venue}")
    public Response home(@PathParam("venue") String venue) {
        return Response.temporaryRedirect(VENUES.getOrDefault(venue, URI.create("https://konzerthaus.live"))).build();
    }

    @GET
    @Path("/greeting")
    @Produces(MediaType.TEXT_HTML)
    public String greeting(@QueryParam("name") String name, @CookieParam("tier") String tier) {
        String badge = "gold".equals(tier) ? "<em>Gold</em>" : "";
        return String.join("", "<p>Welcome ", name, badge, "</p>");
    }

    @GET
    @Path("/greeting.json")
    public Map<String, String> greetingJson(@QueryParam("name") String name) {
        return Map.of("greeting", "Welcome " + name);
    }

    @GET
    @Path("/seats")
    public List<String> seats(@QueryParam("like") String like, @QueryParam("row") String row) {
        if (row != null) {
            return seats.matching(Pattern.compile("row-" + Pattern.quote(row) + "-\\d+"));
        }
        return seats.matching(Pattern.compile("seat-" + like));
    }

    @POST
    @Path("/hold")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Response hold(@FormParam("seat") String seat, @HeaderParam("X-Agent") String agent) {
        LOG.infof("seat %s held by %s", seat, agent);
        LOG.infof("%d venues known", VENUES.size());
        NewCookie hold = new NewCookie.Builder("hold").value("1").path("/").maxAge(600)
                .secure(true).httpOnly(true).sameSite(NewCookie.SameSite.STRICT).build();
        NewCookie agentCookie = new NewCookie.Builder("desk").value("open").path("/").maxAge(600)
                .secure(false)
                .httpOnly(true)
                .sameSite(NewCookie.SameSite.LAX)
                .build();
        return Response.noContent().cookie(hold, agentCookie).build();
    }

    @GET
    @Path("/rates")
    public String rates() {
        return endless.target("https://rates.konzerthaus.live/eur").request().get(String.class);
    }

    @Provider
    public static class Failures implements ExceptionMapper<RuntimeException> {
        @Override
        public Response toResponse(RuntimeException e) {
            StringWriter text = new StringWriter();
            e.printStackTrace(new PrintWriter(text));
            return Response.serverError().entity(text.toString()).type(MediaType.TEXT_PLAIN).build();
        }
    }

    @Provider
    public static class BadInput implements ExceptionMapper<IllegalArgumentException> {
        @Override
        public Response toResponse(IllegalArgumentException e) {
            LOG.debug("refused", e);
            return Response.status(400).entity("refused").type(MediaType.TEXT_PLAIN).build();
        }
    }
}
