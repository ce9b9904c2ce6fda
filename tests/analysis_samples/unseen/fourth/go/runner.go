// Package runner starts the maintenance programs of a small observatory.
package runner

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

var (
	objectName = regexp.MustCompile(`^[A-Z]{1,4}[0-9]{1,6}$`)
	tools      = map[string]string{"focus": "/opt/dome/focus", "park": "/opt/dome/park"}
)

type job struct {
	object string
	args   []string
}

func render(r *http.Request) ([]byte, error) {
	object := r.FormValue("object")
	return exec.Command("sh", "-c", "fits2png "+object+" > /srv/out/last.png").Output()
}

func renderChecked(r *http.Request) ([]byte, error) {
	object := r.FormValue("object")
	if !objectName.MatchString(object) {
		return nil, fmt.Errorf("no such object")
	}
	return exec.Command("sh", "-c", "fits2png "+object+" > /srv/out/last.png").Output()
}

func tool(r *http.Request) error {
	return exec.CommandContext(r.Context(), r.URL.Query().Get("tool"), "--now").Run()
}

func toolListed(r *http.Request) error {
	program, ok := tools[r.URL.Query().Get("tool")]
	if !ok {
		return os.ErrNotExist
	}
	return exec.CommandContext(r.Context(), program, "--now").Run()
}

func expose(r *http.Request) error {
	seconds, err := strconv.ParseFloat(r.FormValue("seconds"), 64)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("camera expose --seconds %.1f", seconds)
	return exec.Command("/bin/bash", "-c", line).Run()
}

func exposeNamed(r *http.Request) error {
	var line strings.Builder
	line.WriteString("camera expose")
	for _, f := range r.Form["filter"] {
		line.WriteString(" --filter ")
		line.WriteString(f)
	}
	return exec.Command("/bin/bash", "-c", line.String()).Run()
}

func newJob(r *http.Request) *job {
	j := &job{object: r.PostFormValue("object")}
	j.args = append(j.args, "-c", "archive --object="+j.object)
	return j
}

func (j *job) run() error {
	return exec.Command("bash", j.args...).Run()
}

func runPosted(w http.ResponseWriter, r *http.Request) {
	if err := newJob(r).run(); err != nil {
		http.Error(w, "archive failed", http.StatusInternalServerError)
	}
}

func compress(r *http.Request) error {
	level := "-6"
	switch r.FormValue("level") {
	case "fast":
		level = "-1"
	case "best":
		level = "-9"
	}
	return exec.Command("gzip", level, "/srv/out/last.fits").Run()
}

func diskFree() (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "sh", "-c", "df -h /srv | tail -1").Output()
	return string(out), err
}

func replaceSelf(r *http.Request) error {
	next := filepath.Clean(r.Header.Get("X-Next"))
	return syscall.Exec(next, []string{next}, os.Environ())
}

func restart() error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return syscall.Exec(self, os.Args, os.Environ())
}

func viaSSH(r *http.Request) *exec.Cmd {
	cmd := &exec.Cmd{Path: "/usr/bin/uptime", Args: []string{"uptime", "-p"}}
	if r.URL.Query().Has("long") {
		cmd.Args = []string{"uptime"}
	}
	return cmd
}

// ---- plates

func plate(w http.ResponseWriter, r *http.Request) {
	f, err := os.Open("/srv/plates/" + r.URL.Query().Get("name"))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	defer f.Close()
	http.ServeContent(w, r, "plate.fits", time.Time{}, f)
}

func plateLocal(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("name")
	if !filepath.IsLocal(name) {
		http.NotFound(w, r)
		return
	}
	data, err := os.ReadFile(filepath.Join("/srv/plates", name))
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/fits")
	_, _ = w.Write(data)
}

func night(w http.ResponseWriter, r *http.Request) {
	day, err := time.Parse("2006-01-02", r.FormValue("day"))
	if err != nil {
		http.Error(w, "day", http.StatusBadRequest)
		return
	}
	_ = os.Remove(filepath.Join("/srv/nights", day.Format("20060102")+".log"))
	w.WriteHeader(http.StatusNoContent)
}

func plateRoot(w http.ResponseWriter, r *http.Request) {
	root := "/srv/plates"
	want := filepath.Join(root, r.FormValue("name"))
	if rel, err := filepath.Rel(root, want); err != nil || strings.HasPrefix(rel, "..") {
		http.NotFound(w, r)
		return
	}
	_ = os.Remove(want)
}

func renamePlate(r *http.Request) error {
	to := func(s string) string { return filepath.Join("/srv/plates", s) }
	return os.Rename("/srv/incoming/plate.fits", to(r.PostFormValue("as")))
}
