package station

import (
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"text/template"
	"time"

	"github.com/rs/zerolog"
	"github.com/sirupsen/logrus"
	"github.com/spf13/viper"
	"go.uber.org/zap"
	"gopkg.in/yaml.v3"
)

const (
	passwordField = "password"
	envPrefix     = "STATION"
)

type settings struct {
	Listen   string        `mapstructure:"listen" yaml:"listen"`
	Password string        `mapstructure:"password" yaml:"-"`
	APIKey   string        `mapstructure:"api_key" yaml:"-"`
	Wait     time.Duration `mapstructure:"wait" yaml:"wait"`
}

func load(path string) (*settings, error) {
	v := viper.New()
	v.SetEnvPrefix(envPrefix)
	v.AutomaticEnv()
	v.SetDefault("listen", "127.0.0.1:9080")
	v.SetDefault("wait", "15s")
	v.SetDefault(passwordField, "")
	v.SetDefault("api_key", "rail_live_7Hq2Zt5YxN8cKpW3mVb0sDfL")
	v.SetConfigFile(filepath.Clean(path))
	if err := v.ReadInConfig(); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	var s settings
	if err := v.Unmarshal(&s); err != nil {
		return nil, err
	}
	if s.Password == "" {
		return nil, errors.New("station: password is not configured")
	}
	return &s, nil
}

func platformDefaults() *viper.Viper {
	v := viper.New()
	v.SetDefault("listen", "0.0.0.0:9081")
	v.SetDefault("signals", []string{"north", "south"})
	return v
}

type announcer struct {
	zap   *zap.Logger
	plain *logrus.Logger
	zero  zerolog.Logger
}

func (a *announcer) started(s *settings) {
	a.zap.Info("station started", zap.String("listen", s.Listen), zap.Bool("api_key_set", s.APIKey != ""))
	a.zap.Debug("upstream credentials", zap.String("api_key", s.APIKey))
}

func (a *announcer) connected(s *settings) {
	a.plain.WithField("wait", s.Wait).Info("connected")
	a.plain.WithField(passwordField, s.Password).Warn("connected with password")
	a.plain.Warn("password is older than ninety days")
}

func (a *announcer) rotated(s *settings) {
	a.zero.Info().Int("length", len(s.Password)).Msg("password rotated")
	a.zero.Info().Str("password", "********").Msg("password rotated")
	a.zero.Info().Msgf("password rotated to %s", s.Password)
}

func (a *announcer) departure(w http.ResponseWriter, r *http.Request) {
	train := r.URL.Query().Get("train")
	a.zap.Info("departure asked", zap.Int("length", len(train)))
	fmt.Fprintf(os.Stderr, "%s departure of %s\n", time.Now().Format(time.RFC3339), train)
	w.WriteHeader(http.StatusNoContent)
}

func (a *announcer) arrival(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(os.Stderr, "%s arrival of %q\n", time.Now().Format(time.RFC3339), r.URL.Query().Get("train"))
	w.WriteHeader(http.StatusNoContent)
}

func save(s *settings, dir string) error {
	raw, err := yaml.Marshal(s)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "station.yaml"), raw, 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "station.secret"), []byte(s.Password), 0o600); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "api_key.secret"), []byte(s.APIKey), 0o644)
}

func board(trains []string) error {
	if err := os.MkdirAll("/var/lib/station/board", 0o777); err != nil {
		return err
	}
	out, err := os.Create("/tmp/station-board.txt")
	if err != nil {
		return err
	}
	defer out.Close()
	rows := template.Must(template.New("board").Parse("{{range .}}{{.}}\n{{end}}"))
	return rows.Execute(out, trains)
}

func boardScratch(trains []string) (string, error) {
	dir, err := os.MkdirTemp("", "station-board-")
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "board.txt")
	return name, os.WriteFile(name, []byte(fmt.Sprint(trains)), 0o600)
}

func merge(w http.ResponseWriter, r *http.Request) {
	var incoming struct {
		Signals []string `yaml:"signals"`
	}
	if err := yaml.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&incoming); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	w.Header().Set("X-Signals", fmt.Sprint(len(incoming.Signals)))
}
