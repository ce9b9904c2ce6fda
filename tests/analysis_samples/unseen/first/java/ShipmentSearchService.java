package de.flussfracht.shipments;

import jakarta.persistence.EntityManager;
import jakarta.persistence.PersistenceContext;
import jakarta.persistence.Query;
import jakarta.persistence.TypedQuery;
import jakarta.persistence.criteria.CriteriaBuilder;
import jakarta.persistence.criteria.CriteriaQuery;
import jakarta.persistence.criteria.Root;
import jakarta.servlet.http.HttpServletRequest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bson.Document;
import org.springframework.data.domain.Sort;
import org.springframework.data.jpa.repository.JpaRepository;
import org.springframework.data.mongodb.core.MongoTemplate;
import org.springframework.data.mongodb.core.query.BasicQuery;
import org.springframework.data.mongodb.core.query.Criteria;
import org.springframework.data.repository.query.Param;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
public class ShipmentSearchService {

    enum State { BOOKED, LOADED, ARRIVED }

    public static class Shipment {
        public Long id;
        public String barge;
        public State state;
    }

    interface ShipmentRepository extends JpaRepository<Shipment, Long> {
        @org.springframework.data.jpa.repository.Query("select s from Shipment s where s.barge = :barge")
        List<Shipment> findByBarge(@Param("barge") String barge);

        @org.springframework.data.jpa.repository.Query(value = "SELECT * FROM shipment WHERE lock_no = ?1", nativeQuery = true)
        List<Shipment> findByLock(String lock);
    }

    @PersistenceContext
    private EntityManager em;

    private final MongoTemplate mongo;
    private final ShipmentRepository repository;

    public ShipmentSearchService(MongoTemplate mongo, ShipmentRepository repository) {
        this.mongo = mongo;
        this.repository = repository;
    }

    @GetMapping("/shipments/barge")
    public List<Shipment> byBarge(@RequestParam String barge) {
        return em.createQuery("select s from Shipment s where s.barge = '" + barge + "'", Shipment.class).getResultList();
    }

    @GetMapping("/shipments/barge2")
    public List<Shipment> byBargeBound(@RequestParam String barge) {
        TypedQuery<Shipment> query = em.createQuery("select s from Shipment s where s.barge = :barge", Shipment.class);
        query.setParameter("barge", barge);
        return query.getResultList();
    }

    @GetMapping("/shipments/any")
    public List<?> any(HttpServletRequest request) {
        Map<String, String> filters = new LinkedHashMap<>();
        for (String name : List.of("sender", "receiver")) {
            String value = request.getParameter(name);
            if (value != null) {
                filters.put(name, value);
            }
        }
        List<String> parts = new ArrayList<>();
        filters.forEach((k, v) -> parts.add(k + " = '" + v + "'"));
        String sql = "SELECT * FROM shipment WHERE " + String.join(" AND ", parts);
        Query query = em.createNativeQuery(sql);
        return query.getResultList();
    }

    @GetMapping("/shipments/all")
    public List<?> all(HttpServletRequest request) {
        List<String> values = new ArrayList<>();
        StringBuilder sql = new StringBuilder("SELECT * FROM shipment WHERE 1 = 1");
        for (String name : List.of("sender", "receiver")) {
            String value = request.getParameter(name);
            if (value != null) {
                values.add(value);
                sql.append(" AND ").append(name).append(" = ?").append(values.size());
            }
        }
        Query query = em.createNativeQuery(sql.toString());
        for (int i = 0; i < values.size(); i++) {
            query.setParameter(i + 1, values.get(i));
        }
        return query.getResultList();
    }

    @GetMapping("/shipments/state")
    public List<?> byState(@RequestParam String state) {
        State parsed = State.valueOf(state);
        return em.createQuery("select s from Shipment s where s.state = '" + parsed.name() + "'").getResultList();
    }

    @GetMapping("/shipments/criteria")
    public List<Shipment> criteria(@RequestParam String barge) {
        CriteriaBuilder cb = em.getCriteriaBuilder();
        CriteriaQuery<Shipment> q = cb.createQuery(Shipment.class);
        Root<Shipment> root = q.from(Shipment.class);
        q.where(cb.equal(root.get("barge"), barge));
        return em.createQuery(q).getResultList();
    }

    @GetMapping("/shipments/lock")
    public List<Shipment> lock(@RequestParam String lock) {
        return repository.findByLock(lock);
    }

    @GetMapping("/shipments/sorted")
    public List<Shipment> sorted(@RequestParam boolean newest) {
        return repository.findAll(Sort.by(newest ? Sort.Direction.DESC : Sort.Direction.ASC, "id"));
    }

    @GetMapping("/events")
    public List<Document> events(@RequestParam String gauge) {
        String json = "{ 'gauge': '" + gauge + "' }";
        return mongo.find(new BasicQuery(json), Document.class, "events");
    }

    @GetMapping("/events2")
    public List<Document> eventsBound(@RequestParam String gauge) {
        return mongo.find(org.springframework.data.mongodb.core.query.Query.query(Criteria.where("gauge").is(gauge)), Document.class, "events");
    }

    @PostMapping("/events/search")
    public List<Document> search(@RequestBody String json) {
        Document filter = Document.parse(json);
        return mongo.getCollection("events").find(filter).into(new ArrayList<>());
    }

    @GetMapping("/events/level")
    public List<Document> level(@RequestParam double above) {
        return mongo.find(new BasicQuery("{ 'level': { '$gt': " + above + " } }"), Document.class, "events");
    }
}
