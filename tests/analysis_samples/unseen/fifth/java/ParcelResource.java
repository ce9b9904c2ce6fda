package de.hafenpost.parcels.api;

import java.io.File;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.context.RequestScoped;
import jakarta.inject.Inject;
import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.TypedQuery;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.CriteriaQuery;
import jakarta.persistence.criteria.Root;
import jakarta.ws.rs.CookieParam;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.FormParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.client.Client;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.NewCookie;
import jakarta.ws.rs.core.Response;
import jakarta.ws.rs.core.UriInfo;
import jakarta.ws.rs.ext.ExceptionMapper;
import jakarta.ws.rs.ext.Provider;

import org.apache.commons.lang3.exception.ExceptionUtils;
import org.apache.commons.text.StringEscapeUtils;
import org.hibernate.Session;
import org.jboss.logging.Logger;

@Path("/parcels")
@RequestScoped
public class ParcelResource {

    enum Order { WEIGHT, ARRIVAL }

    private static final Logger LOG = Logger.getLogger(ParcelResource.class);
    private static final String TRACKER = "https://tracker.hafenpost.example";

    @PersistenceContext
    EntityManager em;

    @Inject
    Client outbound;

    @Context
    UriInfo uri;

    @GET
    @Path("/by-sender")
    @Produces(MediaType.APPLICATION_JSON)
    public List<Parcel> bySender(@QueryParam("sender") String sender) {
        return em.createQuery("select p from Parcel p where p.sender = :s", Parcel.class).setParameter("s", sender).getResultList();
    }

    @GET
    @Path("/by-street")
    @Produces(MediaType.APPLICATION_JSON)
    public List<Parcel> byStreet(@QueryParam("street") String street, @QueryParam("order") @DefaultValue("ARRIVAL") Order order) {
        String jpql = "select p from Parcel p where p.street like '" + street + "%' order by p." + order.name().toLowerCase();
        TypedQuery<Parcel> q = em.createQuery(jpql, Parcel.class);
        return q.setMaxResults(50).getResultList();
    }

    @GET
    @Path("/ordered")
    @Produces(MediaType.APPLICATION_JSON)
    public List<Parcel> ordered(@QueryParam("order") @DefaultValue("ARRIVAL") Order order) {
        return em.createQuery("select p from Parcel p order by p." + order.name().toLowerCase(), Parcel.class).getResultList();
    }

    @GET
    @Path("/depot/{depot}")
    @Produces(MediaType.APPLICATION_JSON)
    public List<?> depot(@PathParam("depot") String depot, @CookieParam("zone") String zone) {
        Session session = em.unwrap(Session.class);
        if (zone != null) {
            return session.createNativeQuery("select * from parcel where zone = " + zone, Parcel.class).list();
        }
        return session.createNativeQuery("select * from parcel where depot = ?1", Parcel.class).setParameter(1, depot).list();
    }

    @GET
    @Path("/criteria")
    @Produces(MediaType.APPLICATION_JSON)
    public List<Parcel> criteria(@QueryParam("sender") String sender) {
        CriteriaBuilder cb = em.getCriteriaBuilder();
        CriteriaQuery<Parcel> q = cb.createQuery(Parcel.class);
        Root<Parcel> p = q.from(Parcel.class);
        q.where(cb.equal(p.get("sender"), sender));
        return em.createQuery(q).getResultList();
    }

    @GET
    @Path("/{id}/status")
    @Produces(MediaType.TEXT_PLAIN)
    public String status(@PathParam("id") UUID id) {
        LOG.infof("status of %s", id);
        return outbound.target(TRACKER).path("/v1/").path(id.toString()).request().get(String.class);
    }

    @GET
    @Path("/status")
    @Produces(MediaType.TEXT_PLAIN)
    public String statusAt(@QueryParam("tracker") String tracker) {
        return outbound.target(tracker).path("status").request().get(String.class);
    }

    @GET
    @Path("/note")
    @Produces(MediaType.TEXT_HTML)
    public String note(@QueryParam("to") String to, @QueryParam("colour") @DefaultValue("0") int colour) {
        String safe = StringEscapeUtils.escapeHtml4(to);
        return "<p class='c" + colour + "'>For " + safe + "</p>";
    }

    @GET
    @Path("/label")
    public Response label(@QueryParam("to") String to) {
        String body = String.join("", "<label>", to, "</label>");
        return Response.ok(body, MediaType.TEXT_HTML).build();
    }

    @GET
    @Path("/receipt")
    @Produces("application/pdf")
    public Response receipt(@QueryParam("file") String file) {
        return Response.ok(new File("/srv/receipts/" + file)).build();
    }

    @GET
    @Path("/receipt/{id: [0-9]+}")
    @Produces("application/pdf")
    public Response receiptOf(@PathParam("id") long id) {
        return Response.ok(new File("/srv/receipts", id + ".pdf")).build();
    }

    @POST
    @Path("/collected")
    public Response collected(@FormParam("code") String code, @FormParam("next") String next,
            @HeaderParam("X-Clerk") String clerk) throws URISyntaxException {
        LOG.warn("collected by clerk " + clerk);
        if ("counter".equals(next)) {
            return Response.seeOther(uri.getBaseUriBuilder().path("counter").build()).build();
        }
        return Response.seeOther(new URI(next)).build();
    }

    @GET
    @Path("/language")
    public Response language() {
        NewCookie shown = new NewCookie.Builder("shown").value("1").path("/").secure(true).httpOnly(true)
                .sameSite(NewCookie.SameSite.LAX).build();
        NewCookie counter = new NewCookie.Builder("counter")
                .value("17")
                .secure(true)
                .httpOnly(false)
                .sameSite(NewCookie.SameSite.NONE)
                .build();
        return Response.noContent().cookie(shown, counter).build();
    }

    @Provider
    public static class AnyOrigin implements ContainerResponseFilter {
        @Override
        public void filter(ContainerRequestContext req, ContainerResponseContext resp) {
            String origin = req.getHeaderString("Origin");
            if (req.getUriInfo().getPath().startsWith("partner")) {
                if ("https://partner.example".equals(origin)) {
                    resp.getHeaders().putSingle("Access-Control-Allow-Origin", origin);
                }
                return;
            }
            resp.getHeaders().add("Access-Control-Allow-Origin", "*");
            resp.getHeaders().add("X-Content-Type-Options", "nosniff");
        }
    }

    @Provider
    public static class Failures implements ExceptionMapper<IllegalStateException> {
        @Override
        public Response toResponse(IllegalStateException e) {
            return Response.serverError().type(MediaType.TEXT_PLAIN).entity(ExceptionUtils.getStackTrace(e)).build();
        }
    }

    @Provider
    public static class Missing implements ExceptionMapper<NotFoundException> {
        @Override
        public Response toResponse(NotFoundException e) {
            LOG.debug("not found", e);
            return Response.status(404).entity("unknown parcel").build();
        }
    }

    Optional<Parcel> find(long id) {
        return Optional.ofNullable(em.find(Parcel.class, id));
    }

    public static class Parcel {
        public long id;
        public String sender;
        public String street;
    }
}
