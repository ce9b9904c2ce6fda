package firmware

import (
	"archive/tar"
	"archive/zip"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"
)

const (
	imageDir  = "/var/lib/hives/images"
	maxImage  = 64 << 20
	scaleTool = "/usr/local/bin/hive-scale"
)

var hiveID = regexp.MustCompile(`^hive-[0-9]{1,5}$`)

func unpackZip(src, dest string) error {
	archive, err := zip.OpenReader(src)
	if err != nil {
		return err
	}
	defer archive.Close()
	for _, member := range archive.File {
		target := filepath.Join(dest, member.Name)
		if member.FileInfo().IsDir() {
			continue
		}
		in, err := member.Open()
		if err != nil {
			return err
		}
		out, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o640)
		if err != nil {
			in.Close()
			return err
		}
		_, err = io.CopyN(out, in, maxImage)
		in.Close()
		out.Close()
		if err != nil && err != io.EOF {
			return err
		}
	}
	return nil
}

func unpackTar(src io.Reader, dest string) error {
	root := filepath.Clean(dest) + string(os.PathSeparator)
	reader := tar.NewReader(io.LimitReader(src, maxImage))
	for {
		header, err := reader.Next()
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return err
		}
		if header.Typeflag != tar.TypeReg {
			continue
		}
		target := filepath.Join(dest, header.Name)
		if !strings.HasPrefix(target, root) {
			return fmt.Errorf("member %q leaves the image", header.Name)
		}
		out, err := os.OpenFile(target, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		if _, err := io.Copy(out, reader); err != nil {
			out.Close()
			return err
		}
		out.Close()
	}
}

func weigh(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("hive")
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	line := scaleTool + " --hive " + id + " | tail -n 1"
	out, err := exec.CommandContext(ctx, "/bin/sh", "-c", line).Output()
	if err != nil {
		http.Error(w, "scale is silent", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(out)
}

func weighOne(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("hive")
	if !hiveID.MatchString(id) {
		http.Error(w, "no such hive", http.StatusNotFound)
		return
	}
	out, err := exec.CommandContext(r.Context(), scaleTool, "--hive", id).Output()
	if err != nil {
		http.Error(w, "scale is silent", http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Write(out)
}

func runDiagnostic(w http.ResponseWriter, r *http.Request) {
	tool := r.PostFormValue("tool")
	cmd := exec.Command(tool, "--self-check")
	if err := cmd.Run(); err != nil {
		w.WriteHeader(http.StatusBadGateway)
	}
}

func rebootAll() error {
	return exec.Command("sh", "-c", "for h in /run/hives/*; do echo reboot > $h; done").Run()
}

func changelog(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("version") + ".txt"
	text, err := os.ReadFile(imageDir + "/notes/" + name)
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Write(text)
}

func signature(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("image")
	if !filepath.IsLocal(name) {
		http.NotFound(w, r)
		return
	}
	http.ServeFile(w, r, filepath.Join(imageDir, name))
}

func stage(image []byte) (string, error) {
	syscall.Umask(0)
	if err := os.MkdirAll(imageDir, 0o750); err != nil {
		return "", err
	}
	scratch, err := os.CreateTemp(imageDir, "stage-*.bin")
	if err != nil {
		return "", err
	}
	defer scratch.Close()
	if _, err := scratch.Write(image); err != nil {
		return "", err
	}
	if err := os.Chmod(scratch.Name(), 0o640); err != nil {
		return "", err
	}
	return scratch.Name(), os.WriteFile("/tmp/hive-stage.lock", []byte(scratch.Name()), 0o600)
}

func publish(image []byte) error {
	target := filepath.Join(imageDir, "current.bin")
	if err := os.WriteFile(target, image, 0o644); err != nil {
		return err
	}
	return os.Chmod(filepath.Join(imageDir, "queue"), 0o777)
}
