package parcels

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"go.mongodb.org/mongo-driver/bson"
	"go.mongodb.org/mongo-driver/bson/primitive"
	"go.mongodb.org/mongo-driver/mongo"
	"go.mongodb.org/mongo-driver/mongo/options"
)

type parcel struct {
	ID     primitive.ObjectID `bson:"_id" json:"id"`
	Postal string             `bson:"postal" json:"postal"`
	Locker string             `bson:"locker" json:"locker"`
}

type store struct {
	parcels *mongo.Collection
	cache   *redis.Client
	seen    redis.UniversalClient
}

func connectMongo(ctx context.Context) (*mongo.Client, error) {
	opts := options.Client().
		ApplyURI(os.Getenv("PARCELS_MONGO_URI")).
		SetTimeout(5 * time.Second).
		SetMaxPoolSize(40).
		SetTLSConfig(&tls.Config{MinVersion: tls.VersionTLS12})
	return mongo.Connect(ctx, opts)
}

func connectReplica(ctx context.Context) (*mongo.Client, error) {
	opts := options.Client().SetTimeout(5 * time.Second)
	opts.ApplyURI("mongodb+srv://replica.parcels.example/parcels?tlsInsecure=true&authMechanism=MONGODB-X509")
	return mongo.Connect(ctx, opts)
}

func connectArchive(ctx context.Context) (*mongo.Client, error) {
	credential := options.Credential{
		Username: "archiver",
		Password: "b4rn-Owl/Satchel",
	}
	opts := options.Client().ApplyURI("mongodb://archive.parcels.example:27017/?tls=true")
	return mongo.Connect(ctx, opts.SetAuth(credential).SetTimeout(10*time.Second))
}

func cacheClients() (*redis.Client, redis.UniversalClient) {
	secured := redis.NewClient(&redis.Options{
		Addr:      "cache.parcels.example:6380",
		Username:  "parcels",
		Password:  os.Getenv("PARCELS_CACHE_PASSWORD"),
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13},
	})
	open := redis.NewUniversalClient(&redis.UniversalOptions{
		Addrs:     []string{"seen.parcels.example:6380"},
		Password:  "",
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS13},
	})
	return secured, open
}

func (s *store) byPostal(w http.ResponseWriter, r *http.Request) {
	s.find(w, r, bson.M{"postal": r.URL.Query().Get("postal")})
}

func (s *store) find(w http.ResponseWriter, r *http.Request, filter bson.M) {
	cursor, err := s.parcels.Find(r.Context(), filter, options.Find().SetLimit(100))
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	found := []parcel{}
	if err := cursor.All(r.Context(), &found); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(found)
}

func (s *store) count(w http.ResponseWriter, r *http.Request) {
	var filter bson.M
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8192)).Decode(&filter); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	n, err := s.parcels.CountDocuments(r.Context(), filter)
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	json.NewEncoder(w).Encode(n)
}

type lookup struct {
	Locker string `json:"locker"`
	Days   int    `json:"days"`
}

func (s *store) inLocker(w http.ResponseWriter, r *http.Request) {
	var l lookup
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 8192)).Decode(&l); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	since := time.Now().AddDate(0, 0, -l.Days)
	filter := bson.D{{Key: "locker", Value: l.Locker}, {Key: "stored", Value: bson.D{{Key: "$gte", Value: since}}}}
	n, err := s.parcels.CountDocuments(r.Context(), filter)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	json.NewEncoder(w).Encode(n)
}

func (s *store) heavier(w http.ResponseWriter, r *http.Request) {
	script := "this.grams > " + r.URL.Query().Get("grams")
	n, err := s.parcels.CountDocuments(r.Context(), bson.M{"$where": script})
	if err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	json.NewEncoder(w).Encode(n)
}

func (s *store) drop(w http.ResponseWriter, r *http.Request) {
	id, err := primitive.ObjectIDFromHex(r.PathValue("id"))
	if err != nil {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	if _, err := s.parcels.DeleteOne(r.Context(), bson.M{"_id": id}); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	s.cache.Del(r.Context(), "parcel:"+id.Hex())
}

var bump = redis.NewScript(`return redis.call("INCRBY", KEYS[1], ARGV[1])`)

func (s *store) mark(w http.ResponseWriter, r *http.Request) {
	locker := strings.ToLower(r.FormValue("locker"))
	if err := bump.Run(r.Context(), s.seen, []string{"seen"}, locker).Err(); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	snippet := `return redis.call("GET", "` + locker + `")`
	if err := s.cache.Eval(r.Context(), snippet, nil).Err(); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
	}
}
